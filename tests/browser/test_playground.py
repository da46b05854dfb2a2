"""The playground on a bare page: it trains, users paint points, and a link restores both."""

import csv
import io

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER, draw
from PIL import Image, ImageSequence

from app.play_text import from_text
from app.playground.element import KEY, element, specification
from app.playground.presets import PRESETS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
RESTS = "() => document.querySelector('[data-playground]')?.dataset.state === 'resting'"
STEPS = "Number(document.querySelector('[data-steps]')?.textContent.replace(',', '') ?? NaN)"
SHEET = "x,y,label\n" + "\n".join(f"{n % 20 / 10},{n % 7 / 7},{'odd' if n % 2 else 'even'}" for n in range(80)) + "\n"


@pytest.fixture
def shown(bare):
    """``shown(link, painted, steps=…)`` shows the element in the state of a link, and waits for these steps."""

    def show(play: str = "", painted: str = "", steps: int | None = None, **options) -> None:
        bare.tab.set_viewport_size({"width": 1280, "height": 720})
        bare.mount(lambda: element()(key=KEY, data=specification(play, painted, **options)))
        if steps is not None:
            wait_for(bare, steps)

    return show


def wait_for(bare, steps: int) -> None:
    """Waits until the training stops after ``steps`` steps."""
    bare.tab.wait_for_function(f"steps => {STEPS} === steps", arg=steps)
    bare.tab.wait_for_function(RESTS)


def last_told(bare, count: int = 1) -> dict:
    return bare.told(KEY, count)[-1][1]


def numbers(bare) -> dict[str, list[float]]:
    """Returns the measures of each visible model."""
    read = """all => all.filter((one) => one.offsetParent)
        .map((one) => [one.dataset.measure, parseFloat(one.textContent)])"""
    found: dict[str, list[float]] = {}
    for name, value in bare.tab.locator("[data-measure]").evaluate_all(read):
        found.setdefault(name, []).append(value)
    return found


def place_in(tab, x: float, y: float, space: str = "data") -> tuple[float, float]:
    """Returns the position in the window of a point of a picture; its coordinates are from 0 to 1."""
    box = tab.locator(f'[data-space="{space}"]').first.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def opened(bare, sheet: str, words: str) -> None:
    """Opens a table as a file, and waits until the page says ``words`` about it."""
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    bare.tab.locator("[data-file]").set_input_files(file)
    bare.tab.wait_for_function("words => document.querySelector('[data-note]').textContent.includes(words)", arg=words)


def saved(bare, kind: str) -> bytes:
    """Returns the file that a button of the page saves."""
    with bare.tab.expect_download() as download:
        bare.tab.locator(f"[data-{kind}]").evaluate("button => button.click()")
    return download.value.path().read_bytes()


def test_a_link_is_trained_to_where_it_was_and_learns_meanwhile(bare, shown):
    shown("moons~steps:0", steps=0)
    before = numbers(bare)
    shown("moons~steps:150", steps=150)
    after = numbers(bare)
    assert after["lossX"][0] < before["lossX"][0] - 0.3 and after["error"][0] < 3 < before["error"][0]
    shown("moons~steps:151", steps=151)
    shown("moons~steps:150", steps=150)
    assert numbers(bare) == after


@pytest.mark.slow
@pytest.mark.parametrize("lesson", range(len(PRESETS)))
def test_on_stage_the_task_of_a_lesson_is_done_by_a_key(visit, lesson):
    preset = PRESETS[lesson]
    tab = visit(f"playground?stage=true&play={preset.play.replace('~lesson', '~steps:10~lesson')}")
    tab.wait_for_function(f"() => {STEPS} === 10")
    tab.wait_for_function(RESTS)
    assert tab.locator("[data-do]").count() == bool(preset.tried)
    if preset.tried:
        tab.keyboard.press("t")
        tab.wait_for_function(f"() => ![0, 10].includes({STEPS})")
        aims = [f"γ = {aim.gamma:g}" for aim in from_text(preset.tried).aims]
        assert tab.locator("[data-gamma-now]:visible").all_inner_texts() == aims
        for name in ("classes", "couplings"):
            assert tab.locator(f'[name="{name}"]').input_value() == str(getattr(from_text(preset.tried), name))


