"""The figure on a bare page: how it is drawn and changed, users' actions, and its place in a window."""

from functools import partial

import plotly.graph_objects as go
import pytest
from browser_helpers import IN_A_BROWSER

from app.figures.layout import TOOLS
from app.widgets.figure import show_figure

pytestmark = IN_A_BROWSER
PLACES = [(x, y) for x in (1, 2, 3) for y in (1, 2, 3)]  # the places of nine dots, whose rows are 0 to 8
WIDTH = "plot.querySelector('.main-svg').getBoundingClientRect().width"
IS_DRAWN = "figure.dataset.state === 'drawn'"


def dots(times: float = 1, **layout: object) -> go.Figure:
    """Returns a figure of nine large dots in a square, and a star with a ``uid``."""
    x, y = zip(*PLACES, strict=True)
    names = [f"dot {row}<br>of nine" for row in range(9)]
    trace = go.Scatter(
        x=x, y=[times * v for v in y], customdata=list(range(9)), text=names, mode="markers", marker_size=20
    )
    star = go.Scatter(x=[2.5], y=[2.5], uid="star", mode="markers", marker_size=10, showlegend=False)
    axes = {"xaxis_range": [0, 4], "yaxis_range": [0, 4], "height": 400, "showlegend": False}
    figure = go.Figure([trace, star], {**axes, **layout})
    figure.add_annotation(x=2, y=3.5, text="a note", name="note", showarrow=False)
    return figure


def zoom_in(bare, key: str = "figure") -> dict[str, list[float]]:
    """Zooms in with a rectangle from (1, 1) to (3, 3); returns the ranges that the axes have then."""
    bare.take_tool("zoom", key)
    bare.drag(bare.place(1, 1, key), bare.place(3, 3, key))
    ranges = bare.ranges(key)
    assert ranges["xaxis"] == pytest.approx([1, 3], abs=0.1) and ranges["yaxis"] == pytest.approx([1, 3], abs=0.1)
    return ranges


def point_at(bare, place: tuple[float, float], name: str, key: str = "figure") -> None:
    """Moves the mouse to a place, and waits for the label of the dot there."""
    bare.tab.mouse.move(*bare.place(2.2, 0.2, key))
    bare.tab.mouse.move(*bare.place(*place, key))
    bare.tab.locator(f".st-key-{key} .hoverlayer .hovertext", has_text=name).wait_for()


def test_another_figure_is_drawn_into_it_and_the_zoom_stays_while_it_is_about_the_same(bare):
    bare.show(dots(), about="a plane", alt="nine dots")
    bare.tab.get_by_role("figure", name="nine dots").wait_for()
    assert bare.tab.locator(".figure .point").count() == 10
    bare.value("plot.dataset.mark = 'the same'")
    whole, zoomed = bare.ranges(), zoom_in(bare)
    bare.show(dots(times=1.1), about="a plane", alt="higher dots")
    assert bare.value("plot.data[0].y[8]") == pytest.approx(3.3) and bare.ranges() == zoomed
    bare.tab.get_by_role("figure", name="higher dots").wait_for()
    bare.show(dots(times=1.1), about="another plane")
    assert bare.ranges() == whole
    assert bare.value("plot.dataset.mark") == "the same"
    bare.show(dots(), config=TOOLS)
    assert bare.tab.locator(".modebar-btn").count() > 0
    assert bare.tab.locator('.modebar-btn[data-title^="Download"]').count() == 0
    zoomed = zoom_in(bare)
    bare.show(dots(), config=TOOLS)  # the same figure, also without ``about``
    assert bare.ranges() == zoomed
    bare.show(dots(times=1.1))
    assert bare.ranges() == whole


def test_each_click_on_a_dot_is_told_also_on_the_same_one_and_of_nothing_else(bare):
    at_once = {"config": {"doubleClickDelay": 1}}  # no hand double-clicks so quickly
    bare.show(dots(height=300))
    bare.show(dots(height=300), key="second", on_pick=list, **at_once)
    whole = bare.ranges("second")
    zoom_in(bare)
    assert bare.ranges("second") == whole
    point_at(bare, PLACES[4], "dot 4")
    bare.tab.mouse.click(*bare.place(*PLACES[4]))
    for place, name in ((PLACES[8], "dot 8"), ((2.5, 2.5), "2.5"), (PLACES[0], "dot 0"), (PLACES[0], "dot 0")):
        point_at(bare, place, name, "second")
        bare.tab.mouse.click(*bare.place(*place, "second"))
    assert bare.told("second", 3) == [["picked", [8]], ["picked", [0]], ["picked", [0]]] and bare.told() == []


