"""Where images come from: the embedded samples, the test set, a person's own file; and the picker of one."""

from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.figures.palette import CLASSES
from app.state import by_id, put_into_url
from ibinn_core import images as pictures


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


@st.cache_resource(show_spinner="Reading the test set …")
def images_of(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, labels and pixel hashes of ``"cifar10"`` (the test set) or ``"sample"``."""
    images, labels = ib.data.load(name, "test")
    return images, labels, ib.data.pixel_hash(images)


def test_set_available() -> bool:
    """Whether the whole test set is on this machine."""
    return ib.data.available("cifar10")


def rows_in_gallery(checkpoint_id: str) -> np.ndarray:
    """Where each row of a checkpoint's latent file is in the largest gallery at hand, ``(N,)``; -1 if it is not."""
    return _rows_in_gallery(checkpoint_id, _largest_gallery())


@st.cache_data(show_spinner=False)
def _rows_in_gallery(checkpoint_id: str, name: str) -> np.ndarray:
    images, _, _ = images_of(name)
    return ib.data.locate(by_id(checkpoint_id).latent["hashes"], images)


def test_image(checkpoint_id: str, row: int) -> np.ndarray | None:
    """The picture of a row of a latent file, or ``None`` where it is not on this machine."""
    index = rows_in_gallery(checkpoint_id)[row]
    return images_of(_largest_gallery())[0][index] if index >= 0 else None


def _largest_gallery() -> str:
    return "cifar10" if test_set_available() else "sample"


def pick_image(key: str, title: str, default: int) -> Picture:
    """An image from the samples, the test set or a person's file; kept in the URL under ``key``.

    Arguments:
        key: name of the URL parameter.
        title: what the image is for.
        default: index of the sample image to begin with.
    """
    remembered = f"{key}-token"  # the URL forgets it when the page is left, the session does not
    token = st.query_params.get(key) or st.session_state.get(remembered, "")
    picture = _from_token(token, title) or _sample(default)
    st.session_state[remembered] = picture.token
    put_into_url(key, picture.token, _sample(default).token)
    show_image(picture.pixels, f"{title}: {picture.name}")
    st.caption(f"{title}: {picture.name}")
    with st.popover("Change", width="stretch", help="Another sample image, one of the test set, or your own."):
        sources = ["Sample images", "Test set", "Your own image"]
        source = st.segmented_control(
            "Where from", sources, default=_source(picture), key=f"{key}-source", required=True
        )
        chosen = {"Sample images": _from_samples, "Test set": _from_test_set, "Your own image": _from_upload}[source](
            key, picture
        )
    if chosen is not None and chosen.token != picture.token:
        st.session_state[remembered] = chosen.token
        put_into_url(key, chosen.token, _sample(default).token)
        st.rerun()
    return picture


def show_image(pixels: np.ndarray, alt: str, width: int = 128) -> None:
    """A small image ``(32, 32, 3)``, enlarged without blurring; ``width`` in CSS pixels."""
    enlarged = pixels.repeat(8, axis=0).repeat(8, axis=1)
    st.image(enlarged, width=width, output_format="PNG", alt=alt)


def _source(picture: Picture) -> str:
    kind = picture.token.split("-")[0]
    return {"sample": "Sample images", "test": "Test set", "own": "Your own image"}[kind]


def _from_token(token: str, title: str) -> Picture | None:
    """The image that a URL names; a link with nonsense in it says so and opens the default."""
    kind, _, value = token.partition("-")
    try:
        if kind == "sample":
            return _sample(int(value))
        if kind == "test" and test_set_available():
            images, labels, hashes = images_of("cifar10")
            row = int(np.flatnonzero(hashes == np.uint64(int(value, 16)))[0])
            return Picture(images[row], f"{CLASSES[labels[row]]} (test set)", token, int(labels[row]))
        if kind == "own":
            return Picture(pictures.from_url(value), "your image", token, None)
    except (ValueError, IndexError, OverflowError):
        pass
    if token:
        st.info(f"The link names an image for '{title}' that is not on this machine; a sample image stands in.")
    return None


def _sample(index: int) -> Picture:
    images, labels, _ = images_of("sample")
    if not 0 <= index < len(images):
        raise IndexError(index)
    number = int((labels[:index] == labels[index]).sum()) + 1
    return Picture(images[index], f"{CLASSES[labels[index]]} {number}", f"sample-{index}", int(labels[index]))


def _from_samples(key: str, picture: Picture) -> Picture | None:
    count = len(images_of("sample")[0])
    current = int(picture.token[7:]) if picture.token.startswith("sample-") else None
    index = st.selectbox(
        "Sample image",
        range(count),
        index=current,
        format_func=lambda i: _sample(i).name,
        key=f"{key}-sample-{picture.token}",
        placeholder="Choose one of twenty",
        help="Twenty test images that come with the program; none of them is a bird or a deer.",
    )
    return None if index is None else _sample(index)


def _from_test_set(key: str, picture: Picture) -> Picture | None:
    if not test_set_available():
        st.info(
            "The CIFAR-10 test set is not on this machine. `python -m ibinn_core data cifar10` fetches it; "
            "until then the sample images and your own work everywhere."
        )
        return None
    images, labels, hashes = images_of("cifar10")
    own = picture.token.startswith("test-")
    name = st.selectbox(
        "Class",
        CLASSES,
        index=picture.label if own else None,
        key=f"{key}-class-{picture.token}",
        placeholder="Choose a class",
    )
    if name is None:
        return None
    rows = np.flatnonzero(labels == CLASSES.index(name))
    position = np.flatnonzero(hashes[rows] == np.uint64(int(picture.token[5:], 16))) if own else []
    number = st.number_input(
        f"Which of its {len(rows)} images",
        1,
        len(rows),
        int(position[0]) + 1 if len(position) else 1,
        key=f"{key}-number-{picture.token}-{name}",
    )
    row = rows[number - 1]
    return Picture(images[row], f"{name} (test set)", f"test-{hashes[row]:016x}", int(labels[row]))


def _from_upload(key: str, picture: Picture) -> Picture | None:
    file = st.file_uploader(
        "Image file",
        key=f"{key}-upload",
        help="PNG, JPEG, GIF, WebP, BMP or TIFF; it is cropped to a square and scaled to 32 × 32 pixels.",
    )
    if file is None or st.session_state.get(f"{key}-used") == file.file_id:
        return None
    try:
        pixels = pictures.read_image(file)
    except pictures.ImageError as error:
        st.error(str(error), icon=":material/broken_image:")
        return None
    st.session_state[f"{key}-used"] = file.file_id
    return Picture(pixels, "your image", f"own-{pictures.to_url(pixels)}", None)
