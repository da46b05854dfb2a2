"""Out of the distribution: an image is corrupted step by step; who notices? (Figs. 5 and 12)"""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import drawings, gallery, state, travel
from app.downloads import csv_bytes, gif_bytes, npz_bytes, offer
from app.figures.layout import config
from app.figures.ood import FRAME_MS, Plane, ood_figure
from app.figures.ood_gif import travel_frames
from app.figures.palette import CLASSES
from app.lesson import show_lesson
from ibinn_core.checkpoint.latent_format import view as view_basis

CLOUD = 2500  # test latents behind the path; all of them would make the frames stutter
CORRUPTIONS = ("RGB rotation", "Noise", "Blend")
AXES = ("Random axis", "Grey axis")
NOISES = ("Uniform", "Gaussian")
TARGETS = ("A drawing", "Another image")

rotation = st.cache_data(show_spinner=False, max_entries=64)(travel.rotation)
noise = st.cache_data(show_spinner=False, max_entries=64)(travel.noise)
blend = st.cache_data(show_spinner=False, max_entries=64)(travel.blend)


def choice(label: str, options: tuple[str, ...], key: str, explanation: str) -> str:
    """One of a few, in a row of buttons; kept in the URL."""
    return st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params", help=explanation
    )


def amount(label: str, options: list[float], default: float, key: str, explanation: str, unit: str = "") -> float:
    """How strong the corruption gets; kept in the URL."""
    text = "{:g}{}".format
    return st.select_slider(
        label,
        options,
        default,
        format_func=lambda value: text(value, unit),
        key=key,
        bind="query-params",
        help=explanation,
        width=200,
    )


def seed(explanation: str) -> int:
    """The seed of whatever is random; kept in the URL."""
    return int(st.number_input("Seed", 0, 9999, 0, key="ood-seed", bind="query-params", help=explanation, width=130))


def pick_shown(chosen: list) -> int:
    """Which of the chosen models is looked at; kept in the URL as ``?shown=``."""
    options = [c.id for c in chosen]
    default = "gamma-1" if "gamma-1" in options else options[0]
    state.take_from_url("shown", str, default)
    if st.session_state["shown"] not in options:
        st.session_state["shown"] = default
    shown = st.selectbox(
        "Path under",
        options,
        format_func=state.names().__getitem__,
        key="shown",
        persist_state="session",
        help="Whose latent space, posterior and test set the figure shows; the curves are those of all chosen models.",
    )
    state.put_into_url("shown", shown, default)
    return options.index(shown)


def rotation_road() -> travel.Road:
    """The controls of the rotation, and what they make of the image."""
    explanation = "A random axis, as in the paper, changes hues and brightness; the grey axis only hues."
    axis_name = choice("Rotate about", AXES, "axis", explanation)
    explanation = "How far the colours turn; the paper's out-of-distribution set is at 0.3 π = 54°."
    largest = amount("Up to", [54, 90, 180, 360], 360, "angle", explanation, "°")
    axis = (1.0, 1.0, 1.0)
    if axis_name == AXES[0]:
        axis = tuple(ib.exploration.random_axis(seed("Draws the axis.")))
    return rotation(picture.pixels, largest, axis)


def noise_road() -> travel.Road:
    """The controls of the noise, and what they make of the image."""
    kind = choice("Kind", NOISES, "noise", "Uniform noise is between -a and a; Gaussian noise has the deviation σ.")
    explanation = "Where pixel values run from 0 to 1. The paper's noise is small: one hardly sees it."
    largest = amount("Up to", [0.02, 0.05, 0.1, 0.2, 0.5], 0.1, "amplitude", explanation)
    return noise(picture.pixels, kind, largest, seed("Draws the pattern, which then only grows."))


def blend_road() -> travel.Road:
    """The controls of the blend, and what they make of the image."""
    explanation = "A line drawing, like those of the paper's QuickDraw set, or any other image."
    if choice("Into", TARGETS, "into", explanation) == TARGETS[1]:
        with st.container(width=150):
            other = gallery.pick_image("other", "Into", default=0)
        return blend(picture.pixels, other.pixels, other.name)
    subject = st.selectbox(
        "Drawing of",
        CLASSES,
        CLASSES.index("cat"),
        key="drawing",
        bind="query-params",
        help="Drawn by this program, a few strokes a class.",
        width=170,
    )
    scribble = drawings.drawing(subject, seed("Draws the colour of the strokes."))
    return blend(picture.pixels, scribble, f"the drawing of a {subject}")


