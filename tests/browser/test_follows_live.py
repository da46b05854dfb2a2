"""Figures that the browser computes while γ's slider moves, on a bare page: they equal Python's figures at that γ."""

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from browser_helpers import GREY, IN_A_BROWSER
from flow_page import needs_runtime
from grid_helpers import mostly_slow

import ibinn_core as ib
from app import panel
from app.controls import ComparedState
from app.figures.bars import posterior_bars
from app.images.handwriting import from_text, to_text
from app.latent_space.plane import Plane
from app.models import live, registry
from app.models.in_browser import Addresses, addresses_of
from app.models.live import as_picture, follow_live
from app.panel import Plot
from app.panels import judge, sample, start, walk, write
from app.site.pages import showing
from app.vendor import published_modules
from app.widgets.tiles import Tiles

pytestmark = [*IN_A_BROWSER, needs_runtime]
START, ON_THE_WAY, END = 1.0, 2.5, 9.5
SEVEN = [[(0.2, 0.1), (0.5, 0.1), (0.8, 0.1)], [(0.8, 0.1), (0.6, 0.5), (0.4, 0.9)]]
DRAWN = {"temperature": 0.7, "guidance": 1.5, "seed": 5, "classes": ["1", "7"], "tile": ""}
#: Panels by name: their module, and the fields of their state.
PANELS: dict[str, tuple[ModuleType, dict[str, Any]]] = {
    "samples": (sample, {"center": "empirical", **DRAWN}),
    "mixture": (sample, {"center": "mean", **DRAWN}),
    "walk": (walk, {"first": "sample-11", "second": "sample-3", "steps": 4}),
    "start": (start, {"image": "sample-11"}),
    "judge": (judge, {"image": "sample-11"}),
    "write": (write, {"strokes": to_text(SEVEN)}),
    "empty": (write, {"strokes": ""}),
}
MODULE = f"/app/static/vendor/{published_modules()}/plane/component.js"
#: A JavaScript function: returns the pixels and labels of the tiles, the stars, and all numbers and texts of figures.
READ = f"""async () => {{
    const {{ cloudOf }} = await import("{MODULE}");
    const all = (selector) => [...document.querySelectorAll(selector)];
    const plots = all(".figure-box > div").filter((plot) => plot.data);
    const traces = plots.flatMap((plot) => plot.data.map((one) => [one.uid ?? "bars", one]));
    return {{
        pixels: all(".tile canvas").flatMap({GREY}),
        stars: ["start", "plane"].flatMap((key) => cloudOf(key)?.star ?? cloudOf(key)?.way?.at(-1) ?? []),
        numbers: Object.fromEntries(traces.map(([name, one]) => [name, [...one.x]])),
        words: JSON.stringify([all(".tile span").map((one) => one.textContent),
            traces.map(([name, one]) => [name, one.text ?? null]),
            plots.map(({{ layout }}) => [["xaxis", "xaxis2", "xaxis3"].map((axis) => layout[axis]?.title?.text),
                (layout.annotations ?? []).filter((note) => note.name && note.text).map((note) => note.text).sort()])]),
    }}; }}"""
#: A JavaScript function: tells whether the page shows ``wanted``, up to rounding. Images may be in the next bin of the
#: strip of held-out images.
SAME = f"""async (wanted) => {{
    const found = await ({READ})();
    const near = (one, other, most) => one?.length === other.length
        && one.every((value, at) => value === other[at] || Math.abs(value - other[at]) <= most);
    return near(found.pixels, wanted.pixels, 2) && near(found.stars, wanted.stars, 0.01) && found.words === wanted.words
        && Object.entries(wanted.numbers).every(([name, numbers]) =>
            near(found.numbers[name], numbers, name.startsWith("strip") ? 0.02 : 5e-3)); }}"""


@pytest.fixture(scope="module")
def family():
    found = registry.weight_space(registry.family_of(registry.by_id("mnist-gamma-1")))
    assert addresses_of(found.members[0]) is not None, "the committed archive cannot be published"
    return found


