"""What Out of distribution says about its figure: who notices, and what to look for."""

from collections.abc import Sequence

import streamlit as st

from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.models.names import name_of
from app.models.summary import caveat_of
from app.widgets.markdown import show_what_to_look_for
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.attack import STEPS, WEIGHT


def headline(reading: Reading, labels: Sequence[str]) -> str:
    """At how many steps the likelihood notices, and at how many of these the posterior is sure."""
    steps, sure = len(labels), int(reading.sure.sum())
    if not isinstance(reading, LikelihoodReading):
        return f"no likelihood; its posterior is sure at {sure} of {steps} steps"
    outside = int(reading.outside.sum())
    if not outside:
        return f"every step is typical; its posterior is sure at {sure} of {steps} steps"
    first, both = labels[int(reading.outside.argmax())], int((reading.outside & reading.sure).sum())
    return (
        f"{outside} of {steps} steps are out of distribution, the first at {first}; "
        f"its posterior is sure at {both} of these {outside}"
    )


def alt(name: str, corrupted: CorruptedImages, readings: Sequence[Reading]) -> str:
    """The figure in words; ``name`` is the image's."""
    said = " ".join(f"{r.name}: {headline(r, corrupted.labels)}." for r in readings)
    return f"{name} while {corrupted.what}: path, posterior, and distance from typical bits/dim. {said}"


def show_notices(corrupted: CorruptedImages, readings: Sequence[Reading], chosen: Sequence[Checkpoint]) -> None:
    """Who notices; ``chosen`` are the models with a likelihood."""
    st.markdown("##### Which models notice?")
    lines = (
        f'- <span style="color:{r.color}">■</span> **{r.name}**: {headline(r, corrupted.labels)}.' for r in readings
    )
    st.markdown("\n".join(lines), unsafe_allow_html=True)
    for caveat in filter(None, map(caveat_of, chosen)):
        st.caption(caveat)


def explain_attack(checkpoint: Checkpoint) -> None:
    """What an attack on a model is."""
    st.markdown(
        "##### The attack\n"
        f"Each step attacks **{name_of(checkpoint)}** anew: {STEPS} steps up the gradient of $-\\log q(y\\,|\\,x)$, "
        "within ε of each pixel value. The *adaptive* attack also stays typical: it goes up "
        rf"$-\log q(y\,|\,x) - \lambda\,|\log q(x) - E|$ with λ = {WEIGHT:g} and E the mean of held-out images. The "
        "other models see the same images."
    )


def explain() -> None:
    """What to look for."""
    show_what_to_look_for(
        "**The path**: once it leaves the blue band of typical images, the likelihood has noticed. A good posterior "
        "gets less sure as the image gets worse (the paper's Fig. 12).",
        "The networks saw no such images in training (Fig. 5). Dots are test images. A path can also leave the band at "
        "the bottom: the image is then *too* likely. "
        "**Plane of the means** draws the latent as Fig. 12 does; the posterior depends on these dimensions alone, the "
        "likelihood on all.",
    )
    st.caption(
        "Vertical: bits/dim; the higher, the less likely. Horizontal: the odds of the first answer against its "
        "strongest rival. *Distance*: from the middle of the band, in half its width."
    )
