"""Interpolation between two images (Fig. 9)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.figures.classes import colors_of as class_colors_of
from app.figures.classes import shown_classes
from app.figures.interpolation import bits_figure, posterior_figure
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.figures.tiles import tiles_canvas, tiles_figure, tiles_style
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.pictures import Picture
from app.models import registry
from app.models.names import colors_of, name_of
from app.models.pickers import pick_models
from app.models.posterior_only import pick_posterior_only
from app.models.predictions import predict, predict_with_likelihood, top_classes
from app.models.summary import caveat_of
from app.palette import NEUTRAL, legend_html
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, npz_bytes, offer, png_bytes
from app.widgets.lesson import show_lesson
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.data.datasets import DEFAULT

LARGEST = 192  # side of a tile in CSS pixels: five steps of four models still fit on a projector


@st.cache_data(show_spinner=False, max_entries=64)
def walk(checkpoint_id: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> np.ndarray:
    """The images along the path between two images' latents, uint8 ``(steps, H, W, C)``."""
    model = registry.load_model(checkpoint_id)
    z = model.encode(ib.to_unit(np.stack([first, second])))
    return ib.to_uint8(model.decode(ib.exploration.interpolate(z[0], z[1], steps, path)), missing=0.5)


@dataclass(frozen=True)
class Walk:
    """A path between two images under M models, in T steps.

    Attributes:
        models: the M models.
        names: of them.
        positions: on the path, ``(T,)``, from 0 to 1.
        images: as decoded, uint8 ``(M, T, H, W, C)``.
        posterior: of the images under the model that decoded them, ``(M, T, K)``.
        bits: their bits/dim, ``(M, T)``.
    """

    models: list[Checkpoint]
    names: list[str]
    positions: np.ndarray
    images: np.ndarray
    posterior: np.ndarray
    bits: np.ndarray

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return self.models[0].classes


def walk_of(models: list[Checkpoint], first: Picture, second: Picture, steps: int, path: str) -> Walk:
    """The walk from one image to another."""
    images = np.stack([walk(c.id, first.pixels, second.pixels, steps, path) for c in models])
    predictions = [predict_with_likelihood(c.id, row) for c, row in zip(models, images, strict=True)]
    posterior = np.stack([p.posterior for p in predictions])
    bits = np.stack([p.bits for p in predictions])
    return Walk(models, [name_of(c) for c in models], np.linspace(0, 1, steps), images, posterior, bits)


def pick_path() -> str:
    """Along which path; kept in the URL."""
    explanation = "Along the great circle around the origin of latent space, or straight through it."
    return choose_one("Path", ["spherical", "linear"], "path", explanation)


def pick_steps() -> int:
    """In how many steps; kept in the URL."""
    return st.slider(
        "Steps", 5, 15, 9, key="steps", bind="query-params", help="Images along the path, both ends included."
    )


