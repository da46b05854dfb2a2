"""Out of distribution: an image is corrupted step by step, and models may or may not notice (Figs. 5 and 12)."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.corruption import corrupted_images, export, measure, wording
from app.corruption.corrupted_images import COLORS, OPENING_COLORS, OPENING_TURN, CorruptedImages
from app.corruption.departure import LEAST, departure_of, rivals
from app.corruption.reading import LikelihoodReading, Reading
from app.corruption.telling_image import telling_image
from app.drawn import corruption_figure
from app.figures.corruption import FRAME_MS, HEIGHT, for_a_room, frames_of, on_a_phone
from app.figures.gif.corruption import Scene
from app.figures.layout import config, height_style
from app.figures.path_view import PathView, Plane
from app.glossary import explained
from app.images.drawings import STROKES, drawing
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.pictures import Picture, is_dark
from app.images.program_lines import checkpoint_line, image_lines, model_line, program
from app.latent_space import clouds
from app.models import registry
from app.models.long_work import offer_file
from app.models.names import colors_of, name_of
from app.models.pickers import pick_models
from app.models.predictions import at_once
from app.models.summary import caveat_of
from app.table1.measures import SET_NAMES
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, npz_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.lesson import show_lesson
from app.widgets.number_words import in_words
from app.widgets.seed import pick_seed
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint.latent_format import view as view_basis
from ibinn_core.data import Dataset
from ibinn_core.exploration import TYPICAL

ABOVE = 436  # CSS pixels that the page needs above the figure and for a line below it
CLOUD = 2500  # test latents behind the path; all of them would make the frames stutter
ROTATION, NOISE, BLEND = "Rotation", "Noise", "Blend"
RGB_ROTATION = "RGB rotation"
AXES = ("Random axis", "Grey axis")
NOISES = ("Uniform", "Gaussian")
TARGETS = ("A drawing", "Another image")
DEPARTURE, PLANE = "Departure", "Plane of the means"
NAME = "out-of-distribution"
#: The axis has the labels of the slider already. What is written into the figure is as dark as its axes.
STYLE = """<style>
[class*="st-key-ood-figure"] .slider-labels { display: none; }
[class*="st-key-ood-figure"] .annotation-text { fill: currentColor !important; }
/* On a phone the figure is higher than the window: its player stands above the image and the path. */
@media (max-width: 640px) { .st-key-stage-figure > :has([class*="st-key-player-"]) { order: -1; } }
</style>"""
SOFTENED = (
    " A quarter turn moves pixels and changes no value; between two of them, values are interpolated, which softens "
    "edges. What does the likelihood notice first, the angle or the soft edges?"
)


def amount(
    label: str, options: list[float], default: float, value: state.Value[str], explanation: str, unit: str = ""
) -> float:
    """How strong the corruption gets; kept in the URL."""
    text = "{:g}{}".format
    return st.select_slider(
        label,
        options,
        default,
        format_func=lambda value: text(value, unit),
        **state.bound(value),
        help=explanation,
        width=200,
    )


def seed(explanation: str) -> int:
    """The seed of the random numbers; kept in the URL."""
    return pick_seed(state.OOD_SEED, explanation, width=130)


def pick_rotation(pixels: np.ndarray) -> CorruptedImages:
    """The controls of the rotation, and what they make of the image."""
    explanation = "A random axis, as in the paper, changes hues and brightness; the grey axis only hues."
    axis_name = choose_one("Rotate about", AXES, state.AXIS, explanation)
    explanation = "How far the colours turn; the paper's out-of-distribution set is at 0.3 π = 54°."
    largest = amount("Up to", [54, 90, 180, 360], OPENING_COLORS, state.ANGLE, explanation, "°")
    axis = (1.0, 1.0, 1.0)
    if axis_name == AXES[0]:
        axis = tuple(ib.exploration.random_axis(seed("Draws the axis.")))
    return corrupted_images.rotation(pixels, largest, axis)


def pick_turn(pixels: np.ndarray, dataset: Dataset) -> CorruptedImages:
    """The controls of the rotation in the plane, and what they make of the image."""
    explanation = "How far the image turns, anticlockwise about its middle."
    if {"6", "9"} <= set(dataset.classes):
        explanation += " A 6 that is turned by 180° is a 9."
    largest = amount("Up to", [45, 90, 180, 360], OPENING_TURN, state.TURN, explanation, "°")
    return corrupted_images.turn(pixels, largest)


def pick_noise(pixels: np.ndarray) -> CorruptedImages:
    """The controls of the noise, and what they make of the image."""
    kind = choose_one(
        "Kind", NOISES, state.NOISE, "Uniform noise is between -a and a; Gaussian noise has the standard deviation σ."
    )
    explanation = "Where pixel values run from 0 to 1. The paper's noise is small: one hardly sees it."
    largest = amount("Up to", [0.02, 0.05, 0.1, 0.2, 0.5], 0.1, state.AMPLITUDE, explanation)
    return corrupted_images.noise(pixels, kind, largest, seed("Draws the pattern, which then only grows."))


def pick_blend(pixels: np.ndarray, dataset: Dataset) -> CorruptedImages:
    """The controls of the blend, and what they make of the image."""
    explanation = "A line drawing, like those of the paper's QuickDraw set, or any other image."
    if choose_one("Into", TARGETS, state.INTO, explanation) == TARGETS[1]:
        with st.container(width=150):
            other = pick_image(state.OTHER, "Into", opening("other"))
        return corrupted_images.blend(pixels, other.pixels, other.name)
    subject = st.selectbox(
        "Drawing of",
        list(STROKES),
        list(STROKES).index("cat"),
        **state.bound(state.DRAWING),
        help="Drawn by this program, a few strokes per class.",
        width=170,
    )
    number = seed("Draws the colour of the strokes.") if dataset.image_shape[0] == COLORS else 0
    scribble = drawing(subject, number, dataset.image_shape, is_dark(dataset))
    return corrupted_images.blend(pixels, scribble, f"the drawing of a {subject}")


def pick_corruption(dataset: Dataset) -> str:
    """Which corruption; kept in the URL. Only images with colours have colours to rotate."""
    in_color = dataset.image_shape[0] == COLORS
    what = "Rotate colours" if in_color else "Turn it"
    return choose_one(
        "Corruption",
        (RGB_ROTATION if in_color else ROTATION, NOISE, BLEND),
        state.CORRUPTION,
        f"{what}, add noise, or blend into another image: three ways out of the training distribution (Fig. 5).",
    )


def corrupt(corruption: str, pixels: np.ndarray, dataset: Dataset) -> CorruptedImages:
    """The controls of a corruption, and what they make of an image ``(H, W, C)`` of a data set."""
    if corruption == RGB_ROTATION:
        return pick_rotation(pixels)
    if corruption == NOISE:
        return pick_noise(pixels)
    return (pick_turn if corruption == ROTATION else pick_blend)(pixels, dataset)


def plane_of(checkpoint: Checkpoint, latents: np.ndarray) -> Plane:
    """A path of latents ``(T, D)`` in the plane of the class means."""
    latent = checkpoint.latent
    path = clouds.place(checkpoint, "means", latents)
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:CLOUD]
    return Plane(
        clouds.cloud(checkpoint, "means").points[rows],
        latent["labels"][rows],
        path,
        clouds.place(checkpoint, "means", latent["class_means"]),
        wording.percent(measure.share_in_view(latents, path)),
    )


def share_between_means(checkpoint: Checkpoint, latents: np.ndarray) -> str:
    """How much of a path of latents ``(T, D)`` lies in the dimensions that all class means span, in words."""
    coordinates = ib.exploration.project(latents, view_basis(checkpoint.latent, "means"))
    return wording.percent(measure.share_in_view(latents, coordinates))


def pick_view(checkpoint: Checkpoint, reading: LikelihoodReading) -> PathView:
    """On which axes the path of a model's reading is drawn; kept in the URL."""
    explanation = (
        "Departure: how untypical the image is, over the odds of two classes. Plane of the means: the latent in the "
        "plane of the class means, as in the paper's Fig. 12, which hides most of the way."
    )
    if choose_one("Axes", (DEPARTURE, PLANE), state.AXES, explanation, is_labelled=False) == DEPARTURE:
        return departure_of(checkpoint, reading)
    return plane_of(checkpoint, reading.latents)


