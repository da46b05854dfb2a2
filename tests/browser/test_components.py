"""The app's components other than figures, each on a bare page: a person's actions, and the reports to the program."""

import json
from pathlib import Path

import numpy as np
import pytest
from bare_page import components_of
from browser_helpers import IN_A_BROWSER

import ibinn_core as ib
from app.figures.bars import posterior_bars
from app.images.handwriting import to_text
from app.images.pad import Pad, show_pad
from app.lessons import navigation
from app.models.gamma_slider import gamma_slider
from app.widgets import component, stage
from app.widgets.component import BUTTON, custom_component
from app.widgets.history import keep_history_short
from ibinn_core.weight_space import Family

pytestmark = IN_A_BROWSER
ON = Path(stage.__file__)


@pytest.fixture(scope="module")
def family() -> Family:
    return ib.family("cifar10")


# The slider of γ


def show_slider(bare, family: Family, gamma: float = 1, **options: object) -> None:
    bare.mount(lambda: gamma_slider(family, gamma, "slider", print, **options))


def part(bare, name: str):
    return bare.tab.locator(f".st-key-slider [data-{name}]")


def last_told(bare, key: str, count: int) -> object:
    told = bare.told(key, count)
    assert len(told) == count
    return told[-1][1]


@pytest.mark.slow
def test_the_slider_goes_by_keyboard_from_model_to_model_and_between(bare, family):
    show_slider(bare, family)
    slider, at_one = bare.tab.get_by_role("slider"), family.gammas.index(1.0)
    slider.focus()
    for count, (key, step) in enumerate((("PageUp", 1), ("PageDown", 0), ("PageDown", -1)), start=1):
        bare.tab.keyboard.press(key)
        assert last_told(bare, "slider", count) == family.gammas[at_one + step]
    bare.tab.keyboard.press("PageUp")
    bare.tab.keyboard.press("ArrowRight")
    gamma = last_told(bare, "slider", 5)
    assert 1 < gamma < family.gammas[at_one + 1]
    # The browser interpolates the measured curve as the library does.
    point = family.point(gamma)
    assert part(bare, "error").inner_text() == f"{100 * point.error:.1f} %"
    assert part(bare, "bits").inner_text() == f"{point.bits_per_dim:.2f}"
    bare.tab.keyboard.press("ArrowLeft")
    assert last_told(bare, "slider", 6) == 1


def test_the_slider_tells_the_program_before_figures_follow(bare, family):
    show_slider(bare, family)
    count = "() => (window.toldBefore = window.told.length)"
    bare.tab.evaluate(f"() => document.addEventListener('gamma-moved', {count}, {{ once: true }})")
    bare.tab.get_by_role("slider").focus()
    bare.tab.keyboard.press("PageUp")
    assert len(bare.told("slider", 1)) == bare.tab.evaluate("() => window.toldBefore") == 1


def test_the_program_moves_the_slider_and_its_answers_do_not(bare, family):
    show_slider(bare, family)
    slider = bare.tab.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        bare.tab.keyboard.press("ArrowRight")
    _, (_, second), (_, third) = bare.told("slider", 3)
    show_slider(bare, family, second)  # an answer that comes late
    assert slider.get_attribute("aria-valuetext").startswith(f"gamma {third:.4g}, ")
    show_slider(bare, family, float("inf"))
    assert slider.get_attribute("aria-valuetext").startswith("gamma infinity, ")
    assert slider.input_value() == "1000"


def test_ticks_are_the_trained_models(bare, family):
    show_slider(bare, family)
    ticks = bare.tab.locator("[data-ticks] button")
    assert ticks.all_inner_texts() == ["0", "0.02", "0.2", "1", "35.65", "∞"]
    ticks.nth(1).click()
    assert last_told(bare, "slider", 1) == family.gammas[1]
    assert part(bare, "gamma").inner_text() == f"γ = {family.gammas[1]:g}"


def test_a_clicker_goes_from_model_to_model(bare, family):
    show_slider(bare, family)
    show_slider(bare, family)  # and only the last of them listens
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('step-gamma', { detail: 1 }))")
    assert last_told(bare, "slider", 1) == family.gammas[family.gammas.index(1.0) + 1]


