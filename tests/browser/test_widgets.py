"""The app's own widgets in a real browser, each on a small page of its own."""

import math

import pytest
from browser_helpers import IN_A_BROWSER, quiet_server

import ibinn_core as ib
from tools.screenshots import ROOT, settle

pytestmark = IN_A_BROWSER

HEAD = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
"""
CANVAS = """
from app.images.drawing_canvas import drawing_canvas
version = st.session_state.setdefault("version", 0)
if st.button("draw a line"):
    st.session_state.version = version = version + 1
strokes = drawing_canvas("canvas", [[(0.2, 0.2), (0.8, 0.8)]] if version else [], version).strokes
st.text(f"{len(strokes)} strokes, {sum(map(len, strokes))} points")
st.text(f"first at {strokes[0][0]}" if strokes else "nothing")
"""
LIVE = """
import numpy as np
from app.images.drawing_canvas import drawing_canvas, read_canvas
page = np.full((28, 28, 1), 120, np.uint8)
writing = read_canvas("canvas", [], 1)
drawing_canvas("canvas", [], 1, page, writing.number)
st.text(f"{len(writing.strokes)} strokes, {'some' if writing.current else 'no'} points of another")
st.text("cleared" if writing.is_cleared else "on grey")
"""
SLIDER = """
import ibinn_core as ib
from app.models.gamma_slider import gamma_slider
gamma = st.session_state.setdefault("given", 1.0)
gamma_slider(ib.family("cifar10"), gamma, "slider", lambda gamma: st.session_state.update(given=gamma))
st.text(f"chosen {gamma:g}")
if st.button("to infinity"):
    st.session_state.given = float("inf")
    st.rerun()
"""
FIGURE = """
import plotly.graph_objects as go
from app.widgets.figure import picked_rows, show_figure
times = st.session_state.setdefault("times", 1)
if picked := picked_rows("figure"):
    st.session_state.picks = [*st.session_state.get("picks", []), *picked]
st.text(f"picked {st.session_state.get('picks')}")
if st.button("double"):
    st.session_state.times = times = 2 * times
plane = st.radio("plane", ["first", "second"])
dots = go.Scatter(x=[1, 2, 3], y=[times, 2 * times, 3 * times], customdata=[7, 8, 9], mode="markers", marker_size=20)
frames = [go.Frame(data=[go.Scatter(y=[times] * 3)], name=str(number)) for number in range(times)]
axes = {"xaxis_range": [0, 4], "yaxis_range": [0, 50], "dragmode": "zoom", "height": 400}
figure = go.Figure(dots, axes, frames if times > 2 else None)
show_figure(figure, "figure", alt=f"{times} times as high", selects=("points",), about=plane)
"""
MAIN = """
import streamlit as st

def empty(): st.write("There is no widget here.")  # on the page that has no name in the URL

