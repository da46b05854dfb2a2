"""The app under a finger, in a window as narrow as a phone's."""

import pytest
from browser_helpers import IN_A_BROWSER, overlap

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
MAIN = "document.querySelector('[data-testid=\"stMain\"]')"
RANGES = "plot => [...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]"
#: Where the figure's dot of a row is, in a window that shows it.
DOT = """(plot, row) => {
    plot.scrollIntoView({block: 'center'});
    const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
    for (const trace of plot._fullData) {
        const index = Array.from(trace.customdata ?? []).indexOf(row);
        if (index < 0) continue;
        return [box.x + xaxis._offset + xaxis.d2p(trace.x[index]), box.y + yaxis._offset + yaxis.d2p(trace.y[index])];
    }
}"""


@pytest.fixture
def visit(new_tab, server):
    """``visit(path)`` is a page on a phone's touch screen; nothing may have gone wrong on it in the end."""
    tabs = []

    def open_page(path: str):
        tab = new_tab(420, 800, has_touch=True)
        tabs.append(tab)
        tab.goto(f"{server}/{path}")
        settle(tab)
        return tab

    yield open_page
    for tab in tabs:
        assert tab.locator('[data-testid="stException"]').count() == 0


def swipe_up(tab, figure) -> float:
    """Swipes up from the middle of a figure; by how much the page has scrolled then."""
    figure.scroll_into_view_if_needed()
    box, before = figure.bounding_box(), tab.evaluate(f"() => {MAIN}.scrollTop")
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 700)
    finger = tab.context.new_cdp_session(tab)
    for step in range(11):
        place = {"x": x, "y": y - 15 * step}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [place]})
        tab.wait_for_timeout(20)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait_for_timeout(300)
    return tab.evaluate(f"() => {MAIN}.scrollTop") - before


@pytest.mark.parametrize("path", ["", "latent?data=mnist", "out-of-distribution?data=mnist", "inspect"])
def test_a_swipe_on_a_figure_scrolls_the_page_and_leaves_the_figure_as_it_is(visit, path):
    tab = visit(path)
    figure = tab.locator(".js-plotly-plot").first
    ranges = figure.evaluate(RANGES)
    assert swipe_up(tab, figure) > 100
    assert figure.evaluate(RANGES) == ranges


def test_a_tap_chooses_a_dot_also_after_a_swipe(visit):
    tab = visit("")
    family = tab.locator(".st-key-map .js-plotly-plot")
    swipe_up(tab, family)
    tab.touchscreen.tap(*family.evaluate(DOT, "gamma-0.02"))
    tab.wait_for_url("**model=gamma-0.02*")


def test_a_tool_that_a_person_picked_draws_with_the_finger(visit):
    tab = visit("latent?data=mnist")
    figure = tab.locator(".js-plotly-plot").first
    ranges = figure.evaluate(RANGES)
    figure.locator('.modebar-btn[data-val="zoom"]').tap()
    assert swipe_up(tab, figure) == 0
    assert figure.evaluate(RANGES) != ranges


def test_the_menu_closes_behind_the_page_that_was_chosen(visit):
    tab = visit("")
    tab.get_by_test_id("stExpandSidebarButton").tap()
    tab.get_by_test_id("stSidebarNavLink").filter(has_text="Draw").tap()
    tab.wait_for_url("**/draw*")
    tab.locator('[data-testid="stSidebar"][data-collapsed="true"]').wait_for(state="attached")


def test_rows_of_tiles_run_down_the_page_and_a_tap_chooses_the_one_under_the_finger(visit):
    tab = visit("sample?data=mnist&classes=0&classes=7")
    figure = tab.locator('[class*="st-key-samples-"] .js-plotly-plot')
    ends = "plot => [plot._fullLayout.xaxis.range[1], plot._fullLayout.yaxis.range[0], plot.data[0].isTurned]"
    tab.wait_for_function(f"() => ({ends})(document.querySelector('[class*=\"st-key-samples-\"] .js-plotly-plot'))[2]")
    columns, rows, _ = figure.evaluate(ends)
    assert columns == 2 < rows
    # The picture itself is turned, too: as many tiles across and down as there are in the figure.
    shape = """async () => {
        const picture = new Image();
        picture.src = document.querySelector('[class*="st-key-samples-"] .js-plotly-plot')._fullData[0].source;
        await picture.decode();
        return picture.width < picture.height;
    }"""
    tab.wait_for_function(shape)
    length = "document.querySelector('[class*=\"st-key-samples-\"] .js-plotly-plot')._fullLayout.xaxis._length"
    tab.wait_for_function(f"columns => {length} / columns >= 40", arg=columns)
    tab.touchscreen.tap(*figure.evaluate(DOT, rows + 2))  # of the second class, the third
    tab.wait_for_url("**tile=7-3*")


def test_another_lesson_begins_at_its_top_and_a_reveal_shows_its_picture(visit):
    tab = visit("lessons?lesson=3")
    tab.get_by_role("button", name="fewer errors, images less likely").tap()
    settle(tab)
    tab.get_by_role("button", name="Reveal", exact=True).tap()
    tab.get_by_text("The model at γ = 35.65").wait_for()
    settle(tab)
    top = tab.locator(".st-key-lesson-picture").bounding_box()["y"]
    assert 0 <= top < 200
    tab.get_by_role("button", name="Try it", exact=True).tap()
    settle(tab)
    assert tab.evaluate(f"() => {MAIN}.scrollTop") > 200
    tab.get_by_role("button", name="Next lesson").tap()
    tab.get_by_role("heading", name="4 ·").wait_for()
    settle(tab)
    assert tab.evaluate(f"() => {MAIN}.scrollTop") == 0


@pytest.mark.parametrize("path", ["inspect", "latent?show=Side+by+side&models=gamma-0.02,gamma-1,only-ly"])
def test_what_is_written_in_a_figure_lies_within_it_and_on_nothing_else_that_is(visit, path):
    tab = visit(path)
    figure = tab.locator(".js-plotly-plot").first
    shown = figure.bounding_box()
    texts = figure.locator('.annotation-text, text[class$="title"]').all()
    boxes = [box for box in (text.bounding_box() for text in texts) if box and box["width"]]
    assert len(boxes) >= 3
    if path.startswith("latent"):  # what it shows is chosen above its figure
        assert tab.locator(".st-key-show").bounding_box()["y"] < shown["y"]
    for i, box in enumerate(boxes):
        assert shown["x"] - 1 <= box["x"] and box["x"] + box["width"] <= shown["x"] + shown["width"] + 1
        assert not any(overlap(box, other) for other in boxes[:i])


@pytest.mark.parametrize("path", ["inspect", "out-of-distribution"])
def test_a_figure_stays_as_high_as_it_is_if_no_other_image_is_chosen(visit, path):
    tab = visit(path)
    figure = tab.locator(".st-key-stage-figure .js-plotly-plot").first
    before = figure.bounding_box()["height"]
    tab.get_by_role("button", name="Change").first.tap()
    tab.get_by_role("dialog").locator("[role=radio]").first.wait_for()
    tab.keyboard.press("Escape")
    tab.get_by_role("dialog").wait_for(state="hidden")
    settle(tab)
    assert figure.bounding_box()["height"] == before
