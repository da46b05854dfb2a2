"""The button that downloads CIFAR-10."""

import os
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ibinn_core as ib
from app.images import pictures

BESIDE = Path(__file__).resolve().parents[2] / "data"
MEGABYTE = 10**6


def offer() -> bool:
    """Offers the download where the test set is missing; whether it has just arrived."""
    place = st.empty()
    with place.container():
        st.markdown(
            "**The CIFAR-10 test set is not on this machine yet.** With it you can choose among ten thousand images, "
            "sorted by what a model makes of them. The sample images and your own work without it. "
            f"It comes from the official source, www.cs.toronto.edu, and goes into `{_folder()}`."
        )
        if not st.button("Fetch CIFAR-10 (170 MB)", icon=":material/download:", key="fetch", type="primary"):
            return False
        if not _download():
            return False
    place.empty()
    return True


def _download() -> bool:
    bar = st.progress(0.0, "Asking www.cs.toronto.edu …")
    try:
        ib.data.download(pictures.DATASET, _folder(), _Shown(bar))
    except (ib.data.DownloadError, ib.data.DatasetError) as error:
        bar.empty()
        st.error(str(error), icon=":material/cloud_off:")
        return False
    pictures.forget()
    return True


class _Shown:
    """Moves a progress bar in steps of one megabyte: every message to the browser costs time."""

    def __init__(self, bar: DeltaGenerator) -> None:
        self.bar, self.last = bar, -1

    def __call__(self, done: int, total: int | None) -> None:
        if done == total:
            self.bar.progress(1.0, "Checking and unpacking …")
        elif done // MEGABYTE > self.last:
            self.last = done // MEGABYTE
            share = min(1.0, done / total) if total else 0.0
            of = f" of {total / MEGABYTE:.0f}" if total else ""
            self.bar.progress(share, f"Downloading CIFAR-10: {done / MEGABYTE:.0f}{of} MB")


def _folder() -> Path:
    """Where the core looks for it, whatever the working directory."""
    return Path(os.environ.get("IBINN_DATA") or BESIDE).expanduser()