st.markdown("#### Out of distribution: spoil an image step by step, and see who notices")
picker, controls = st.columns([1.5, 6.7], gap="medium")
with controls:
    models_column, shown_column = st.columns([3, 1])
    knobs = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")  # wraps on a narrow page
with models_column:
    chosen = state.pick_models()
    beside = state.pick_beside()
with shown_column:
    shown = pick_shown(chosen)
with knobs:
    corruption = choice(
        "Corruption",
        CORRUPTIONS,
        "corruption",
        "Turn the colours, add noise, or fade into something else: three roads out of the training data (Fig. 5).",
    )
with picker:
    picture = gallery.pick_image("image", "Image", default=13)

with knobs:
    if corruption == CORRUPTIONS[0]:
        road = rotation_road()
    elif corruption == CORRUPTIONS[1]:
        road = noise_road()
    else:
        road = blend_road()

with st.spinner("Corrupting and encoding …", show_time=True):
    everyone = chosen + beside
    colors = state.colors_of(everyone)
    readings = [travel.read(c, color, road.images) for c, color in zip(everyone, colors, strict=True)]
    latent = chosen[shown].latent
    basis = view_basis(latent, "means")
    coordinates = ib.exploration.project(readings[shown].latents, basis)
    in_plane, in_all = (
        travel.share_in_view(readings[shown].latents, part) for part in (coordinates[:, :2], coordinates)
    )
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:CLOUD]
    plane = Plane(
        latent["means_coordinates"][rows, :2],
        latent["labels"][rows],
        ib.exploration.project(latent["class_means"], basis)[:, :2],
        coordinates[:, :2],
        travel.percent(in_plane),
    )

figure_place = st.container()  # above the controls that belong to it
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    with st.container(width="content"):
        state.model_bar(chosen[shown])
    is_still = st.toggle(
        "Still", key="still", bind="query-params", help="One moment without the player, for a clean PNG."
    )
    still = None
    if is_still:
        still = st.select_slider(
            "Moment",
            range(len(road.labels)),
            len(road.labels) // 2,
            format_func=lambda step: road.labels[step],
            key=f"moment-{corruption.split()[-1].lower()}",
            bind="query-params",
            help="The strength that the figure shows.",
            width=260,
        )
    with st.container(width="content"):
        offer(
            "out-of-distribution",
            gif=lambda: gif_bytes(travel_frames(plane, road, readings[shown]), FRAME_MS),
            csv=lambda: csv_bytes(travel.table(readings, road)),
            npz=lambda: npz_bytes(**travel.arrays(readings, road)),
        )
with figure_place:
    st.plotly_chart(
        ood_figure(plane, road, readings, shown, still),
        config=config("out-of-distribution"),
        key=f"ood-{corruption}-{is_still}",  # a new chart forgets the frames of the old one
        alt=travel.alt(picture.name, road, readings, shown),
    )

st.markdown("##### Who notices?")
st.markdown(
    "\n".join(
        f'- <span style="color:{r.color}">■</span> **{r.name}**: {travel.headline(r, road.labels)}.' for r in readings
    ),
    unsafe_allow_html=True,
)
for caveat in filter(None, map(state.caveat, chosen)):
    st.caption(caveat)
with st.expander("The numbers behind it", expanded=len(readings) <= 4):
    st.markdown("\n".join(f"- **{r.name}**: {travel.details(r, road.labels)}" for r in readings))

show_lesson(
    "**Upper right**: does a curve leave the blue band, and for which γ first? Then the likelihood has noticed; and "
    "**lower right**, a good posterior rises with it towards ten equal classes (the paper's Fig. 12).",
    "The networks never saw such images in training (Fig. 5 of the paper shows its sets of them). **Left**, as in "
    f"Fig. 12: the path of the image's latent among the test images. Of its way, {travel.percent(in_all)} lies in the "
    "nine dimensions between the class means, which are all that the posterior looks at; the likelihood counts all "
    "3,072. It could leave the band downwards too, for an image that is *too* likely: try a smooth, empty one of your "
    "own. A posterior that stays near zero is sure of itself about an image unlike any that it knows."
    + (" **Dashed**: a purely discriminative model, which has its posterior only and cannot tell." if beside else ""),
)
st.caption(
    "Blue: what 95% of held-out training images keep to, for each model its own (the typicality test of Section 4.2 "
    f"on single images). Bars at the side: the test set under {readings[shown].name}. The posterior counts as sure "
    "below one bit of entropy, less doubt than between two equal classes."
)
