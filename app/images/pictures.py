"""Where images come from: the embedded samples, the test set, a person's own picture; and how a URL names them."""

from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.models import registry
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.data.images import from_url, to_url

DATASET = DEFAULT  # whose test set pages show; the samples are of the same
CLASSES = ib.data.CLASSES[DATASET]


class Picture(NamedTuple):
    """An image that a page works on.

    Attributes:
        pixels: uint8 ``(32, 32, 3)``.
        name: for people.
        token: for the URL.
        label: its class, or ``None`` for a person's own image.
    """

    pixels: np.ndarray
    name: str
    token: str
    label: int | None

    @property
    def class_name(self) -> str:
        """The name of its class; "unknown" for a person's own image."""
        return "unknown" if self.label is None else CLASSES[self.label]


@st.cache_resource(show_spinner="Reading the test set …")
def images_of(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, labels and pixel hashes of :data:`DATASET` (its test set) or ``"sample"``."""
    images, labels = ib.data.load(name, "test")
    return images, labels, ib.data.pixel_hash(images)


def test_set_available() -> bool:
    """Whether the whole test set is on this machine."""
    return ib.data.available(DATASET)


def damage() -> str:
    """What is wrong with the test set that is on this machine, in a sentence; empty if nothing is."""
    try:
        if test_set_available():
            images_of(DATASET)
    except (ib.data.DatasetError, ib.data.DatasetNotFoundError) as error:
        return str(error)
    return ""


def largest_gallery() -> str:
    """The largest set of images at hand, as :func:`images_of` calls it."""
    return DATASET if test_set_available() and not damage() else "sample"


def rows_in_gallery(checkpoint_id: str) -> np.ndarray:
    """Where each row of a checkpoint's latent file is in the largest gallery at hand, ``(N,)``; -1 if it is not."""
    return _rows_in_gallery(checkpoint_id, largest_gallery())


@st.cache_data(show_spinner=False)
def _rows_in_gallery(checkpoint_id: str, name: str) -> np.ndarray:
    images, _, _ = images_of(name)
    return ib.data.locate(registry.by_id(checkpoint_id).latent["hashes"], images)


def test_image(checkpoint_id: str, row: int) -> np.ndarray | None:
    """The picture of a row of a latent file, or ``None`` where it is not on this machine."""
    index = rows_in_gallery(checkpoint_id)[row]
    return images_of(largest_gallery())[0][index] if index >= 0 else None


def forget() -> None:
    """Forgets the data sets that were read, so that they are read again."""
    images_of.clear()
    _rows_in_gallery.clear()


def from_token(token: str) -> Picture | None:
    """The image that a URL names, or ``None`` where there is none on this machine."""
    kind, _, value = token.partition("-")
    try:
        if kind == "sample":
            return sample(int(value))
        if kind == "test" and largest_gallery() == DATASET:
            rows = np.flatnonzero(images_of(DATASET)[2] == np.uint64(int(value, 16)))
            return of_test_set(int(rows[0]))
        if kind == "own":
            return own(from_url(value))
    except (ValueError, IndexError, OverflowError):
        pass
    return None


def sample(index: int) -> Picture:
    """One of the embedded images; raises ``IndexError`` where there is none."""
    images, labels, _ = images_of("sample")
    if not 0 <= index < len(images):
        raise IndexError(index)
    number = int((labels[:index] == labels[index]).sum()) + 1
    return Picture(images[index], f"{CLASSES[labels[index]]} {number}", f"sample-{index}", int(labels[index]))


def of_test_set(index: int) -> Picture:
    """The image at a place of the test set, which must be on this machine."""
    images, labels, hashes = images_of(DATASET)
    name = f"{CLASSES[labels[index]]} (test set)"
    return Picture(images[index], name, f"test-{hashes[index]:016x}", int(labels[index]))


def own(pixels: np.ndarray) -> Picture:
    """A person's own image, uint8 ``(32, 32, 3)``; the whole of it travels in the URL."""
    return Picture(pixels, "your image", f"own-{to_url(pixels)}", None)
