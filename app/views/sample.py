"""Samples of each class (Figs. 8 and 14)."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.drawn import tiles_figure
from app.figures.bars import posterior_bars
from app.figures.classes import with_number
from app.figures.layout import config, small_config
from app.figures.text import plotly_texts
from app.figures.tiles import on_a_phone, tiles_canvas, tiles_style
from app.glossary import explained
from app.images.image_input import show_image
from app.images.opening import first_classes
from app.images.pictures import is_bright
from app.images.program_lines import model_line, program
from app.images.show import say_what_is_white
from app.models import registry
from app.models.decoding import COUNT_OF_ONE, Source, count_for, samples
from app.models.latent_rows import hash_of
from app.models.names import name_of
from app.models.origin import origins
from app.models.pickers import pick_models
from app.models.posterior_only import show_answers
from app.models.predictions import at_once, posterior_csv, predict, predict_with_likelihood, top_classes
from app.models.summary import labels_known
from app.widgets.choice import choose_one
from app.widgets.class_choice import choose_classes
from app.widgets.export_menu import npz_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.lesson import show_lesson
from app.widgets.markdown import markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.seed import pick_seed
from app.widgets.stage import FIGURE, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.data.images import to_url
from ibinn_core.evaluation.sample_quality import best_temperature

#: Where samples come from: the centre that they are drawn around.
SOURCES = {"Around the class's images": "empirical", "From the model's own mixture": "mean"}
WHY = {
    "empirical": "Drawn around the mean latent of the class's training images, in units of their measured spread: "
    "where the images are.",
    "mean": "Drawn from the class's Gaussian, around its mean μ: where the model says the class is. If they look "
    "worse, the mixture does not describe where the images really lie.",
}
LARGEST = 128  # side of a tile in CSS pixels
ABOVE = 330  # CSS pixels that the page needs above the samples of one model, and for a line below them

# Two grids in a row need a wide page; on a narrower one, each takes the whole width.
STACKED = """<style>
@media (max-width: 1100px) {
    .st-key-grids > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 100%; }
}
</style>"""


class Settings(NamedTuple):
    """How samples are drawn.

    Attributes:
        temperature: deviation of the drawn latents, in units of the measured spread or of the mixture's.
        center: ``"empirical"`` or ``"mean"``.
        seed: of the noise.
    """

    temperature: float
    center: str
    seed: int


def effective_temperature(checkpoint: Checkpoint, settings: Settings) -> float:
    """The deviation of the drawn latents: around the images' centres in units of their spread, else of the mixture."""
    unit = float(checkpoint.latent["spread"]) if settings.center == "empirical" else 1.0
    return settings.temperature * unit


# The chosen tile ----------------------------------------------------------------------------------------


def tile_token(row: int, column: int, names: Sequence[str]) -> str:
    """What names a tile in the URL: its class, one of the ``names`` of the rows, and its number from 1."""
    return f"{names[row]}-{column + 1}"


def tile_of(token: str, names: Sequence[str]) -> tuple[int, int] | None:
    """Row and column of the tile that ``token`` names, if it is among those of the rows with ``names``."""
    columns = range(COUNT_OF_ONE)
    places = {tile_token(row, column, names): (row, column) for row in range(len(names)) for column in columns}
    return places.get(token)


def choose(names: Sequence[str], count: int, clicked: list[int]) -> None:
    """Takes the tile that was clicked, for all models; a second click lifts the choice."""
    if clicked:
        token = tile_token(*divmod(int(clicked[0]), count), names)
        state.put(state.TILE, "" if state.get(state.TILE) == token else token)


def chosen_tile(names: Sequence[str], count: int) -> tuple[int, int] | None:
    """Row and column of the tile that a person clicked last, on a grid of ``count`` columns; ``?tile=`` in the URL."""
    token = state.begin(state.TILE)
    place = tile_of(token, names)
    if place and place[1] >= count:  # of a wider grid
        place = None
    state.link(state.TILE, token if place else "")
    return place


# A model's grid -----------------------------------------------------------------------------------------


