"""The entries of the export menu, and the files that Python makes."""

import io

import pandas as pd
import pytest
import streamlit as st
from page_helpers import clean, given_to
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.vendor import published_modules
from app.widgets import export_menu


def test_tables_name_the_library_that_made_them():
    table = pd.read_csv(io.BytesIO(export_menu.csv_bytes({"model": "a", "x": [1, 2]}, {"model": "b", "x": [3]})))
    assert table.columns.tolist() == ["model", "x", "library"] and len(table) == 3
    assert set(table["library"]) == {f"ibinn_core {ib.__version__}"}


@pytest.mark.parametrize("base", ["", "/explorer/"])
def test_the_menu_tells_the_browser_what_to_save_and_where_its_scripts_are(monkeypatch, base):
    def menu() -> None:
        from app.widgets.export_menu import export_menu

        export_menu("figure", chart=("one", "two-"), title="γ = 1", csv=lambda: b"a,b\n", moving="two-")

    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else option(name))
    data = given_to("export_menu", clean(AppTest.from_function(menu, default_timeout=300).run()))
    assert data["charts"] == ["one", "two-"] and data["kinds"] == ["png", "svg", "gif"] and data["moving"] == "two-"
    assert data["modules"] == f"{base.rstrip('/')}/app/static/vendor/{published_modules()}/figure/"