def show_tiles(walked: Walk, description: str) -> None:
    """The images, a row for each model."""
    classes = walked.classes

    def top(posterior: np.ndarray) -> str:
        return "<br>".join(plotly_texts(top_classes(posterior, classes=classes)))

    hover = [
        [
            f"{name}, {position:.0%} of the way<br>{bits:.2f} bits/dim<br>{top(posterior)}"
            for position, bits, posterior in zip(walked.positions, of_model, posteriors, strict=True)
        ]
        for name, of_model, posteriors in zip(walked.names, walked.bits, walked.posterior, strict=True)
    ]
    labels = [f"{100 * position:.3g}%" for position in walked.positions]
    st.html(tiles_style("tiles", walked.names, labels, LARGEST))
    st.plotly_chart(
        tiles_figure(walked.images, walked.names, labels, hover, tile=max(58, 760 // len(labels))),
        config=config("interpolation"),
        key="tiles",
        alt=description,
    )


def curves_csv(walked: Walk) -> bytes:
    """Posterior and bits/dim along every path, a row for each image."""
    return csv_bytes(
        *(
            {
                "model": checkpoint.id,
                "position": walked.positions,
                "bits_per_dim": bits,
                **{f"posterior_{name}": posterior[:, k] for k, name in enumerate(walked.classes)},
            }
            for checkpoint, bits, posterior in zip(walked.models, walked.bits, walked.posterior, strict=True)
        )
    )


def offer_walk(walked: Walk) -> None:
    """The walk as files."""
    offer(
        "interpolation",
        png=lambda: png_bytes(tiles_canvas(walked.images), 3),
        csv=lambda: curves_csv(walked),
        npz=lambda: npz_bytes(
            images=walked.images,
            position=walked.positions,
            bits_per_dim=walked.bits,
            posterior=walked.posterior,
            models=np.array([c.id for c in walked.models]),
        ),
    )


def show_posteriors(walked: Walk, others: list[Checkpoint]) -> None:
    """The posterior along each path; ``others`` have no path of their own and judge the first model's images."""
    with st.spinner("Asking …", show_time=True):
        answers = [predict(c.id, walked.images[0]).posterior for c in others]
    for caveat in filter(None, map(caveat_of, walked.models)):
        st.caption(caveat)
    posterior_column, bits_column = st.columns(2, gap="medium")
    with posterior_column:
        every = np.stack([*walked.posterior, *answers])
        st.html(legend_of(every, walked.classes))
        st.plotly_chart(
            posterior_figure(
                walked.positions,
                every,
                [*walked.names, *(f"{name_of(c)},<br>images of {walked.names[0]}" for c in others)],
                classes=walked.classes,
            ),
            config=config("interpolation-posterior"),
            key="posterior",
            alt="Posterior class probabilities along the path, one row per model.",
        )
    with bits_column:
        show_bits(walked)


def legend_of(posteriors: np.ndarray, classes: Sequence[str]) -> str:
    """The colours of the classes in :func:`app.figures.interpolation.posterior_figure`, as HTML."""
    shown = shown_classes(posteriors.max((0, 1)))
    colors = class_colors_of(len(classes), shown)
    names, own = [classes[k] for k in shown], [colors[k] for k in shown]
    if len(shown) < len(classes):
        names, own = [*names, "all other classes"], [*own, NEUTRAL]
    return legend_html(names, own)


def show_bits(walked: Walk) -> None:
    """Bits/dim along each path."""
    st.plotly_chart(
        bits_figure(
            walked.positions,
            walked.bits,
            walked.names,
            colors_of(walked.models),
            [c.card["bits_per_dim"]["median"] for c in walked.models],
            "position on the path",
            ".0%",
        ),
        config=config("interpolation-bits"),
        key="bits",
        alt="Bits per dimension along the path, one line per model.",
    )
    st.caption("Dotted: the median test image under the same model.")


def on_the_straight_path(dataset: Dataset) -> str:
    """What to see there."""
    if dataset.name == DEFAULT:
        return (
            "On the linear path the images of a small γ turn dark and *too* likely, their bits/dim far below the "
            "median test image's, and those of a large γ break up all the same."
        )
    return (
        "On the linear path the latents in the middle are shorter than those of any image: are such images more likely "
        "than the median test image, or less?"
    )


def main() -> None:
    """The page."""
    st.markdown("#### Interpolate: a walk through latent space from one image to another")
    chosen = pick_models()
    places = st.columns([1.1, 1.1, 1.6, 1.8], gap="medium", vertical_alignment="center")
    with places[0]:
        first = pick_image("from", "From", opening("from"))
    with places[1]:
        second = pick_image("to", "To", opening("to"))
    with places[2]:
        path = pick_path()
    with places[3]:
        steps = pick_steps()
    with st.spinner("Decoding …", show_time=True):
        walked = walk_of(chosen, first, second, steps, path)
        description = f"Images on the {path} path from {first.name} to {second.name}, a row each for "
        show_tiles(walked, f"{description}{', '.join(walked.names)}.")
    offer_walk(walked)

    st.markdown("##### What the models make of the images on the way")
    show_posteriors(walked, pick_posterior_only())
    show_lesson(
        "Compare the middles of the rows (the paper's Fig. 9): on the spherical path, where latents keep their usual "
        "length, a small γ still gives images and a large γ does not. Then take the linear path, which cuts through "
        "the empty middle of the Gaussian.",
        "Every row starts and ends with the same two images; in between, each model decodes the latents on its own "
        f"path. {on_the_straight_path(chosen[0].dataset)} Every image is judged as you see it: "
        "clipped, in 8 bits, at its pixel centres. A classifier without a likelihood has no path of its own and "
        "judges that of the first row: does it ever hesitate between the two classes?",
    )


main()