def show_samples(
    key: str, checkpoint: Checkpoint, images: np.ndarray, names: Sequence[str], ring: tuple[int, int] | None
) -> None:
    """A grid with a row for each class, in the chart ``key``; a click chooses a sample."""
    rows = plotly_texts(names)
    hover = [[f"drawn as {name}<br>click: what the model makes of it" for _ in images[0]] for name in rows]
    chosen = f" Chosen: {names[ring[0]]} {ring[1] + 1}." if ring else ""
    columns = [""] * len(images[0])
    figure = staged(tiles_figure(images, rows, columns, hover, tile=70, ring=ring))
    show_figure(
        figure,
        key,
        config=config("samples"),
        phone=on_a_phone(figure, rows, columns),
        selects=("points",),
        on_pick=partial(choose, names, len(images[0])),
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
        show_figure(
            posterior_bars(posterior, drawn, classes=classes),
            f"one-{checkpoint.id}",
            config=small_config(f"sample-posterior-{checkpoint.id}"),
            alt="Posterior of the sample: " + ", ".join(top_classes(posterior, classes=classes)),
        )
    with words:
        st.markdown(
            f"Drawn as **{markdown_text(classes[drawn])}**; shown the picture, the model says "
            f"**{markdown_text(classes[posterior.argmax()])}**, at {bits:.2f} bits/dim."
        )
        show_answers(hash_of(pixels), pixels)
        offer(
            f"sample-posterior-{checkpoint.id}",
            chart=f"one-{checkpoint.id}",
            title=f"{name_of(checkpoint)}: posterior of its sample {number} of class {classes[drawn]}",
            csv=lambda: posterior_csv(checkpoint, posterior, pixels),
        )
        offer_carry(f"own-{to_url(pixels)}", f"carry-{checkpoint.id}")


def recognised(posterior: np.ndarray, classes: tuple[int, ...], names: Sequence[str]) -> str:
    """Of how many pictures the model names the class that it drew them from, class by class.

    Arguments:
        posterior: of all pictures, ``(classes * count, K)``.
        classes: that they were drawn from.
        names: of the K classes.
    """
    answers = posterior.argmax(1).reshape(len(classes), -1)
    return ", ".join(with_number(names[k], f"{(row == k).sum()}") for k, row in zip(classes, answers, strict=True))


def same_in_python(checkpoint: Checkpoint, classes: tuple[int, ...], settings: Settings, count: int) -> str:
    """The program that draws the samples of a model."""
    labels, unit = list(classes), " * model.latent_spread" if settings.center == "empirical" else ""
    return program(
        model_line(checkpoint),
        f"noise = torch.randn({count}, model.config.dims, generator=torch.Generator().manual_seed({settings.seed}))",
        f"classes = np.repeat({labels}, {count})",
        f"temperature = {settings.temperature:g}{unit}",
        f'x = model.sample(classes, temperature, "{settings.center}", noise=noise.repeat({len(labels)}, 1))',
        f"images = ib.to_uint8(x, missing=0.5)  # (classes * {count}, H, W, C)",
        imports=["torch"],
    )


def judge(
    key: str,
    checkpoint: Checkpoint,
    images: np.ndarray,
    classes: tuple[int, ...],
    ring: tuple[int, int] | None,
    settings: Settings,
) -> None:
    """What the model says of the pictures that it drew in the chart ``key``: of the one that is chosen, and of all."""
    seed, python = settings.seed, same_in_python(checkpoint, classes, settings, images.shape[1])
    predicted = predict_with_likelihood(checkpoint.id, images.reshape(-1, *images.shape[2:]))
    posterior, bits = predicted.posterior, predicted.bits
    if ring:
        (row, column), index = ring, ring[0] * images.shape[1] + ring[1]
        show_one(checkpoint, images[row, column], classes[row], posterior[index], float(bits[index]), column + 1)
    st.caption(verdict(checkpoint, images, classes, posterior))
    clipped = float(((images == 0) | (images == 255)).mean())
    st.caption(
        f"The samples' median, as they are seen, is {np.median(bits):.2f} bits/dim, that of its test images "
        f"{checkpoint.card['bits_per_dim']['median']:.2f}. {clipped:.0%} of the pixel values are black or white "
        "because they were clipped; that, and 8 bits, make samples less likely than they were drawn."
    )
    offer(
        f"samples-{checkpoint.id}-seed-{seed}",
        python=python,
        chart=key,
        title=f"{name_of(checkpoint)}: samples, temperature {settings.temperature:g}, seed {seed}",
        pictures=lambda: tiles_canvas(images),
        npz=lambda: npz_bytes(
            images=images,
            classes=np.array(classes),
            bits_per_dim=bits,
            posterior=posterior,
            temperature=np.array(effective_temperature(checkpoint, settings)),
            center=np.array(settings.center),
            seed=np.array(seed),
            **origins([checkpoint]),
        ),
    )


def judges_of(checkpoint: Checkpoint) -> list[Checkpoint]:
    """The classifier, if there is one, that says what it recognises in a model's samples; none if it drew no class."""
    judges = [c for c in registry.without_likelihood() if c.id in registry.first_beside_of([c.id])]
    return judges[:1] if labels_known(checkpoint) else []


def verdict(checkpoint: Checkpoint, images: np.ndarray, classes: tuple[int, ...], posterior: np.ndarray) -> str:
    """How many of the samples the model itself recognises, and how many a classifier that never saw any."""
    count, asked = images.shape[1], np.repeat(classes, images.shape[1])
    told = (
        ""
        if labels_known(checkpoint)
        else " It was told no labels: its Gaussians belong to no class, so these counts say nothing about what the "
        "pictures show."
    )
    text = f"Of its own {count} pictures of each class, the model recognises: "
    text += markdown_text(recognised(posterior, classes, checkpoint.classes)) + f".{told}"
    for other in judges_of(checkpoint):
        answers = predict(other.id, images.reshape(-1, *images.shape[2:])).posterior.argmax(1)
        chance, own = len(asked) / len(checkpoint.classes), (posterior.argmax(1) == asked).sum()
        text = (
            f"**{markdown_text(name_of(other))}**, which never saw a sample, recognises {(answers == asked).sum()} "
            f"of the {len(asked)} pictures (by chance: {chance:.0f}), the model itself {own}. "
        ) + text
    return text


def places_of(count: int) -> list[DeltaGenerator]:
    """Containers for the grids of ``count`` models: one takes the page's width, several form rows of two."""
    if count == 1:
        return [st.container(key=FIGURE)]
    st.html(STACKED)
    with st.container(key=FIGURE), st.container(key="grids"):
        # Row by row, so that two grids side by side begin at the same height.
        return [place for _ in range(0, count, 2) for place in st.columns(2, gap="medium")][:count]


# The page -----------------------------------------------------------------------------------------------


def pick_classes(dataset: Dataset) -> tuple[int, ...]:
    """Which of the classes are drawn; kept in the URL."""
    names = dataset.classes
    picked = choose_classes("Classes", dataset, first_classes(names), state.CLASSES, "Each class is a row.")
    if not picked:
        st.info("Choose at least one class.", icon=":material/touch_app:")
        st.stop()
    return tuple(k for k, name in enumerate(names) if name in picked)


def pick_settings(dataset: Dataset) -> tuple[Settings, tuple[int, ...]]:
    """The controls in a row, and the classes in a drawer; kept in the URL."""
    columns = st.columns([2.5, 1.6, 0.8, 0.9], gap="medium", vertical_alignment="bottom")
    with columns[0]:
        explanation = "\n\n".join(f"**{name}**: {WHY[center]}" for name, center in SOURCES.items())
        source = choose_one("Where samples come from", list(SOURCES), state.SOURCE, explanation, wrap=True)
    with columns[1]:
        temperature = st.slider(
            "Temperature",
            **state.bound(state.TEMPERATURE, best_temperature(dataset)),
            help="Standard deviation of the drawn latents; lower is nearer to the centre.",
        )
    with columns[2]:
        explanation = "Draws a noise for each column, the same for every class and every model."
        seed = pick_seed(state.SEED, explanation)
    with columns[3].popover("Classes", icon=":material/category:", width="stretch"):
        classes = pick_classes(dataset)
    return Settings(temperature, SOURCES[source], seed), classes


def show_grid(
    key: str,
    checkpoint: Checkpoint,
    images: np.ndarray,
    classes: tuple[int, ...],
    ring: tuple[int, int] | None,
    is_alone: bool,
) -> None:
    """A model's grid, under its name where there are several."""
    if not is_alone:
        card, name = checkpoint.card, markdown_text(name_of(checkpoint))
        st.markdown(f"**{name}**: error {card['error']:.1%}, {card['bits_per_dim']['mean']:.2f} bits/dim")
    show_samples(key, checkpoint, images, [checkpoint.classes[k] for k in classes], ring)


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
    st.markdown(
        "#### Sample: what a model thinks a class looks like", help=explained("sample", "latent", "mixture", "ResNet")
    )
    chosen = pick_models().models
    is_alone = len(chosen) == 1
    settings, classes = pick_settings(chosen[0].dataset)
    names = [chosen[0].classes[k] for k in classes]
    count = count_for(len(chosen))
    ring = chosen_tile(names, count)
    st.html(tiles_style("samples-", names, [""] * count, LARGEST, ABOVE if is_alone else None))
    drawn = []
    places = places_of(len(chosen))
    with places[0], st.spinner("Sampling …", show_time=True):
        sources = [Source(c.id, effective_temperature(c, settings), settings.center) for c in chosen]
        grids = samples(sources, classes, settings.seed, count)
    keys = [f"samples-{index}" for index in range(len(chosen))]
    for key, checkpoint, images, place in zip(keys, chosen, grids, places, strict=True):
        with place:
            if is_alone and not is_bright(checkpoint.dataset):
                say_what_is_white(images, ABOVE)
            show_grid(key, checkpoint, images, classes, ring, is_alone)
        with place if not is_alone else st.container():  # what is said of them is not on stage
            drawn.append((checkpoint, images, st.container()))

    show_lesson(
        "Latents drawn around one class's centre and sent back through the network (the paper's Figs. 8 and 14). "
        "The first samples of all classes share their noise, as do the second ones, and so on: between these only the "
        "class differs. Move the slider: a small γ gives samples that resemble images; under a large γ most pixels "
        "leave their range and are clipped.",
        what_is_seen(chosen[0].dataset) + " Then draw from the model's own mixture: if the samples get worse, the "
        "images do not lie where the mixture says, and the network decodes places that it hardly saw in training. "
        "Click a sample: does each model recognise what it drew there itself, and does a ResNet? Click again to clear "
        "the choice.",
    )

    # Last, when all pictures are shown: judging them takes as long as drawing them.
    with drawn[0][2], st.spinner("Judging …"):
        flat = [(c, images.reshape(-1, *images.shape[2:])) for c, images, _ in drawn]
        at_once([(who.id, images) for c, images in flat for who in (c, *judges_of(c))])
    for key, (checkpoint, images, place) in zip(keys, drawn, strict=True):
        with place:
            judge(key, checkpoint, images, classes, ring, settings)


main()
