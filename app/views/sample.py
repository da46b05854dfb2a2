"""Samples of each class (Figs. 8 and 14)."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ibinn_core as ib
from app.figures.bars import posterior_bars
from app.figures.classes import with_number
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.figures.tiles import tiles_canvas, tiles_figure, tiles_style
from app.images.image_input import show_image
from app.models import registry
from app.models.latent_rows import hash_of
from app.models.names import name_of
from app.models.pickers import pick_models
from app.models.posterior_only import show_answers
from app.models.predictions import posterior_csv, predict_with_likelihood, top_classes
from app.models.summary import labels_known
from app.widgets.class_choice import choose_classes
from app.widgets.clicks import selected_rows
from app.widgets.export_menu import npz_bytes, offer, png_bytes
from app.widgets.lesson import show_lesson
from app.widgets.markdown import markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.seed import pick_seed
from app.widgets.url import put_into_url, take_from_url
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.data.images import to_url

CENTERS = {"Centre of the class's images": "empirical", "Mean μ of the class": "mean"}
UNITS = ("measured spread", "mixture")
FIRST_CLASSES = 5  # that the page opens with
OF_CIFAR10 = ["airplane", "car", "frog", "horse", "ship"]  # the plainest
COUNT = 7  # samples of a class; five classes of four models are decoded within half a second on two cores
LARGEST = 128  # side of a tile in CSS pixels, where one model has the page for itself

# Two grids in a row need a wide page; on a narrower one, each takes the whole width.
STACKED = """<style>
@media (max-width: 1100px) {
    .st-key-grids > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 100%; }
}
</style>"""


@st.cache_data(show_spinner=False, max_entries=64)
def draw(checkpoint_id: str, classes: tuple[int, ...], temperature: float, center: str, seed: int) -> np.ndarray:
    """Samples, uint8 ``(classes, COUNT, H, W, C)``.

    All classes and models share the noise, so the tiles of a column differ in the class's centre only.
    """
    import torch

    model = registry.load_model(checkpoint_id)
    noise = torch.randn(COUNT, model.config.dims, generator=torch.Generator().manual_seed(seed))
    x = model.sample(np.repeat(classes, COUNT), temperature, center, noise=noise.repeat(len(classes), 1))
    images = ib.to_uint8(x, missing=0.5)
    return images.reshape(len(classes), COUNT, *images.shape[1:])


# The chosen tile ----------------------------------------------------------------------------------------


def tile_token(row: int, column: int, names: Sequence[str]) -> str:
    """What names a tile in the URL: its class, one of the ``names`` of the rows, and its number from 1."""
    return f"{names[row]}-{column + 1}"


def tile_of(token: str, names: Sequence[str]) -> tuple[int, int] | None:
    """Row and column of the tile that ``token`` names, if it is among those of the rows with ``names``."""
    places = {tile_token(row, column, names): (row, column) for row in range(len(names)) for column in range(COUNT)}
    return places.get(token)


def choose(key: str, names: Sequence[str]) -> None:
    """Takes the tile that was clicked on the chart ``key``, for all models; a second click lifts the choice.

    As a callback, since the ring makes another chart of it, and Streamlit forgets the selection of the old one.
    """
    clicked = selected_rows(st.session_state.get(key))
    if clicked:
        token = tile_token(*divmod(clicked[0], COUNT), names)
        st.session_state["tile"] = "" if st.session_state["tile"] == token else token


def chosen_tile(names: Sequence[str]) -> tuple[int, int] | None:
    """Row and column of the tile that a person clicked last, on any grid; kept in the URL as ``?tile=``."""
    take_from_url("tile", str, "")
    place = tile_of(st.session_state["tile"], names)
    put_into_url("tile", st.session_state["tile"] if place else "", "")
    return place


# A model's grid -----------------------------------------------------------------------------------------


def show_samples(
    checkpoint: Checkpoint, images: np.ndarray, names: Sequence[str], ring: tuple[int, int] | None
) -> None:
    """A grid with a row for each class; a click chooses a sample."""
    key = f"samples-{checkpoint.id}"
    rows = plotly_texts(names)
    hover = [[f"drawn as {name}<br>click: what the model makes of it" for _ in range(COUNT)] for name in rows]
    chosen = f" Chosen: {names[ring[0]]} {ring[1] + 1}." if ring else ""
    st.plotly_chart(
        tiles_figure(images, rows, [""] * COUNT, hover, tile=70, ring=ring),
        config=config(key),
        key=key,
        on_select=partial(choose, key, names),
        selection_mode="points",
        alt=f"Samples of {', '.join(names)} from {name_of(checkpoint)}.{chosen}",
    )


def show_one(
    checkpoint: Checkpoint, pixels: np.ndarray, drawn: int, posterior: np.ndarray, bits: float, number: int
) -> None:
    """A sample that was clicked, as the model sees it, and the way to other pages."""
    classes = checkpoint.classes
    picture, bars, words = st.columns([1, 2.4, 1.6], gap="medium", vertical_alignment="center")
    with picture:
        show_image(pixels, f"Sample {number} of {name_of(checkpoint)}, drawn as {classes[drawn]}")
    with bars:
        st.plotly_chart(
            posterior_bars(posterior, drawn, classes=classes),
            config={"displayModeBar": False},
            key=f"one-{checkpoint.id}",
            alt="Posterior of the sample: " + ", ".join(top_classes(posterior, classes=classes)),
        )
    with words:
        st.markdown(
            f"Drawn as **{markdown_text(classes[drawn])}**; shown the picture, the model says "
            f"**{markdown_text(classes[posterior.argmax()])}**, at {bits:.2f} bits/dim."
        )
        show_answers(hash_of(pixels), pixels)
        offer(f"sample-posterior-{checkpoint.id}", csv=lambda: posterior_csv(posterior, classes=classes))
        offer_carry(f"own-{to_url(pixels)}", f"carry-{checkpoint.id}")


def recognised(posterior: np.ndarray, classes: tuple[int, ...], names: Sequence[str]) -> str:
    """Of how many pictures the model names the class that it drew them from, class by class.

    Arguments:
        posterior: of all pictures, ``(classes * COUNT, K)``.
        classes: that they were drawn from.
        names: of the K classes.
    """
    answers = posterior.argmax(1).reshape(len(classes), COUNT)
    return ", ".join(with_number(names[k], f"{(row == k).sum()}") for k, row in zip(classes, answers, strict=True))


def judge(
    checkpoint: Checkpoint, images: np.ndarray, classes: tuple[int, ...], ring: tuple[int, int] | None, seed: int
) -> None:
    """What the model says of the pictures that it drew: of the one that is chosen, and of all."""
    predicted = predict_with_likelihood(checkpoint.id, images.reshape(-1, *images.shape[2:]))
    posterior, bits = predicted.posterior, predicted.bits
    if ring:
        (row, column), index = ring, ring[0] * COUNT + ring[1]
        show_one(checkpoint, images[row, column], classes[row], posterior[index], bits[index], column + 1)
    counts = recognised(posterior, classes, checkpoint.classes)
    clipped = float(((images == 0) | (images == 255)).mean())
    st.caption(
        f"Of its own {COUNT} pictures of each class, the model recognises: {markdown_text(counts)}. "
        + ("It was told no labels, so that is chance. " if not labels_known(checkpoint) else "")
        + f"The samples' median is {np.median(bits):.2f} bits/dim, that of its test images "
        f"{checkpoint.card['bits_per_dim']['median']:.2f}. {clipped:.0%} of the pixel values are black or white "
        "because they were clipped."
    )
    offer(
        f"samples-{checkpoint.id}-seed-{seed}",
        png=lambda: png_bytes(tiles_canvas(images), 2),
        npz=lambda: npz_bytes(images=images, classes=np.array(classes), bits_per_dim=bits, posterior=posterior),
    )


def places_of(count: int) -> list[DeltaGenerator]:
    """Containers for the grids of ``count`` models: one takes the page's width, several form rows of two."""
    if count == 1:
        return [st.container()]
    st.html(STACKED)
    with st.container(key="grids"):
        # Row by row, so that two grids side by side begin at the same height.
        return [place for _ in range(0, count, 2) for place in st.columns(2, gap="medium")][:count]


