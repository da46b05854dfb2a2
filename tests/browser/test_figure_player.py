"""The player of a figure that moves, on a bare page."""

import plotly.graph_objects as go
import pytest
from browser_helpers import IN_A_BROWSER
from grid_helpers import mostly_slow

from app.figures.layout import Frames
from app.widgets import figure as figures

pytestmark = IN_A_BROWSER
LABELS = [f"step {number}" for number in range(6)]
STOPS = [(0, "the first"), (3, "the middle"), (5, "the last")]
#: A clock that stands still until a test sets it: ``window.time``, in ms.
CLOCK = "() => { window.time = 0; performance.now = () => window.time; }"


def moving(width: float = 4) -> go.Figure:
    """A star that goes one to the right with each of six frames."""
    star = go.Scatter(x=[0], y=[1], uid="star", mode="markers")
    frames = [go.Frame(name=str(number), data=[{"x": [number]}], traces=[0]) for number in range(6)]
    return go.Figure(star, {"xaxis_range": [-1, 6], "yaxis_range": [0, width], "height": 300}, frames)


@pytest.fixture
def show(bare, monkeypatch):
    """``show(made, about, is_on_stage)`` shows a figure with its player, or another one in its place."""

    def shown(made: go.Figure | None = None, about: str = "", is_on_stage: bool = False, milliseconds: int = 1) -> None:
        monkeypatch.setattr(figures, "is_on_stage", lambda: is_on_stage)
        frames = Frames(LABELS, STOPS, milliseconds, False, "the middle", True, about)
        bare.show(made or moving(), frames=frames)

    return shown


def button(bare, name: str):
    return bare.tab.get_by_role("button", name=name, exact=True)


def slider(bare):
    return bare.tab.get_by_role("slider", name="Frame of the figure")


def is_at(bare, frame: int) -> None:
    """Waits until a frame is drawn, and its words stand beside the slider."""
    bare.until("figure.dataset.frame === String(arg)", frame)
    assert slider(bare).input_value() == str(frame)
    assert slider(bare).get_attribute("aria-valuetext") == f"step {frame}"
    assert bare.tab.locator(".player output").inner_text() == f"step {frame}"
    assert bare.value("plot.data[0].x[0]") == frame


def press(bare, kind: str, detail: object = None) -> None:
    """As the keys of a page on stage do."""
    bare.tab.evaluate("([kind, detail]) => document.dispatchEvent(new CustomEvent(kind, { detail }))", [kind, detail])


def test_it_plays_to_the_end_and_begins_anew(show, bare):
    show()
    is_at(bare, 0)
    button(bare, "Play").click()
    is_at(bare, 5)
    button(bare, "Play").wait_for()
    bare.tab.evaluate(CLOCK)
    button(bare, "Play").click()
    is_at(bare, 0)
    button(bare, "Pause").click()
    bare.tab.evaluate("() => { window.time = 1e6; }")
    bare.frames(5)
    is_at(bare, 0)


def test_another_figure_takes_its_place_while_it_plays(show, bare):
    show(about="the same")
    button(bare, "Play").click()
    press(bare, "change-player", "l")
    for size in range(15, 30):
        show(moving().update_layout(font_size=size), about="the same")
        bare.frames(2)
    bare.until("figure.dataset.state === 'drawn' && plot.layout.font.size === 29")


def test_a_frame_stays_as_long_as_the_speed_says(show, bare):
    show(is_on_stage=True, milliseconds=100)
    speed = bare.tab.get_by_role("button", name="Speed")
    bare.tab.evaluate(CLOCK)
    for presses, words, length in ((0, "1 ×", 100), (2, "4 ×", 25), (1, "0.25 ×", 400)):
        for _ in range(presses):
            speed.click()
        assert speed.inner_text() == words
        slider(bare).fill("0")
        is_at(bare, 0)
        bare.tab.evaluate("() => { window.time = 0; }")
        button(bare, "Play").click()
        bare.tab.evaluate("length => { window.time = length - 1; }", length)
        bare.frames(5)
        is_at(bare, 0)
        bare.tab.evaluate("length => { window.time = length; }", length)
        is_at(bare, 1)
        button(bare, "Pause").click()


def test_a_loop_goes_on_at_the_first_frame(show, bare):
    show(is_on_stage=True)
    bare.tab.evaluate(CLOCK)
    loop = button(bare, "Loop")
    loop.click()
    assert loop.get_attribute("aria-pressed") == "true"
    slider(bare).fill("5")
    is_at(bare, 5)
    slider(bare).press("Enter")  # from the last frame it would begin anew in any case
    is_at(bare, 0)
    for frame in (1, 2, 3, 4, 5, 0, 1):
        bare.tab.evaluate("() => { window.time += 1; }")
        is_at(bare, frame)
    press(bare, "change-player", "l")
    assert loop.get_attribute("aria-pressed") == "false"