@pytest.mark.slow
def test_a_sheet_is_opened_or_refused_in_a_sentence(bare, shown):
    shown("moons~steps:0", steps=0)
    opened(bare, SHEET.replace("odd", "even"), "All rows have the same label")
    kind = bare.tab.locator('[name="kind"]')
    assert kind.input_value() == "moons" and "held-out" in bare.tab.locator("[data-where]").inner_text()
    opened(bare, SHEET, "80 points of mine.csv: even, odd.")
    assert kind.input_value() == "own" and "training" in bare.tab.locator("[data-where]").inner_text()
    last = last_told(bare)
    assert from_text(last["play"]).kind == "own" and last["painted"].count(".") == 1
    opened(bare, "\n".join(f"{n / 1000},{n % 9 / 9},{n % 2}" for n in range(1900)), "too many for a link")
    assert last_told(bare, 2)["painted"] == ""


@pytest.mark.slow
def test_two_models_train_side_by_side_and_a_stays_as_it_is_when_b_comes_and_goes(bare, shown):
    shown("moons~steps:40~a:ib:0.1~b:ib:10", steps=40)
    two = numbers(bare)
    assert all(len(values) == 2 for values in two.values()) and two["lossX"][0] < two["lossX"][1]
    first = {name: values[:1] for name, values in two.items()}
    bare.tab.locator("[data-compare]").click()
    bare.tab.locator('[data-model="1"] [data-space="data"]').wait_for(state="hidden")
    wait_for(bare, 40)
    assert numbers(bare) == first
    bare.tab.locator("[data-compare]").click()
    measured = "document.querySelector('[data-model=\"1\"] [data-measure]').textContent"
    bare.tab.wait_for_function(f"() => !{measured}.includes('–')")
    wait_for(bare, 40)  # B has trained for as many steps as A
    again = numbers(bare)
    assert {name: values[:1] for name, values in again.items()} == first and len(again["lossX"]) == 2
    bare.tab.locator("[data-step]").click()
    wait_for(bare, 41)
    bare.tab.keyboard.press("l")  # shows the networks after each coupling
    bare.tab.wait_for_function("() => document.querySelectorAll('.play-stages figure').length === 14")
    pictures = bare.tab.locator(".play-stages canvas").evaluate_all("all => all.map((one) => one.toDataURL())")
    assert len(set(pictures)) == 14


@pytest.mark.slow
def test_the_point_under_the_hand_is_in_the_link_and_only_back_takes_it_away(bare, shown):
    shown("moons~steps:30", steps=30, is_staged=True)
    star = bare.tab.locator("[data-point] .play-star")
    bare.tab.mouse.click(*place_in(bare.tab, 0.5, 0.5, "latent"))
    star.wait_for()
    play = last_told(bare)["play"]
    assert from_text(play).at is not None
    bare.tab.locator('[data-space="data"]').first.press("Escape")  # leaves the stage and keeps the star
    shown("moons~steps:30")  # a late answer of the program
    assert star.count() == 1
    shown(play)
    assert star.count() == 1
    shown("moons~steps:30")  # as after Back
    star.wait_for(state="detached")


@pytest.mark.slow
def test_pictures_points_curves_and_a_film_are_saved(bare, shown):
    shown("moons~count:100~steps:60~a:ib:1~b:class-nll:1", steps=60)
    points = list(csv.DictReader(io.StringIO(saved(bare, "points").decode())))
    assert len(points) == 100 and {row["label"] for row in points} == {"0", "1"}
    curves = list(csv.DictReader(io.StringIO(saved(bare, "curves").decode())))
    for at, row in enumerate(row for row in curves if row["step"] == "60"):
        assert float(row["lossX"]) == pytest.approx(numbers(bare)["lossX"][at], abs=0.006)
        assert float(row["lossY"]) == pytest.approx(numbers(bare)["lossY"][at], abs=0.0006)
    before = np.asarray(Image.open(io.BytesIO(saved(bare, "png"))).convert("RGB"))
    bare.tab.locator("[data-gif]").evaluate("button => button.click()")
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(f"() => {STEPS} >= 200")
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(RESTS)
    after = np.asarray(Image.open(io.BytesIO(saved(bare, "png"))).convert("RGB"))
    with Image.open(io.BytesIO(saved(bare, "gif"))) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    assert len(frames) > 2 and frames[0].width >= 1200 and before.shape[1] > 400
    size = before.shape[1::-1]
    ends = [np.asarray(frames[at].resize(size, Image.Resampling.BOX)).astype(float) for at in (0, -1)]
    apart = [[np.abs(frame - page).mean() for frame in ends] for page in (before, after)]
    assert apart[0][0] < apart[0][-1] and apart[1][-1] < apart[1][0]  # its ends are the two states of the page


