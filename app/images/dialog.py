"""The dialog for choosing an image: from the samples, the test set, a file or the camera."""

from collections.abc import Mapping, Sequence
from typing import BinaryIO

import numpy as np
import streamlit as st

from app import state
from app.desk import EndedError, question
from app.figures.classes import with_number
from app.images import download_button, pictures
from app.images.pictures import Picture, ground_text
from app.inference.computations import LIMITS, decoded_image
from app.models import asking, registry
from app.models.names import name_of
from app.models.summary import labels_known
from app.widgets.markdown import markdown_text
from app.widgets.tiles import Tiles, show_tiles
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DatasetError, DatasetNotFoundError
from ibinn_core.data.images import ImageError

PER_PAGE = 48  # fills rows of twelve, eight or four
SAMPLES, TEST_SET, FILE, CAMERA = "Samples", "Test set", "Image file", "Camera"
ALL = "all classes"
PLAIN, MISTAKES = "Test-set order", "Most confident mistakes"


def browse(key: str, picture: Picture) -> Picture | None:
    """Shows the gallery, where the page's ``picture`` is framed; returns the image that was chosen in this run."""
    shown = {SAMPLES: _samples, TEST_SET: _test_set, FILE: _file, CAMERA: _camera}
    icons = {SAMPLES: "apps", TEST_SET: "grid_view", FILE: "upload", CAMERA: "photo_camera"}
    source = st.segmented_control(
        "Where from",
        list(shown),
        format_func=lambda name: f":material/{icons[name]}: {name}",
        default=_source(picture),
        key=f"{key}-source",
        required=True,
        label_visibility="collapsed",
    )
    try:
        return shown[source](key, picture)
    except (ImageError, DatasetError, DatasetNotFoundError, ImportError) as error:
        st.error(markdown_text(str(error)), icon=":material/broken_image:")
        return None


def _source(picture: Picture) -> str:
    kind = picture.token.split("-")[0]
    if kind == "sample":
        return TEST_SET if pictures.test_set_available() else SAMPLES
    return TEST_SET if kind == "test" else FILE


def _samples(key: str, picture: Picture) -> Picture | None:
    st.caption(_about_samples())
    every = [pictures.sample(index) for index in range(len(pictures.images_of(pictures.SAMPLE)[0]))]
    return _grid(key, picture, every, [p.name for p in every], 96)


def _about_samples() -> str:
    """A text on the samples: their origin, and how to get more images."""
    dataset = registry.dataset()
    if pictures.are_drawn(dataset):
        title, how = markdown_text(dataset.title), pictures.how_to_get(dataset)
        return f"No image of {title} is on this machine; a model drew these images. {how}"
    return f"{len(pictures.images_of(pictures.SAMPLE)[1])} test images. The whole test set has more."


def _test_set(key: str, picture: Picture) -> Picture | None:
    if not pictures.test_set_available() and not download_button.show_download():
        return None
    classes = registry.dataset().classes
    left, right = st.columns(2)
    with left:
        name = st.selectbox(
            "Class",
            [ALL, *classes],
            **state.bound(state.PICKER_CLASS),
            help=f"One of {len(classes)} classes. The labels are those of the data set, right or wrong.",
        )
    with right:
        order = st.selectbox(
            "Order",
            (PLAIN, MISTAKES) if registry.with_likelihood() else (PLAIN,),
            **state.bound(state.PICKER_ORDER),
            help="'Confident' means a high posterior of one class.",
        )
    labels = pictures.images_of(pictures.TEST)[1]
    wanted = np.full(len(labels), True) if name == ALL else labels == classes.index(name)
    if order == PLAIN:
        index = np.flatnonzero(wanted)
        return _page(key, picture, index, [classes[label] for label in labels[index]])
    checkpoint = _model()
    located = pictures.rows_in_gallery(checkpoint.id)
    rows = mistakes(checkpoint.latent, located)
    rows = rows[wanted[located[rows]]]
    posterior = checkpoint.latent["posterior"]
    captions = [mistake_caption(int(labels[located[row]]), posterior[row], classes) for row in rows]
    return _page(key, picture, located[rows], captions, f"mistakes of {name_of(checkpoint)}")


def mistakes(latent: Mapping[str, np.ndarray], located: np.ndarray) -> np.ndarray:
    """The rows of misclassified images in a model's latent file, ``(M,)``, the most confident mistake first.

    ``located`` holds the position of each row in the test set on this machine, or -1. Rows with -1 are left out.
    """
    rows = np.argsort(-latent["posterior"].max(axis=1), kind="stable")
    is_wrong = latent["posterior"].argmax(axis=1) != latent["labels"]
    return rows[is_wrong[rows] & (located[rows] >= 0)]