def test_keys_go_from_frame_to_frame_and_from_stop_to_stop(show, bare):
    show(about="keys")
    slider(bare).press("Home")  # after a mouse the browser shows a focus only once a key was pressed
    assert slider(bare).evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    for key, frame in (
        *(("ArrowRight", 1), ("ArrowLeft", 0), ("PageUp", 3), ("PageUp", 5), ("PageUp", 5), ("PageDown", 3)),
        *(("Home", 0), ("End", 5)),
    ):
        bare.tab.keyboard.press(key)
        is_at(bare, frame)
    bare.tab.evaluate(CLOCK)
    bare.tab.keyboard.press("Space")
    is_at(bare, 0)
    assert button(bare, "Pause").is_visible()
    button(bare, "Pause").focus()
    bare.tab.keyboard.press("Enter")
    button(bare, "Play").wait_for()


def test_keys_of_the_stage_and_buttons_there(show, bare):
    show(is_on_stage=True)
    for key, frame in ((".", 1), (".", 2), (",", 1), (",", 0), (",", 0)):
        press(bare, "change-player", key)
        is_at(bare, frame)
    button(bare, "One frame on").click()
    is_at(bare, 1)
    button(bare, "One frame back").click()
    is_at(bare, 0)
    speed = bare.tab.get_by_role("button", name="Speed")
    for key, words in (("+", "2 ×"), ("+", "4 ×"), ("+", "4 ×"), *(("-", "2 ×"), ("-", "1 ×"), ("-", "0.5 ×"))):
        press(bare, "change-player", key)
        assert speed.inner_text() == words
    press(bare, "step-gamma", 1)
    is_at(bare, 3)
    press(bare, "step-gamma", -1)
    is_at(bare, 0)
    press(bare, "play-figure")
    is_at(bare, 5)


def test_off_stage_there_is_only_play(show, bare):
    show()
    assert bare.tab.locator(".player button:visible").count() == 1
    show(is_on_stage=True)
    assert bare.tab.locator(".player button:visible").count() == 5


def test_the_frame_is_in_the_address_and_comes_back_with_a_reload_and_with_back(show, bare):
    show(about="a film")
    slider(bare).fill("3")
    is_at(bare, 3)
    bare.tab.wait_for_url("**/?frame=3")
    bare.open("?frame=3")
    show(about="a film")
    is_at(bare, 3)
    bare.tab.evaluate("window.go('pushState', '?frame=4')")
    slider(bare).fill("5")
    bare.tab.wait_for_url("**/?frame=5")
    bare.tab.go_back()
    is_at(bare, 3)
    show(about="another film")
    is_at(bare, 0)
    assert "frame" not in bare.tab.url


@pytest.mark.parametrize("frame", mostly_slow(["6", "-1", "1e1", "x"]))
def test_an_address_that_is_no_frame_shows_the_first(show, bare, frame):
    bare.open(f"?frame={frame}")
    show(about="a film")
    is_at(bare, 0)


def test_a_figure_that_is_drawn_anew_stays_at_its_frame_and_goes_on_playing(show, bare):
    show(about="stays")
    slider(bare).fill("2")
    is_at(bare, 2)
    show(moving(width=8), about="stays")
    is_at(bare, 2)
    assert bare.ranges()["yaxis"] == [0, 8]
    bare.tab.evaluate(CLOCK)
    button(bare, "Play").click()
    show(moving(width=6), about="stays")
    assert bare.ranges()["yaxis"] == [0, 6] and button(bare, "Pause").is_visible()
    bare.tab.evaluate("() => { window.time = 10; }")
    is_at(bare, 3)


def test_a_window_that_changes_lets_it_play(show, bare):
    show(about="resized")
    bare.tab.evaluate(CLOCK)
    button(bare, "Play").click()
    bare.tab.evaluate("() => { window.time = 10; }")
    is_at(bare, 1)
    bare.tab.set_viewport_size({"width": 700, "height": 700})
    bare.until(
        "plot.querySelector('.main-svg').getBoundingClientRect().width === 700 && figure.dataset.state === 'drawn'"
    )
    is_at(bare, 1)
    bare.tab.evaluate("() => { window.time = 20; }")
    is_at(bare, 2)


def test_names_of_stops_keep_clear_of_one_another(show, bare):
    show()
    names = bare.tab.locator(".stops > span > span")
    assert names.all_inner_texts() == [name for _, name in STOPS]
    bare.tab.set_viewport_size({"width": 400, "height": 700})
    bare.until("figure.querySelector('.stops').getBoundingClientRect().width < 400")
    bare.frames(2)
    boxes = [box for box in (name.bounding_box() for name in names.all()) if box and box["width"]]
    assert len(boxes) >= 2
    for one, other in zip(boxes, boxes[1:], strict=False):
        assert one["x"] + one["width"] <= other["x"]
