"""Where a figure is drawn: on a phone, on a stage, in the light and in the dark, in a window that changes."""

import plotly.graph_objects as go
import pytest
from browser_helpers import IN_A_BROWSER

pytestmark = IN_A_BROWSER
WIDTH = "plot.querySelector('.main-svg').getBoundingClientRect().width"
IS_DRAWN = "figure.dataset.state === 'drawn'"


def panels(**layout: object) -> go.Figure:
    """Two beside one another."""
    left = go.Scatter(x=[1, 2], y=[1, 2], mode="markers", marker_size=20, customdata=[0, 1], text=["one", "two"])
    right = go.Scatter(x=[1, 2], y=[1, 2], xaxis="x2", yaxis="y2")
    across = {"xaxis": {"domain": [0, 0.45], "range": [0, 3]}, "xaxis2": {"domain": [0.55, 1]}}
    upwards = {"yaxis": {"range": [0, 3]}, "yaxis2": {"anchor": "x2"}}
    return go.Figure(
        [left, right], {**across, **upwards, "height": 300, "showlegend": False, "font_size": 14, **layout}
    )


def test_a_window_that_changes_changes_the_figure(bare):
    bare.show(panels())
    assert bare.value(WIDTH) == 900
    for width in (700, 1000):
        bare.tab.set_viewport_size({"width": width, "height": 700})
        bare.until(f"{WIDTH} === arg && {IS_DRAWN}", width)


def test_hidden_it_waits_and_then_it_is_drawn_as_it_is_now(bare):
    bare.tab.evaluate("document.querySelector('main').style.display = 'none'")
    bare.show(panels())
    assert bare.tab.locator(".main-svg").count() == 0
    bare.tab.evaluate("document.querySelector('main').style.display = ''")
    bare.until(f"plot.querySelector('.main-svg') && {WIDTH} === 900 && {IS_DRAWN}")
    bare.tab.evaluate("document.querySelector('main').style.display = 'none'")
    bare.show(panels(xaxis={"range": [0, 9]}))
    assert bare.ranges()["xaxis"] == [0, 3]
    bare.tab.evaluate("document.querySelector('main').style.display = ''")
    bare.until(f"String(plot._fullLayout.xaxis.range) === '0,9' && {IS_DRAWN}")


def test_its_letters_and_ground_are_the_themes(bare):
    look = """() => {
        const plot = window.plotOf("figure");
        const style = (part, name) => getComputedStyle(plot.querySelector(part))[name];
        return [style(".xtick text", "fill"), style(".main-svg", "backgroundColor")];
    }"""
    bare.show(panels())
    assert bare.tab.evaluate(look) == ["rgb(31, 39, 51)", "rgb(255, 255, 255)"]
    bare.tab.emulate_media(color_scheme="dark")
    bare.show(panels())  # Streamlit calls a component's script again
    bare.until(f"getComputedStyle(plot.querySelector('.xtick text')).fill === 'rgb(227, 232, 239)' && {IS_DRAWN}")
    assert bare.tab.evaluate(look) == ["rgb(227, 232, 239)", "rgb(18, 22, 28)"]


def test_on_a_phone_a_figure_that_needs_more_width_scrolls_in_its_own_box(bare):
    bare.tab.set_viewport_size({"width": 420, "height": 800})
    bare.show(panels(), narrowest=640)
    assert bare.value(WIDTH) == 640
    assert bare.value("figure.scrollWidth") == 640 and bare.value("document.documentElement.scrollWidth") <= 420
    bare.tab.set_viewport_size({"width": 900, "height": 700})
    bare.until(f"{WIDTH} === 900 && {IS_DRAWN}")


def touch(bare, is_there: bool) -> None:
    bare.finger.send("Emulation.setTouchEmulationEnabled", {"enabled": is_there})


@pytest.fixture
def finger(bare):
    """A touch screen."""
    touch(bare, True)
    yield bare
    touch(bare, False)


def test_a_swipe_scrolls_the_page_and_leaves_the_figure_as_it_is(finger):
    finger.show(panels(dragmode="zoom"))
    ranges = finger.ranges()
    x, y = finger.place(1.5, 1.5)
    finger.swipe(*((x, y - 15 * step) for step in range(11)))
    finger.until("window.scrollY > 50")
    assert finger.ranges() == ranges and finger.told() == []


def test_a_tool_that_a_person_picked_draws_with_the_finger(finger):
    finger.show(panels(dragmode="pan"))
    finger.take_tool("zoom")
    (x, y), (x1, y1) = finger.place(0.5, 0.5), finger.place(2, 2)
    finger.swipe(*((x + (x1 - x) * step / 10, y + (y1 - y) * step / 10) for step in range(11)))
    finger.until("plot._fullLayout.xaxis.range[1] < 2.2")
    assert finger.value("window.scrollY") < 20


@pytest.mark.parametrize("scale", [1, 0.75, 1.5])
def test_on_stage_letters_are_as_large_as_the_window_and_the_mouse_points_at_what_is_named(bare, scale):
    bare.tab.evaluate(
        """scale => {
            const { style } = document.documentElement;
            style.setProperty("--screen", "700px");
            style.setProperty("--scale", scale);
            document.querySelector("main").style.zoom = scale;
        }""",
        scale,
    )
    bare.show(panels(), key="stage-figure")
    size = "parseFloat(getComputedStyle(plot.querySelector('.xtick text')).fontSize)"
    assert bare.value(size, "stage-figure") * bare.tab.locator(".js-plotly-plot").evaluate(
        "one => one.getBoundingClientRect().width / one.offsetWidth"
    ) == pytest.approx(14 * scale, rel=0.02)
    box = bare.tab.locator(".st-key-stage-figure .main-svg").first.bounding_box()
    assert box["height"] == pytest.approx(300 * scale, abs=2) and box["width"] == pytest.approx(900, abs=2)
    for place, name in (((1, 1), "one"), ((2, 2), "two")):
        bare.tab.mouse.move(*bare.place(*place, "stage-figure"))
        bare.tab.locator(".hovertext", has_text=name).wait_for()


def test_a_stage_that_is_scaled_otherwise_is_larger_and_the_mouse_still_finds_its_dots(bare):
    bare.tab.evaluate("document.documentElement.style.setProperty('--screen', '700px')")
    for scale in (1, 0.75):
        bare.tab.evaluate(
            """scale => {
                document.documentElement.style.setProperty("--scale", scale);
                document.querySelector("main").style.zoom = scale;
            }""",
            scale,
        )
        if scale == 1:
            bare.show(panels(), key="stage-figure")
    bare.frames(3)
    for place, name in (((1, 1), "one"), ((2, 2), "two")):
        bare.tab.mouse.move(*bare.place(*place, "stage-figure"))
        bare.tab.locator(".hovertext", has_text=name).wait_for()
