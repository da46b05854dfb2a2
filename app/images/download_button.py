"""The button that downloads a data set."""

import os
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ibinn_core as ib
from app.images import pictures
from app.models import registry
from app.widgets.markdown import markdown_text
from ibinn_core.data import Dataset
from ibinn_core.places import DATA

MEGABYTE = 10**6


def show_download() -> bool:
    """Shows a download button for a missing test set; returns whether the test set has just been downloaded."""
    dataset = registry.dataset()
    if not dataset.official:
        st.markdown(
            f"**The images of {markdown_text(dataset.title)} are not on this machine.** {pictures.how_to_get(dataset)} "
            "Your own images work without them."
        )
        return False
    source, size = dataset.official.host, dataset.official.megabytes
    title = markdown_text(dataset.title)
    place = st.empty()
    with place.container():
        st.markdown(
            f"**The {title} test set is not on this machine yet.** With it you can choose among ten thousand "
            "images, or among a model's mistakes. The example images and your own images work without it. The "
            f"download comes from the official source, {source}, and goes into `{_folder()}`."
        )
        label = f"Fetch {title} ({size} MB)"
        if not st.button(label, icon=":material/download:", key="fetch", type="primary"):
            return False
        if not _download(dataset, source):
            return False
    place.empty()
    return True


def _download(dataset: Dataset, source: str) -> bool:
    bar = st.progress(0.0, f"Asking {source} …")
    try:
        ib.data.download(dataset.name, _folder(), progress_on(bar, markdown_text(dataset.title)))
    except (ib.data.DownloadError, ib.data.DatasetError, ImportError) as error:
        bar.empty()
        st.error(markdown_text(str(error)), icon=":material/cloud_off:")
        return False
    pictures.forget()
    return True


def progress_on(bar: DeltaGenerator, title: str) -> Callable[[int, int | None], None]:
    """A callback that updates a progress bar once per megabyte, since each update takes time."""
    reported = set()

    def show(done: int, total: int | None) -> None:
        if done == total:
            bar.progress(1.0, "Checking and unpacking …")
        elif (megabytes := done // MEGABYTE) not in reported:
            reported.add(megabytes)
            of = f" of {total // MEGABYTE}" if total else ""
            bar.progress(min(1.0, done / total) if total else 0.0, f"Downloading {title}: {megabytes}{of} MB")

    return show


def _folder() -> Path:
    """The folder where ``ibinn_core`` looks for data sets, whatever the working directory."""
    return Path(os.environ.get("IBINN_DATA") or DATA).expanduser()
