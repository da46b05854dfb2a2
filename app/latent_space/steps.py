"""What happens to one image, in four steps: pixels, latent point, posterior, and back."""

from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.drawn import small_latent_figure
from app.figures.bars import posterior_bars
from app.figures.classes import MOST, OTHER, shown_classes
from app.figures.latent import beside_its_legend
from app.figures.layout import BARE, config, height_style
from app.figures.text import plotly_text
from app.images.pictures import Picture
from app.images.show import show_image
from app.latent_space import clouds
from app.latent_space.following import bars_following, cloud_following, curve_of, posterior_following, star_following
from app.models.decoding import bound_text, there_and_back
from app.models.names import name_of
from app.models.origin import hash_of
from app.models.posterior_only import show_answers
from app.models.predictions import posterior_csv, predict_with_likelihood
from app.widgets.export_menu import offer
from app.widgets.figure import show_figure
from app.widgets.following import follow_gamma
from app.widgets.stage import is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of

DOTS = 3000  # of the test set behind the image
HEIGHT = 330
BACK = "start-decoded"  # key of what step 4 shows
#: On stage: the figures as high as the window, the image and what comes back below one another, and both large.
STAGE_STYLE = f"""<style>
.st-key-stage-figure {{ --above: 238px; }}
:is(.st-key-start-there, .st-key-start-back) .stImage :is(div, img) {{
    width: calc(0.37 * var(--screen) - 145px) !important; max-width: none;
}}
:is(.st-key-start-there, .st-key-start-back) {{ gap: 0.5rem; }}
.st-key-start-decoded .dragged canvas {{ width: calc(0.37 * var(--screen) - 145px); }}
</style>{height_style("where", 0, 300, 0)}{height_style("posterior", 0, 300, 0)}"""


class Steps(NamedTuple):
    """Where the four steps go of what happens to one image."""

    pixels: DeltaGenerator
    latent: DeltaGenerator
    posterior: DeltaGenerator
    back: DeltaGenerator


def place_steps() -> Steps:
    """From left to right; on stage the first and the last below one another, so that the figures are larger."""
    if not is_on_stage():
        return Steps(*st.columns([1.1, 2.6, 1.7, 1.1], gap="small"))
    st.html(STAGE_STYLE)
    images, latent, posterior = st.columns([1.1, 2.8, 2], gap="small")
    with images:
        return Steps(st.container(key="start-there"), latent, posterior, st.container(key="start-back"))


def place_and_posterior(checkpoint: Checkpoint, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where an image lies in the plane of the class means, ``(2,)``, and its posterior, ``(K,)``."""
    known = _seen_in_advance(checkpoint, pixels)
    if known is not None:
        return known
    predicted = predict_with_likelihood(checkpoint.id, pixels[None])
    return clouds.place(checkpoint, "means", predicted.latents)[0], predicted.posterior[0]


def show_scatter(checkpoint: Checkpoint, picture: Picture, place: np.ndarray, posterior: np.ndarray) -> None:
    """The image as a star among the test set; of many classes, those that it may be have colours."""
    latent = checkpoint.latent
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:DOTS]
    everything, family = clouds.cloud(checkpoint, "means"), curve_of(checkpoint)
    labels = latent["labels"][rows].astype(int)
    figure = small_latent_figure(
        HEIGHT,
        everything.points[rows],
        np.where(np.isin(labels, shown_classes(posterior, picture.label)), labels, OTHER),
        [plotly_text(checkpoint.classes[k]) for k in latent["labels"][rows]],
        everything.means,
        star=place,
        diamond=0.65,
        frame=clouds.track(family).frame if family else None,
        classes=checkpoint.classes,
    )
    show_figure(
        beside_its_legend(staged(figure)) if is_on_stage() else figure,
        "where",
        config=config(),
        alt=f"{picture.name} as a star among the test set's latents under {name_of(checkpoint)}.",
        about="means",
        gamma=checkpoint.gamma,
    )
    if family and len(checkpoint.classes) <= MOST:
        marks = {"star": hash_of(picture.pixels)}
        drawn = range(len(checkpoint.classes))
        follow_gamma("where", cloud_following(clouds.track(family), family.members[0], drawn, marks))
        star_following("where", checkpoint, picture.pixels)
    if len(checkpoint.classes) > MOST and not is_on_stage():
        st.caption("In colour: the classes that the image may be, and their means. Grey: all others.")


def show_posterior(checkpoint: Checkpoint, picture: Picture, posterior: np.ndarray) -> None:
    """The posterior of the image under a model, and what models without a likelihood answer."""
    classes = checkpoint.classes
    figure = posterior_bars(posterior, picture.label, classes=classes)
    figure.update_layout(height=HEIGHT)
    show_figure(
        staged(figure),
        "posterior",
        config=BARE,
        alt="Posterior: " + ", ".join(f"{name} {p:.0%}" for name, p in zip(classes, posterior, strict=True)),
        gamma=checkpoint.gamma,
    )
    token = hash_of(picture.pixels)
    shown = shown_classes(posterior, picture.label)
    if following := posterior_following(checkpoint, token, shown):
        follow_gamma("posterior", following)
    bars_following("posterior", checkpoint, picture.pixels, shown)
    offer(
        "posterior",
        chart=("where", "posterior"),
        title=f"{name_of(checkpoint)}: {picture.name}",
        csv=lambda: posterior_csv(checkpoint, posterior, picture.pixels),
    )
    if not is_on_stage():
        show_answers(hash_of(picture.pixels), picture.pixels)


def _seen_in_advance(checkpoint: Checkpoint, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Place and posterior from the latent file, where the image is a test image: no network needs to run."""
    latent = checkpoint.latent
    row = rows_of(latent["hashes"], np.array([hash_of(pixels)]))[0]
    if row < 0:
        return None
    return clouds.place_of_row(checkpoint, int(row)), latent["posterior"][row]


def show_decoded(checkpoint: Checkpoint, picture: Picture) -> None:
    """The image after encoding and decoding."""
    with st.spinner("Decoding …", show_time=True):
        pixels, difference = there_and_back(checkpoint.id, picture.pixels)
    show_image(pixels, f"{picture.name} after encoding and decoding")
    st.caption(_what_is_lost(255 * difference))


def _what_is_lost(grey_levels: float) -> str:
    """What the way there and back costs, in words."""
    if grey_levels < 0.5:
        return f"Nothing is lost: no pixel is off by more than {bound_text(grey_levels)} grey levels."
    return (
        "In exact arithmetic nothing is lost, but this model stretches so much that single precision cannot undo it: a "
        f"pixel is off by {grey_levels:.0f} grey levels."
    )
