"""The app IB-INN Explorer: ``streamlit run app/main.py`` starts it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # allows starting from a clone in any working directory
    sys.path.insert(0, str(ROOT))

VIEWS = Path(__file__).resolve().parent / "views"

#: Pages that show the switch of the data set beside their title (app/page.py).
TABBED = ("Start", "Explore", "Test an image", "Results")

STYLE = """
    :root { --bar: 3rem; --ground: GROUND; }
    «header» { height: var(--bar); min-height: 0; }
    «page» { padding: var(--bar) 2rem 1rem; }
    «page» > «blocks» { gap: 0.375rem; }
    /* The title, the tabs and the data sets in one row, then the γ slider. Icons are at the end of the last row. */
    «page» h4 { padding: 0; font-size: 1.25rem; }
    «text» div:has(h4) { margin: 0; }
    .st-key-header { flex-wrap: nowrap; align-items: center; position: relative; }
    .st-key-icons { flex-wrap: nowrap; gap: 0.25rem; }
    .st-key-icons «popover button» { width: 2.5rem; padding: 0; }
    .st-key-icons «popover button» p { font-size: 0; } /* hidden, but still the button's name */
    .st-key-icons «popover button» > div > [aria-hidden] { display: none; }
    /* A table or figure that is wider than a phone scrolls in its own box, whose edge fades if there is more. */
    @keyframes more { from, 99% { mask-image: linear-gradient(to left, transparent, black 2rem); } }
    «table», .table1, .figure { animation: more linear; animation-timeline: scroll(self inline); }
    «table» { overflow-x: auto; }
    /* Shows only the latest file, and why the browser refuses it. */
    «file chips» > :not(:last-child),
    «dialog box»:has(«file chips» > :last-child [aria-invalid]) «alert» { display: none; }
    «file chips» [aria-invalid] { height: auto; flex-wrap: wrap; }
    «file chips» [role="alert"] { all: revert; flex-basis: 100%; }
    /* If a row of buttons wraps, the button after the chosen one needs its own border. */
    «segment»[aria-checked="false"] { border-left-color: color-mix(in srgb, currentColor 18%, transparent) !important; }
    «segment»[aria-checked="true"] { z-index: 1; }
    /* White is too pale on the lighter blue of the dark theme. */
    «primary button»:enabled p { color: light-dark(white, #12161c); }
    /* Captions have the colour of the text, but paler. */
    «caption», «caption» p { color: inherit !important; }
    «caption» { opacity: 0.8; }
    «image tools» { display: none; } /* full screen would show the image in its small size */
    :has(> .st-key-repairs-place),
    [class*="st-key-live-"]:has([data-live]:empty) {
        position: absolute; width: 0; height: 0; overflow: hidden;
    }
    /* Figures do not fade while a page runs, because they may follow a slider. */
    «stale»:has(.figure, .tiles, .move, .pad, .plane) { opacity: 1 !important; }
    /* On a phone, data sets are in the bar, icons at the upper right; no tab or choice is out of sight. */
    @media (max-width: 640px) {
        :root { --beside: 5.5rem; }
        «page» { padding: var(--bar) 1rem 1rem; }
        .st-key-data-switch { position: fixed; top: 0.5rem; left: 3.5rem; width: auto; z-index: 999991; }
        body:has(«close menu») .st-key-data-switch { display: none; }
        .st-key-head { flex-wrap: nowrap; gap: 0; position: relative; }
        .st-key-title { row-gap: 0.75rem; }
        «segment» { padding: 0.25rem 0.4rem; }
        .st-key-tab «segment» p { font-size: min(0.875rem, 3.2vw); }
        :has(> «segment») { flex-wrap: wrap; }
        :is(.st-key-head, .st-key-header) > :has(> .st-key-icons) { position: absolute; top: 0; right: 0; width: auto; }
        .st-key-icons «popover button» { width: 2.25rem; min-height: 2.25rem; }
        «table» :is(th, td) { padding: 0.25rem; font-size: 0.875rem; }
        .st-key-plane-start { --most-plane: max(280px, 100svh - 575px); }
        :is(:has(> :is(.st-key-plane-start, .st-key-narrow-start-posterior)), .st-key-live-start + *) { order: -1; }
    }
    @media (max-width: 640px) and (orientation: portrait) { .st-key-stage-button { display: none; } }
    /* The keyboard's focus. */
    «nav link»:focus-visible, «menu link»:focus-visible {
        outline: 3px solid currentColor;
        outline-offset: 1px;
        box-shadow: none;
    }
    /* The names of all pages fit into the bar of a small laptop or a projector only without icons. */
    @media (max-width: 1500px) {
        «nav link» > span:has(«icon») { display: none; }
    }
    """


def main() -> None:
    """Runs a page. The desk's processes import this file too, but call nothing in it."""
    import pandas  # noqa: F401  # early: concurrent first requests would race to import it
    import streamlit as st

    from app import state, vendor
    from app.lessons.way_back import show_way_back
    from app.models import registry
    from app.models.data_switch import say_custom_split, show_switch
    from app.models.faults import quiet_faults
    from app.old_addresses import name_lesson, old_pages
    from app.palette import GROUNDS
    from app.widgets.repairs import repair_browser
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
        page.run()  # redirects
    name_lesson()
    show_style(STYLE.replace("GROUND", f"light-dark({', '.join(GROUNDS)})"))
    registry.begin_run()
    repair_browser()
    show_stage(page, pages)
    is_lessons = page.title == "Lessons"
    if not is_lessons:
        show_way_back()
    if page.title not in TABBED:
        state.link(state.TAB, "")
        show_switch(only=DEFAULT if is_lessons else None, here=DEFAULT)  # the lessons are about photographs
    registry.show_refused()
    with quiet_faults():
        page.run()
        say_custom_split()
    show_link()


if __name__ == "__main__":
    main()