@pytest.mark.slow
def test_what_is_paused_stays_so_while_one_paints_moves_gamma_and_sets_a_seed(bare, shown):
    shown("moons~steps:30", steps=30)
    before, count = numbers(bare), len(bare.told(KEY))
    bare.tab.locator("[data-gamma-host] input").first.press("End")
    assert "steps:30" in last_told(bare, count + 1)["play"]
    assert bare.tab.locator("[data-gamma-now]").first.inner_text() == "γ = ∞"
    bare.tab.locator('[data-tool="0"]').click()
    bare.drag(place_in(bare.tab, 0.2, 0.95), place_in(bare.tab, 0.8, 0.95))
    last = last_told(bare, count + 2)
    wait_for(bare, 30)
    assert "steps:30" in last["play"] and len(last["painted"]) >= 3 * 15
    assert numbers(bare)["lossX"][0] != before["lossX"][0]  # the same model, but other points
    bare.tab.get_by_role("button", name="Settings").click()
    seed = bare.tab.locator('[name="seed"]')
    for text, kept in (("-5", "0"), ("1.5", "0"), ("99999999999", "0"), ("", "0"), ("12", "12")):
        seed.fill(text)
        seed.blur()
        assert seed.input_value() == kept
    bare.tab.wait_for_function("() => window.told.some((one) => one[2].play?.includes('seed:12'))")


@pytest.mark.slow
def test_arrows_on_stage_go_from_lesson_to_lesson(bare, shown):
    shown("moons~steps:0", steps=0, is_staged=True)
    current = bare.tab.locator('[data-presets] [aria-current="true"]')
    for key, name in (("ArrowRight", 0), ("PageDown", 1), ("ArrowLeft", 0), ("ArrowLeft", -1), ("ArrowRight", 0)):
        bare.tab.keyboard.press(key)
        assert current.inner_text() == PRESETS[name].name
    bare.tab.locator('[data-space="latent"]').first.press("ArrowLeft")  # moves the star, not the lesson
    bare.tab.locator("[data-gamma-host] input").first.press("ArrowRight")
    assert current.inner_text() == PRESETS[0].name


@pytest.mark.slow
def test_what_was_painted_and_trained_in_the_app_is_shared_and_reopened(visit):
    tab = visit("playground?play=blobs~classes:3~steps:30")
    tab.wait_for_function(f"() => {STEPS} === 30")
    tab.wait_for_function(RESTS)
    tab.locator('[data-tool="2"]').click()
    draw(tab, [place_in(tab, x, 0.9) for x in (0.2, 0.5, 0.8)])
    tab.locator("[data-run]").click()
    tab.wait_for_function(f"() => {STEPS} > 40")
    tab.locator("[data-run]").click()
    tab.wait_for_url("**steps**painted**")
    tab.wait_for_function(RESTS)
    settle(tab)
    steps = tab.evaluate(STEPS)
    assert f"steps%3A{steps}" in tab.url and steps > 40  # the new link did not restart it
    other = visit(tab.url.rsplit("/", 1)[1])
    other.wait_for_function(f"steps => {STEPS} === steps", arg=steps)
    other.wait_for_function(RESTS)
    assert other.locator('[name="kind"]').input_value() == "blobs"
    assert not other.locator("[data-clear]").is_disabled()
    tab.go_back()  # to the state before the last change, where the page must still work
    settle(tab)
    tab.locator('[data-space="data"]').first.wait_for()
