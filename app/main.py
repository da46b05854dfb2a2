"""IB-INN Explorer, the app: ``streamlit run app/main.py`` serves it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # so that it runs from a clone, from any working directory
    sys.path.insert(0, str(ROOT))

VIEWS = Path(__file__).resolve().parent / "views"

#: Pages whose tab may decide which data set is shown.
TABBED = ("Start", "Explore", "Test an image", "Results")

STYLE = """
    «page» { padding-top: 4rem; padding-bottom: 2rem; }
    /* A table or figure that is wider than a phone scrolls in its own box, whose edge fades while there is more. */
    @keyframes more { from, 99% { mask-image: linear-gradient(to left, transparent, black 2rem); } }
    «table», .table1, .figure { animation: more linear; animation-timeline: scroll(self inline); }
    «table» { overflow-x: auto; }
    /* Only the latest file counts, and says why the browser refuses it. */
    «file chips» > :not(:last-child),
    «dialog box»:has(«file chips» > :last-child [aria-invalid]) «alert» { display: none; }
    «file chips» [aria-invalid] { height: auto; flex-wrap: wrap; }
    «file chips» [role="alert"] { all: revert; flex-basis: 100%; }
    /* Where such a row wraps, a button after the chosen one has no neighbour to share its border with. */
    «segment»[aria-checked="false"] { border-left-color: color-mix(in srgb, currentColor 18%, transparent) !important; }
    «segment»[aria-checked="true"] { z-index: 1; }
    /* Captions in the text's own colour, paler, but readable. */
    «caption», «caption» p { color: inherit !important; }
    «caption» { opacity: 0.8; }
    :has(> :is(.st-key-history-place, .st-key-phone-place)),
    [class*="st-key-live-"]:has([data-live]:empty) {
        position: absolute; width: 0; height: 0; overflow: hidden;
    }
    /* While a page runs, its figures stay as they are: they may be following a slider. */
    «stale»:has(.figure, .tiles, .move, .pad, .plane) { opacity: 1 !important; }
    /* On a phone: the heading, the slider, the picture, and only then what else there is to choose. */
    @media (max-width: 640px) and (orientation: portrait) { .st-key-stage-button { display: none; } }
    @media (max-width: 640px) {
        .st-key-slider-buttons { flex-direction: row; }
        «page» > «blocks» {
            > :has(.st-key-way-back) { order: -5; }
            > :has(.st-key-data-switch) { order: -4; }
            > :has(h4), > :has(.st-key-welcome) { order: -3; }
            > :has([class*="-slider"]) { order: -2; }
            > :has(.st-key-panel-controls [class*="-change"]) { order: -2; }
            > :has(.st-key-stage-figure) { order: -1; }
        }
    }
    /* On a tablet the buttons stand below the slider, where there is room for their names. */
    @media (min-width: 641px) {
        «column»:has(> * > .st-key-slider-buttons) { min-width: 8.5rem; }
        «column»:has(> * > * > .st-key-slider-buttons) { min-width: 8.5rem; }
    }
    @media (max-width: 1194px) {
        .st-key-slider-buttons { flex-direction: row; }
    }
    /* Where the keyboard is. */
    «nav link»:focus-visible, «menu link»:focus-visible {
        outline: 3px solid currentColor;
        outline-offset: 1px;
        box-shadow: none;
    }
    /* The names of all pages fit into the bar of a small laptop or a projector, where their icons do not. */
    @media (max-width: 1500px) {
        «nav link» > span:has(«icon») { display: none; }
    }
    """


def main() -> None:
    """A run of a page. The processes of the desk import this file too, and need nothing of it."""
    import pandas  # noqa: F401  # early: concurrent first requests would race to import it
    import streamlit as st

    from app import housekeeping, vendor
    from app.lessons.way_back import show_way_back
    from app.models import registry
    from app.models.data_switch import say_own_split, show_switch
    from app.models.faults import quiet_faults
    from app.old_addresses import name_lesson, old_pages
    from app.widgets.history import keep_history_short
    from app.widgets.phone import suit_phones
    from app.widgets.selectors import show_style
    from app.widgets.share import show_link
    from app.widgets.stage import show_stage
    from ibinn_core.data.datasets import DEFAULT

    vendor.ensure_plotly()
    st.set_page_config("IB-INN Explorer", VIEWS.parent / "icon.png", layout="wide")
    pages = [
        st.Page(VIEWS / "start.py", title="Start", icon=":material/home:", default=True),
        st.Page(VIEWS / "lessons.py", title="Lessons", icon=":material/school:"),
        st.Page(VIEWS / "playground.py", title="Playground", icon=":material/toys:"),
        st.Page(VIEWS / "explore.py", title="Explore", icon=":material/travel_explore:"),
        st.Page(VIEWS / "test_image.py", title="Test an image", icon=":material/balance:", url_path="test-an-image"),
        st.Page(VIEWS / "results.py", title="Results", icon=":material/show_chart:"),
    ]
    page = st.navigation([*pages, *old_pages(pages)], position="top")
    if page not in pages:
        page.run()  # leads on
    name_lesson()
    show_style(STYLE)
    registry.begin_run()
    keep_history_short()
    suit_phones()
    show_stage(page, pages)
    is_lessons = page.title == "Lessons"
    if not is_lessons:
        show_way_back()
    if page.title not in TABBED:
        show_switch(only=DEFAULT if is_lessons else None)  # its texts are about photographs
    registry.show_refused()
    with quiet_faults():
        page.run()
        say_own_split()
    show_link()
    housekeeping.begin()


if __name__ == "__main__":
    main()