def mistake_caption(label: int, posterior: np.ndarray, classes: Sequence[str]) -> str:
    """A caption with an image's true class, its most probable class by the posterior ``(K,)``, and the probability."""
    predicted = int(posterior.argmax())
    answer = with_number(classes[predicted], f"{posterior[predicted]:.0%}")
    return f"{classes[label]} →\N{NO-BREAK SPACE}{answer}"


def _model() -> Checkpoint:
    """The page's model. Without stored mistakes or labels, it is the model that pages open with."""
    every = registry.with_likelihood()
    options = [c.id for c in every if labels_known(c)] or [c.id for c in every]
    chosen = state.get(state.MODEL)
    return registry.by_id(chosen if chosen in options else registry.first_of(options))


def _page(key: str, picture: Picture, index: np.ndarray, captions: list[str], what: str = "images") -> Picture | None:
    """Shows the test images at positions ``index``, ``(M,)``, page by page, first the page with ``picture``."""
    if not len(index):
        st.info("There is no such image.")
        return None
    pages = -(-len(index) // PER_PAGE)
    summary, turn = st.columns([3, 2], vertical_alignment="center")
    summary.caption(f"{len(index):,} {what}.")
    with turn.container(horizontal=True, horizontal_alignment="right"):
        # Each order of images has its own widget, which remembers its page.
        kept = state.bound(state.PICKER_PAGE.of(hash(index.tobytes())))
        page = st.pagination(pages, default=_page_of(picture, index), **kept) if pages > 1 else 1
    part = slice((page - 1) * PER_PAGE, page * PER_PAGE)
    shown = [pictures.of_test_set(int(place)) for place in index[part]]
    return _grid(key, picture, shown, captions[part], 64)


def _page_of(picture: Picture, index: np.ndarray) -> int:
    if not picture.token.startswith("test-"):
        return 1
    hashes = pictures.images_of(pictures.TEST)[2][index]
    position = np.flatnonzero(hashes == np.uint64(int(picture.token[5:], 16)))
    return int(position[0]) // PER_PAGE + 1 if len(position) else 1


def _grid(key: str, picture: Picture, shown: list[Picture], captions: list[str], side: int) -> Picture | None:
    """Shows thumbnails as buttons; returns the image that was pressed in this run, even if it is the framed one."""
    by_token = {one.token: one for one in shown}
    framed = next((one.token for one in shown if np.array_equal(one.pixels, picture.pixels)), "")
    tiles = Tiles(
        f"{key}-grid",
        np.stack([one.pixels for one in shown]),
        [f"Image of class {one.class_name}: {caption}" for one, caption in zip(shown, captions, strict=True)],
        "Images to choose from.",
        captions=captions,
        values=list(by_token),
        chosen=framed,
        largest=side,
    )
    show_tiles(tiles, lambda picked: state.put(state.PICKED, picked[0]))
    token = state.take(state.PICKED)
    return picture if token and token == framed else by_token.get(token)


def _file(key: str, picture: Picture) -> Picture | None:
    file = st.file_uploader(
        "Your own image: PNG, JPEG, WebP, GIF or BMP",
        key=f"{key}-upload",
        max_upload_size=LIMITS.file_bytes // 2**20,
        help=f"The middle square is scaled to the {_size()} pixels that the models take. An image may have "
        f"at most {LIMITS.pixels / 1e6:g} megapixels.",
    )
    st.caption(markdown_text(ground_text(registry.dataset())))
    return _own(file) if file is not None else None


def _camera(key: str, picture: Picture) -> Picture | None:
    label = f"Take a photo; its middle square is scaled to {_size()} pixels"
    privacy = (
        f"The photo goes to the machine that runs this program. A link holds its {_size()} pixels only on request."
    )
    photo = st.camera_input(label, key=f"{key}-camera", width=480, help=privacy)
    st.caption(markdown_text(ground_text(registry.dataset())))
    return _own(photo) if photo is not None else None


def _own(file: BinaryIO) -> Picture:
    """The image of a file, scaled to the shape that the models of the chosen data set take."""
    channels, side, _ = registry.dataset().image_shape
    with st.spinner("Reading the image …"):
        return pictures.own(read_upload(file, side, channels))


def read_upload(file: BinaryIO, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, read by :func:`ibinn_core.read_image`.

    Transparent pixels become white.

    Raises:
        ImageError: The file is no readable image, or exceeds the limits.
    """
    file.seek(0)
    data = file.read(LIMITS.file_bytes + 1)  # one byte more than allowed shows that the file is too large
    try:
        return asking.DESK.ask([question(decoded_image, data, side, channels)], asking.person())[0]
    except EndedError as error:
        raise ImageError("This image takes too long to read, or too much memory; save it again as a PNG.") from error


def _size() -> str:
    _, height, width = registry.dataset().image_shape
    return f"{width} × {height}"
