"""The app's components except figures, each on a bare page: users' actions, and the reports to the program."""

from pathlib import Path

import pytest
from browser_helpers import IN_A_BROWSER

import ibinn_core as ib
from app.images.handwriting import to_text
from app.images.pad import Pad, show_pad
from app.lessons import navigation
from app.models.gamma_slider import gamma_slider
from app.widgets import stage
from app.widgets.component import BUTTON, custom_component
from app.widgets.repairs import repair_browser
from ibinn_core.weight_space import Family

pytestmark = IN_A_BROWSER
ON = Path(stage.__file__)


@pytest.fixture(scope="module")
def family() -> Family:
    return ib.family("cifar10")


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
    # The browser interpolates the measured curve in the same way as the library.
    point = family.point(gamma)
    assert part(bare, "error").inner_text() == f"{100 * point.error:.1f} %"
    assert part(bare, "bits").inner_text() == f"{point.bits_per_dim:.2f}"
    bare.tab.keyboard.press("ArrowLeft")
    assert last_told(bare, "slider", 6) == 1


def test_the_program_moves_the_slider_and_its_answers_do_not(bare, family):
    show_slider(bare, family)
    slider = bare.tab.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        bare.tab.keyboard.press("ArrowRight")
    _, (_, second), (_, third) = bare.told("slider", 3)
    show_slider(bare, family, second)  # an answer to an earlier message, which comes late
    assert slider.get_attribute("aria-valuetext").startswith(f"gamma {third:.4g}, ")
    show_slider(bare, family, float("inf"))
    assert slider.get_attribute("aria-valuetext").startswith("gamma infinity, ")
    assert slider.input_value() == "1000"


def test_ticks_are_the_trained_models_and_a_clicker_goes_from_one_to_the_next(bare, family):
    show_slider(bare, family)
    show_slider(bare, family)  # only the script of this second call listens
    ticks = bare.tab.locator("[data-ticks] button")
    assert ticks.count() == len(family.gammas)
    heard = "({ detail }) => (window.heard = [detail, window.told.length])"
    bare.tab.evaluate(f"() => document.addEventListener('gamma-moved', {heard}, {{ once: true }})")
    ticks.nth(1).click()
    assert last_told(bare, "slider", 1) == family.gammas[1]
    detail, told = bare.tab.evaluate("window.heard")
    assert told == 1 and detail["gamma"] == family.gammas[1]  # the program gets the message before figures follow
    low, high = (family.curve[detail["place"][end]].gamma for end in ("low", "high"))
    assert low <= detail["gamma"] <= high and 0 <= detail["place"]["share"] <= 1
    assert part(bare, "gamma").inner_text() == f"γ = {family.gammas[1]:g}"
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('step-gamma', { detail: 1 }))")
    assert last_told(bare, "slider", 2) == family.gammas[2]


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


BRIGHT = """c => {
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    return p.filter((v, i) => i % 4 === 0 && v > 128).length / (c.width * c.height);
}"""


def test_only_other_strokes_of_the_program_take_the_place_of_what_is_written(bare):
    def show(strokes: str = "") -> None:
        bare.mount(lambda: show_pad(Pad("pad", strokes, "strokes")))

    show()
    canvas = bare.tab.locator(".pad-canvas")
    box = canvas.bounding_box()
    bare.drag(*((box["x"] + x * box["width"], box["y"] + 0.5 * box["height"]) for x in (0.25, 0.75)))
    ((_, said),) = bare.told("pad", 1)
    assert len(said["strokes"]) == 1
    before = canvas.evaluate(BRIGHT)
    show()  # from a run that began before the stroke
    assert canvas.evaluate(BRIGHT) == before > 0
    show(to_text([[(0.2, 0.2), (0.8, 0.8)]]))  # strokes of a link to which Back leads
    assert canvas.evaluate(BRIGHT) not in (0, before)
    show()
    assert canvas.evaluate(BRIGHT) == 0
    bare.problems.clear()


@pytest.fixture
def show_stage(bare):
    """``show_stage(on)`` shows the button with the keys of a page; ``window.heard`` gets the events of the keys."""
    bare.open()  # removes all other listeners of this page
    bare.tab.evaluate(
        """() => {
            window.heard = [];
            for (const name of ["play-figure", "step-figure", "step-gamma"])
                document.addEventListener(name, (event) => window.heard.push([name, event.detail]));
        }"""
    )

    def show(on: bool, clicker: str = "model") -> None:
        data = {"on": on, "clicker": clicker}
        bare.mount(lambda: custom_component("stage_button", ON, css=BUTTON)(key="stage-button", data=data))

    return show


