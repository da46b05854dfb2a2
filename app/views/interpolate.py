"""Interpolation between two images (Fig. 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st

from app import state
from app.drawn import bits_figure, posterior_figure, tiles_figure
from app.figures.classes import colors_of as class_colors_of
from app.figures.classes import shown_classes
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.figures.tiles import on_a_phone, tiles_canvas, tiles_style
from app.glossary import explained
from app.images.alterations import cross_fade
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.pictures import Picture
from app.images.program_lines import image_lines, model_line, program
from app.images.show import say_what_is_white
from app.models.decoding import walk, walks_at_once
from app.models.names import colors_of, name_of
from app.models.origin import image_origin, origin, origins
from app.models.pickers import pick_models
from app.models.predictions import at_once, predict, predict_with_likelihood, top_classes
from app.models.summary import caveat_of
from app.palette import NEUTRAL, legend_html
from app.widgets.export_menu import csv_bytes, npz_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.lesson import show_lesson
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.data.datasets import DEFAULT

LONGEST = 9  # letters of a name of one line, on stage
LARGEST = 192  # side of a tile in CSS pixels
ABOVE = 345  # CSS pixels that the page needs above the images and for a line below them
CIRCLE, LINE, FADE = "great circle", "straight line", "pixel cross-fade"
PATHS = {CIRCLE: "spherical", LINE: "linear"}
ROW_COLORS = {LINE: "#2f74c0", FADE: NEUTRAL}  # of the paths that are not the model's main one


class Path(NamedTuple):
    """One row of the page: a path, and the model that decodes or judges its images."""

    model: Checkpoint
    kind: str
    name: str


@dataclass(frozen=True)
class Walk:
    """R paths between two images, in T steps.

    Attributes:
        paths: the R paths.
        positions: on the path, ``(T,)``, from 0 to 1.
        images: as decoded, uint8 ``(R, T, H, W, C)``.
        posterior: of the images under the path's model, ``(R, T, K)``.
        bits: their bits/dim, ``(R, T)``.
    """

    paths: list[Path]
    positions: np.ndarray
    images: np.ndarray
    posterior: np.ndarray
    bits: np.ndarray

    @property
    def names(self) -> list[str]:
        """What people call the paths."""
        return [path.name for path in self.paths]

    @property
    def models(self) -> list[Checkpoint]:
        """The model of each path."""
        return [path.model for path in self.paths]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return self.paths[0].model.classes

    @property
    def colors(self) -> list[str]:
        """A colour for each path."""
        of_models = colors_of(self.models)
        return [ROW_COLORS.get(path.kind, own) for path, own in zip(self.paths, of_models, strict=True)]


def paths_of(focus: Checkpoint, models: list[Checkpoint]) -> list[Path]:
    """The great circle under each model; under the slider's also the straight line, and beside it what no model did."""
    if len(models) == 1:
        return [Path(focus, kind, kind) for kind in (CIRCLE, LINE, FADE)]
    circles = [Path(c, CIRCLE, name_of(c)) for c in models]
    return [*circles, Path(focus, LINE, f"{name_of(focus)}, {LINE}"), Path(focus, FADE, FADE)]


def walk_of(paths: list[Path], first: Picture, second: Picture, steps: int) -> Walk:
    """The walks from one image to another."""
    walks = [(path.model.id, PATHS[path.kind]) for path in paths if path.kind in PATHS]
    walks_at_once(walks, first.pixels, second.pixels, steps)
    images = np.stack(
        [
            walk(path.model.id, first.pixels, second.pixels, steps, PATHS[path.kind])
            if path.kind in PATHS
            else cross_fade(first.pixels, second.pixels, steps)
            for path in paths
        ]
    )
    at_once([(path.model.id, row) for path, row in zip(paths, images, strict=True)])
    predictions = [predict_with_likelihood(path.model.id, row) for path, row in zip(paths, images, strict=True)]
    posterior = np.stack([p.posterior for p in predictions])
    return Walk(paths, np.linspace(0, 1, steps), images, posterior, np.stack([p.bits for p in predictions]))


