"""The sources of images, and their names in URLs: the embedded samples, the test set, and a user's own image.

By default, functions work on the data set that the user has chosen (:mod:`app.models.registry`).
"""

from contextlib import suppress
from typing import NamedTuple

import joblib
import numpy as np
import streamlit as st

import ibinn_core as ib
from app.desk import at_once, question
from app.images.links import from_url, to_url
from app.inference import models
from app.inference.computations import samples
from app.models import asking, registry
from app.state import OWN
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import CheckpointError
from ibinn_core.data import Dataset
from ibinn_core.data.images import scale_images

SAMPLE, TEST = "sample", "test"  # the galleries
SAMPLES = 20  # number of embedded images
DARK = 0.3  # images with a smaller mean are bright on a dark background
DRAWN_FROM = 0.7  # temperature of samples that replace missing images, in units of the latents' spread


class Picture(NamedTuple):
    """An image that a page works on."""

    pixels: np.ndarray  # uint8 (H, W, C)
    name: str  # for users
    token: str  # identifies the image; app.state.name_of gives its name in the URL
    label: int | None  # its class, or None if it is unknown
    class_name: str = "unknown"  # the name of its class, or "unknown"


def images_of(gallery: str, dataset: Dataset | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The images, uint8 ``(N, H, W, C)``, labels and pixel hashes of a gallery: the test set or the samples.

    The samples are embedded, or come from the test set. If this machine has neither, a model draws samples, and the
    labels are the classes that it was asked to draw.

    Raises:
        DatasetNotFoundError: The test set is not on this machine.
        DatasetError: The test set is damaged, or its images do not fit the models.
    """
    dataset = dataset or registry.dataset()
    if _is_drawn(gallery, dataset):  # uncached, since Streamlit's cache cannot replay messages of a waiting page
        images, labels = _drawn(dataset, _drawing_models(dataset))
        return images, labels, ib.data.pixel_hash(images)
    return _images_of(gallery, dataset)


def _key_of(dataset: Dataset) -> tuple:
    return dataset.name, dataset.classes, dataset.image_shape, dataset.fingerprint


@st.cache_resource(show_spinner=False, hash_funcs={Dataset: _key_of}, max_entries=8)
def _images_of(gallery: str, dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if gallery == TEST:
        images, labels = _test_set(dataset)
    elif dataset.embedded:
        images, labels = _fitting(*ib.data.embedded(dataset.name), dataset)
    else:
        images, labels = _some_of_each_class(*_test_set(dataset), dataset)
    return images, labels, ib.data.pixel_hash(images)


def _test_set(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    channels, side, _ = dataset.image_shape
    if dataset.name in ib.data.DATASETS:
        return _fitting(*ib.data.load(dataset.name, "test"), dataset)
    if not test_set_available(dataset):
        raise ib.data.DatasetNotFoundError(f"There is no copy of {dataset.title} on this machine.")
    if ib.data.classes_of(dataset.name) != dataset.classes:
        raise ib.data.DatasetError(
            f"The folder {dataset.name} on this machine has other classes than the models of {dataset.title} know; "
            "train them again, or restore the old folder."
        )
    return ib.data.load(dataset.name, "test", side, channels)


def _fitting(images: np.ndarray, labels: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The images, scaled to the models' shape if the official images have another shape."""
    channels, height, width = dataset.image_shape
    if images.shape[1:] == (height, width, channels):
        return images, labels
    return scale_images(images, height, channels), labels


def _some_of_each_class(images: np.ndarray, labels: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The first images of each class, by class: about 20, or two per class if there are many classes; at most 40."""
    a_class = max(2, SAMPLES // dataset.num_classes)
    rows = [np.flatnonzero(labels == k)[:a_class] for k in range(dataset.num_classes)]
    chosen = np.concatenate(rows)[: 2 * SAMPLES]
    return images[chosen], labels[chosen]


def _is_drawn(gallery: str, dataset: Dataset) -> bool:
    return gallery == SAMPLE and not dataset.embedded and not _readable(dataset)


def _drawing_models(dataset: Dataset) -> tuple[str, ...]:
    """The ids of the models that can draw substitutes for missing images, the default model first."""
    families = [f for f in registry.families().values() if _key_of(f[0].dataset) == _key_of(dataset)]
    able = [c for family in families for c in family if c.has_likelihood]
    usual = [c.id for c in able if c.id == dataset.id_prefix + registry.FIRST_MODEL]
    return tuple(dict.fromkeys([*usual, *(c.id for c in able)]))


def _drawn(dataset: Dataset, checkpoint_ids: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Images of the classes in turn, drawn around each class's mean latent by the first model that loads."""
    labels = np.arange(max(SAMPLES, min(dataset.num_classes, 2 * SAMPLES))) % dataset.num_classes
    for checkpoint_id in checkpoint_ids:
        with suppress(CheckpointError, ValueError):  # the model has been replaced, or has no class centres
            drawn = question(samples, checkpoint_id, labels.tolist(), DRAWN_FROM, "empirical", 1.0, 0)
            return asking.ask(drawn).pixels, labels
    raise CheckpointError(
        f"No image of {dataset.title} is on this machine, and none of its models can draw one: export the models again."
    )


def are_drawn(dataset: Dataset | None = None) -> bool:
    """Whether the samples are drawn by a model, since no image of the data set is on this machine."""
    return _is_drawn(SAMPLE, dataset or registry.dataset())


def test_set_available(dataset: Dataset | None = None) -> bool:
    """Whether the whole test set is on this machine."""
    dataset = dataset or registry.dataset()
    try:
        return ib.data.available(dataset.name)
    except ValueError:  # a folder that is not on this machine
        return False


def damage(dataset: Dataset | None = None) -> str:
    """A sentence on what is wrong with the test set on this machine; empty if nothing is wrong."""
    dataset = dataset or registry.dataset()
    try:
        if test_set_available(dataset):
            images_of(TEST, dataset)
    except (ib.data.DatasetError, ib.data.DatasetNotFoundError, ImportError) as error:
        return str(error)
    return ""


def _readable(dataset: Dataset) -> bool:
    return test_set_available(dataset) and not damage(dataset)


def largest_gallery(dataset: Dataset | None = None) -> str:
    """The name of the largest gallery on this machine, for :func:`images_of`."""
    return TEST if _readable(dataset or registry.dataset()) else SAMPLE


def is_dark(dataset: Dataset) -> bool:
    """Whether the images are bright on a dark background, like handwritten digits."""
    return bool(dataset.mean) and float(np.mean(dataset.mean)) < DARK


def ground_text(dataset: Dataset) -> str:
    """A hint if the images are bright on black, unlike a photo of paper; empty otherwise."""
    if not is_dark(dataset):
        return ""
    return (
        f"The images of {dataset.title} are bright on black. Ink on paper is the reverse: the models call it out "
        "of distribution."
    )


def how_to_get(dataset: Dataset | None = None) -> str:
    """A sentence in Markdown on how to get the test set."""
    dataset = dataset or registry.dataset()
    if dataset.official:
        return (
            f"To fetch {markdown_text(dataset.title)}, choose **Change** and then **Test set** wherever a page asks "
            f"for an image, or run `python -m ibinn_core data {dataset.name}`."
        )
    folder = markdown_text(str(ib.data.roots()[-1]))
    return f"Put the folder {markdown_text(dataset.title)} that the models were trained on into {folder}."


def rows_in_gallery(checkpoint_id: str) -> np.ndarray:
    """The position in the largest gallery of each row of a model's latent file, ``(N,)``; -1 for a missing image."""
    checkpoint = registry.by_id(checkpoint_id)
    hashes, dataset = checkpoint.latent["hashes"], checkpoint.dataset
    return _rows_in_gallery(str(joblib.hash(hashes)), largest_gallery(dataset), dataset, hashes)


@st.cache_resource(show_spinner=False, hash_funcs={Dataset: _key_of}, max_entries=32)
def _rows_in_gallery(digest_of_hashes: str, gallery: str, dataset: Dataset, _hashes: np.ndarray) -> np.ndarray:
    return ib.data.locate(_hashes, images_of(gallery, dataset)[0])


def test_image(checkpoint_id: str, row: int) -> np.ndarray | None:
    """The image of a row of a latent file, uint8 ``(H, W, C)``, or ``None`` if it is not on this machine."""
    dataset = registry.by_id(checkpoint_id).dataset
    index = rows_in_gallery(checkpoint_id)[row]
    return images_of(largest_gallery(dataset), dataset)[0][index] if index >= 0 else None


def token_of(pixel_hash: np.integer | np.ndarray, dataset: Dataset | None = None) -> str:
    """The token of a test image that is on this machine."""
    if largest_gallery(dataset) == TEST:
        return f"test-{pixel_hash:016x}"
    hashes = images_of(SAMPLE, dataset)[2]
    return f"sample-{int(np.flatnonzero(hashes == pixel_hash)[0])}"


def forget() -> None:
    """Clears the cached data sets, so that they are read again."""
    _images_of.clear()
    _rows_in_gallery.clear()


def from_token(token: str, dataset: Dataset | None = None) -> Picture | None:
    """The image that a URL names, or ``None`` if it is not on this machine."""
    dataset = dataset or registry.dataset()
    channels, height, width = dataset.image_shape
    kind, _, value = token.partition("-")
    try:
        if kind == SAMPLE:
            return sample(int(value), dataset)
        if kind == TEST and largest_gallery(dataset) == TEST:
            rows = np.flatnonzero(images_of(TEST, dataset)[2] == np.uint64(int(value, 16)))
            return of_test_set(int(rows[0]), dataset)
        if f"{kind}-" == OWN:
            return own(from_url(value, (height, width, channels)))
    except (ValueError, IndexError, OverflowError):
        pass
    return None


@at_once
def pixels_of(data: str, token: str) -> np.ndarray:
    """The pixels of the image that a link names, uint8 ``(H, W, C)``.

    Raises:
        LookupError: The image is not on this machine.
    """
    picture = from_token(token, models.current().families[data][0].dataset)
    if picture is None:
        raise LookupError(f"The image {token} is not on this machine.")
    return picture.pixels


@at_once
def sample_pixels(data: str) -> np.ndarray:
    """The pixels of a data set's samples, uint8 ``(N, H, W, C)``."""
    return images_of(SAMPLE, models.current().families[data][0].dataset)[0]


def sample(index: int, dataset: Dataset | None = None) -> Picture:
    """The sample with this index; raises an ``IndexError`` if there are fewer samples."""
    dataset = dataset or registry.dataset()
    images, labels, _ = images_of(SAMPLE, dataset)
    if not 0 <= index < len(images):
        raise IndexError(index)
    label = int(labels[index])
    number = int((labels[:index] == label).sum()) + 1
    is_digit = dataset.classes[label][-1:].isdigit()
    name = f"{dataset.classes[label]} no. {number}" if is_digit else f"{dataset.classes[label]} {number}"
    if are_drawn(dataset):
        return Picture(images[index], f"{name}, drawn by a model", f"sample-{index}", None)
    return Picture(images[index], name, f"sample-{index}", label, dataset.classes[label])


def of_test_set(index: int, dataset: Dataset | None = None) -> Picture:
    """The image at a position of the test set, which must be on this machine."""
    dataset = dataset or registry.dataset()
    images, labels, hashes = images_of(TEST, dataset)
    class_name = dataset.classes[labels[index]]
    token = f"test-{hashes[index]:016x}"
    return Picture(images[index], f"{class_name} (test set)", token, int(labels[index]), class_name)


def own(pixels: np.ndarray) -> Picture:
    """The user's image with these pixels, uint8 ``(H, W, C)``; its token holds all pixels."""
    return Picture(pixels, "your image", OWN + to_url(pixels), None)
