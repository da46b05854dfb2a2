"""What Out of distribution says below its figure: who notices, how whole sets fare, and what to look for."""

import math
from collections.abc import Sequence

import streamlit as st

from app.corruption.corrupted_images import COLORS
from app.corruption.wording import details, headline, sets_table
from app.figures.bits_scale import number_text, scale_for
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.models.names import name_of
from app.models.summary import caveat_of
from app.widgets.markdown import in_words, markdown_text, show_what_to_look_for
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.attack import STEPS, WEIGHT
from ibinn_core.exploration import TYPICAL

SOFTENED = (
    " A quarter turn only moves pixels. At any other angle their values are interpolated, which softens edges. What "
    "does the likelihood notice first, the angle or the soft edges?"
)


def show_notices(corrupted: CorruptedImages, readings: list[Reading], chosen: list[Checkpoint]) -> None:
    """Who notices, in words; ``chosen`` are the models with a likelihood."""
    st.markdown("##### Which models notice?")
    lines = (
        f'- <span style="color:{r.color}">■</span> **{r.name}**: {headline(r, corrupted.labels)}.' for r in readings
    )
    st.markdown("\n".join(lines), unsafe_allow_html=True)
    able = [r for r in readings if isinstance(r, LikelihoodReading)]
    if exploding := [r for r in able if scale_for(r.offset).is_log]:
        reached = ", ".join(f"{number_text(r.bits.max())} bits/dim under {markdown_text(r.name)}" for r in exploding)
        st.caption(
            f"Up to {reached}: outside the typical band the axes are logarithmic, and half the band is as high as a "
            "factor of ten."
        )
    for caveat in filter(None, map(caveat_of, chosen)):
        st.caption(caveat)
    with st.expander("The numbers behind it", expanded=len(readings) <= 4):
        classes = chosen[0].classes
        st.markdown("\n".join(f"- **{r.name}**: {details(r, corrupted.labels, classes=classes)}" for r in readings))


def show_sets(models: Sequence[Checkpoint]) -> None:
    """How well the likelihood tells whole sets of other images from the test set, where a card has it."""
    table = sets_table(models)
    if table:
        st.markdown(
            "##### Whole sets\nHow well does the likelihood tell other images from test images? The numbers are areas "
            "under the ROC curve of the typicality test: 100% is perfect, 50% a guess, and below that the other images "
            "look *more* typical."
        )
        st.markdown(table)


def explain_attack(checkpoint: Checkpoint, has_others: bool) -> None:
    """What an attack on a model is, and what models see of it that were not attacked."""
    st.markdown(
        "##### The attack\n"
        f"Each step is an attack of its own on **{name_of(checkpoint)}**: within ε of each value of the image, in "
        f"[0, 1] and rounded to 8 bits, it goes {STEPS} steps up the gradient of $-\\log q(y\\,|\\,x)$, y what the "
        "model takes the image for. The *adaptive* attack knows the typicality test, and goes up "
        rf"$-\log q(y\,|\,x) - \lambda\,|\log q(x) - E|$ with λ = {WEIGHT:g}, E the mean log-likelihood of held-out "
        "images: is it noticed too? The other models are shown the same images, which were made for this one."
        + (" One without a likelihood shows whether the attack carries over, and could never notice it." * has_others)
    )


def explain(checkpoint: Checkpoint, in_all: str, has_others: bool) -> None:
    """What to look for; ``in_all`` says how much of the path lies in the dimensions of the class means."""
    dataset = checkpoint.dataset
    count, dims = dataset.num_classes, dataset.dims
    show_what_to_look_for(
        "**The path**: as soon as it leaves the blue band of typical images, the likelihood has noticed. Left and "
        "right are two classes, and the path goes to the one that the posterior prefers. **The entropy** of a good "
        f"posterior rises as the image gets worse, up to that of {in_words(count)} equally probable classes (the "
        "paper's Fig. 12). The page opens on the example image on which γ makes the greatest difference: choose "
        "others, and see how soon they leave the band.",
        "None of the networks saw such images in training (the paper shows its sets of them in Fig. 5). Dots are test "
        "images under the same model; grey dots belong to neither of the two classes. **Plane of the means** draws "
        f"the path of the latent as Fig. 12 does, and hides most of it: only {in_all} of its length lies in the "
        f"{in_words(count - 1)} dimensions that the class means span. The posterior depends on these alone, the "
        f"likelihood on all {dims:,}. A path can also leave the band at the bottom: the image is then *too* likely. "
        "Try a smooth, empty one of your own. An entropy near zero means that the posterior is sure of its answer, "
        "even for an image unlike any that the model knows."
        + (" **Dashed**: a purely discriminative model. It has no likelihood and cannot tell." if has_others else "")
        + (SOFTENED if dataset.image_shape[0] != COLORS else ""),
    )
    st.caption(
        "Vertical axis: bits/dim; the higher, the less likely the image. Horizontal axis: how many times more probable "
        "the posterior finds one of two classes than the other: the first answer, and its strongest rival on the path. "
        "*Distance*: from the middle of the band, in units of half its width. "
        f"Blue band: where {TYPICAL:.0%} of held-out training images lie, for each model (the typicality test of "
        "Section 4.2 on single images). Bars at the side: the test set under "
        f"{name_of(checkpoint)}. The posterior counts as sure below {math.log(2):.2f} nats of entropy, which is that "
        "of two equally probable classes."
    )
