"""What a finger does on the page Sample, and what its stage and Interpolate's have room for."""

import pytest
from browser_helpers import IN_A_BROWSER, overflow

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
THUMB = ".st-key-temperature [role=group] > [data-rac] > [data-rac]"
SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture
def phone(new_tab, server):
    tab = new_tab(420, 800, has_touch=True, is_mobile=True)
    tab.goto(f"{server}/sample?classes=cat")
    settle(tab)
    return tab


def swipe(tab, aside: float, way: tuple[int, int]) -> tuple[float, str]:
    """How far a swipe scrolls that begins ``aside`` of the thumb, and the temperature then."""
    tab.locator(".st-key-temperature").scroll_into_view_if_needed()
    box, before = tab.locator(THUMB).bounding_box(), tab.evaluate(SCROLLED)
    x, y = box["x"] + box["width"] / 2 + aside, box["y"] + box["height"] / 2
    touch = tab.context.new_cdp_session(tab)
    for step in range(12):
        points = [{"x": x + way[0] * step, "y": y + way[1] * step}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points})
        tab.wait_for_timeout(20)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(tab)
    return tab.evaluate(SCROLLED) - before, tab.locator(".st-key-temperature input[type=range]").input_value()


@pytest.mark.parametrize("aside", [0, -150])
def test_a_swipe_that_begins_on_the_temperature_scrolls_and_changes_nothing(phone, aside):
    scrolled, temperature = swipe(phone, aside, (0, -12))
    assert scrolled > 30 and temperature == "1"


def test_a_finger_drags_the_temperature(phone):
    assert float(swipe(phone, 0, (-12, 0))[1]) < 0.9


@pytest.mark.parametrize("address", ["sample?tile=frog-3", "sample?model=gamma-35.65", "interpolate?steps=5"])
def test_the_stage_has_room_for_the_figure_and_what_is_said_of_it_and_nothing_else(new_tab, server, address):
    tab = new_tab(1280, 720)
    tab.goto(f"{server}/{address}&stage=true")
    settle(tab)
    stage = tab.locator(".st-key-stage-figure")
    boxes = [
        one.bounding_box() for one in stage.locator(".figure, .stMarkdown, [data-testid=stCaptionContainer]").all()
    ]
    assert boxes and all(box["y"] + box["height"] <= 720 for box in boxes) and overflow(tab) <= 1
    figures = tab.locator(".js-plotly-plot")
    shown = [figure for figure in figures.all() if figure.is_visible()]
    assert len(shown) == stage.locator(".js-plotly-plot").count()
