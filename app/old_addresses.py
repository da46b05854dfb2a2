"""Addresses of the pages before this release: they open the same view."""

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_TABS = {"Calibration": "calibration", "Detection": "detection", "Disagreement": "disagreement"}


def _trade_off(query: Mapping[str, str]) -> dict[str, str]:
    tab = _TABS.get(query.get("part", ""), "")
    return {name: value for name, value in {**query, "tab": tab, "part": ""}.items() if value}


def _tables(query: Mapping[str, str]) -> dict[str, str]:
    return {**query, "tab": "tables"}


def old_pages(results: StreamlitPage) -> list[StreamlitPage]:
    """Pages that lead on, in no menu."""

    def trade_off() -> None:
        st.switch_page(results, query_params=_trade_off(st.query_params.to_dict()))

    def tables() -> None:
        st.switch_page(results, query_params=_tables(st.query_params.to_dict()))

    return [
        st.Page(trade_off, title="Trade-off", url_path="trade-off", visibility="hidden"),
        st.Page(tables, title="Tables", url_path="table-1", visibility="hidden"),
    ]
