"""The player of an animated figure, on a bare page."""

import plotly.graph_objects as go
import pytest
from browser_helpers import IN_A_BROWSER

from app.figures.layout import Frames

pytestmark = IN_A_BROWSER
LABELS = [f"step {number}" for number in range(6)]
FOREVER = 10**6  # ms for each frame: the player plays, but stays at its frame


def moving(width: float = 4) -> go.Figure:
    """Returns a figure with six frames; in each the star is one unit further to the right."""
    star = go.Scatter(x=[0], y=[1], uid="star", mode="markers")
    frames = [go.Frame(name=str(number), data=[{"x": [number]}], traces=[0]) for number in range(6)]
    return go.Figure(star, {"xaxis_range": [-1, 6], "yaxis_range": [0, width], "height": 300}, frames)


@pytest.fixture
def show(bare):
    """``show(made, about)`` shows a figure with its player, in place of an earlier figure."""

    def shown(made: go.Figure | None = None, about: str = "", milliseconds: int = 1) -> None:
        bare.show(made or moving(), frames=Frames(LABELS, milliseconds, about))

    return shown


def button(bare, name: str):
    return bare.tab.get_by_role("button", name=name, exact=True)


def slider(bare):
    return bare.tab.get_by_role("slider", name="Frame of the figure")


def is_at(bare, frame: int) -> None:
    """Waits until a frame is drawn, and checks the slider and the label beside it."""
    bare.until("figure.dataset.frame === String(arg)", frame)
    assert slider(bare).input_value() == str(frame)
    assert slider(bare).get_attribute("aria-valuetext") == f"step {frame}"
    assert bare.tab.locator(".player output").inner_text() == f"step {frame}"
    assert bare.value("plot.data[0].x[0]") == frame


def test_it_plays_to_the_end_and_begins_anew(show, bare):
    show()
    is_at(bare, 0)
    button(bare, "Play").click()
    is_at(bare, 5)
    button(bare, "Play").wait_for()
    show(milliseconds=FOREVER)
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('play-figure'))")
    is_at(bare, 0)
    button(bare, "Pause").click()
    show()
    bare.frames(5)
    is_at(bare, 0)


def test_keys_go_from_frame_to_frame(show, bare):
    show(about="keys")
    slider(bare).press("Home")  # after a click, the browser shows the focus only when a key is pressed
    assert slider(bare).evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Home", 0), ("End", 5)):
        bare.tab.keyboard.press(key)
        is_at(bare, frame)
    show(about="keys", milliseconds=FOREVER)
    bare.tab.keyboard.press("Space")
    is_at(bare, 0)
    assert button(bare, "Pause").is_visible()
    button(bare, "Pause").focus()
    bare.tab.keyboard.press("Enter")
    button(bare, "Play").wait_for()
    stage = "step => document.dispatchEvent(new CustomEvent('step-figure', { detail: step }))"
    for step, frame in ((1, 1), (-1, 0), (-1, 0)):  # the events that the keys of a page on stage send
        bare.tab.evaluate(stage, step)
        is_at(bare, frame)


def test_a_figure_that_is_drawn_anew_stays_at_its_frame_and_goes_on_playing(show, bare):
    show(about="stays")
    slider(bare).fill("2")
    is_at(bare, 2)
    show(moving(width=8), about="stays")
    is_at(bare, 2)
    assert bare.ranges()["yaxis"] == [0, 8]
    show(moving(width=8), about="stays", milliseconds=FOREVER)
    button(bare, "Play").click()
    show(moving(width=6), about="stays", milliseconds=FOREVER)
    assert bare.ranges()["yaxis"] == [0, 6] and button(bare, "Pause").is_visible()
    show(moving(width=6), about="stays")
    is_at(bare, 5)
    show(about="another film")
    is_at(bare, 0)