# The page -----------------------------------------------------------------------------------------------


class Settings(NamedTuple):
    """How samples are drawn.

    Attributes:
        temperature: deviation of the drawn latents, in the unit chosen.
        center: ``"empirical"`` or ``"mean"``.
        unit: one of `UNITS`.
        seed: of the noise.
    """

    temperature: float
    center: str
    unit: str
    seed: int


def first_classes(names: Sequence[str]) -> list[str]:
    """The classes that the page opens with: some that differ, else as many spread over all."""
    if set(OF_CIFAR10) <= set(names):
        return OF_CIFAR10
    places = np.linspace(0, len(names) - 1, min(FIRST_CLASSES, len(names))).round().astype(int).tolist()
    return [str(names[place]) for place in places]


def pick_classes(dataset: Dataset) -> tuple[int, ...]:
    """Which of the classes are drawn; kept in the URL."""
    names = dataset.classes
    picked = choose_classes("Classes", dataset, first_classes(names), "classes", "Each class is a row.")
    if not picked:
        st.info("Choose at least one class.", icon=":material/touch_app:")
        st.stop()
    return tuple(k for k, name in enumerate(names) if name in picked)


def pick_settings() -> Settings:
    """The controls in a row; kept in the URL."""
    columns = st.columns([1.5, 1.5, 1.1, 0.7], vertical_alignment="bottom")
    with columns[0]:
        temperature = st.slider(
            "Temperature",
            0.0,
            1.2,
            0.7,
            0.05,
            key="temperature",
            bind="query-params",
            help="Standard deviation of the drawn latents in the unit chosen beside it; lower is nearer to the centre.",
        )
    with columns[1]:
        center = st.selectbox(
            "Around",
            list(CENTERS),
            key="center",
            bind="query-params",
            help="The mean of the training images' latents of that class (Appendix D), or the mean μ of the mixture.",
        )
    with columns[2]:
        unit = st.selectbox(
            "In units of the",
            UNITS,
            key="unit",
            bind="query-params",
            help="The standard deviation measured around the centres of the classes, or the mixture's, which is 1.",
        )
    with columns[3]:
        explanation = "Draws a noise for each column, the same for every class and every model."
        seed = pick_seed("seed", explanation)
    return Settings(temperature, CENTERS[center], unit, seed)


