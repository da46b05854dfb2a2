"""What Inspect says below its figure: the rule of the verdicts, and what to look for."""

import streamlit as st

from app.images.pictures import Picture
from app.judgement.verdict import CONFIDENT_FROM
from app.models.summary import caveat_of
from app.widgets.markdown import markdown_text, show_what_to_look_for
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration import TYPICAL


def explain_verdicts(picture: Picture) -> None:
    """The rule behind the verdicts, below their table."""
    is_known = picture.label is not None
    truth = f"The true class is {markdown_text(picture.class_name)}" if is_known else "Nobody knows the true class"
    st.caption(
        f"If at least {TYPICAL:.0%} of held-out training images are more typical (their log-likelihood is nearer to "
        f"the average), the image is **out of distribution**. Otherwise it is **confident** from a top probability of "
        f"{CONFIDENT_FROM:.0%} on, else **uncertain**. {truth}."
    )


def explain() -> None:
    """What to look for."""
    show_what_to_look_for(
        "Read a row from left to right: columns 1 to 3 tell *confident* from *uncertain*. Column 3 no longer shows how "
        "large the sum was, since everything is divided by it; column 4 does, and tells what is *out of distribution* "
        "(the paper's Fig. 2).",
        "Fig. 2 of the paper draws three images in latent space: one near a class mean (*confident*), one on the "
        "border between two classes (*uncertain*), one far from all (*out of distribution*). Likelihoods are densities "
        "over pixel values from 0 to 1, so their logarithms can be positive. A few nats between two classes decide; "
        "from image to image the likelihood varies by far more. An image can also be too likely. A purely "
        "discriminative classifier has column 3 only: it is never *out of distribution*.",
    )


def show_caveats(models: list[Checkpoint]) -> None:
    """What a person must know of models."""
    for text in filter(None, map(caveat_of, models)):
        st.caption(text)