def pick_still(corruption: str, labels: list[str]) -> int | None:
    """The moment that a figure without the player shows, or ``None`` for one that plays; kept in the URL."""
    is_still = st.toggle("Still", **state.bound(state.STILL), help="One moment without the player, for a clean PNG.")
    if not is_still:
        return None
    return st.select_slider(
        "Moment",
        range(len(labels)),
        len(labels) // 2,
        format_func=lambda step: labels[step],
        **state.bound(state.MOMENT.of(corruption.split()[-1].lower())),
        help="The strength that the figure shows.",
        width=260,
    )


def same_in_python(checkpoint: Checkpoint, picture: Picture, corrupted: CorruptedImages, pair: tuple[int, int]) -> str:
    """The program that makes the path of a model on the axes of the departure."""
    first, second = (checkpoint.classes[k] for k in pair)
    return program(
        model_line(checkpoint),
        checkpoint_line(checkpoint),
        *image_lines("image", picture, checkpoint.dataset),
        *corrupted.python,
        "x = ib.dequantize(ib.to_unit(images), model.noise)  # as the reference was measured",
        "seen = {name: values.detach().double().numpy() for name, values in model.look(x).items()}",
        f"nats, dims, noise = seen['log_prob'], {checkpoint.dataset.dims}, checkpoint.noise",
        'reference = checkpoint.latent["reference"].astype(float)',
        "reach = ib.exploration.typicality_threshold(reference)",
        "bits = ib.bits_per_dim(nats, dims, noise)",
        "band = [ib.bits_per_dim(reference.mean() + side * reach, dims, noise) for side in (1, -1)]",
        f"log_q = np.log10(np.maximum(seen['posterior'], {LEAST!r}))",
        f"odds = log_q[:, {pair[1]}] - log_q[:, {pair[0]}]  # {second!r} against {first!r}",
    )


