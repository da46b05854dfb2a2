"""Trade-off: accuracy against likelihood in one picture, each measure over γ, two models compared (Figs. 6, 11)."""

import streamlit as st

from app import state
from app.glossary import explained
from app.models import registry
from app.table1.shown import what_is_shown
from app.tradeoff.calibration import show_calibration, show_calibration_on_stage
from app.tradeoff.choice import keep_choice, take_choice, take_click
from app.tradeoff.detection import show_detection, show_detection_on_stage
from app.tradeoff.disagreement import show_disagreement, show_disagreement_on_stage
from app.tradeoff.panels import show_measures, show_measures_on_stage
from app.tradeoff.picture import show_curve, show_on_stage
from app.widgets.stage import is_on_stage

CURVE, MEASURES, CALIBRATION, DETECTION, DISAGREEMENT = (
    "Curve",
    "Measures over γ",
    "Calibration",
    "Detection",
    "Disagreement",
)
PARTS = {
    CURVE: show_curve,
    MEASURES: show_measures,
    CALIBRATION: show_calibration,
    DETECTION: show_detection,
    DISAGREEMENT: show_disagreement,
}
#: The curve has the slider on stage; these are there alone.
ON_STAGE = {
    MEASURES: show_measures_on_stage,
    CALIBRATION: show_calibration_on_stage,
    DETECTION: show_detection_on_stage,
    DISAGREEMENT: show_disagreement_on_stage,
}


def main() -> None:
    """The page."""
    st.markdown(
        "#### Trade-off: what γ gives, and what it takes",
        help=explained("test error", "bits/dim", "calibration", "MCE, ICE", "class-NLL", "ROC score"),
    )
    shown = what_is_shown()
    is_staged = is_on_stage() and bool(registry.with_likelihood())
    # The tabs are not there on stage, and Streamlit forgets which was open.
    fit = state.among(list(ON_STAGE))
    staged = state.begin(state.STAGED, fit(state.in_url(state.PART) or ""), fit)
    state.link(state.STAGED, staged if is_on_stage() else "")
    is_part = is_on_stage() and staged in ON_STAGE and bool(shown.models)
    defaults = take_choice(shown.models) if is_part or not is_staged else None
    take_click(shown.names)
    if defaults is None:
        show_on_stage(shown)
        return
    if is_part:
        ON_STAGE[staged](shown)
        keep_choice(*defaults)
        return
    if staged and not state.has(state.PART) and state.in_url(state.PART) is None:
        state.put(state.PART, staged)  # back from the stage
    # A link to some measures, from before there were tabs, opens theirs.
    is_old = state.in_url(state.MEASURES) is not None and state.in_url(state.PART) is None
    tabs = st.tabs(list(PARTS), default=MEASURES if is_old else CURVE, **state.bound(state.PART))
    for (part, show_part), tab in zip(PARTS.items(), tabs, strict=True):
        if tab.open:
            state.put(state.STAGED, fit(part) or "")
            with tab:
                show_part(shown)
    keep_choice(*defaults)


main()