def test_what_is_removed_follows_nothing_any_more(bare):
    bare.show(dots(), key="stays")
    bare.show(dots(), key="goes")
    bare.tab.evaluate("() => window.unmount('goes')")
    detail = {"gamma": 2, "place": {"low": 0, "high": 1, "share": 0.5}}
    bare.tab.evaluate("detail => document.dispatchEvent(new CustomEvent('gamma-moved', { detail }))", detail)
    bare.tab.set_viewport_size({"width": 800, "height": 700})
    bare.until("window.plotOf('stays').clientWidth === 800")
    assert bare.value("document.querySelectorAll('.js-plotly-plot').length", "stays") == 1


def test_a_call_that_is_overtaken_takes_nothing_away(bare):
    bare.show(dots())
    bare.mount_at_once(*(partial(show_figure, dots(times), "figure", alt="dots") for times in (1.2, 1.1)))
    bare.until(f"{IS_DRAWN} && plot.data[0].y[8] < 3.5")
    bare.show(dots(1.2))
    bare.until(f"{IS_DRAWN} && plot.data[0].y[8] > 3.5")


def test_hidden_it_waits_and_then_it_is_drawn_as_it_is_now(bare):
    display = "value => { document.querySelector('main').style.display = value; }"
    for shown in ([0, 4], [0, 9]):
        bare.tab.evaluate(display, "none")
        bare.show(dots(xaxis_range=shown))
        assert bare.tab.locator(".main-svg").count() == 0 or bare.ranges()["xaxis"] == [0, 4]
        bare.tab.evaluate(display, "")
        bare.until(f"String(plot._fullLayout?.xaxis.range) === String(arg) && {WIDTH} === 900 && {IS_DRAWN}", shown)


def test_its_letters_are_the_themes_and_where_it_needs_more_width_it_scrolls_in_its_own_box(bare):
    ink = "getComputedStyle(plot.querySelector('.xtick text')).fill"
    bare.show(dots(), narrowest=640)
    assert bare.value(ink) == "rgb(31, 39, 51)"
    bare.tab.emulate_media(color_scheme="dark")
    bare.show(dots(), narrowest=640)  # as when Streamlit calls a component's script again
    bare.until(f"{ink} === 'rgb(227, 232, 239)' && {IS_DRAWN}")
    bare.tab.set_viewport_size({"width": 420, "height": 800})
    bare.until(f"{WIDTH} === 640 && {IS_DRAWN}")
    assert bare.value("figure.scrollWidth") == 640 and bare.value("document.documentElement.scrollWidth") <= 420


def test_in_a_narrow_box_the_panels_at_the_right_go_below_the_others(bare):
    bare.show(dots(xaxis_domain=[0.6, 1]), narrowest=640)
    assert bare.value("plot.offsetHeight") == 400
    bare.tab.set_viewport_size({"width": 420, "height": 800})
    bare.until(f"plot._fullLayout.yaxis.domain[1] < 0.5 && {IS_DRAWN}")
    assert bare.value("plot.layout.xaxis.domain") == pytest.approx([0.2, 1])
    assert bare.value("plot.offsetHeight") == 800 and bare.value("figure.scrollWidth") <= 420


@pytest.fixture
def finger(bare):
    """The bare page on a touch screen."""
    bare.finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    yield bare
    bare.finger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_a_swipe_scrolls_the_page_and_a_tool_that_a_person_picked_draws_with_the_finger(finger):
    finger.show(dots(dragmode="zoom"))
    ranges, (x, y) = finger.ranges(), finger.place(1.5, 1.5)
    finger.swipe(*((x, y - 15 * step) for step in range(11)))
    finger.until("window.scrollY > 50")
    assert finger.ranges() == ranges and finger.told() == []
    finger.tab.evaluate("window.scrollTo(0, 0)")
    finger.show(dots(dragmode="pan"))
    finger.take_tool("zoom")
    (x, y), (x1, y1) = finger.place(0.5, 0.5), finger.place(2, 2)
    finger.swipe(*((x + (x1 - x) * step / 10, y + (y1 - y) * step / 10) for step in range(11)))
    finger.until("plot._fullLayout.xaxis.range[1] < 2.2")
    assert finger.value("window.scrollY") < 20


def test_on_a_stage_that_is_scaled_the_mouse_points_at_what_is_named(bare):
    scaled = """scale => {
        const { style } = document.documentElement;
        style.setProperty("--screen", "700px");
        style.setProperty("--scale", scale);
        document.querySelector("main").style.zoom = scale;
    }"""
    for scale in (1, 0.75, 1.5):  # the figure is drawn at the first scale
        bare.tab.evaluate(scaled, scale)
        if scale == 1:
            bare.show(dots(), key="stage-figure")
        height = "document.querySelector('.st-key-stage-figure .main-svg').getBoundingClientRect().height"
        bare.tab.wait_for_function(f"wanted => Math.abs({height} - wanted) < 2", arg=400 * scale)
        bare.frames(3)
        for row in (0, 8):
            point_at(bare, PLACES[row], f"dot {row}", "stage-figure")
