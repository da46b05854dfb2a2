"""The button that fetches the models of a data set that are not on this machine, where somebody has published them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.models import registry
from app.widgets.markdown import markdown_text
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import hub
from ibinn_core.checkpoint.index import index
from ibinn_core.data import DATASETS
from ibinn_core.data.datasets import DEFAULT

MEGABYTE = 10**6


def can_fetch(data: str = DEFAULT) -> bool:
    """Whether there are models of a data set that this machine lacks, and a place to fetch them from."""
    return bool(hub.hub()) and checkpoints.lacks_some(data)


def offer(data: str = DEFAULT) -> None:
    """Offers to fetch them, if it can be done; once they are here the page runs again."""
    if not can_fetch(data):
        return
    known, title = index(), markdown_text(DATASETS[data].title)
    missing = [id for id in known.of_data(data) if checkpoints.on_this_machine(id) is None]
    size = (known.beside[data].bytes + sum(known.checkpoints[id].bytes for id in missing)) / MEGABYTE
    wanted = st.button(
        f"Fetch the models of {title} ({size:.0f} MB)",
        icon=":material/download:",
        key=f"fetch-{data}",
        help=f"{len(missing)} models from {markdown_text(hub.hub())}, into {markdown_text(str(hub.folder()))}. Each "
        "file is compared with the SHA-256 that came with this program.",
    )
    if wanted:
        _fetch(data, title)


def _fetch(data: str, title: str) -> None:
    bar = st.progress(0.0, f"Asking for the models of {title} …")
    try:
        checkpoints.fetch_family(data, progress=_Shown(bar))
    except checkpoints.FetchError as error:
        bar.empty()
        st.error(markdown_text(str(error)), icon=":material/cloud_off:")
        return
    registry.list_again()
    st.rerun()


class _Shown:
    """Moves a progress bar in steps of one megabyte: every message to the browser costs time."""

    def __init__(self, bar: DeltaGenerator) -> None:
        self.bar, self.last = bar, -1

    def __call__(self, done: int, total: int | None) -> None:
        if total and done // MEGABYTE > self.last:
            self.last = done // MEGABYTE
            self.bar.progress(min(1.0, done / total), f"{done / MEGABYTE:.0f} of {total / MEGABYTE:.0f} MB")
