"""A model in a few words: its measured numbers, its training, and what limits its use."""

import math

import streamlit as st

from app.models.names import name_of
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.measure import stored_cross_entropy
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import MixedCheckpoint


def model_bar(checkpoint: Checkpoint) -> None:
    """The measured numbers of a model, in a line."""
    card = checkpoint.card
    likelihood = f"**{card['bits_per_dim']['mean']:.2f}** bits/dim" if checkpoint.has_likelihood else "no likelihood"
    parts = (
        f"**{name_of(checkpoint)}**: test error **{card['error']:.1%}**",
        f"cross-entropy **{stored_cross_entropy(checkpoint):.2f}** nats",
        likelihood,
        f"top-label ECE **{card['calibration_top_label']:.1%}**",
    )
    st.markdown(
        " · ".join(parts),
        help=(
            f"Measured on {card['measured']['images']:,} test images. Cross-entropy: mean of -ln q(y | x) of the true "
            "classes, lower is better. Bits/dim: mean of -log₂ q(x) per pixel value, lower is better. Top-label ECE, a "
            "calibration error: how far confidence in the most probable class is from accuracy, in 15 bins. "
            f"{training_of(checkpoint)}"
        ),
    )
    if not labels_known(checkpoint):
        st.caption(caveat_of(checkpoint))


def training_of(checkpoint: Checkpoint) -> str:
    """The whole budget of a model's weights, those of its ancestors included, in a sentence; empty if unknown."""
    if isinstance(checkpoint, MixedCheckpoint):
        blend = checkpoint.blend
        one, other = (name_of(checkpoint.family.member(i)) for i in (blend.left, blend.right))
        text = f"Mixed from the weights of {one} ({1 - blend.share:.0%}) and {other} ({blend.share:.0%})."
        between = " Its numbers, and what is said of test images, are interpolated between the nearest measured places."
        return text + ("" if blend.measured else between)
    steps = [*checkpoint.config["ancestry"], checkpoint.config["budget"]]
    if not all("epochs" in step for step in steps):
        return ""
    epochs, hours = sum(step["epochs"] for step in steps), sum(step["seconds"] for step in steps) / 3600
    elsewhere = [f", {spent:.0f} of them on {title}" for title, spent in checkpoint.epochs_elsewhere.items()]
    return f"Trained for {epochs:.0f} epochs{''.join(elsewhere)}, {hours:.1f} hours in all."


def labels_known(checkpoint: Checkpoint) -> bool:
    """Whether the model was trained with labels."""
    return checkpoint.gamma != 0


def caveat_of(checkpoint: Checkpoint) -> str:
    """What a user must know about a model at either limit of γ; empty for the others."""
    name = name_of(checkpoint)
    if checkpoint.gamma == 0:
        return (
            f"**{name}** was trained without labels: which Gaussian belongs to which class is arbitrary, so its "
            "posterior means nothing. Only its typicality counts."
        )
    if checkpoint.gamma != math.inf:
        return ""
    shown = "Its bits/dim and its typicality are still shown."
    began = _began_as(checkpoint)
    if not began:
        return f"**{name}** was trained only to classify; its likelihood was never trained. {shown}"
    return (
        f"**{name}** was trained only to tell classes apart in its last epochs, and began as {began}: most of its "
        f"likelihood is left over from there. {_mixed_in(checkpoint)}{shown}"
    )


def _mixed_in(checkpoint: Checkpoint) -> str:
    """Which earlier weights were mixed into a model's, in a sentence; empty without any."""
    mixed_in = checkpoint.config.get("mixed_in")
    if not mixed_in:
        return ""
    share = mixed_in["share"]
    source = markdown_text(mixed_in["with"])
    return f"Its weights are {1 - share:.0%} its own and {share:.0%} those of {source}, which it grew from. "


def _began_as(checkpoint: Checkpoint) -> str:
    """What kind of model another one's training began with, in words; empty if that had no likelihood either."""
    before = checkpoint.config["ancestry"]
    if not before:
        return ""
    objective = before[-1].get("objective")
    if objective is None:
        return f"the model {markdown_text(before[-1]['checkpoint'])}"
    if objective["gamma"] == "inf":
        return ""
    return "a class-NLL model" if objective["gamma"] is None else f"a model of γ = {gamma_text(objective['gamma'])}"
