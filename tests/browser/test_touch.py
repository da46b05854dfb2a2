"""The app on a touch screen, in a window as narrow as that of a phone."""

from functools import partial

import pytest
from browser_helpers import IN_A_BROWSER, are_seen, arrives, dot_of, swipe

from tools.screenshots import settle

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]
TOP = "document.querySelector('[data-testid=stMain]').scrollTop"
THUMB = ".st-key-temperature [role=group] > [data-rac] > [data-rac]"
TEMPERATURE = "document.querySelector('.st-key-temperature input[type=range]').value"


@pytest.fixture
def phone(visit):
    """``phone(path)`` opens a page on a phone's touch screen."""
    return partial(visit, width=420, height=800, has_touch=True)


def test_a_tap_chooses_a_dot(phone):
    tab = phone("results")
    tab.touchscreen.tap(*dot_of(tab, ".st-key-curve", "gamma-0.02"))
    arrives(tab, "**model=gamma-0.02*")


def test_the_menu_closes_behind_the_page_that_was_chosen_and_a_tile_is_tapped(phone):
    tab = phone("test-an-image")
    tab.get_by_test_id("stExpandSidebarButton").tap()
    tab.get_by_test_id("stSidebarNavLink").filter(has_text="Explore").tap()
    tab.wait_for_url("**/explore*")
    tab.locator('[data-testid="stSidebar"][data-collapsed="true"]').wait_for(state="attached")
    settle(tab)
    tab.get_by_role("radio", name="Sample").tap()
    arrives(tab, "**tab=sample*")
    tab.locator(".tile").first.tap()
    arrives(tab, "**tile=*")


def test_a_guess_is_answered_in_sight_with_the_picture_and_another_step_begins_at_its_top(phone):
    tab = phone("lessons?lesson=there-and-back")
    tab.get_by_text("B: the same, a little blurred").tap()
    settle(tab)
    tab.get_by_role("button", name="Reveal", exact=True).tap()
    tab.locator(".verdict").wait_for()
    settle(tab)
    are_seen(tab, [".verdict", ".tile"])
    tab.get_by_role("button", name="Try it", exact=True).tap()
    tab.get_by_role("button", name="Next", exact=True).wait_for()
    settle(tab)
    tab.get_by_role("button", name="Next", exact=True).tap()
    tab.get_by_role("heading", name="2 ·").wait_for()
    tab.wait_for_function(f"() => {TOP} === 0")


def test_a_finger_scrolls_from_the_temperature_and_drags_it(visit):
    tab = visit("explore?tab=sample&classes=cat", 420, 500, has_touch=True, is_mobile=True)  # small: the page scrolls
    for aside, way in ((0, (0, -12)), (-60, (0, -12)), (0, (-12, 0))):
        tab.evaluate(f"() => {{ {TOP} = 0; }}")
        box, before = tab.locator(THUMB).bounding_box(), tab.evaluate(TOP)
        x, y = box["x"] + box["width"] / 2 + aside, box["y"] + box["height"] / 2
        swipe(tab, *((x + way[0] * step, y + way[1] * step) for step in range(12)))
        if way[1]:
            tab.wait_for_function(f"before => {TOP} > before + 30", arg=before)
            settle(tab)
            assert tab.evaluate(TEMPERATURE) == "0.85"
    tab.wait_for_function(f"() => Number({TEMPERATURE}) < 0.8")
    settle(tab)
    assert float(tab.evaluate(TEMPERATURE)) < 0.8  # the program's answer keeps it


WRITTEN = "test-an-image?strokes=A1kaQIy_jAKmGp7m"
MOVED = "explore?tab=move&data=mnist&kind=class&moves=to:3:0.6"
JUDGED = ["[data-slider]", ".pad-canvas", '.st-key-bayes text:has-text("confident")']
TWO = "playground?play=moons~classes:5~steps:30~b:ib:inf"
SPACES = ["[data-space=data]", "[data-space=latent]"]


@pytest.mark.parametrize(
    ("path", "size", "parts"),
    [
        (WRITTEN, (420, 800), JUDGED),
        (WRITTEN, (360, 740), JUDGED),
        (MOVED, (360, 740), ["[data-picture]", "[data-pad]", "[data-classes] button:nth-child(10)"]),
        ("playground?play=moons~steps:30~lesson:1", (420, 800), [*SPACES, "[data-words]"]),
        (TWO, (420, 800), [f'[data-model="{model}"] {space}' for model in (0, 1) for space in SPACES]),
    ],
)
def test_what_a_hand_changes_and_what_changes_are_in_one_window(visit, path, size, parts):
    tab = visit(path, *size, has_touch=True, is_mobile=True)
    if path == MOVED:
        tab.locator("[data-move][data-state=ready]").wait_for()
    inside = "one => (({ top, bottom }) => top > -1 && bottom < innerHeight + 1)(one.getBoundingClientRect())"
    for part in parts:
        tab.wait_for_function(inside, arg=tab.locator(part).first.element_handle())


def test_every_colour_of_the_brush_can_be_tapped_above_two_models(visit):
    tab = visit(TWO, 420, 800, has_touch=True, is_mobile=True)
    tab.locator("[data-tool]").nth(4).wait_for()
    for tool in tab.locator("[data-tool]").all():
        tool.tap(trial=True)  # fails if something covers the tool
