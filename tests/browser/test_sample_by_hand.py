"""Touch on the samples of the page Explore, and the layout of its stage."""

import pytest
from browser_helpers import IN_A_BROWSER, overflow, swipe
from grid_helpers import mostly_slow

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
THUMB = ".st-key-temperature [role=group] > [data-rac] > [data-rac]"
TEMPERATURE = "document.querySelector('.st-key-temperature input[type=range]').value"
SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture
def phone(visit):  # so low that there is something to scroll
    return visit("explore?tab=sample&classes=cat", 420, 500, has_touch=True, is_mobile=True)


def swipe_beside(tab, aside: float, way: tuple[int, int]) -> float:
    """Swipes from a place ``aside`` of the thumb; how far the page was scrolled before."""
    tab.locator(".st-key-temperature").scroll_into_view_if_needed()
    box, before = tab.locator(THUMB).bounding_box(), tab.evaluate(SCROLLED)
    x, y = box["x"] + box["width"] / 2 + aside, box["y"] + box["height"] / 2
    swipe(tab, *((x + way[0] * step, y + way[1] * step) for step in range(12)))
    return before


@pytest.mark.slow
@pytest.mark.parametrize("aside", mostly_slow([0, -60]))
def test_a_swipe_that_begins_on_the_temperature_scrolls_and_changes_nothing(phone, aside):
    before = swipe_beside(phone, aside, (0, -12))
    phone.wait_for_function(f"before => ({SCROLLED})() > before + 30", arg=before)
    settle(phone)
    assert phone.evaluate(TEMPERATURE) == "0.85"


@pytest.mark.slow
def test_a_finger_drags_the_temperature(phone):
    swipe_beside(phone, 0, (-12, 0))
    phone.wait_for_function(f"() => Number({TEMPERATURE}) < 0.8")
    settle(phone)
    assert float(phone.evaluate(TEMPERATURE)) < 0.8  # the program agrees


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["explore?tab=sample&tile=frog-3", "explore?tab=sample&model=gamma-35.65", "explore?steps=5"]
)
def test_the_stage_has_room_for_the_figure_and_what_is_said_of_it_and_nothing_else(visit, address):
    tab = visit(f"{address}&stage=true")
    stage = tab.locator(".st-key-stage-figure")
    boxes = [
        one.bounding_box()
        for one in stage.locator(".figure, .tiles, .stMarkdown, [data-testid=stCaptionContainer]").all()
    ]
    assert boxes and all(box["y"] + box["height"] <= 720 for box in boxes) and overflow(tab) <= 1
    figures = tab.locator(".js-plotly-plot")
    shown = [figure for figure in figures.all() if figure.is_visible()]
    assert len(shown) == stage.locator(".js-plotly-plot").count()