@pytest.fixture
def show(bare, family):
    """``show(name, gamma)`` shows the figures of one of :data:`PANELS`."""

    def shown(name: str, gamma: float, beside: tuple[str, ...] = (), **more: object) -> None:
        module, id = PANELS[name][0], registry.place(family, gamma).id
        with showing("mnist"):
            models = {"models": [id]} if issubclass(module.State, ComparedState) else {}
            views = module.views(module.State("mnist", id, beside, **models, **{**PANELS[name][1], **more}))
            drawn = [one.draw(*map(answered, one.needs)) for one in views if one.on_stage]
        parts = [part for one in drawn for part in (one if isinstance(one, list) else [one])]
        figures = [part for part in parts if isinstance(part, Plot | Plane | Tiles)]
        bare.mount(lambda: [panel.show_part(part) for part in figures])

    return shown


def answered(one: object) -> Any:
    """Computes the answer to a question, and to the questions among its arguments."""
    return one.function(*map(answered, one.arguments)) if hasattr(one, "function") else one


def place_of(family, gamma: float) -> dict:
    """Returns the message that the slider sends at a γ."""
    positions = [family.position(place.gamma) for place in family.curve]
    here = family.position(gamma)
    above = next(n for n, position in enumerate(positions) if position >= here)
    low = above if positions[above] == here else above - 1
    share = 0 if low == above else (here - positions[low]) / (positions[above] - positions[low])
    return {"gamma": gamma, "place": {"low": low, "high": above, "share": share}}


def move(bare, family, *gammas: float) -> None:
    """Sends the slider's message for each γ."""
    told = "detail => document.dispatchEvent(new CustomEvent('gamma-moved', { detail }))"
    for gamma in gammas:
        bare.tab.evaluate(told, place_of(family, gamma))


def drawn_by_python(bare, show, *arguments: object, **more: object) -> dict:
    """Returns what the page shows as :data:`READ` does, and then empties the page."""
    show(*arguments, **more)
    found = bare.tab.evaluate(READ)
    bare.tab.evaluate("() => window.clear()")
    return found


FOLLOWED = [*((name, END) for name in PANELS if name != "empty"), ("start", 0.0), ("judge", 0.0), ("judge", math.inf)]


@pytest.mark.parametrize(("name", "gamma"), mostly_slow(FOLLOWED, *FOLLOWED[1:5]))
def test_what_follows_the_slider_is_what_the_program_draws_where_it_is_let_go(bare, family, show, name, gamma):
    wanted = drawn_by_python(bare, show, name, gamma)
    show(name, START)
    assert bare.tab.evaluate(READ) != wanted
    move(bare, family, ON_THE_WAY, gamma)
    bare.tab.wait_for_function(SAME, arg=wanted)


#: A JavaScript function: stands in for the slider, which tells new tiles its present place.
ANSWER = """detail => {
    window.answering?.abort();
    window.answering = new AbortController();
    document.addEventListener("gamma-asked", () => document.dispatchEvent(new CustomEvent("gamma-moved", { detail })),
        { signal: window.answering.signal });
}"""


def test_what_the_program_draws_of_a_place_that_the_slider_has_passed_gives_way(bare, family, show):
    started, end = (drawn_by_python(bare, show, "mixture", gamma) for gamma in (START, END))
    show("mixture", START)
    move(bare, family, ON_THE_WAY, END)
    bare.tab.wait_for_function(SAME, arg=end)
    bare.tab.evaluate(ANSWER, place_of(family, END))
    try:
        show("mixture", ON_THE_WAY)  # the program's answer for an earlier place of the slider
        bare.tab.wait_for_function(SAME, arg=end)
    finally:
        bare.tab.evaluate("() => window.answering.abort()")
    move(bare, family, START)
    bare.tab.wait_for_function(SAME, arg=started)


#: A JavaScript function: holds back all requests to decode until ``release()``.
HOLD = """() => {
    const held = [], { postMessage: post } = Worker.prototype;
    Worker.prototype.postMessage = function (request) {
        if (request.method === "decode") held.push(() => post.call(this, request)); else post.call(this, request);
    };
    window.countHeld = () => held.length;
    window.release = () => { Worker.prototype.postMessage = post; for (const send of held) send(); };
}"""


def test_nothing_of_the_figure_before_is_put_into_the_next(bare, family, show):
    wanted = drawn_by_python(bare, show, "mixture", END, seed=6)
    show("mixture", START)
    bare.tab.evaluate(HOLD)
    try:
        move(bare, family, ON_THE_WAY)
        bare.tab.wait_for_function("() => window.countHeld() === 1")
        show("mixture", START, seed=6)
        move(bare, family, END)
    finally:
        bare.tab.evaluate("() => window.release()")
    bare.tab.wait_for_function(SAME, arg=wanted)


