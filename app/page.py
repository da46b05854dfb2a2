"""Pages made of panels behind tabs."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.models import registry
from app.models.data_switch import show_switch
from app.models.pickers import explain_no_checkpoint
from app.panel import Panel, show
from app.widgets.stage import is_on_stage


def show_page(title: str, panels: Sequence[Panel]) -> None:
    """Shows a heading, the tabs and the panel of the open tab; on stage, only the panel.

    A panel whose data set is missing has no tab.
    """
    data_sets = {panel.key: panel.data_set() for panel in panels if panel.data_set}
    panels = [panel for panel in panels if data_sets.get(panel.key, True)]
    by_key = {panel.key: panel for panel in panels}
    by_name = {key: key for key in by_key} | {state.LAST_TAB: panels[-1].key}
    # A page without tabs must not leave a tab in the session, where the next page would read it.
    tab = state.begin(state.TAB, panels[0].key, by_name.get) if len(panels) > 1 else panels[0].key
    place = list(by_key).index(tab) + state.get(state.STAGE_TURN)
    if tab != (asked := [*by_key][max(0, min(place, len(panels) - 1))]):
        state.take(state.STAGE_TURN)
        state.put(state.TAB, tab := asked)
    head = st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="head"
    )
    with head:
        if not is_on_stage():
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key="title"):
                st.markdown(f"#### {title}", width="content")
                if len(panels) > 1:
                    picked = st.segmented_control(
                        "View",
                        list(by_key),
                        format_func=lambda key: by_key[key].title,
                        key=state.TAB.name,
                        label_visibility="collapsed",
                        required=True,
                    )
                    tab = picked or tab
    show_switch(head, here=data_sets.get(tab))
    if not registry.all_checkpoints():
        explain_no_checkpoint()
    state.link(state.TAB, tab, panels[0].key)
    show(by_key[tab], head)