def pick_steps() -> int:
    """In how many steps; kept in the URL."""
    return st.slider("Steps", **state.bound(state.STEPS), help="Images along the path, both ends included.")


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
    names = walked.names
    if is_on_stage():  # where a long name would take the room of two tiles
        names = [",<br>".join(map(_in_short_lines, name.split(", "))) for name in names]
    st.html(tiles_style("tiles", names, labels, LARGEST, ABOVE))
    figure = staged(tiles_figure(walked.images, names, labels, hover, tile=max(58, 760 // len(labels))))
    on_phone = on_a_phone(figure, walked.names, labels)
    show_figure(figure, "tiles", config=config("interpolation"), phone=on_phone, alt=description)


def _in_short_lines(name: str) -> str:
    return name if len(name) <= LONGEST else "<br>".join(name.rsplit(" ", 1))


def curves_csv(walked: Walk, first: Picture, second: Picture) -> bytes:
    """Posterior and bits/dim along every path, a row for each image."""
    of_images = image_origin(first.pixels, "from") | image_origin(second.pixels, "to")
    return csv_bytes(
        *(
            {
                "model": path.model.id,
                "path": path.kind,
                "position": walked.positions,
                "bits_per_dim": bits,
                **{f"posterior_{name}": posterior[:, k] for k, name in enumerate(walked.classes)},
                **origin(path.model),
                **of_images,
            }
            for path, bits, posterior in zip(walked.paths, walked.bits, walked.posterior, strict=True)
        )
    )


def same_in_python(focus: Checkpoint, first: Picture, second: Picture, steps: int) -> str:
    """The program that makes the rows of one model: both paths, and the cross-fade of the pixels."""
    return program(
        model_line(focus),
        *image_lines("first", first, focus.dataset),
        *image_lines("second", second, focus.dataset),
        "x = ib.dequantize(ib.to_unit(np.stack([first, second])), model.noise)",
        "z = model.encode(x)",
        "rows = {}  # each uint8 (steps, H, W, C)",
        *(
            line
            for kind, mode in PATHS.items()
            for line in (
                f'path = ib.exploration.interpolate(z[0], z[1], {steps}, "{mode}")',
                f'rows["{kind}"] = ib.to_uint8(model.decode(path), missing=0.5)',
            )
        ),
        f"share = np.linspace(0, 1, {steps}).reshape(-1, 1, 1, 1)",
        f'rows["{FADE}"] = np.round((1 - share) * first + share * second).astype(np.uint8)',
    )


def offer_walk(walked: Walk, ends: tuple[Picture, Picture], title: str, python: str) -> None:
    """The walk between two images as files, and as a program."""
    offer(
        "interpolation",
        python=python,
        chart="tiles",
        title=title,
        pictures=lambda: tiles_canvas(walked.images),
        csv=lambda: curves_csv(walked, *ends),
        npz=lambda: npz_bytes(
            images=walked.images,
            position=walked.positions,
            bits_per_dim=walked.bits,
            posterior=walked.posterior,
            paths=np.array([path.kind for path in walked.paths]),
            **origins([path.model for path in walked.paths]),
        ),
    )


def show_posteriors(walked: Walk, others: list[Checkpoint]) -> None:
    """The posterior along each path; ``others`` have no path of their own and judge the images of the first."""
    with st.spinner("Asking …", show_time=True):
        at_once([(c.id, walked.images[0]) for c in others])
        answers = [predict(c.id, walked.images[0]).posterior for c in others]
    for caveat in filter(None, dict.fromkeys(map(caveat_of, walked.models))):
        st.caption(caveat)
    posterior_column, bits_column = st.columns(2, gap="medium")
    with posterior_column:
        every = np.stack([*walked.posterior, *answers])
        colors, names = zip(*class_key(every, walked.classes), strict=True)
        st.html(legend_html(names, colors))
        show_figure(
            posterior_figure(
                walked.positions,
                every,
                [*walked.names, *(f"{name_of(c)},<br>images of {walked.names[0]}" for c in others)],
                classes=walked.classes,
            ),
            "posterior",
            config=config("interpolation-posterior"),
            alt="Posterior class probabilities along the path, one row per model.",
        )
    with bits_column:
        show_bits(walked)


def class_key(posteriors: np.ndarray, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The colours and names of the classes in :func:`app.figures.interpolation.posterior_figure`."""
    shown = shown_classes(posteriors.max((0, 1)))
    colors = class_colors_of(len(classes), shown)
    names, own = [classes[k] for k in shown], [colors[k] for k in shown]
    if len(shown) < len(classes):
        names, own = [*names, "all other classes"], [*own, NEUTRAL]
    return list(zip(own, names, strict=True))


def show_bits(walked: Walk) -> None:
    """Bits/dim along each path."""
    show_figure(
        bits_figure(
            walked.positions,
            walked.bits,
            walked.names,
            walked.colors,
            [c.card["bits_per_dim"]["median"] for c in walked.models],
            "position on the path",
            ".0%",
        ),
        "bits",
        config=config("interpolation-bits"),
        alt="Bits per dimension along the path, one line per model.",
    )
    st.caption("Dotted: the median test image under the same model.")


def on_the_straight_path(dataset: Dataset) -> str:
    """What to see there."""
    if dataset.name == DEFAULT:
        return (
            "On the straight line the images of a small γ turn dark and *too* likely, their bits/dim far below the "
            "median test image's, and those of a large γ break up all the same."
        )
    return (
        "On the straight line the latents in the middle are shorter than those of any image: are such images more "
        "likely than the median test image, or less?"
    )


def on_the_likeliest(walked: Walk) -> str:
    """A sentence that the likeliest middle need not be the best one, where the cross-fade has it."""
    middle = walked.bits[:, len(walked.positions) // 2]
    kinds = [path.kind for path in walked.paths]
    if kinds[int(middle.argmin())] != FADE:
        return ""
    return " The cross-fade's middle is the likeliest here, which makes it no better: blurred images are likelier."


def main() -> None:
    """The page."""
    st.markdown(
        "#### Interpolate: a walk through latent space from one image to another",
        help=explained("latent", "posterior", "bits/dim"),
    )
    focus, chosen, others = pick_models(beside=True)
    places = st.columns([1.2, 1.2, 1, 0.8], gap="medium", vertical_alignment="center")
    with places[0]:
        first = pick_image(state.FROM, "From", opening("from"))
    with places[1]:
        second = pick_image(state.TO, "To", opening("to"))
    with places[2]:
        steps = pick_steps()
    with st.container(key=FIGURE), st.spinner("Decoding …", show_time=True):
        walked = walk_of(paths_of(focus, chosen), first, second, steps)
        is_decoded = [path.kind != FADE for path in walked.paths]
        say_what_is_white(walked.images[is_decoded, 1:-1], ABOVE)
        description = f"Images on the way from {first.name} to {second.name}, a row each for "
        show_tiles(walked, f"{description}{', '.join(walked.names)}.")
    with places[3]:
        title = f"{name_of(focus)}: from {first.name} to {second.name}"
        offer_walk(walked, (first, second), title, same_in_python(focus, first, second, steps))

    st.markdown("##### What the models make of the images on the way")
    show_posteriors(walked, others)
    offer(
        "interpolation-curves",
        chart=("posterior", "bits"),
        title=title,
        legend=[("■", color, name) for color, name in class_key(walked.posterior, walked.classes)],
    )
    show_lesson(
        "Compare the middles of the paths (the paper's Fig. 9). The **cross-fade** is what needs no model: two "
        "pictures laid over one another. The **great circle** keeps the latents as long as they usually are, the "
        "**straight line** cuts through the middle of the Gaussian: the density is highest there, but in "
        f"{focus.dataset.dims:,} dimensions nearly all latents lie at about the same distance from it, so the middle "
        "is empty. Then move the slider: under a small γ the great circle still gives images, under a large one it "
        f"does not.{on_the_likeliest(walked)}",
        "Every path starts and ends with the same two images; in between, the model decodes the latents on the "
        f"path. {on_the_straight_path(focus.dataset)} Every image is judged as you see it: "
        "clipped and in 8 bits. A classifier without a likelihood has no path of its own and "
        "judges that of the first row: does it ever hesitate between the two classes?",
    )


main()