def test_figures_hear_of_each_place_while_a_person_drags_and_the_program_at_the_end(bare, family):
    show_slider(bare, family)
    bare.tab.evaluate(
        "() => { window.gammas = []; document.addEventListener('gamma-moved', (e) => window.gammas.push(e.detail)); }"
    )
    box = bare.tab.get_by_role("slider").bounding_box()
    y = box["y"] + box["height"] / 2
    bare.tab.mouse.move(box["x"] + 0.5 * box["width"], y)
    bare.tab.mouse.down()
    for share_of_width in (0.55, 0.6, 0.65, 0.7):
        bare.tab.mouse.move(box["x"] + share_of_width * box["width"], y)
    bare.tab.wait_for_function("() => window.gammas.length >= 4")
    assert bare.told("slider") == []
    bare.tab.mouse.up()
    gamma = last_told(bare, "slider", 1)
    heard = bare.tab.evaluate("window.gammas")[-1]
    assert heard["gamma"] == gamma
    low, high = (family.curve[heard["place"][end]].gamma for end in ("low", "high"))
    assert low <= gamma <= high and 0 <= heard["place"]["share"] <= 1


def test_a_slider_of_trained_models_stops_nowhere_else(bare, family):
    show_slider(bare, family, only_ticks=True)
    box = bare.tab.get_by_role("slider").bounding_box()
    for share_of_width in (0.13, 0.37, 0.61, 0.83):
        bare.tab.mouse.click(box["x"] + share_of_width * box["width"], box["y"] + box["height"] / 2)
    told = [float(gamma) for _, gamma in bare.told("slider", 2)]
    assert set(told) <= set(family.gammas)


def test_a_model_without_gamma_takes_the_sliders_place_until_it_moves(bare, family):
    other = next(c for c in ib.checkpoints() if c.id == "class-nll")
    show_slider(bare, family, off=other)
    assert part(bare, "gamma").inner_text() == "class-NLL"
    assert part(bare, "error").inner_text() == f"{100 * other.card['error']:.1f} %"
    bare.tab.locator("[data-ticks] button").nth(1).click()
    assert last_told(bare, "slider", 1) == family.gammas[1]
    assert part(bare, "gamma").inner_text() == f"γ = {family.gammas[1]:g}"


# The pad

BRIGHT = """c => {
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    return p.filter((v, i) => i % 4 === 0 && v > 128).length / (c.width * c.height);
}"""
BAR = to_text([[(0.2, 0.2), (0.8, 0.8)]])


def show(bare, strokes: str = "") -> None:
    bare.mount(lambda: show_pad(Pad("pad", strokes, "strokes")))


