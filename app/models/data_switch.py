"""The switch of the data set: on every page in the same place, and in the URL as ``?data=``."""

import streamlit as st

from app.models import registry
from app.models.registry import DATA
from app.widgets.markdown import markdown_text
from app.widgets.url import came_by_history, put_into_url, take_from_url

ROOM = 3  # data sets that stand side by side; more are a list
KEY = "data-switch"  # of the container, for the style sheet

#: What belongs to one data set: names of models and images, in the URL and in the session.
IN_URL = (
    *("model", "models", "beside", "shown", "left", "right"),
    *("image", "from", "to", "other", "mine", "point", "tile"),
    *("lasso", "zoom", "frame"),
)
#: Widgets that Streamlit keeps in the URL itself, where it also removes what is no option any more.
BOUND = ("classes", "drawn", "corruption", "temperature")
IN_SESSION = (
    *IN_URL,
    *("models-default", "models-added", "beside-added", "left-follows"),
    *("image-token", "from-token", "to-token", "other-token", "mine-token"),
    *("lasso-text", "zoom-of-figure", "frame-of-figure", "picker-class", "picker-model"),
)

# In the row of the page's heading, which leaves room for it; on a phone above it.
STYLE = f"""<style>
@media (min-width: 640px) {{
    .stMainBlockContainer {{ position: relative; }}
    [data-testid="stLayoutWrapper"]:has(> .st-key-{KEY}) {{
        position: absolute; top: 4.75rem; right: 1rem; width: auto; z-index: 10;
    }}
    .stMainBlockContainer [data-testid="stVerticalBlock"] > div:has(h4):nth-of-type(-n + 4) h4 {{
        padding-right: 14rem;
    }}
}}
@media (min-width: 864px) {{  /* where Streamlit's margins grow */
    [data-testid="stLayoutWrapper"]:has(> .st-key-{KEY}) {{ right: 5rem; }}
}}
</style>"""


def show_switch(only: str | None = None) -> None:
    """The switch, where there is more than one data set; another choice brings back what was chosen of that one.

    Arguments:
        only: the data set that the page is about, if it is about one: it is chosen, and there is no switch.
    """
    titles = registry.titles()
    if len(titles) < 2:
        return
    default = next(iter(titles))
    take_from_url(DATA, lambda text: text if text in titles else default, default)
    if st.session_state[DATA] not in titles:  # its last checkpoint was removed
        st.session_state[DATA] = default
    if only in titles:
        st.session_state[DATA] = picked = only
    else:
        if not registry.refused():  # whose lines stand above the heading, where the switch would cover them
            st.html(STYLE)
        with st.container(key=KEY):
            picked = _pick(titles)
    before = st.session_state.get("data-shown", picked)
    if picked != before:
        _exchange(before, picked)
    st.session_state["data-shown"] = picked
    put_into_url(DATA, picked, default)


def _pick(titles: dict[str, str]) -> str:
    """The widget: buttons for a few data sets, a list for many."""
    name, label_of = "Data set", titles.__getitem__
    if len(titles) > ROOM:
        return st.selectbox(name, list(titles), format_func=label_of, key=DATA, label_visibility="collapsed")
    picked = st.segmented_control(
        name,
        list(titles),
        format_func=lambda one: markdown_text(titles[one]),
        key=DATA,
        label_visibility="collapsed",
        required=True,
    )
    return picked or next(iter(titles))


def _exchange(before: str, after: str) -> None:
    """Puts away what was chosen of one data set, and takes out what was chosen of the other when it was last shown."""
    put_away = st.session_state.setdefault("data-put-away", {})
    put_away[before] = {key: st.session_state.pop(key) for key in IN_SESSION if key in st.session_state}
    for key in BOUND:
        st.session_state.pop(key, None)
    if came_by_history():  # the URL says what was chosen of it
        return
    for key in IN_URL:
        if key in st.query_params:
            del st.query_params[key]
    for key, value in put_away.pop(after, {}).items():
        st.session_state[key] = value