def offer_corruption(
    view: PathView,
    corrupted: CorruptedImages,
    readings: list[LikelihoodReading],
    others: list[Reading],
    shown: int,
    python: str,
    models: Sequence[Checkpoint],
) -> None:
    """The animation, the curves and the arrays as files, and the path as a program; ``models`` are those read."""
    classes = models[0].classes
    seen = readings[shown]
    pair = rivals(seen.posterior)
    scene = Scene(
        view, corrupted.images, corrupted.labels, seen.name, seen.posterior, seen.offset, seen.bits, list(classes)
    )
    offer(
        NAME,
        python=python,
        chart="ood-figure",
        title=readings[shown].name,
        long=lambda: offer_file(NAME, "gif", "app.figures.gif.corruption:corruption_gif", (scene, FRAME_MS)),
        csv=lambda: csv_bytes(export.table(models, readings, others, corrupted, pair=pair)),
        npz=lambda: npz_bytes(**export.arrays(models, readings, others, corrupted, pair=pair)),
    )


def show_notices(corrupted: CorruptedImages, readings: list[Reading], chosen: list[Checkpoint]) -> None:
    """Who notices, in words.

    Arguments:
        corrupted: the images.
        readings: of all models.
        chosen: those with a likelihood.
    """
    st.markdown("##### Which models notice?")
    lines = (
        f'- <span style="color:{r.color}">■</span> **{r.name}**: {wording.headline(r, corrupted.labels)}.'
        for r in readings
    )
    st.markdown("\n".join(lines), unsafe_allow_html=True)
    for caveat in filter(None, map(caveat_of, chosen)):
        st.caption(caveat)
    with st.expander("The numbers behind it", expanded=len(readings) <= 4):
        classes = chosen[0].classes
        st.markdown(
            "\n".join(f"- **{r.name}**: {wording.details(r, corrupted.labels, classes=classes)}" for r in readings)
        )


def show_sets(models: Sequence[Checkpoint]) -> None:
    """How well the likelihood tells whole sets of other images from the test set, where a card has it."""
    table = sets_table(models)
    if table:
        st.markdown(
            "##### Whole sets\nHow well does the likelihood tell other images from test images? The area under the ROC "
            "curve of the typicality test: 100% for all of them, 50% for a guess, less where they look *more* typical."
        )
        st.markdown(table)


def sets_table(models: Sequence[Checkpoint]) -> str:
    """A line for each model, a column for each set, as a Markdown table; empty where nothing was measured."""
    measured = [(c, c.card["out_of_distribution"]) for c in models if c.card.get("out_of_distribution")]
    if not measured:
        return ""
    sets = list(dict.fromkeys(name for _, found in measured for name in found))
    titles = [str(SET_NAMES.get(name, name)) for name in sets]
    lines = [f"| Model | {' | '.join(titles)} |", f"| :-- |{' --: |' * len(sets)}"]
    for checkpoint, found in measured:
        areas = [found.get(name, {}).get("roc_auc") for name in sets]
        cells = ["–" if area is None else f"{area:.0%}" for area in areas]
        lines.append(f"| **{name_of(checkpoint)}** | {' | '.join(cells)} |")
    return "\n".join(lines)


