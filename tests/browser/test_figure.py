"""The figure on a bare page: its drawing, its changes, and a person's actions."""

from functools import partial

import plotly.graph_objects as go
import pytest
from bare_page import components_of
from browser_helpers import IN_A_BROWSER

from app.figures.layout import TOOLS
from app.vendor import published_modules
from app.widgets.figure import show_figure

pytestmark = IN_A_BROWSER
PLACES = [(x, y) for x in (1, 2, 3) for y in (1, 2, 3)]  # of nine dots, with the rows 0 to 8


def dots(times: float = 1, **layout: object) -> go.Figure:
    """Nine large ones in a square, with a star that has a name."""
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
    """By a rectangle from (1, 1) to (3, 3); returns the ranges that the axes then have."""
    bare.take_tool("zoom", key)
    bare.drag(bare.place(1, 1, key), bare.place(3, 3, key))
    ranges = bare.ranges(key)
    assert ranges["xaxis"] == pytest.approx([1, 3], abs=0.1) and ranges["yaxis"] == pytest.approx([1, 3], abs=0.1)
    return ranges


def test_it_is_drawn_and_says_so(bare):
    bare.show(dots(), alt="nine dots")
    assert bare.value("figure.dataset.state") == "drawn"
    bare.tab.get_by_role("figure", name="nine dots").wait_for()
    assert bare.tab.locator(".figure .point").count() == 10
    box = bare.tab.locator(".figure-box").bounding_box()
    assert (box["width"], box["height"]) == (900, 400)
    assert bare.tab.locator(".figure .main-svg").first.bounding_box() == box


def test_another_figure_is_drawn_into_it_and_the_zoom_stays_while_it_is_about_the_same(bare):
    bare.show(dots(), about="a plane")
    bare.value("plot.dataset.mark = 'the same'")
    whole, zoomed = bare.ranges(), zoom_in(bare)
    bare.show(dots(times=1.1), about="a plane", alt="higher dots")
    assert bare.value("plot.data[0].y[8]") == pytest.approx(3.3) and bare.ranges() == zoomed
    bare.tab.get_by_role("figure", name="higher dots").wait_for()
    bare.show(dots(times=1.1), about="another plane")
    assert bare.ranges() == whole
    assert bare.value("plot.dataset.mark") == "the same"


def test_without_a_word_of_what_it_is_about_each_figure_is_whole(bare):
    bare.show(dots())
    whole, zoomed = bare.ranges(), zoom_in(bare)
    bare.show(dots())  # the same
    assert bare.ranges() == zoomed
    bare.show(dots(times=1.1))
    assert bare.ranges() == whole


def test_parts_change_by_their_names(bare):
    bare.show(dots())  # whose styles give a figure its size
    (part,) = components_of(lambda: show_figure(dots(), "direct", alt="dots"))
    found = bare.tab.evaluate(
        """async ([spec, folder]) => {
            const { Figure } = await import(`/app/static/vendor/${folder}/figure/figure.js`);
            const host = document.querySelector("main").appendChild(document.createElement("div"));
            const figure = new Figure(host);
            await figure.show(spec);
            const changes = { star: { x: [1.5], marker: { size: 30 } }, note: { text: "changed" }, nobody: { x: [0] } };
            await figure.hold(changes);
            const { data, layout } = figure.plot;
            const all = [data[1].x[0], data[1].y[0], data[1].marker.size, layout.annotations[0].text, data[0].x[0]];
            await figure.show({ ...spec, about: "sent again" });
            all.push(figure.plot.data[1].x[0]);
            await figure.remove();
            return all;
        }""",
        [part["data"], published_modules()],
    )
    assert found == [1.5, 2.5, 30, "changed", 1, 1.5]  # the same figure sent again does not undo what has changed


def test_each_click_on_a_dot_is_told_also_on_the_same_one(bare):
    bare.show(dots(), on_pick=list, config={"doubleClickDelay": 1})  # so quick is no hand
    for count, row in enumerate((8, 0, 0), start=1):
        bare.tab.mouse.move(*bare.place(2.2, 0.2))
        bare.tab.mouse.move(*bare.place(*PLACES[row]))
        label = bare.tab.locator(".hoverlayer .hovertext")
        label.filter(has_text=f"dot {row}").wait_for()
        bare.tab.mouse.click(*bare.place(*PLACES[row]))
        assert bare.told(count=count)[-1] == ["picked", [row]]


def test_a_click_is_not_told_where_nobody_picks_and_not_of_what_has_no_row(bare):
    bare.show(dots())
    bare.show(dots(), key="second", on_pick=list, config={"doubleClickDelay": 1})
    for key, place, name in (("figure", (1, 1), "dot 0"), ("second", (2.5, 2.5), "2.5"), ("second", (1, 1), "dot 0")):
        bare.tab.mouse.move(*bare.place(*place, key))
        bare.tab.locator(f".st-key-{key} .hoverlayer .hovertext", has_text=name).wait_for()
        bare.tab.mouse.click(*bare.place(*place, key))
    assert bare.told("second", 1) == [["picked", [0]]] and bare.told() == []


def follow(bare, gamma: float, place: tuple[int, int, float]) -> None:
    """Like the slider while a person drags it."""
    low, high, share = place
    detail = {"gamma": gamma, "place": {"low": low, "high": high, "share": share}}
    bare.tab.evaluate("detail => document.dispatchEvent(new CustomEvent('gamma-moved', { detail }))", detail)


def test_two_figures_keep_out_of_each_others_way(bare):
    bare.show(dots(height=300), key="one", about="plane of one", on_pick=list)
    bare.show(dots(height=300), key="two", about="plane of two", on_pick=list)
    whole = bare.ranges("two")
    zoom_in(bare, "one")
    assert bare.ranges("two") == whole
    bare.tab.mouse.move(*bare.place(2, 2, "two"))
    bare.tab.locator(".st-key-two .hovertext").wait_for()
    bare.tab.mouse.click(*bare.place(2, 2, "two"))
    assert bare.told("two", 1) == [["picked", [4]]] and bare.told("one") == []


def test_what_is_removed_follows_nothing_any_more(bare):
    bare.show(dots(), key="stays")
    bare.show(dots(), key="goes")
    bare.tab.evaluate("() => window.unmount('goes')")
    follow(bare, 2, (0, 1, 0.5))
    bare.tab.set_viewport_size({"width": 800, "height": 700})
    bare.until("window.plotOf('stays').clientWidth === 800")
    assert bare.value("document.querySelectorAll('.js-plotly-plot').length", "stays") == 1


def test_a_call_that_is_overtaken_takes_nothing_away(bare):
    bare.show(dots())
    bare.mount_at_once(*(partial(show_figure, dots(times), "figure", alt="dots") for times in (1.2, 1.1)))
    bare.until("figure.dataset.state === 'drawn' && plot.data[0].y[8] < 3.5")
    bare.show(dots(1.2))
    bare.until("figure.dataset.state === 'drawn' && plot.data[0].y[8] > 3.5")


@pytest.mark.slow
def test_its_toolbar_has_no_camera(bare):
    bare.show(dots(), config=TOOLS)
    assert bare.tab.locator(".modebar-btn").count() > 0
    assert bare.tab.locator('.modebar-btn[data-title^="Download"]').count() == 0
