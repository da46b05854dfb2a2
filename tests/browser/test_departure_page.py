"""The page Out of distribution, by hand: its axes, its player, and the animation as a file."""

import csv
import io

import pytest
from browser_helpers import IN_A_BROWSER, overflow, overlap
from PIL import Image

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
PATH = "out-of-distribution"
CHART = ".st-key-stage-figure .js-plotly-plot"
PLAYER = '[class*="st-key-player-"]'


@pytest.fixture
def visit(new_tab, server):
    """``visit(query, width, height)`` is a tab on the page; nothing may have gone wrong on it in the end."""
    tabs = []

    def open_page(query: str = "", width: int = 1280, height: int = 720):
        tab = new_tab(width, height)
        tabs.append(tab)
        tab.goto(f"{server}/{PATH}{query}")
        settle(tab)
        if "still" not in query:
            tab.locator(f"{PLAYER} [data-slider]").wait_for()
        return tab

    yield open_page
    for tab in tabs:
        assert tab.locator('[data-testid="stException"]').count() == 0


def boxes(tab, selector: str) -> list[dict]:
    """Where the elements are that a person sees."""
    found = [one.bounding_box() for one in tab.locator(selector).all()]
    return [box for box in found if box and box["width"] and box["height"]]


@pytest.mark.parametrize(
    ("query", "width", "height"), [("", 1280, 720), ("?data=mnist", 1280, 720), ("?stage=true", 1280, 720)]
)
def test_titles_and_player_keep_clear_of_one_another(visit, query, width, height):
    tab = visit(query, width, height)
    titles, controls = boxes(tab, f'{CHART} text[class$="title"]'), boxes(tab, f"{PLAYER} button, {PLAYER} input")
    assert len(titles) >= 6 and len(controls) >= 2
    texts = titles + controls
    crossing = [(a, b) for i, a in enumerate(texts) for b in texts[:i] if overlap(a, b)]
    assert not crossing
    assert all(box["y"] + box["height"] <= height for box in texts)


#: Left, top, right and bottom of the panels in the chart, by the ends of the names of their axes.
PANELS = """() => {
    const layout = document.querySelector('.js-plotly-plot')._fullLayout;
    return Object.fromEntries(['', '2', '3', '4', '5', '6', '7'].map(end => {
        const [x, y] = [layout[`xaxis${end}`], layout[`yaxis${end}`]];
        return [end, [x._offset, y._offset, x._offset + x._length, y._offset + y._length]];
    }));
}"""
IS_STACKED = f"() => {{ const found = ({PANELS})(); return found['4'][1] > found[''][3]; }}"


@pytest.mark.parametrize("query", ["", "?still=true&axes=Plane+of+the+means", "?data=mnist"])
def test_on_a_phone_the_panels_stand_below_one_another_until_the_window_is_wide(visit, query):
    tab = visit(query, 420, 900)
    tab.wait_for_function(IS_STACKED)
    settle(tab)
    panels = tab.evaluate(PANELS)
    assert all(0 <= left < right <= 388 for left, _, right, _ in panels.values())
    for upper, lower in (("2", ""), ("3", ""), ("", "4"), ("4", "6")):
        assert panels[upper][3] < panels[lower][1]
    assert panels[""][2] - panels[""][0] > 250 and panels["4"][2] - panels["4"][0] > 200
    texts = boxes(tab, f'{CHART} :is(text[class$="title"], .legendtext, .annotation-text)')
    texts += boxes(tab, f"{PLAYER} button, {PLAYER} input")
    assert not [(a, b) for i, a in enumerate(texts) for b in texts[:i] if overlap(a, b)]
    assert overflow(tab) <= 1
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.wait_for_function(f"() => !({IS_STACKED})()")
    panels = tab.evaluate(PANELS)
    assert panels[""][2] < panels["4"][0] and panels["4"][3] < panels["6"][1]


def test_the_head_travels_on_the_axes_of_the_departure(visit):
    tab = visit()
    heads = "() => document.querySelector('.js-plotly-plot')._fullLayout.shapes[0].yanchor"
    first = tab.evaluate(heads)
    play = tab.locator(f"{PLAYER} [data-play]")
    play.click()
    tab.wait_for_function(f"first => ({heads})() > first + 0.5", arg=first)  # bits/dim
    play.click()
    assert play.inner_text().strip() == "Play"


def test_a_gif_is_made_while_one_waits_and_then_saved(visit):
    tab = visit()
    tab.get_by_role("button", name="Export").click()
    tab.get_by_role("button", name="Make GIF: out-of-distribution.gif").click()
    save = tab.get_by_role("button", name="GIF: out-of-distribution.gif", exact=True)
    save.wait_for(timeout=120_000)  # the menu stays open
    with tab.expect_download() as download:
        save.click()
    animation = Image.open(io.BytesIO(download.value.path().read_bytes()))
    frames = "() => document.querySelector('.js-plotly-plot')._transitionData._frames.length"
    assert animation.format == "GIF" and animation.n_frames == tab.evaluate(frames)


def test_the_table_holds_the_path_that_is_drawn(visit):
    tab = visit()
    tab.get_by_role("button", name="Export").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="CSV: out-of-distribution.csv").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    (column,) = (name for name in rows[0] if name.startswith("log10 q("))
    head = "const {xanchor, yanchor} = document.querySelector('.js-plotly-plot')._fullLayout.shapes[0];"
    drawn = tab.evaluate(f"() => {{ {head} return [xanchor, yanchor]; }}")
    assert drawn == pytest.approx([float(rows[0][column]), float(rows[0]["bits_per_dim"])], abs=1e-6)