def explain(name: str, dataset: Dataset, in_all: str, has_others: bool) -> None:
    """What to look for.

    Arguments:
        name: of the model whose path is shown.
        dataset: of its training.
        in_all: how much of the path lies between the class means, in words.
        has_others: whether there are models without a likelihood.
    """
    count, dims = dataset.num_classes, dataset.dims
    show_lesson(
        "**The path**: does it leave the blue band of typical images? If so, the likelihood has noticed; sideways, "
        f"it says which of two classes the posterior prefers. **The entropy** of a good posterior then "
        f"rises towards {in_words(count)} equal classes (the paper's Fig. 12). The page opens on the image, of those "
        "that come with it, on which γ makes the greatest difference: choose others, and see how soon they leave.",
        "The networks never saw such images in training (Fig. 5 of the paper shows its sets of them). Dots are test "
        "images under the same model, grey those of other classes than the two. **Plane of the means** draws the path "
        f"of the latent as Fig. 12 does, and hides most of it: of its length, {in_all} lies in the "
        f"{in_words(count - 1)} dimensions that the class means span, all that the posterior depends on; the "
        f"likelihood depends on all {dims:,}. A curve can also leave the band downwards, if an image is *too* likely: "
        "try a smooth, empty one of your own. An entropy near zero means that the posterior is sure about an image "
        "unlike any that it knows."
        + (
            " **Dashed**: a purely discriminative model, which has its posterior only and cannot tell."
            if has_others
            else ""
        )
        + (SOFTENED if dataset.image_shape[0] != COLORS else ""),
    )
    st.caption(
        "Vertical: bits/dim; the higher, the less likely the image. Horizontal: by the posterior, how many times more "
        "probable one of two classes is than the other, the first answer and its strongest rival along the way. "
        "*Distance*: from the middle of the band, in units of half its width. "
        f"Blue: the range of {TYPICAL:.0%} of held-out training images, for each model (the typicality test of "
        f"Section 4.2 on single images). Bars at the side: the test set under {name}. The posterior counts as sure "
        f"below {math.log(2):.2f} nats of entropy, which two equally probable classes have."
    )


def main() -> None:
    """The page."""
    st.markdown(
        "#### Out of distribution: corrupt an image step by step, and see which models notice",
        help=explained("out of distribution", "typical", "likelihood", "posterior", "entropy"),
    )
    focus, chosen, discriminative = pick_models(beside=True)
    dataset, shown = focus.dataset, [c.id for c in chosen].index(focus.id)
    picker, controls = st.columns([1.5, 6.7], gap="medium", vertical_alignment="center")
    with controls:
        knobs = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")  # wraps on a narrow page
    with knobs:
        corruption = pick_corruption(dataset)
    with picker:
        picture = pick_image(state.IMAGE, "Image", telling_image(dataset, registry.with_likelihood()))
    with knobs:
        corrupted = corrupt(corruption, picture.pixels, dataset)

    with st.spinner("Corrupting and encoding …", show_time=True):
        at_once([(c.id, corrupted.images) for c in (*chosen, *discriminative)])
        readings = [
            measure.read_with_likelihood(c, color, corrupted.images)
            for c, color in zip(chosen, colors_of(chosen), strict=True)
        ]
        others = [
            measure.read(c, color, corrupted.images)
            for c, color in zip(discriminative, colors_of(discriminative), strict=True)
        ]
        everyone = [*readings, *others]
        in_all = share_between_means(chosen[shown], readings[shown].latents)

    classes = chosen[shown].classes
    figure_place = st.container(key=FIGURE)  # above the controls that belong to it
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        view = pick_view(chosen[shown], readings[shown])
        still = pick_still(corruption, corrupted.labels)
        with st.container(width="content"):
            python = same_in_python(chosen[shown], picture, corrupted, rivals(readings[shown].posterior))
            offer_corruption(view, corrupted, readings, others, shown, python, [*chosen, *discriminative])
    figure = staged(corruption_figure(view, corrupted, readings, shown, still, others=others, classes=classes))
    if is_on_stage():
        figure = for_a_room(figure)
    with figure_place:
        st.html(height_style("ood-figure", ABOVE, 330, HEIGHT) + STYLE)
        show_figure(
            figure,
            "ood-figure",
            alt=wording.alt(picture.name, corrupted, everyone, shown, view, classes=classes),
            config=config(NAME),
            about=f"{picture.name} {corruption} {isinstance(view, Plane)}",
            phone=on_a_phone(figure),
            frames=frames_of(corrupted) if still is None else None,
        )
    show_notices(corrupted, everyone, chosen)
    show_sets(registry.with_likelihood())
    explain(readings[shown].name, chosen[shown].dataset, in_all, bool(others))


main()
