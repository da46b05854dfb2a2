"""What Inspect says below its figure: the rule of the verdicts, how good they are, and what to look for."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.figures.bits_scale import number_text
from app.images.alterations import ALTERATIONS
from app.images.pictures import Picture
from app.judgement.judged_image import LikelihoodJudgedImage
from app.judgement.tables import tally_table
from app.judgement.verdict import Verdict
from app.models import registry
from app.models.names import name_of
from app.models.summary import caveat_of, labels_known
from app.widgets.markdown import markdown_text, show_what_to_look_for
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration import TYPICAL

FEW = 100  # held-out images, below which the share that is more typical is coarse


def explain_verdicts(percent: int, picture: Picture, class_count: int, held_out: int) -> None:
    """The rule behind the verdicts, below their table, with the number of held-out images that it rests on."""
    is_known = picture.label is not None
    truth = f"the true class is {markdown_text(picture.class_name)}" if is_known else "nobody knows the true class"
    st.caption(
        f"Two numbers decide. If at least {TYPICAL:.0%} of held-out training images are *more typical* (their "
        "log-likelihood is nearer to the average), the image is **out of distribution**. Otherwise it is **confident** "
        f"at a top probability of {percent} % or more, else **uncertain**. Here {truth}; a blind guess has an "
        f"entropy of {math.log(class_count):.2f} nats."
        + (f" Only {held_out} images were held out here: the first number is coarse." if held_out < FEW else "")
    )


def explain(generative: Sequence[LikelihoodJudgedImage], has_others: bool) -> None:
    """What to look for; ``has_others`` says whether there are models without a likelihood."""
    ends = [generative[i] for i in sorted({0, len(generative) - 1})]
    spreads = " and ".join(
        f"{number_text(np.ptp(one.judgement.log_likelihood), '.1f')} nats under {name_of(one.checkpoint)}"
        for one in ends
    )
    varies = " and ".join(f"{one.checkpoint.latent['reference'].std():,.0f}" for one in ends)
    show_what_to_look_for(
        "Read a row from left to right: columns 1 to 3 tell *confident* from *uncertain*. Column 3 no longer shows how "
        "large the sum was, since everything is divided by it; column 4 does, and tells what is *out of distribution* "
        "(the paper's Fig. 2).",
        "Fig. 2 of the paper draws three images in latent space: one near a class mean (*confident*), one on the "
        "border between two classes (*uncertain*), one far from all (*out of distribution*). Likelihoods are densities "
        "over pixel values from 0 to 1, so their logarithms can be positive. On this image the most and the "
        f"least likely class are {spreads} apart; these few nats alone decide the class. From one held-out image "
        f"to another the likelihood varies by {varies} nats (its standard deviation). An image can also be too "
        "likely. A purely discriminative classifier has column 3 only"
        f"{', as the last row shows' if has_others else ''}.",
    )


def show_challenge(verdicts_of_all: Sequence[Sequence[Verdict]]) -> None:
    """What to try; for each model, its verdicts on the image and on each of its alterations."""
    ways = len(ALTERATIONS) - 1
    changing = sum(any(row[i] is not row[0] for row in verdicts_of_all) for i in range(1, ways + 1))
    challenge = (
        f"Of the {ways} ways to alter this image above, **{changing}** change the verdict of at least one of these "
        "models. Guess which, then try: does the likelihood notice, or only the posterior"
        + (", and under which γ?" if len(registry.over_gamma()) > 1 else "?")
        if changing
        else f"None of the {ways} ways to alter this image above changes the verdict of any of these models. Find an "
        "image where one does."
    )
    st.markdown(
        f"**A challenge.** {challenge} Then find an image that is *confident* and wrong (✗), and see what your own "
        "photo gets."
    )


def show_tally(checkpoints: list[Checkpoint], confident_from: float) -> None:
    """How good the verdict is, on the test images."""
    taught = [c for c in checkpoints if labels_known(c)]
    if taught:
        st.markdown(
            f"How good is the verdict? Here is how many of {len(taught[0].latent['labels']):,} test images get "
            f"each one, and how often the top class is right. By construction about {1 - TYPICAL:.0%} are out of "
            "distribution:"
        )
        st.markdown(tally_table(taught, confident_from))


def show_caveats(able: list[Checkpoint], others: list[Checkpoint]) -> None:
    """What a person must know of models, and of those without a likelihood."""
    for text in filter(None, map(caveat_of, able)):
        st.caption(text)
    if others:
        names = ", ".join(f"**{name_of(c)}**" for c in others)
        st.caption(
            f"{names} {'gives' if len(others) == 1 else 'give'} q(y | x) without a likelihood and without Bayes' rule: "
            "the verdict is always *confident* or *uncertain*, never *out of distribution*."
        )