def test_keys_of_the_stage(bare, show_stage):
    show_stage(True)
    bare.tab.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend", `<textarea></textarea>
            <input type="range" max="9" value="5"><canvas tabindex="0" role="application"></canvas>`)"""
    )
    bare.tab.locator("textarea").press_sequentially("pnql?f")
    assert bare.tab.locator("textarea").input_value() == "pnql?f"
    slider = bare.tab.locator("input[type=range]")
    slider.press("ArrowRight")
    assert slider.input_value() == "6"
    bare.tab.locator("main > canvas").press("ArrowRight")
    assert bare.tab.evaluate("window.heard") == [] and bare.told("stage-button") == []
    bare.tab.evaluate("document.activeElement.blur()")
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


def test_escape_closes_the_list_of_keys_before_it_leaves_the_stage_and_then_only_f_and_play_mean_something(
    bare, show_stage
):
    show_stage(True)
    bare.tab.keyboard.press("?")
    keys = bare.tab.get_by_role("dialog", name="Keys")
    assert "clicker" in keys.inner_text()
    bare.tab.keyboard.press("Escape")
    keys.wait_for(state="hidden")
    assert bare.told("stage-button") == []
    bare.tab.keyboard.press("Escape")
    assert bare.told("stage-button", 1) == [["on", 0]]
    show_stage(False)
    for key in ("n", "q", "?", "Escape", ".", "PageDown", "p"):
        bare.tab.keyboard.press(key)
    assert len(bare.told("stage-button")) == 1 and bare.tab.evaluate("window.heard") == [["play-figure", None]]
    assert not bare.tab.get_by_role("button", name="Keys").is_visible()
    bare.tab.keyboard.press("f")
    assert bare.told("stage-button", 2)[1] == ["on", 1]


#: Two dialogs that open and close while the browser still goes Back for the first one, and a choice between them.
FLICKER = """async () => {
    const main = document.querySelector("main");
    const seen = () => new Promise((done) => queueMicrotask(() => queueMicrotask(done))); // lets observers run
    const dialog = '<div data-testid="stDialog"><button aria-label="Close">×</button></div>';
    for (const choice of ["/page?choice=2", null]) {
        main.insertAdjacentHTML("beforeend", dialog);
        await seen();
        main.querySelector("[data-testid=stDialog]").remove();
        await seen();
        if (choice) window.history.pushState(null, "", choice);
    }
}"""


def test_a_dialog_that_comes_and_goes_takes_nobody_back(bare):
    bare.open("?start")
    bare.mount(repair_browser)
    for path in ("/page", "/page?choice=1"):
        bare.tab.keyboard.press("a")
        bare.tab.evaluate("path => window.history.pushState(null, '', path)", path)
    bare.tab.keyboard.press("a")
    bare.tab.evaluate(FLICKER)
    for _ in range(3):  # the largest number of times that the browser could go Back
        bare.tab.evaluate("() => fetch('/')")
        bare.frames(3)
    assert bare.tab.url.endswith("/page?choice=2")
    bare.tab.go_back()
    bare.tab.wait_for_url("**/page?choice=1")
    bare.open()


def show_course(bare, step: str = "question", turns: int = 0, **options: object) -> None:
    progress = {"last": "bayes", "finished": [], "places": {"bayes": {"step": step}}}
    data = {"place": {"lesson": "bayes", "step": step}, "turns": turns, "is_joined": True, "is_on_stage": False}
    given = {"key": "course", "data": {**data, "progress": progress, **options}}
    bare.mount(lambda: custom_component("lessons_browser", Path(navigation.__file__), "<span></span>")(**given))


def test_a_clicker_turns_a_lesson_one_step_for_each_answer(bare):
    bare.tab.evaluate("() => { performance.now = () => 1000; }")  # the clock stands still, so no press expires
    show_course(bare)
    for _ in range(2):
        bare.tab.keyboard.press("PageDown")
    assert bare.told("course", 1) == [["turn", 1]]  # the second press waits for the answer to the first press
    show_course(bare, "reveal", 1)
    assert bare.told("course", 2) == [["turn", 1], ["turn", 1]]
    show_course(bare, "try", 2, is_on_stage=True)
    bare.tab.keyboard.press("ArrowLeft")
    assert bare.told("course", 3)[-1] == ["turn", -1]
