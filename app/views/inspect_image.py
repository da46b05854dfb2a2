"""Inspect: one image, the likelihood of each class, and the verdict of each model (Fig. 2)."""

import streamlit as st

from app import state
from app.figures.classes import MOST
from app.figures.layout import height_style
from app.glossary import explained
from app.images.image_input import pick_image, pick_image_on_stage
from app.images.opening import opening
from app.judgement.explanation import explain, explain_verdicts, show_caveats
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
    pixels = picture.pixels[None]
    with st.spinner("Asking the models …", show_time=True):
        at_once([(c.id, pixels) for c in discriminative], likelihoods=[(c.id, pixels) for c in chosen])
        generative = [judged_by_likelihood(c, pixels)[0] for c in chosen]
        others = [judged_by_posterior(c, pixels)[0] for c in discriminative]
    # A room reads one row, not two.
    figured = ([generative[chosen.index(focus)]], []) if is_on_stage() and focus in chosen else (generative, others)
    with bars:
        if is_on_stage():
            st.html(height_style("bayes", 0, 300, 0))  # the stage says what is above, and that there is no limit
        show_bayes(*figured, picture, focus)
    classes = focus.classes
    if len(classes) > MOST:
        st.caption(f"Of the {len(classes)} classes the ten most probable are shown.")
    st.markdown(verdict_table(generative, others, picture.label))
    explain_verdicts(picture)
    show_caveats(chosen)
    explain()


main()
