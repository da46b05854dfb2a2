"""Out of the distribution: an image travels through latent space while its colours rotate (Fig. 12)."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.figures.layout import config
from app.figures.path import bits_figure
from app.figures.trajectory import trajectory_figure
from ibinn_core.latent import view as view_basis

CLOUD = 2500  # test latents behind the path; all of them would make the frames stutter
AXES = ("Random axis", "Grey axis")


@st.cache_data(show_spinner=False, max_entries=64)
def rotated(pixels: np.ndarray, degrees: tuple[float, ...], axis: tuple[float, float, float]) -> np.ndarray:
    """The image at each angle, uint8 ``(T, 32, 32, 3)``."""
    x = ((pixels.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]
    turned = np.concatenate([ib.exploration.rotate_rgb(x, np.radians(angle), axis) for angle in degrees])
    return np.floor(turned * 256).astype(np.uint8).transpose(0, 2, 3, 1)


def verdict(checkpoint, degrees: np.ndarray, seen: state.Opinion, typical: tuple[float, float]) -> str:
    """In three sentences: where the likelihood notices the rotation, and what the posterior says there."""
    outside = (seen.bits < typical[0]) | (seen.bits > typical[1])
    angles = degrees[outside]
    likelihood = "passes for typical at every angle"
    if len(angles):
        likelihood = (
            f"is untypical at {len(angles)} of {len(degrees)} angles, from {angles[0]:.0f}° to {angles[-1]:.0f}°"
        )
    worst = seen.bits.argmax()
    return (
        f"Under **{state.name_of(checkpoint)}** this image {likelihood}. It starts as "
        f"*{state.top_classes(seen.posterior[0], 1)}* at {seen.bits[0]:.2f} bits/dim; at "
        f"{degrees[worst]:.0f}°, where it is "
        f"least likely with {seen.bits[worst]:.2f}, it is *{state.top_classes(seen.posterior[worst], 1)}*."
    )


st.markdown("#### Out of distribution: turn the colours, and see who notices")
left, middle, number, right = st.columns([2.1, 2.1, 0.9, 1.4], vertical_alignment="bottom")
with left:
    checkpoint = state.pick_model()
with middle:
    axis_name = st.segmented_control(
        "Rotate about",
        AXES,
        default=AXES[0],
        required=True,
        key="axis",
        bind="query-params",
        help="A random axis, as in the paper, changes hues and brightness; the grey axis only hues.",
    )
with number:
    seed = 0
    if axis_name == AXES[0]:
        seed = st.number_input("Axis seed", 0, 9999, 0, key="axis-seed", bind="query-params", help="Draws the axis.")
with right:
    largest = st.select_slider(
        "Up to",
        [54, 90, 180, 360],
        360,
        format_func=lambda d: f"{d}°",
        key="angle",
        bind="query-params",
        help="The paper's out-of-distribution set is turned by 0.3 π = 54°.",
    )
state.model_bar(checkpoint)
axis = tuple(ib.exploration.random_axis(int(seed))) if axis_name == AXES[0] else (1.0, 1.0, 1.0)
degrees = np.linspace(0, largest, 37)

picker, plot = st.columns([1.25, 6.5], gap="medium")
with picker:
    picture = gallery.pick_image("image", "Image", default=7)
    st.caption("Press ▶ Play, or drag the slider.")
with plot, st.spinner("Rotating and encoding …", show_time=True):
    images = rotated(picture.pixels, tuple(degrees), axis)
    seen = state.opinion(checkpoint.id, images)
    latent = checkpoint.latent
    basis = view_basis(latent, "means")
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:CLOUD]
    low, high = state.typical_bits(checkpoint)
    figure = trajectory_figure(
        latent["means_coordinates"][rows, :2],
        latent["labels"][rows],
        ib.exploration.project(latent["class_means"], basis)[:, :2],
        ib.exploration.project(seen.latents, basis)[:, :2],
        images,
        degrees,
        seen.bits,
        (low, high),
        seen.posterior,
    )
    st.plotly_chart(
        figure,
        config=config(f"rotation-{checkpoint.id}"),
        key="trajectory",
        alt=(
            f"{picture.name} under {state.name_of(checkpoint)}: its path in the plane of the class "
            "means while its colours turn "
            f"from 0 to {largest} degrees, its bits per dimension and the entropy of its posterior."
        ),
    )

st.markdown(verdict(checkpoint, degrees, seen, (low, high)))

if st.toggle(
    "Compare all models", key="compare", bind="query-params", help="Bits/dim of the same images under every model."
):
    everyone = state.scan()[0]
    with st.spinner("Encoding …", show_time=True):
        bits = np.stack([state.opinion(c.id, images).bits for c in everyone])
    st.plotly_chart(
        bits_figure(
            degrees,
            bits,
            [state.name_of(c) for c in everyone],
            state.colors_of(everyone),
            [c.card["bits_per_dim"]["median"] for c in everyone],
            "angle in degrees",
        ),
        config=config("rotation-models"),
        key="models-bits",
        alt="Bits per dimension over the angle, a line a model.",
    )
    st.caption("Dotted: the median test image under the same model.")

st.markdown("##### What to look for")
st.markdown(
    "The network never saw such colours in training. Left: the path of the image's latent among the test images, in "
    "the plane of the class means (the paper's Fig. 12). In this plane it stays within the cloud; it "
    "leaves in the other "
    "3,070 directions, and only the likelihood sees that. Right: the image, its bits/dim (the blue band holds 95 % of "
    "held-out training images), and how undecided the posterior is. Does the likelihood notice that "
    "something is wrong, "
    "and does the posterior? Then rotate about the grey axis, which changes hues and nothing else: "
    "the likelihood of our "
    "models hardly notices, whatever their γ, though the posterior wanders."
)
