"""A short description of a model: its measured numbers and its limits."""

import math

import streamlit as st

from app.models.names import name_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.measures import BY_KEY
from ibinn_core.weight_space import MixedCheckpoint

SHOWN = ("error", "cross_entropy", "bits_per_dim.mean", "calibration_top_label")


def model_bar(checkpoint: Checkpoint) -> None:
    """Shows the measured numbers of a model in a line."""
    card = checkpoint.card
    numbers = {BY_KEY[key].name: (BY_KEY[key], BY_KEY[key].of_checkpoint(checkpoint)) for key in SHOWN}
    known = [f"{name} **{measure.text(value)}**" for name, (measure, value) in numbers.items() if value is not None]
    parts = [f"**{name_of(checkpoint)}**", *known, *([] if checkpoint.has_likelihood else ["no likelihood"])]
    st.markdown(
        " · ".join(parts),
        help=(
            f"Measured on {card['measured']['images']:,} test images. Cross-entropy: mean of -ln q(y | x) of the true "
            "classes, lower is better. Bits/dim: mean of -log₂ q(x) per pixel value, lower is better. Top-label ECE, a "
            "calibration error: how far confidence in the most probable class is from accuracy, in 15 bins. "
            f"{mixture_of(checkpoint)}"
        ),
    )
    if not labels_known(checkpoint):
        st.caption(caveat_of(checkpoint))


def measured(checkpoint: Checkpoint, key: str) -> str:
    """A measured number of a model with its unit, as text; every card must have this number."""
    value = BY_KEY[key].of_card(checkpoint.card)
    assert value is not None
    return BY_KEY[key].text(value)


def mixture_of(checkpoint: Checkpoint) -> str:
    """A text that names the two trained models of a mixed model; empty for a trained model."""
    if not isinstance(checkpoint, MixedCheckpoint):
        return ""
    point = checkpoint.point
    one, other = (name_of(checkpoint.family.member(i)) for i in (point.left, point.right))
    text = f"Mixed from the weights of {one} ({1 - point.share:.0%}) and {other} ({point.share:.0%})."
    between = " All its numbers are interpolated between the nearest measured points."
    return text + ("" if point.measured else between)


def labels_known(checkpoint: Checkpoint) -> bool:
    """Whether the model was trained with labels."""
    return checkpoint.gamma != 0


def caveat_of(checkpoint: Checkpoint) -> str:
    """A warning about a model at either limit of γ; empty for other models."""
    name = name_of(checkpoint)
    if checkpoint.gamma == 0:
        return (
            f"**{name}** was trained without labels: which Gaussian belongs to which class is arbitrary, so its "
            "posterior means nothing. Only its typicality counts."
        )
    if checkpoint.gamma != math.inf:
        return ""
    return (
        f"**{name}** was trained only to tell classes apart, at least in its last epochs, which did not train its "
        "likelihood. Its bits/dim and its typicality are still shown."
    )