def draw_and_show(
    checkpoint: Checkpoint, classes: tuple[int, ...], settings: Settings, ring: tuple[int, int] | None
) -> np.ndarray:
    """A model's grid under its name; returns the samples."""
    spread = float(checkpoint.latent["spread"])
    effective = settings.temperature * (spread if settings.unit == UNITS[0] else 1.0)
    with st.spinner(f"Sampling from {name_of(checkpoint)} …", show_time=True):
        images = draw(checkpoint.id, classes, round(effective, 4), settings.center, settings.seed)
    st.markdown(
        f"**{name_of(checkpoint)}**: test error {checkpoint.card['error']:.1%}, "
        f"{checkpoint.card['bits_per_dim']['mean']:.2f} bits/dim; "
        f"latents' deviation {effective:.2f} drawn, {spread:.2f} measured"
    )
    show_samples(checkpoint, images, [checkpoint.classes[k] for k in classes], ring)
    return images


def what_is_seen(dataset: Dataset) -> str:
    """What a person sees in the samples of models of a data set."""
    if dataset.name == DEFAULT:
        return (
            "After their short training these models draw colours and layout, a sky, a ground, something dark in the "
            "middle, but no objects; a large γ runs out of the range of pixels."
        )
    if dataset.name == "mnist":
        return (
            "Digits are simple enough that a small γ draws ones that everybody can read: can you name each before you "
            "look at its row?"
        )
    return "How much of a class is there: its colours, its shape, or nothing that you could name?"


def main() -> None:
    """The page."""
    st.markdown("#### Sample: what each model thinks a class looks like")
    chosen = pick_models()
    classes = pick_classes(chosen[0].dataset)
    names = [chosen[0].classes[k] for k in classes]
    settings = pick_settings()
    ring = chosen_tile(names)
    st.html(tiles_style("samples-", names, [""] * COUNT, LARGEST))
    drawn = []
    for checkpoint, place in zip(chosen, places_of(len(chosen)), strict=True):
        with place:
            drawn.append((checkpoint, draw_and_show(checkpoint, classes, settings, ring), st.container()))

    show_lesson(
        "Latents drawn around one class's centre and sent back through the network (the paper's Figs. 8 and 14): down "
        "a column only the class differs, and the same tile of another grid shows what another model makes of it. A "
        "small γ gives samples that resemble images; a large γ exaggerates what distinguishes the classes.",
        what_is_seen(chosen[0].dataset) + " Switch to the mean μ: the images' latents "
        "do not lie around it, and the network decodes places that it hardly saw in training. Then switch the units "
        "to the mixture's: the latents of a large γ have contracted far below the deviation of 1 that the mixture "
        "assumes, and its samples fall apart altogether. Click a sample: does each model recognise what it drew there "
        "itself, and does a ResNet? Click again to clear the choice.",
    )

    # Last, when all pictures are shown: judging them takes as long as drawing them.
    for checkpoint, images, place in drawn:
        with place, st.spinner("Judging …"):
            judge(checkpoint, images, classes, ring, settings.seed)


main()
