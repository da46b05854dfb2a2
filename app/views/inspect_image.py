"""Inspect: one image, the likelihood of each class, and the verdict of each model (Fig. 2)."""

import numpy as np
import streamlit as st

from app import state
from app.figures.classes import MOST
from app.figures.layout import height_style
from app.glossary import explained
from app.images.alterations import ALTERATIONS, pick_alteration
from app.images.image_input import THUMBNAIL, pick_image, pick_image_on_stage
from app.images.opening import opening
from app.images.show import show_image
from app.judgement.explanation import explain, explain_verdicts, show_caveats, show_challenge, show_tally
from app.judgement.judged_image import judged_by_likelihood, judged_by_posterior
from app.judgement.shown import show_bayes
from app.judgement.tables import verdict_table
from app.models import registry
from app.models.pickers import pick_models
from app.models.predictions import at_once
from app.widgets.markdown import in_words
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage

LARGE = 112  # CSS pixels of the image on stage
#: On a phone the image comes first, before the figure.
STYLE = """
@media (max-width: 640px) {
    «wrapper»:has(> .st-key-inspect-row), .st-key-inspect-row { display: contents; }
    .st-key-inspect-row > :has(> .st-key-inspect-image), .st-key-inspect-row > .st-key-inspect-image { order: -2; }
}
"""


def pick_threshold() -> int:
    """From which probability on an image counts as confident, in percent; kept in the URL."""
    return st.slider(
        "Confident from",
        format="%d %%",
        **state.bound(state.CONFIDENT_FROM),
        help="A typical image counts as confident if its most probable class has at least this probability.",
    )


def main() -> None:
    """The page."""
    count = in_words(registry.dataset().num_classes)
    st.markdown(
        f"#### Inspect: {count} likelihoods, Bayes' rule, and a verdict",
        help=explained("likelihood", "Bayes' rule", "posterior", "typical", "entropy"),
    )
    focus, chosen, discriminative = pick_models(beside=True)

    show_style(STYLE)
    row = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="inspect-row")
    place = st.container(key=FIGURE)
    beside, bars = place.columns([1, 9], gap="small", vertical_alignment="center") if is_on_stage() else (row, place)
    with beside.container(key="inspect-image", width="content"):
        if is_on_stage():
            picture = pick_image_on_stage(state.IMAGE, "Image", opening("inspected"), LARGE)
        else:
            picture = pick_image(state.IMAGE, "Image", opening("inspected"))
        altered_place = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        with st.container(width="stretch"):
            alteration = pick_alteration(focus.dataset)
        with st.container(width=220):
            percent = pick_threshold()
    altered = np.stack([alter(picture.pixels) for alter in ALTERATIONS.values()])  # "as it is" first
    index = list(ALTERATIONS).index(alteration)
    if alteration != "as it is":
        with altered_place:
            with st.container(width="content"):
                show_image(altered[index], f"{picture.name}, {alteration}", LARGE if is_on_stage() else THUMBNAIL)
            st.caption(alteration if is_on_stage() else f"What the models see: {alteration}")

    with st.spinner("Asking the models …", show_time=True):
        at_once([(c.id, altered) for c in discriminative], likelihoods=[(c.id, altered) for c in chosen])
        by_likelihood = [judged_by_likelihood(c, altered, percent / 100) for c in chosen]
        by_posterior = [judged_by_posterior(c, altered, percent / 100) for c in discriminative]
    generative, others = [row[index] for row in by_likelihood], [row[index] for row in by_posterior]
    # A room reads one row, not two.
    figured = ([generative[chosen.index(focus)]], []) if is_on_stage() and focus in chosen else (generative, others)
    with bars:
        if is_on_stage():
            st.html(height_style("bayes", 0, 300, 0))  # the stage says what is above, and that there is no limit
        show_bayes(*figured, picture, alteration, focus, altered[index], percent / 100)
    classes = focus.classes
    if len(classes) > MOST:
        st.caption(f"Of the {len(classes)} classes the ten most probable are shown.")
    st.markdown(verdict_table(generative, others, picture.label))
    held_out = min(len(one.checkpoint.latent["reference"]) for one in generative)
    explain_verdicts(percent, picture, len(classes), held_out)
    show_caveats(chosen, discriminative)
    explain(generative, bool(others))
    show_challenge([[one.verdict for one in row] for row in (*by_likelihood, *by_posterior)])
    show_tally(chosen + discriminative, percent / 100)


main()
