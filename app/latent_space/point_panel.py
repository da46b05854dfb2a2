"""The panel beside the latent scatter: one test image, as the model sees it."""

from functools import partial

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.figures.bars import posterior_bars
from app.figures.classes import shown_classes
from app.figures.layout import BARE, height_style
from app.figures.text import plotly_text
from app.figures.tiles import tiles_figure, tiles_style
from app.images import pictures
from app.images.show import show_image
from app.latent_space.following import posterior_following
from app.models import asking, registry
from app.models.posterior_only import show_answers
from app.models.predictions import bits_per_dim
from app.widgets.figure import show_figure
from app.widgets.following import follow_gamma
from app.widgets.markdown import in_words, markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.stage import staged
from ibinn_core.checkpoint import Checkpoint

#: Above the bars there are the slider and the image.
_STAGE_STYLE = f"""<style>
.st-key-point-on-stage {{ --above: 370px; }}
.st-key-add {{ display: none; }}
</style>{height_style("point-posterior", 0, 240, 0)}"""
ABOUT = "point-about"  # key of what says which image it is
NEIGHBORS, LINES, LARGEST = 8, 2, 88  # how many, in how many lines, and the side of one in CSS pixels


def show_point(checkpoint: Checkpoint, row: int, title: str) -> None:
    """Image, posterior, likelihood, typicality and neighbours of the test image in a ``row`` of the latent file."""
    latent, classes = checkpoint.latent, checkpoint.classes
    label, posterior = int(latent["labels"][row]), latent["posterior"][row]
    with st.container(key=ABOUT):
        st.markdown(
            f"**{title}**: {markdown_text(classes[label])}, predicted {markdown_text(classes[posterior.argmax()])}"
        )
        image = pictures.test_image(checkpoint.id, row)
        if image is not None:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                with st.container(key="point-image", width="content"):
                    show_image(image, f"Test image of class {classes[label]}")
                offer_carry(pictures.token_of(latent["hashes"][row], checkpoint.dataset), "carry-point")
        else:
            st.caption(f"Its picture is not on this machine. {pictures.how_to_get(checkpoint.dataset)}")
    _show_posterior(checkpoint, row)
    show_answers(latent["hashes"][row])
    unusual, share = _typicality(checkpoint, row)
    st.caption(f"{unusual}: {share:.0%} of held-out training images are more typical.")
    what = "one of them, or another dot" if show_neighbors(checkpoint, row) else "another dot"
    st.caption(f"Click {what}; or choose the lasso in the figure's toolbar and draw it around many.")


def show_point_on_stage(checkpoint: Checkpoint, row: int, title: str) -> None:
    """The same for a room: the image, its likelihood and its posterior, as high as the window."""
    latent, classes = checkpoint.latent, checkpoint.classes
    label, predicted = int(latent["labels"][row]), int(latent["posterior"][row].argmax())
    st.html(_STAGE_STYLE)
    with st.container(key="point-on-stage"):
        with st.container(key=ABOUT):
            left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
            image = pictures.test_image(checkpoint.id, row)
            if image is not None:
                with left:
                    show_image(image, f"Test image of class {classes[label]}", 130)
            is_right = "" if label == predicted else f", predicted {markdown_text(classes[predicted])}"
            right.caption(title)
            right.markdown(f"**{markdown_text(classes[label])}**{is_right}  \n{_typicality(checkpoint, row)[0]}")
        _show_posterior(checkpoint, row)


def _show_posterior(checkpoint: Checkpoint, row: int) -> None:
    """The bars of a test image's posterior."""
    classes, posterior = checkpoint.classes, checkpoint.latent["posterior"][row]
    show_figure(
        staged(posterior_bars(posterior, int(checkpoint.latent["labels"][row]), classes=classes)),
        "point-posterior",
        config=BARE,
        alt=f"Posterior of the {in_words(len(classes))} classes: "
        + ", ".join(f"{name} {share:.0%}" for name, share in zip(classes, posterior, strict=True)),
        gamma=checkpoint.gamma,
    )
    shown = shown_classes(posterior, int(checkpoint.latent["labels"][row]))
    if following := posterior_following(checkpoint, checkpoint.latent["hashes"][row], shown):
        follow_gamma("point-posterior", following)


def _typicality(checkpoint: Checkpoint, row: int) -> tuple[str, float]:
    """Bits/dim of a test image, and on which side that is; and the share of held-out images that are more typical."""
    latent = checkpoint.latent
    own, reference = latent["log_prob"][row : row + 1], latent["reference"]
    share = 1 - float(ib.exploration.typicality_p_value(own, reference)[0])
    is_likely = latent["log_prob"][row] > latent["reference"].mean()
    if ib.exploration.typicality(own, reference)[0] > ib.exploration.typicality_threshold(reference):
        unusual = "unusually likely" if is_likely else "unusually unlikely"
    else:
        unusual = f"{'more' if is_likely else 'less'} likely than the average image"
    return f"{float(bits_per_dim(checkpoint, latent['log_prob'][row])):.2f} bits/dim, {unusual}", share


@asking.kept
def nearest_in_means(checkpoint_id: str, row: int) -> np.ndarray:
    """Rows of the test images nearest to that in ``row`` in the dimensions that the class means span, nearest first."""
    places = registry.by_id(checkpoint_id).latent["means_coordinates"].astype(np.float32)
    distances = ((places - places[row]) ** 2).sum(1)
    distances[row] = np.inf
    return np.argsort(distances, kind="stable")[: min(NEIGHBORS, len(places) - 1)]


def show_neighbors(checkpoint: Checkpoint, row: int) -> bool:
    """The test images nearest to that in ``row``, to click on; returns whether their pictures are on this machine."""
    latent = checkpoint.latent
    rows = nearest_in_means(checkpoint.id, row)
    names = [checkpoint.classes[k] for k in latent["labels"][rows]]
    st.caption(
        f"Nearest test images in the {in_words(len(checkpoint.classes) - 1)} dimensions of the class means, which "
        f"alone decide the posterior: {', '.join(map(markdown_text, names))}."
    )
    found = [pixels for n in rows if (pixels := pictures.test_image(checkpoint.id, n)) is not None]
    if len(found) < len(rows):
        return False
    images, width = np.stack(found), len(rows) // LINES
    blank = [""] * LINES, [""] * width
    hover = [f"{plotly_text(name)}<br>click to show it" for name in names]
    tokens = [f"{h:016x}" for h in latent["hashes"][rows]]
    figure = tiles_figure(
        images[: LINES * width].reshape(LINES, width, *images.shape[1:]),
        *blank,
        [hover[line * width :][:width] for line in range(LINES)],
    )
    margin = figure.layout.margin.l  # there is no toolbar that would need more
    st.html(tiles_style("neighbors", *blank, LARGEST))
    show_figure(
        figure.update_layout(margin_r=margin, xaxis_constraintoward="left"),
        "neighbors",
        config=BARE,
        selects=("points",),
        on_pick=partial(_go_to, tokens),
        alt="The nearest neighbours: " + ", ".join(names),
    )
    return True


def _go_to(tokens: list[str], clicked: list[int]) -> None:
    """Makes the neighbour that was clicked the selected point of every chart."""
    if clicked:
        state.put(state.POINT, tokens[int(clicked[0])])