def stroke(bare, *points: tuple[float, float]) -> None:
    box = bare.tab.locator(".pad-canvas").bounding_box()
    bare.drag(*((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points))


def written(bare, strokes: int) -> dict:
    """The last report to the program, after so many strokes."""
    told = "window.told.at(-1)?.[2]"
    bare.tab.wait_for_function(f"count => {told}?.strokes.length === count", arg=strokes)
    return bare.tab.evaluate(told)


def test_what_is_written_is_told_stroke_by_stroke(bare):
    show(bare)
    canvas, hint = bare.tab.locator(".pad-canvas"), bare.tab.locator(".pad-hint")
    undo, clear = (bare.tab.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    assert undo.is_disabled() and clear.is_disabled() and hint.is_visible()
    stroke(bare, (0.25, 0.5), (0.5, 0.5), (0.75, 0.5))
    first = written(bare, 1)["strokes"][0]
    assert first[0] == pytest.approx([0.25, 0.5], abs=0.01) and first[-1] == pytest.approx([0.75, 0.5], abs=0.01)
    stroke(bare, (0.5, 0.1), (0.5, 0.9))
    assert written(bare, 2)["number"] == 2
    assert 0.05 < canvas.evaluate(BRIGHT) < 0.3 and not hint.is_visible()
    undo.click()
    assert written(bare, 1)["strokes"] == [first]
    clear.click()
    written(bare, 0)
    assert clear.is_disabled() and canvas.evaluate(BRIGHT) == 0
    bare.tab.get_by_role("combobox").select_option(label="a 4")
    written(bare, 2)
    assert canvas.evaluate(BRIGHT) > 0.02
    bare.problems.clear()  # the browser's advice on reading pixels


def test_only_other_strokes_of_the_program_take_the_place_of_what_is_written(bare):
    show(bare)
    canvas = bare.tab.locator(".pad-canvas")
    stroke(bare, (0.25, 0.5), (0.75, 0.5))
    written(bare, 1)
    before = canvas.evaluate(BRIGHT)
    show(bare)  # of a run that began before
    assert canvas.evaluate(BRIGHT) == before > 0
    show(bare, BAR)  # of a link, by Back
    assert canvas.evaluate(BRIGHT) not in (0, before)
    show(bare)
    assert canvas.evaluate(BRIGHT) == 0
    bare.problems.clear()


def test_a_finger_writes_too(bare):
    show(bare)
    bare.finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    box = bare.tab.locator(".pad-canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    bare.swipe(middle)
    (point,) = written(bare, 1)["strokes"]
    assert point[0] == pytest.approx([0.5, 0.5], abs=0.01)
    bare.swipe(middle, (middle[0], middle[1] - 60))
    written(bare, 2)
    assert bare.value("window.scrollY") == 0
    bare.finger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


# The keys of the stage


@pytest.fixture
def show_stage(bare):
    """``show_stage(on)`` shows the button with the keys of a page; what they say to others is in ``window.heard``."""
    bare.tab.evaluate(
        """() => {
            window.heard = [];
            window.hearing = new AbortController();
            for (const name of ["play-figure", "step-figure", "step-gamma"]) {
                const hear = (event) => window.heard.push([name, event.detail]);
                document.addEventListener(name, hear, { signal: window.hearing.signal });
            }
        }"""
    )

    def show(on: bool, clicker: str = "model") -> None:
        data = {"on": on, "clicker": clicker}
        bare.mount(lambda: custom_component("stage_button", ON, css=BUTTON)(key="stage-button", data=data))

    yield show
    bare.tab.evaluate("window.hearing.abort()")


ENDED = """async () => {
    const { keptFor } = await import("/app/static/figure/ended.js");
    const host = document.querySelector("main").appendChild(document.createElement("div"));
    const removed = [];
    const begun = (name) => keptFor(host, () => ({ remove: () => removed.push(name) }))[1];
    const rest = () => new Promise((then) => setTimeout(then, 350));
    const first = begun("first"), second = begun("second");
    first(); // overtaken
    second(); // overtaken as well, by a call that has not begun yet
    await rest();
    const third = begun("third");
    await rest();
    const before = [...removed];
    third();
    host.remove();
    await rest();
    return [before, removed];
}"""


def test_what_the_first_call_made_ends_with_its_element_whichever_call_is_ended_before(bare):
    assert bare.tab.evaluate(ENDED) == [[], ["first"]]


CALLED = """async ([js, isThere]) => {
    const { default: show } = await import(URL.createObjectURL(new Blob([js], { type: "text/javascript" })));
    const parentElement = document.createElement("div");
    if (isThere) document.querySelector("main").append(parentElement);
    return show({ parentElement }).then(() => false, () => true); // keptFor is given nothing to make
}"""


@pytest.mark.parametrize("is_there", [True, False])
def test_an_element_that_is_gone_before_its_module_has_come_is_left_alone(bare, is_there):
    (part,) = components_of(lambda: component.custom_module("kept", "figure/ended.js", "keptFor")())
    assert bare.tab.evaluate(CALLED, [part["js"], is_there]) == is_there


def test_keys_of_the_stage(bare, show_stage):
    show_stage(True)
    keyboard = bare.tab.keyboard
    for key in ("p", ".", ",", "PageDown", "PageUp", "ArrowRight", "ArrowLeft"):
        keyboard.press(key)
    player = [["step-figure", 1], ["step-figure", -1]]
    steps = [["step-gamma", step] for step in (1, -1, 1, -1)]
    assert bare.tab.evaluate("window.heard") == [["play-figure", None], *player, *steps]
    for key in ("n", "Shift+N", "q"):
        keyboard.press(key)
    assert bare.told("stage-button", 3) == [["page", 1], ["page", -1], ["code", 1]]
    for key in ("Control+n", "Alt+ArrowRight"):
        keyboard.press(key)
    assert len(bare.told("stage-button")) == 3


def test_keys_mean_nothing_in_a_field_of_text_and_arrows_are_another_sliders_own(bare, show_stage):
    show_stage(True)
    bare.tab.evaluate(
        """() => {
            const main = document.querySelector("main");
            main.appendChild(document.createElement("textarea"));
            const slider = Object.assign(document.createElement("input"), { type: "range", max: 9, value: 5 });
            main.appendChild(slider);
        }"""
    )
    bare.tab.locator("textarea").press_sequentially("pnql?f")
    assert bare.tab.locator("textarea").input_value() == "pnql?f"
    slider = bare.tab.locator("input[type=range]")
    slider.press("ArrowRight")
    assert slider.input_value() == "6" and bare.tab.evaluate("window.heard") == []
    slider.press("PageUp")
    assert slider.input_value() == "6" and bare.tab.evaluate("window.heard") == [["step-gamma", -1]]
    assert bare.told("stage-button") == []


def test_arrows_are_those_of_a_picture_that_has_the_focus(bare, show_stage):
    show_stage(True)
    picture = "<canvas tabindex=0 role=application></canvas><div class=dots tabindex=0 role=application>dots</div>"
    bare.tab.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", picture)
    for one in ("main > canvas", ".dots"):
        bare.tab.locator(one).press("ArrowRight")
    assert bare.tab.evaluate("window.heard") == []
    bare.tab.locator(".dots").press("PageDown")
    assert bare.tab.evaluate("window.heard") == [["step-gamma", 1]]


def test_the_keys_are_listed_and_escape_closes_the_list_before_it_leaves_the_stage(bare, show_stage):
    show_stage(True)
    bare.tab.keyboard.press("?")
    keys = bare.tab.get_by_role("dialog", name="Keys")
    assert "the keys of a clicker" in keys.inner_text()
    bare.tab.keyboard.press("Escape")
    keys.wait_for(state="hidden")
    assert bare.told("stage-button") == []
    bare.tab.get_by_role("button", name="Keys").click()
    keys.get_by_role("button", name="Close").click()
    keys.wait_for(state="hidden")
    bare.tab.keyboard.press("Escape")
    assert bare.told("stage-button", 1) == [["on", 0]]


def test_off_stage_only_f_and_play_mean_something(bare, show_stage):
    show_stage(True)
    show_stage(False)
    for key in ("n", "q", "?", "Escape", ".", "PageDown", "p"):
        bare.tab.keyboard.press(key)
    assert bare.told("stage-button") == [] and bare.tab.evaluate("window.heard") == [["play-figure", None]]
    assert bare.tab.get_by_role("button", name="Keys").count() == 0
    bare.tab.keyboard.press("f")
    assert bare.told("stage-button", 1) == [["on", 1]]


@pytest.mark.parametrize(("width", "height", "scale"), [(1280, 720, 1), (1920, 1080, 1.5), (853, 480, 480 / 720)])
def test_the_stage_fits_its_window(bare, show_stage, width, height, scale):
    show_stage(True)
    bare.tab.set_viewport_size({"width": width, "height": height})
    shown = "Number(document.documentElement.style.getPropertyValue('--scale'))"
    bare.tab.wait_for_function(f"scale => Math.abs({shown} - scale) < 0.001", arg=scale)
    bare.tab.set_viewport_size({"width": 420, "height": 800})
    bare.tab.wait_for_function(f"() => {shown} === 1")
    show_stage(False)
    bare.tab.set_viewport_size({"width": width, "height": height})
    bare.frames(2)
    assert bare.tab.evaluate(shown) == 1


# History, link, course


@pytest.mark.parametrize("first", ["figure", "history"])
def test_a_choice_is_one_entry_of_the_history_and_a_dialog_one_of_its_own(bare, first):
    """Whichever of the two comes first, since a figure keeps something in the address too."""
    bare.open("?start")
    bars = posterior_bars(np.eye(10)[0], classes=list("0123456789"))
    keep_address, keep_short = lambda: bare.show(bars), lambda: bare.mount(keep_history_short)
    for keep in (keep_address, keep_short) if first == "figure" else (keep_short, keep_address):
        keep()
    bare.tab.evaluate("() => window.history.replaceState(null, '', '/page')")
    push = "path => window.history.pushState(null, '', path)"
    bare.tab.keyboard.press("a")
    bare.tab.evaluate(push, "/page?choice=1")
    bare.tab.evaluate(push, "/page?choice=1&second=1")  # of the same choice
    bare.tab.keyboard.press("a")
    bare.tab.evaluate(push, "/page?choice=2")
    bare.tab.go_back()
    bare.tab.wait_for_url("**/page?choice=1&second=1")
    bare.tab.go_back()
    bare.tab.wait_for_url("**/page")
    button = """<button aria-label="Close" onclick="this.parentElement.remove()">×</button>"""
    dialog = f"""<div data-testid="stDialog">{button}</div>"""
    bare.tab.keyboard.press("a")
    bare.tab.evaluate(push, "/page?choice=3")
    show = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
    length = bare.tab.evaluate("window.history.length")
    bare.tab.evaluate(show, dialog)
    bare.tab.wait_for_function("length => window.history.length === length + 1", arg=length)
    bare.tab.go_back()
    bare.tab.locator("[data-testid=stDialog]").wait_for(state="detached")
    assert bare.tab.url.endswith("/page?choice=3")
    bare.tab.go_back()
    bare.tab.wait_for_url("**/page")
    bare.open()


#: Dialogs that come and go while the browser is still going Back for the first of them, and a choice among it.
FLICKER = """async ([ends, choice]) => {
    const main = document.querySelector("main");
    const seen = () => new Promise((done) => queueMicrotask(() => queueMicrotask(done))); // by those who observe
    const dialog = '<div data-testid="stDialog"><button aria-label="Close">×</button></div>';
    const close = () => main.querySelector("[data-testid=stDialog]").remove();
    main.addEventListener("click", (event) => event.target.matches("button") && close());
    for (let turn = 0; turn < 3; turn += 1) {
        if (turn || !main.querySelector("button")) main.insertAdjacentHTML("beforeend", dialog);
        await seen();
        if (turn < 2 || ends) close();
        await seen();
        if (!turn && choice) window.history.pushState(null, "", choice);
    }
}"""


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("choice", ["", "/page?choice=2"])
def test_a_dialog_that_comes_and_goes_takes_nobody_back(bare, ends, choice):
    bare.open("?start")
    bare.mount(keep_history_short)
    push = "path => window.history.pushState(null, '', path)"
    for path in ("/page", "/page?choice=1"):
        bare.tab.keyboard.press("a")
        bare.tab.evaluate(push, path)
    bare.tab.keyboard.press("a")
    bare.tab.evaluate(FLICKER, [ends, choice])
    for _ in range(3):  # as often as the browser may go Back
        bare.tab.evaluate("() => fetch('/')")
        bare.frames(3)
    assert bare.tab.url.endswith(choice or "/page?choice=1")
    if not ends:
        bare.tab.go_back()
        bare.tab.locator("[data-testid=stDialog]").wait_for(state="detached")
        assert bare.tab.url.endswith(choice or "/page?choice=1")
    bare.tab.go_back()
    bare.tab.wait_for_url("**/page?choice=1" if choice else "**/page")
    bare.open()


def show_course(bare, step: str = "question", turns: int = 0, **options: object) -> None:
    progress = {"last": "bayes", "finished": [], "places": {"bayes": {"step": step}}}
    data = {"place": {"lesson": "bayes", "step": step}, "turns": turns, "is_joined": True, "is_on_stage": False}
    given = {"key": "course", "data": {**data, "progress": progress, **options}}
    bare.mount(lambda: custom_component("lessons_browser", Path(navigation.__file__), "<span></span>")(**given))


def test_a_clicker_turns_a_lesson_one_step_for_each_answer(bare):
    bare.tab.evaluate("() => { performance.now = () => 1000; }")  # nobody waits so long that a press is given up
    show_course(bare)
    for _ in range(2):
        bare.tab.keyboard.press("PageDown")
    assert bare.told("course", 1) == [["turn", 1]]  # the second press waits for the answer to the first
    show_course(bare, "reveal", 1)
    assert bare.told("course", 2) == [["turn", 1], ["turn", 1]]
    show_course(bare, "try", 2, is_on_stage=True)
    bare.tab.keyboard.press("ArrowLeft")
    assert bare.told("course", 3)[-1] == ["turn", -1]


def test_what_a_person_has_done_of_the_course_is_kept_in_the_browser(bare):
    kept = "localStorage.getItem('ibinn-lessons')"
    bare.tab.evaluate('localStorage.setItem(\'ibinn-lessons\', \'{"finished": ["gamma"], "places": {"gamma": {}}}\')')
    show_course(bare, is_joined=False)
    assert bare.told("course", 1) == [["kept", {"finished": ["gamma"], "places": {"gamma": {}}}]]
    show_course(bare, "reveal")
    found = json.loads(bare.tab.evaluate(kept))
    assert found["finished"] == ["gamma"] and set(found["places"]) == {"bayes", "gamma"} and found["last"] == "bayes"
    bare.tab.evaluate("localStorage.setItem('ibinn-lessons', 'nonsense')")
    show_course(bare, "reveal", is_joined=False)
    assert bare.told("course", 2)[-1] == ["kept", {}]
    bare.tab.evaluate("localStorage.removeItem('ibinn-lessons')")