def test_what_is_still_computed_for_a_later_place_begins_again_after_an_answer(bare, family, show):
    end = drawn_by_python(bare, show, "mixture", END)
    show("mixture", START)
    bare.tab.evaluate(HOLD)
    try:
        move(bare, family, END)
        bare.tab.wait_for_function("() => window.countHeld() === 1")
        show("mixture", ON_THE_WAY)  # and the user has let go of the slider, so that it sends no message
    finally:
        bare.tab.evaluate("() => window.release()")
    bare.tab.wait_for_function(SAME, arg=end)


@pytest.fixture
def pen(bare, family):
    """``pen(strokes)`` sends strokes as the pad does. A listener in place of the slider answers with the place of γ."""
    told = "detail => document.addEventListener('gamma-asked', window.tellGamma = () =>"
    told += " document.dispatchEvent(new CustomEvent('gamma-change', { detail })))"
    bare.tab.evaluate(told, place_of(family, START))
    module = 'import { digit } from "/app/static/flow/digit.js"; window.digit = digit;'
    bare.tab.add_script_tag(type="module", content=module)  # Chromium may collect the promise of an import()
    bare.tab.wait_for_function("() => window.digit")
    script = "strokes => { document.dispatchEvent(new CustomEvent('pen-moved', { detail: digit(strokes) })); }"
    yield lambda strokes: bare.tab.evaluate(script, strokes)
    bare.tab.evaluate("() => document.removeEventListener('gamma-asked', window.tellGamma)")


def test_an_empty_figure_becomes_what_the_program_draws_of_what_is_written(bare, show, pen):
    wanted = drawn_by_python(bare, show, "write", START)
    show("empty", START)
    bare.tab.evaluate(f"async () => {{ window.cloudOf = (await import('{MODULE}')).cloudOf; }}")
    way = "window.cloudOf('plane').way.length"
    answered = "length => document.dispatchEvent(new CustomEvent('pen-answered', { detail: length }))"
    strokes = from_text(to_text(SEVEN))
    pen(strokes)
    bare.tab.wait_for_function(SAME, arg=wanted)
    bare.tab.wait_for_function(f"() => {way} === 1")
    pen(strokes[:1])
    bare.tab.wait_for_function(f"() => {way} === 2")
    show("write", START)  # with fewer strokes than the pad has
    assert bare.tab.evaluate(way) == 2
    bare.tab.evaluate(answered, 1)
    bare.tab.wait_for_function(SAME, arg=wanted)
    assert bare.tab.evaluate(way) >= 2
    bare.tab.evaluate(answered, 0)
    bare.tab.wait_for_function(f"() => {way} === 0")


def test_what_other_models_say_is_hidden_until_they_have_seen_what_is_written(bare, show, pen):
    show("write", START, ("mnist-resnet",), strokes=to_text(SEVEN[:1]))
    marks = "window.plotOf('bayes').data.filter((t) => t.uid.startsWith('beside') && t.visible !== false).length"
    assert bare.tab.evaluate(marks) == 1
    pen(SEVEN)
    bare.tab.wait_for_function(f"() => {marks} === 0")
    bare.tab.evaluate("() => document.dispatchEvent(new CustomEvent('pen-answered', { detail: 2 }))")
    bare.tab.wait_for_function(f"() => {marks} === 1")


@pytest.mark.parametrize("addresses", [None, Addresses("/nowhere/", "/nowhere/")])
def test_where_the_browser_cannot_compute_one_line_says_so(bare, family, monkeypatch, addresses):
    monkeypatch.setattr(live, "addresses_of", lambda _: addresses)
    checkpoint = registry.by_id("mnist-gamma-1")
    task = {"picture": as_picture(checkpoint, ib.data.embedded("mnist")[0][3]), "shown": list(range(10))}
    for key in ("figure", "second"):
        bare.show(posterior_bars(np.full(10, 0.1), classes=checkpoint.classes), key, gamma=checkpoint.gamma)
        bare.mount(lambda key=key: follow_live(key, checkpoint, "bars", task))
    move(bare, family, END)
    said = "[...document.querySelectorAll('[data-live]')].map((one) => one.textContent)"
    bare.tab.wait_for_function(f"() => {said}.some(Boolean)")
    first, second = bare.tab.evaluate(said)
    assert first.startswith("Slow mode (") and second == ""
    np.testing.assert_allclose(bare.value("[...plot.data[0].x]"), 0.1)
    bare.problems.clear()  # the browser complains about the missing files
