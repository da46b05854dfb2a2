"""Latent space (Fig. 7): the whole test set among the Gaussians of its classes."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.figures.latent import latent_figure, latent_figure_continuous
from app.figures.layout import config
from app.figures.palette import CLASSES
from app.point import selected_row, show_point
from ibinn_core.latent import view as view_basis

VIEWS = {
    "Plane of the means": "means",
    "Principal components": "pca",
    "Linear discriminants": "lda",
    "UMAP": "umap",
}
COLORS = ("Class", "Prediction", "Confidence", "Bits/dim", "Mistakes")


@st.cache_data(show_spinner=False)
def hover_texts(checkpoint_id: str) -> list[str]:
    """A text for each test image."""
    latent = state.by_id(checkpoint_id).latent
    bits = test_bits(checkpoint_id)
    predicted = latent["posterior"].argmax(1)
    return [
        f"{CLASSES[y]}<br>predicted {CLASSES[p]} ({c:.0%})<br>{b:.2f} bits/dim"
        for y, p, c, b in zip(latent["labels"], predicted, latent["posterior"].max(1), bits, strict=True)
    ]


@st.cache_data(show_spinner=False)
def test_bits(checkpoint_id: str) -> np.ndarray:
    """Bits/dim of each test image."""
    checkpoint = state.by_id(checkpoint_id)
    return ib.bits_per_dim(checkpoint.latent["log_prob"].astype(float), state.DIMS, checkpoint.noise)


def most_confident_mistake(checkpoint_id: str) -> int:
    """What the page opens on: of the test images that can be shown, the one that is wrong with most confidence."""
    latent = state.by_id(checkpoint_id).latent
    shown = gallery.rows_in_gallery(checkpoint_id) >= 0
    wrong = latent["posterior"].argmax(1) != latent["labels"]
    return int((latent["posterior"].max(1) + wrong + 2 * shown).argmax())


st.markdown("#### Latent space: ten Gaussians, and every test image among them")
left, middle, right = st.columns([2.4, 1.4, 1], vertical_alignment="bottom")
with left:
    checkpoint = state.pick_model()
with middle:
    view = VIEWS[
        st.selectbox(
            "View",
            list(VIEWS),
            key="view",
            bind="query-params",
            help="The plane in which the class means differ most, or another.",
        )
    ]
with right:
    color = st.selectbox("Colour", COLORS, key="color", bind="query-params", help="What a point's colour means.")
state.model_bar(checkpoint)

latent = checkpoint.latent
points = latent[f"{view}_coordinates"][:, :2].astype(np.float32)
means = None
if view != "umap":
    means = ib.exploration.project(latent["class_means"], view_basis(latent, view))[:, :2]
axes = {
    "means": ("first principal direction of the class means", "second direction"),
    "pca": ("first principal component", "second component"),
    "lda": ("first discriminant", "second discriminant"),
    "umap": ("", ""),
}[view]

plot, details = st.columns([2.4, 1], gap="medium")
chart_key = f"cloud-{checkpoint.id}-{view}-{color}"
point = state.chosen_point(latent, chart_key, selected_row(st.session_state.get(chart_key)))
selected = point if point is not None else most_confident_mistake(checkpoint.id)
with plot:
    if color in ("Class", "Prediction", "Mistakes"):
        groups = latent["labels"].astype(int) if color != "Prediction" else latent["posterior"].argmax(1)
        shown = np.arange(len(groups))
        if color == "Mistakes":
            shown = np.flatnonzero(latent["posterior"].argmax(1) != latent["labels"])
            groups = np.where(np.isin(np.arange(len(groups)), shown), groups, -1)
        figure = latent_figure(points, groups, hover_texts(checkpoint.id), means, selected, axes)
    else:
        values = latent["posterior"].max(1) if color == "Confidence" else test_bits(checkpoint.id)
        figure = latent_figure_continuous(points, values, color, hover_texts(checkpoint.id), means, selected, axes)
    st.plotly_chart(
        figure,
        key=chart_key,
        on_select="rerun",
        selection_mode="points",
        config=config(f"latent-space-{checkpoint.id}-{view}"),
        alt=f"Latents of the test set under {state.name_of(checkpoint)}, a dot an image, coloured by {color.lower()}.",
    )
with details:
    mistake = "The most confident mistake" + ("" if gallery.test_set_available() else " among the sample images")
    show_point(checkpoint, selected, "A test image" if point is not None else mistake)

st.markdown("##### What to look for")
everyone = state.scan()[0]


def of_each(number: str, form: str) -> str:
    """A number of every model's card, in the order of γ."""
    return ", ".join(format(c.card[number], form) for c in everyone)


names = ", ".join(state.name_of(c) for c in everyone)
circles = (
    "each diamond a class mean μ, each dashed circle the part of the plane that should hold nine "
    "tenths of that class if "
    "the mixture were right"
    if means is not None
    else "without the means, since UMAP bends the space and keeps neighbourhoods only"
)
st.markdown(
    f"Each dot is a test image, {circles} (the paper's Fig. 7); the pink ring marks the image on the right. Pick one "
    f"model after another ({names}): two means lie {of_each('mean_distance', '.1f')} apart on "
    f"average, and the images of a class spread by {of_each('latent_spread', '.2f')} a dimension "
    "around their centre, where the mixture says 1. Where the images contract they do not gather around μ but between "
    f"the means ({of_each('mean_offset', '.1f')} away from it on average): the posterior compares "
    "distances to the means and does not mind, the likelihood and the samples do."
)
