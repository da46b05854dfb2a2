"""Trade-off: accuracy against likelihood in one picture, each measure over γ, two models compared (Figs. 6, 11)."""

import streamlit as st

from app import state
from app.glossary import explained
from app.models import registry
from app.table1.shown import what_is_shown
from app.tradeoff.calibration import show_calibration
from app.tradeoff.choice import keep_choice, take_choice, take_click
from app.tradeoff.detection import show_detection
from app.tradeoff.disagreement import show_disagreement
from app.tradeoff.panels import show_measures
from app.tradeoff.picture import show_curve, show_on_stage
from app.widgets.stage import is_on_stage

CURVE, MEASURES = "Curve", "Measures over γ"
PARTS = {
    CURVE: show_curve,
    MEASURES: show_measures,
    "Calibration": show_calibration,
    "Detection": show_detection,
    "Disagreement": show_disagreement,
}


def main() -> None:
    """The page."""
    st.markdown(
        "#### Trade-off: what γ gives, and what it takes",
        help=explained("test error", "bits/dim", "calibration", "MCE, ICE", "class-NLL", "ROC score"),
    )
    shown = what_is_shown()
    is_staged = is_on_stage() and bool(registry.with_likelihood())
    defaults = None if is_staged else take_choice(shown.models)
    take_click(shown.names)
    if defaults is None:
        show_on_stage(shown)
        return
    # A link to some measures, from before there were tabs, opens theirs.
    is_old = state.in_url(state.MEASURES) is not None and state.in_url(state.PART) is None
    tabs = st.tabs(list(PARTS), default=MEASURES if is_old else CURVE, **state.bound(state.PART))
    for show_part, tab in zip(PARTS.values(), tabs, strict=True):
        if tab.open:
            with tab:
                show_part(shown)
    keep_choice(*defaults)


main()