pages = [st.Page(empty, default=True), *(st.Page(f"{name}.py") for name in ("canvas", "live", "slider", "figure"))]
st.navigation(pages, position="hidden").run()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of an app that shows one widget on each page."""
    folder = tmp_path_factory.mktemp("widgets")
    for name, script in {"canvas": CANVAS, "live": LIVE, "slider": SLIDER, "figure": FIGURE}.items():
        (folder / f"{name}.py").write_text(HEAD + script)
    (folder / "main.py").write_text(MAIN)
    with quiet_server(folder / "log", script=folder / "main.py") as address:
        yield address


@pytest.fixture
def opened(new_tab, address):
    """``opened("canvas")`` is a tab on that page; JavaScript must not have complained in the end."""
    complaints = []

    def open_page(name: str, **options):
        tab = new_tab(900, 900, **options)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(f"{address}/{name}")
        return tab

    yield open_page
    assert not complaints


def says(tab, text: str) -> None:
    tab.get_by_text(text, exact=True).wait_for(timeout=60_000)


def test_what_is_written_on_the_canvas_arrives_stroke_by_stroke(opened):
    tab = opened("canvas")
    says(tab, "0 strokes, 0 points")
    box = tab.locator("canvas").bounding_box()

    def stroke(points):
        for number, (x, y) in enumerate(points):
            tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not number:
                tab.mouse.down()
        tab.mouse.up()

    stroke([(0.25, 0.5), (0.5, 0.5), (0.75, 0.5)])
    says(tab, "1 strokes, 3 points")
    x, y = eval(tab.get_by_text("first at").inner_text().removeprefix("first at "))
    assert math.hypot(x - 0.25, y - 0.5) < 0.01
    stroke([(0.5, 0.1), (0.5, 0.9)])
    says(tab, "2 strokes, 5 points")
    bright = "c => { const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
    bright += " return p.filter((v, i) => i % 4 === 0 && v > 128).length / (c.width * c.height) }"
    assert 0.05 < tab.locator("canvas").evaluate(bright) < 0.3
    tab.get_by_role("button", name="Undo").click()
    says(tab, "1 strokes, 3 points")
    tab.get_by_role("button", name="Clear").click()
    says(tab, "nothing")
    assert tab.get_by_role("button", name="Clear").is_disabled()
    tab.get_by_role("button", name="draw a line").click()
    says(tab, "1 strokes, 2 points")
    assert tab.locator("canvas").evaluate(bright) > 0.02


def test_a_stroke_is_seen_while_it_is_written_and_clearing_takes_the_background_along(opened):
    grey = "c => c.getContext('2d').getImageData(2, 2, 1, 1).data[0]"
    tab = opened("live")
    says(tab, "0 strokes, no points of another")
    canvas = tab.locator("canvas")
    box = canvas.bounding_box()
    assert canvas.evaluate(grey) == 120
    tab.mouse.move(box["x"] + 100, box["y"] + 100)
    tab.mouse.down()
    for step in range(30):
        tab.mouse.move(box["x"] + 100 + 3 * step, box["y"] + 100)
        tab.wait_for_timeout(20)
    says(tab, "0 strokes, some points of another")
    tab.mouse.up()
    says(tab, "1 strokes, no points of another")
    assert canvas.evaluate(grey) == 120
    tab.get_by_role("button", name="Clear").click()
    says(tab, "cleared")
    says(tab, "0 strokes, no points of another")
    assert canvas.evaluate(grey) == 0 and tab.get_by_role("button", name="Clear").is_disabled()


def test_a_finger_writes_too(opened):
    tab = opened("canvas", has_touch=True)
    says(tab, "0 strokes, 0 points")
    box = tab.locator("canvas").bounding_box()
    tab.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    says(tab, "1 strokes, 1 points")


def test_the_slider_goes_by_keyboard_from_model_to_model_and_between(opened):
    family = ib.family("cifar10")
    tab = opened("slider")
    slider = tab.get_by_role("slider")
    says(tab, "chosen 1")
    slider.focus()
    tab.keyboard.press("PageUp")
    after = family.gammas[family.gammas.index(1.0) + 1]
    says(tab, f"chosen {after:g}")
    tab.keyboard.press("PageDown")
    says(tab, "chosen 1")
    for _ in range(6):
        tab.keyboard.press("ArrowRight")
    tab.get_by_text("between two trained models").wait_for()
    chosen = ""
    for _ in range(300):  # until the last of the keys has arrived
        chosen = tab.locator("[data-gamma]").inner_text().removeprefix("γ = ")
        if tab.get_by_text(f"chosen {float(chosen):g}", exact=True).count():
            break
        tab.wait_for_timeout(200)
    says(tab, f"chosen {float(chosen):g}")
    # The browser interpolates the measured curve as the library does.
    numbers, _ = family.numbers(float(chosen))
    assert tab.locator("[data-error]").inner_text() == f"{100 * numbers['error']:.1f} %"
    assert tab.locator("[data-bits]").inner_text() == f"{numbers['bits_per_dim']:.2f}"
    share = float(chosen) / (1 + float(chosen))
    of_lx = tab.locator("[data-bars]").evaluate("bars => bars.style.getPropertyValue('--lx')")
    assert 1 - float(of_lx) == pytest.approx(share, abs=1e-6)
    tab.get_by_role("button", name="to infinity").click()
    says(tab, "chosen inf")
    assert "gamma infinity" in slider.get_attribute("aria-valuetext")


def test_a_tick_of_the_slider_is_a_trained_model(opened):
    family = ib.family("cifar10")
    tab = opened("slider")
    says(tab, "chosen 1")
    ticks = tab.locator("[data-ticks] button")
    ticks.first.wait_for()
    assert ticks.count() == len(family.gammas)
    ticks.nth(1).click()
    says(tab, f"chosen {family.gammas[1]:g}")


PLOT = "document.querySelector('.js-plotly-plot')"
HEIGHTS = f"heights => {PLOT}?.isDrawing === false && JSON.stringify([...({PLOT}._fullData[0]?.y ?? [])]) === heights"
RANGES = f"() => [...{PLOT}._fullLayout.xaxis.range, ...{PLOT}._fullLayout.yaxis.range]"


def dot(tab, number: int) -> list[float]:
    """Where a dot of the figure is on the screen."""
    return tab.evaluate(
        f"""index => {{
            const {{xaxis, yaxis}} = {PLOT}._fullLayout, {{x, y}} = {PLOT}._fullData[0];
            const box = {PLOT}.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.d2p(x[index]), box.y + yaxis._offset + yaxis.d2p(y[index])];
        }}""",
        number,
    )


def zoom_in(tab) -> tuple[list[float], list[float]]:
    """Draws a rectangle around the middle dot; returns what the axes showed before, and what they show then."""
    settle(tab)  # Streamlit draws its empty chart twice
    whole = tab.evaluate(RANGES)
    x, y = dot(tab, 1)
    tab.mouse.move(x - 80, y - 60)
    tab.mouse.down()
    tab.mouse.move(x + 80, y + 30, steps=5)
    tab.mouse.up()
    tab.wait_for_function(f"whole => ({RANGES})()[0] > whole[0]", arg=whole)
    zoomed = tab.evaluate(RANGES)
    return whole, zoomed


def test_a_figure_changes_in_the_chart_that_stands_there_and_keeps_its_zoom(opened):
    tab = opened("figure")
    tab.wait_for_function(HEIGHTS, arg="[1,2,3]")
    tab.get_by_role("figure", name="1 times as high").wait_for()
    tab.evaluate(f"() => {{ {PLOT}.dataset.mark = 'the same' }}")
    whole, zoomed = zoom_in(tab)
    tab.get_by_role("button", name="double").click()
    tab.wait_for_function(HEIGHTS, arg="[2,4,6]")
    tab.get_by_role("figure", name="2 times as high").wait_for()
    assert tab.evaluate(RANGES) == pytest.approx(zoomed)
    tab.get_by_text("second", exact=True).click()
    tab.wait_for_function(f"whole => ({RANGES})()[0] === whole[0]", arg=whole)
    assert tab.evaluate(f"() => {PLOT}.dataset.mark") == "the same"


def test_a_figure_is_whole_again_after_a_double_click_and_so_are_those_after_it(opened):
    tab = opened("figure")
    tab.wait_for_function(HEIGHTS, arg="[1,2,3]")
    x, y = dot(tab, 1)
    _, zoomed = zoom_in(tab)
    tab.wait_for_timeout(400)  # the drag ends with what would be the first click of two
    tab.mouse.dblclick(x, y)
    tab.wait_for_function(f"zoomed => ({RANGES})()[1] > zoomed[1] + 0.1", arg=zoomed)
    tab.get_by_role("button", name="double").click()
    tab.wait_for_function(HEIGHTS, arg="[2,4,6]")
    tab.wait_for_function(f"zoomed => ({RANGES})()[3] >= 6 && ({RANGES})()[1] > zoomed[1] + 0.1", arg=zoomed)


def test_a_figure_stays_when_the_window_or_the_theme_changes_and_has_its_own_frames(opened):
    tab = opened("figure")
    for heights in ("[2,4,6]", "[4,8,12]"):
        tab.get_by_role("button", name="double").click()
        tab.wait_for_function(HEIGHTS, arg=heights)
    count = f"count => {PLOT}._transitionData._frames.length === count"
    tab.wait_for_function(count, arg=4)
    width = tab.evaluate(f"() => {PLOT}._fullLayout.width")
    tab.set_viewport_size({"width": 700, "height": 800})
    tab.wait_for_function(f"width => {PLOT}._fullLayout.width < width", arg=width)
    color = f"() => {PLOT}._fullLayout.font.color"
    before = tab.evaluate(color)
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(f"before => ({color})() !== before", arg=before)
    tab.wait_for_timeout(1000)  # in which it could be drawn over
    assert tab.evaluate(f"heights => ({HEIGHTS})(heights)", "[4,8,12]") and tab.evaluate(f"({count})(4)")
    tab.get_by_role("button", name="double").click()
    tab.wait_for_function(HEIGHTS, arg="[8,16,24]")
    tab.wait_for_function(count, arg=8)


def test_each_click_on_a_dot_counts_also_on_the_same_one(opened):
    tab = opened("figure")
    tab.wait_for_function(HEIGHTS, arg="[1,2,3]")
    settle(tab)  # Streamlit draws its empty chart twice
    for index, said in ((2, "picked [9]"), (0, "picked [9, 7]"), (0, "picked [9, 7, 7]")):
        tab.mouse.move(*dot(tab, index))
        tab.wait_for_timeout(300)
        tab.mouse.click(*dot(tab, index))
        says(tab, said)
        tab.wait_for_timeout(400)  # two clicks within 300 ms are a double click
