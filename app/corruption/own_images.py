"""A person's own images against the typical band and the posterior of the models: several files, or a folder.

Which folders there are says whoever starts the server, by the environment variable ``IBINN_QUESTIONS``, and no link.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from app.corruption.measure import read_all
from app.figures.bits_scale import number_text
from app.figures.readings import LikelihoodReading, Reading
from app.images.show import show_image
from app.images.uploads import LIMITS, read_upload
from app.models import asking
from app.widgets.markdown import markdown_text
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DatasetError, read_images
from ibinn_core.data.images import ImageError
from ibinn_core.exploration import TYPICAL

QUESTIONS = "IBINN_QUESTIONS"
FILES = "Files"
MOST_FILES, MOST_IN_FOLDER, SHOWN = 12, 200, 12  # files at once, images of a folder, and how many of them are shown


def show_own_images(chosen: Sequence[Checkpoint], others: Sequence[Checkpoint]) -> None:
    """Asks for images and says of each what the models, with and without a likelihood, make of it."""
    shape = chosen[0].dataset.image_shape
    with st.expander("Images of your own: several files, or a folder", icon=":material/quiz:"):
        if shape[1] != shape[2]:
            st.caption("Image files become squares, which these models do not take.")
            return
        places = _folders()
        source = st.selectbox("From", [FILES, *places], key="question-from") if places else FILES
        try:
            images, names = _uploaded(shape) if source == FILES else _in_folder(places[source], shape)
        except (ImageError, DatasetError) as error:
            st.error(markdown_text(str(error)), icon=":material/broken_image:")
            return
        if names:
            _show_answers(images, names, *read_all(list(chosen), list(others), images), chosen[0].classes)


def _folders() -> dict[str, Path]:
    """The folders that may be asked about, by their names; of two with one name the first."""
    listed = [Path(place).expanduser() for place in os.environ.get(QUESTIONS, "").split(os.pathsep) if place]
    return {folder.name: folder for folder in reversed(listed)}


def _uploaded(shape: tuple[int, int, int]) -> tuple[np.ndarray, list[str]]:
    """The images of the chosen files, uint8 ``(N, H, W, C)``, and the files' names; none before any is chosen."""
    channels, side, _ = shape
    files = st.file_uploader(
        f"Up to {MOST_FILES} images: PNG, JPEG, GIF, WebP, BMP or TIFF",
        accept_multiple_files=True,
        key="question-files",
        max_upload_size=LIMITS.file_bytes // 2**20,
        help=f"The largest centred square of each is scaled to {side} × {side} pixels.",
    )
    if len(files) > MOST_FILES:
        raise ImageError(f"These are {len(files)} files, more than {MOST_FILES}; leave some out.")
    images = np.empty((len(files), side, side, channels), np.uint8)
    for row, file in enumerate(files):
        try:
            images[row] = read_upload(file, side, channels)
        except ImageError as error:
            raise ImageError(f"{file.name}: {error}") from error
    return images, [file.name for file in files]


def _in_folder(folder: Path, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[str]]:
    """The images of a folder, and their files' names; read again when one of them has changed."""
    images, *names = _read(str(folder), checkpoints.stamp(folder), shape)
    return images, names


@asking.kept
def _read(folder: str, stamp: tuple, shape: tuple[int, int, int]) -> list:
    images, names = read_images(folder, shape, MOST_IN_FOLDER, LIMITS)
    return [images, *names]


def _show_answers(
    images: np.ndarray,
    names: Sequence[str],
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    classes: Sequence[str],
) -> None:
    """How many images each model finds typical, and each of the first images with what is said of it."""
    for reading in readings:
        low, high = reading.band
        inside = int((reading.p_values >= 1 - TYPICAL).sum())
        st.markdown(
            f'- <span style="color:{reading.color}">■</span> **{markdown_text(reading.name)}** finds {inside} of '
            f"{len(images)} typical ({low:.2f} to {high:.2f} bits/dim).",
            unsafe_allow_html=True,
        )
    for row in range(min(len(images), SHOWN)):
        picture, words = st.columns([1, 7], vertical_alignment="center")
        with picture:
            show_image(images[row], names[row], width=64)
        said = [f"**{markdown_text(names[row])}**"]
        for reading in (*readings, *others):
            top = int(reading.posterior[row].argmax())
            answer = f"{markdown_text(classes[top])} {reading.posterior[row, top]:.0%}"
            said.append(f"{markdown_text(reading.name)}: {_verdict(reading, row)}{answer}")
        words.markdown("  \n".join(said))
    if len(images) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(images)} are shown.")


def _verdict(reading: Reading, row: int) -> str:
    """Whether an image is typical, with its bits/dim; nothing of a model without a likelihood."""
    if not isinstance(reading, LikelihoodReading):
        return ""
    p = float(reading.p_values[row])
    word = "typical" if p >= 1 - TYPICAL else "out of distribution"
    return f"{word} (p = {p:.3f}, {number_text(reading.bits[row])} bits/dim), "
