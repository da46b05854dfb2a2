"""The app under a finger, in a window as narrow as a phone's."""

from functools import partial

import pytest
from browser_helpers import IN_A_BROWSER, are_seen, dot_of, ranges_of, swipe

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
MAIN = "document.querySelector('[data-testid=\"stMain\"]')"


@pytest.fixture
def phone(visit):
    """``phone(path)`` is a page on a phone's touch screen."""
    return partial(visit, width=420, height=800, has_touch=True)


#: Whether the page stands still after a swipe.
COASTED = f"""() => {{
    const top = {MAIN}.scrollTop;
    window.still = top === window.before ? (window.still ?? 0) + 1 : 0;
    window.before = top;
    return window.still > 10;
}}"""


def swipe_up(tab, figure) -> None:
    """Swipes up from the middle of a figure."""
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 700)
    swipe(tab, *((x, y - 15 * step) for step in range(11)))


@pytest.mark.slow
def test_a_swipe_scrolls_the_page_and_a_tap_chooses_a_dot(phone):
    tab = phone("results")
    ranges, top = ranges_of(tab, ".st-key-curve"), tab.evaluate(f"() => {MAIN}.scrollTop")
    swipe_up(tab, tab.locator(".st-key-curve .figure"))
    tab.wait_for_function(f"top => {MAIN}.scrollTop > top + 100", arg=top)
    assert ranges_of(tab, ".st-key-curve") == ranges
    tab.wait_for_function(COASTED)
    tab.touchscreen.tap(*dot_of(tab, ".st-key-curve", "gamma-0.02"))
    tab.wait_for_url("**model=gamma-0.02*")
    settle(tab)


@pytest.mark.slow
def test_the_menu_closes_behind_the_page_that_was_chosen_and_a_tile_is_tapped(phone):
    tab = phone("test-an-image")
    tab.get_by_test_id("stExpandSidebarButton").tap()
    tab.get_by_test_id("stSidebarNavLink").filter(has_text="Explore").tap()
    tab.wait_for_url("**/explore*")
    tab.locator('[data-testid="stSidebar"][data-collapsed="true"]').wait_for(state="attached")
    settle(tab)
    tab.get_by_role("radio", name="Sample").tap()
    tab.wait_for_url("**tab=sample*")
    settle(tab)
    tab.locator(".tile").first.tap()
    tab.wait_for_url("**tile=*")
    settle(tab)


@pytest.mark.slow
def test_another_step_begins_at_its_top(phone):
    tab = phone("lessons?lesson=gamma")
    tab.get_by_text("fewer errors, images less likely").tap()
    settle(tab)
    tab.get_by_role("button", name="Reveal", exact=True).tap()
    tab.locator(".verdict").wait_for()
    settle(tab)
    tab.wait_for_function(f"() => {MAIN}.scrollTop === 0")
    tab.get_by_role("button", name="Try it", exact=True).tap()
    tab.get_by_role("button", name="Next", exact=True).wait_for()
    settle(tab)
    tab.get_by_role("button", name="Next", exact=True).tap()
    tab.get_by_role("heading", name="4 ·").wait_for()
    tab.wait_for_function(f"() => {MAIN}.scrollTop === 0")


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "guesses"), [("there-and-back", True), ("bayes", False)])
def test_a_guess_is_answered_in_sight_with_the_picture(phone, lesson, guesses):
    tab = phone(f"lessons?lesson={lesson}")
    if guesses:  # otherwise a slider stands at a guess
        tab.get_by_text("B: the same, a little blurred").tap()
        settle(tab)
    tab.get_by_role("button", name="Reveal", exact=True).tap()
    tab.locator(".verdict").wait_for()
    settle(tab)
    are_seen(tab, [".verdict", ".tile"])


@pytest.mark.slow
@pytest.mark.parametrize("size", [(420, 800), (360, 740)])
def test_what_is_drawn_what_is_said_and_the_slider_are_in_one_window(visit, size):
    tab = visit("test-an-image?strokes=A1kaQIy_jAKmGp7m", *size, has_touch=True, is_mobile=True)
    verdict = tab.locator(".st-key-bayes text").filter(has_text="confident").first
    for element in (tab.locator("[data-slider]"), tab.locator(".pad-canvas"), verdict):
        box = element.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= size[1]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["test-an-image?tab=judge&data=mnist", "test-an-image?data=mnist&tab=corrupt"])
def test_a_figure_stays_as_high_as_it_is_if_no_other_image_is_chosen(phone, path):
    tab = phone(path)
    figure = tab.locator(".st-key-stage-figure .figure").first
    before = figure.bounding_box()["height"]
    tab.get_by_role("button", name="Change").first.tap()
    tab.get_by_role("dialog").locator("[role=radio]").first.wait_for()
    tab.keyboard.press("Escape")
    tab.get_by_role("dialog").wait_for(state="hidden")
    settle(tab)
    assert figure.bounding_box()["height"] == before


@pytest.mark.slow
def test_table_1_scrolls_sideways_in_its_own_box(phone):
    tab = phone("table-1")
    box = tab.locator(".table1")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth + 100 && box.scrollHeight <= box.clientHeight")
    name = box.locator("tbody th").first
    before = name.bounding_box()
    box.evaluate("box => { box.scrollLeft = 300; }")
    assert name.bounding_box() == before  # which model a row is of stays in sight
