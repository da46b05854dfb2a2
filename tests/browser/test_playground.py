"""The playground on a bare page: it trains, points are painted, and a link brings all of it back."""

import csv
import io

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER, are_seen, draw
from PIL import Image, ImageSequence

from app.play_text import from_text
from app.playground.element import KEY, element, specification
from app.playground.presets import PRESETS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
RESTS = "() => document.querySelector('[data-playground]').dataset.state === 'resting'"


@pytest.fixture
def shown(bare):
    """Shows the element in the state of a link; returns a function that shows another link."""

    def show(play: str = "", painted: str = "", **options) -> None:
        bare.tab.set_viewport_size({"width": 1280, "height": 720})
        bare.mount(lambda: element()(key=KEY, data=specification(play, painted, **options)))

    return show


def wait_for(bare, steps: int | str) -> None:
    """Waits until training stops after so many steps."""
    text = steps if isinstance(steps, str) else f"{steps:,}"
    bare.tab.wait_for_function("text => document.querySelector('[data-steps]').textContent === text", arg=text)
    bare.tab.wait_for_function(RESTS)


def numbers(bare) -> dict[str, list[float]]:
    """The measures of each model on the page."""
    read = """all => all.filter((one) => one.offsetParent)
        .map((one) => [one.dataset.measure, parseFloat(one.textContent)])"""
    found: dict[str, list[float]] = {}
    for name, value in bare.tab.locator("[data-measure]").evaluate_all(read):
        found.setdefault(name, []).append(value)
    return found


def colored(bare, space: str) -> list[int]:
    """How many pixels of a picture are blue or orange, the two classes' colours."""
    return bare.tab.locator(f'[data-space="{space}"]').first.evaluate(
        """canvas => { const { width, height } = canvas;
            const copy = Object.assign(document.createElement("canvas"), { width, height });
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const data = context.getImageData(0, 0, width, height).data, found = [0, 0];
            for (let at = 0; at < data.length; at += 4) {
                if (data[at] === 0x3f && data[at + 1] === 0x6a && data[at + 2] === 0xd9) found[0]++;
                if (data[at] === 0xfc && data[at + 1] === 0xa6 && data[at + 2] === 0x01) found[1]++;
            }
            return found; }"""
    )


def test_a_link_is_trained_to_where_it_was_and_learns_meanwhile(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    before = numbers(bare)
    assert all(count > 300 for space in ("data", "latent") for count in colored(bare, space))
    shown("moons~steps:150")
    wait_for(bare, 150)
    after = numbers(bare)
    assert after["lossX"][0] < before["lossX"][0] - 0.3 and after["error"][0] < 3 < before["error"][0]
    shown("moons~steps:151")
    wait_for(bare, 151)
    shown("moons~steps:150")
    wait_for(bare, 150)
    assert numbers(bare) == after


def test_play_pressed_while_it_starts_trains_until_it_is_paused(bare, shown):
    press = """() => {
        const host = document.querySelector("[data-playground]");
        if (host?.dataset.state === "starting") host.querySelector("[data-run]").click();
        else setTimeout(press);
    }"""
    bare.tab.evaluate(f"() => {{ const press = {press}; press(); }}")
    shown("moons~count:50~couplings:2~width:8")
    bare.tab.wait_for_function(
        "() => Number(document.querySelector('[data-steps]').textContent.replace(',', '')) > 1100"
    )
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(RESTS)


@pytest.mark.slow
def test_what_is_painted_with_the_mouse_is_in_the_link_and_comes_back(bare, shown):
    shown("own~steps:0")
    note = bare.tab.locator("[data-note]")
    assert "two classes" in note.inner_text() and bare.tab.locator("[data-run]").is_disabled()
    box = bare.tab.locator('[data-space="data"]').first.bounding_box()
    for label, height in ((0, 0.3), (1, 0.7)):
        bare.tab.locator(f'[data-tool="{label}"]').click()
        y = box["y"] + height * box["height"]
        bare.drag((box["x"] + 0.2 * box["width"], y), (box["x"] + 0.8 * box["width"], y))
    bare.tab.wait_for_function("() => Number(document.querySelector('[data-steps]').textContent) > 20")
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(RESTS)
    bare.tab.wait_for_function(
        "key => window.told.some((one) => one[0] === key && /steps:[1-9]/.test(one[2].play))", arg=KEY
    )
    name, last = bare.told(KEY, 1)[-1]
    assert name == "play" and all(len(one) >= 3 * 15 for one in last["painted"].split("."))
    seen = numbers(bare)
    steps = int(bare.tab.locator("[data-steps]").inner_text().replace(",", ""))
    assert from_text(last["play"]).kind == "own" and from_text(last["play"]).steps == steps
    shown("moons~steps:0")
    wait_for(bare, 0)
    shown(f"own~steps:{steps}", last["painted"])
    wait_for(bare, steps)
    assert colored(bare, "data")[0] > 100
    assert numbers(bare)["lossX"][0] == pytest.approx(seen["lossX"][0], abs=0.5)


DONE = ["[data-run]", "[data-gamma-host]"]
CHANGED = ['[data-space="data"]', '[data-space="latent"]']
MEASURED = ['[data-curve="lossX"] canvas', '[data-curve="error"] canvas']


@pytest.mark.parametrize("size", [(420, 800), pytest.param((360, 740), marks=pytest.mark.slow)])
def test_on_a_phone_training_gamma_and_both_spaces_are_in_one_window(bare, shown, size):
    shown("moons~steps:0")
    bare.tab.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    wait_for(bare, 0)
    are_seen(bare.tab, DONE + CHANGED)
    left, top = "all => all.map((one) => one.getBoundingClientRect().left)", "all => all.map((one) => one.offsetTop)"
    spaces = bare.tab.locator(".play-spaces canvas:visible")
    assert len(set(spaces.evaluate_all(left))) == 1 and len(set(spaces.evaluate_all(top))) == 2  # one column
    rate = bare.tab.locator('[name="rate"]')
    assert rate.is_hidden()
    bare.tab.locator("summary").click()
    rate.evaluate("element => element.scrollIntoView({ block: 'end' })")
    are_seen(bare.tab, [*DONE, '[name="rate"]'])


@pytest.mark.slow
@pytest.mark.parametrize("link", ["moons~steps:30", "moons~steps:30~b:ib:inf"])
def test_on_a_phone_the_page_of_the_app_shows_all_of_it_at_once(visit, link):
    tab = visit(f"playground?play={link}", 420, 800, has_touch=True, is_mobile=True)
    tab.wait_for_function("() => document.querySelector('[data-steps]')?.textContent === '30'")
    tab.wait_for_function(RESTS)
    models = range(link.count("ib:") + 1)
    pictures = [f'[data-model="{model}"] [data-space="{space}"]' for model in models for space in ("data", "latent")]
    are_seen(tab, [*DONE, *pictures, *(f'.play-aim[data-model="{model}"] [data-gamma-host]' for model in models)])
    tab.evaluate("() => { const main = document.querySelector('.stMain'); main.scrollTop = main.scrollHeight; }")
    are_seen(tab, DONE)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 720), (853, 480)])
def test_on_stage_each_gamma_is_nearly_as_wide_as_its_pictures(visit, size):
    tab = visit("playground?stage=true&play=circles~classes:4~lesson:3~steps:30~b:ib:0.000326~at:1:1", *size)
    tab.wait_for_function("() => document.querySelector('[data-steps]')?.textContent === '30'")
    tab.wait_for_function(RESTS)
    boxes = tab.locator(".play-aim [data-gamma-host]").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().width / innerWidth)"
    )
    assert len(boxes) == 2 and min(boxes) > 0.3
    are_seen(tab, [*DONE, *CHANGED, *MEASURED, ".play-try", ".play-star"])
    beyond = "(main) => main.scrollHeight - main.clientHeight"
    assert tab.locator(".stMain").evaluate(beyond) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("link", ["moons~steps:10", "circles~classes:5~lesson:3~steps:10~b:ib:0.000326"])
def test_all_of_it_is_in_a_projectors_window_with_the_network_too(visit, link):
    tab = visit(f"playground?play={link}", 1280, 720)
    tab.wait_for_function("() => document.querySelector('[data-steps]')?.textContent === '10'")
    tab.wait_for_function(RESTS)
    lessons = ".play-row a"
    are_seen(tab, [*DONE, *CHANGED, *MEASURED, lessons, "[data-where]"])
    assert tab.locator(lessons).count() == len(PRESETS) and tab.locator("[data-form]").is_hidden()
    tab.keyboard.press("l")
    tab.locator(".play-stages figure").first.wait_for()
    are_seen(tab, [*DONE, *MEASURED, ".play-stages figure:last-child", ".play-network p"])
    sides = "all => all.filter((one) => one.offsetParent).map((one) => one.clientWidth)"
    assert min(tab.locator(".play-stages canvas").evaluate_all(sides)) > (120 if "b:" in link else 180)
    tab.locator("summary").click()
    are_seen(tab, [f"[data-{kind}]" for kind in ("open", "clear", "png", "gif", "points", "curves")])


@pytest.mark.slow
@pytest.mark.parametrize("lesson", range(len(PRESETS)))
def test_on_stage_the_longest_lesson_leaves_the_curves_in_sight_and_its_task_is_done_by_a_key(visit, lesson):
    preset = PRESETS[lesson]
    link = preset.play.replace("~lesson", "~steps:10~lesson") + ("" if "~at" in preset.play else "~at:1:1")
    tab = visit(f"playground?stage=true&play={link}", 1280, 720)
    tab.wait_for_function("() => document.querySelector('[data-steps]')?.textContent === '10'")
    tab.wait_for_function(RESTS)
    are_seen(tab, [*DONE, *CHANGED, *MEASURED])
    assert tab.locator("[data-do]").count() == bool(preset.tried)
    if not preset.tried:
        return
    wanted = from_text(preset.tried)
    shown = """wanted => wanted.join() === ["classes", "couplings"].map((name) =>
        document.querySelector(`[name="${name}"]`).value).join()"""
    tab.keyboard.press("t")
    tab.wait_for_function(shown, arg=[wanted.classes, wanted.couplings])
    gammas = tab.locator("[data-gamma-now]:visible").all_inner_texts()
    assert gammas == [f"γ = {aim.gamma:g}" for aim in wanted.aims]
    tab.wait_for_function("() => !['0', '10'].includes(document.querySelector('[data-steps]').textContent)")


def stroke(bare, tool: str) -> None:
    """A straight one across data space, a little above its middle."""
    bare.tab.locator(f'[data-tool="{tool}"]').click()
    box = bare.tab.locator('[data-space="data"]').first.bounding_box()
    y = box["y"] + 0.4 * box["height"]
    bare.drag((box["x"] + 0.2 * box["width"], y), (box["x"] + 0.8 * box["width"], y))


def choose(bare, kind: str) -> None:
    """Another kind of data, among the settings."""
    bare.tab.locator("details").evaluate("details => (details.open = true)")
    bare.tab.locator('[name="kind"]').select_option(kind)
    bare.tab.locator("details").evaluate("details => (details.open = false)")


def points_of(bare) -> int:
    """The number of visible ones."""
    return len(list(csv.DictReader(io.StringIO(saved(bare, "points").decode()))))


@pytest.mark.slow
def test_a_stroke_while_it_trains_has_as_many_steps_as_any(bare, shown):
    shown("moons~count:60~couplings:2")
    steps = "Number(document.querySelector('[data-steps]').textContent.replace(',', ''))"
    bare.tab.wait_for_function(f"() => {steps} > 100")
    stroke(bare, "0")
    bare.tab.wait_for_function(RESTS)
    assert bare.tab.evaluate(steps) > 1100


@pytest.mark.slow
def test_another_kind_comes_alone_and_painted_points_stay_without_one(bare, shown):
    shown("moons~count:200~steps:0")
    wait_for(bare, 0)
    stroke(bare, "0")
    painted = points_of(bare) - 200
    assert painted > 0
    choose(bare, "own")
    assert points_of(bare) == painted
    choose(bare, "spiral")
    assert points_of(bare) == 200
    stroke(bare, "erase")
    assert points_of(bare) < 200 and bare.tab.locator('[name="kind"]').input_value() == "own"


@pytest.mark.slow
def test_the_marks_of_gamma_say_what_they_are(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    marks = bare.tab.locator("[data-gamma-host]").first.locator("[data-ticks] button")
    assert marks.evaluate_all("all => all.map((one) => one.ariaLabel)") == [f"γ = {g}" for g in (0, 0.1, 1, 10, "∞")]
    assert marks.all_inner_texts() == ["0", "0.1", "1", "10", "∞"]


@pytest.mark.slow
def test_two_models_begin_unlike(bare, shown):
    compare, aims = bare.tab.locator("[data-compare]"), bare.tab.locator("[data-gamma-now]")
    for link, gammas in (("moons~steps:0", ["γ = 1", "γ = ∞"]), ("moons~steps:0~a:ib:inf", ["γ = ∞", "γ = 0.1"])):
        shown(link)
        wait_for(bare, 0)
        compare.click()
        assert aims.all_inner_texts() == gammas


SHEET = "x,y,label\n" + "\n".join(f"{n % 20 / 10},{n % 7 / 7},{'odd' if n % 2 else 'even'}" for n in range(80)) + "\n"


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (SHEET, "80 points of mine.csv: even, odd."),
        (SHEET.replace("odd", "even"), "All rows have the same label"),
        ("x,y,label\n1,2,a\n1,two,b\n", "Line 3 begins with “1, two”, which are not two numbers."),
        ("1,2\n", "Line 1 must have three columns"),
        ("", "The file has no row"),
        ("\n".join(f"{n},{n},{n}" for n in range(9)), "The rows have 9 different labels"),
        ("\n".join(f"{100 * n};{n};{n % 2}" for n in range(9)), "each axis is scaled"),
        ("\n".join(f"1,1,{n % 2}" for n in range(3000)), "The file has 3000 points"),
    ],
)
@pytest.mark.slow
def test_a_sheet_is_opened_or_refused_in_a_sentence(bare, shown, sheet, words):
    shown("moons~steps:0")
    wait_for(bare, 0)
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    bare.tab.locator("[data-file]").set_input_files(file)
    bare.tab.wait_for_function("words => document.querySelector('[data-note]').textContent.includes(words)", arg=words)
    is_taken = "points of" in words or "scaled" in words
    assert bare.tab.locator('[name="kind"]').input_value() == ("own" if is_taken else "moons")
    if is_taken:
        (name, last) = bare.told(KEY, 1)[-1]
        assert name == "play" and from_text(last["play"]).kind == "own" and last["painted"].count(".") == 1


@pytest.mark.slow
def test_a_finger_paints_and_erases(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    box = bare.tab.locator('[data-space="data"]').first.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    bare.tab.locator('[data-tool="1"]').click()
    bare.swipe(at(0.1, 0.9), at(0.5, 0.95), at(0.9, 0.9))
    painted = bare.told(KEY, 1)[-1][1]["painted"]
    assert painted.startswith(".") and len(painted) > 3 * 15
    assert bare.tab.evaluate("scrollY") == 0
    bare.tab.locator('[data-tool="erase"]').click()
    count = len(bare.told(KEY))
    bare.swipe(at(0.3, 0.3), at(0.5, 0.4), at(0.5, 0.3))
    last = bare.told(KEY, count + 1)[-1][1]
    assert from_text(last["play"]).kind == "own" and len(last["painted"]) > 3 * 300


@pytest.mark.slow
def test_more_points_than_a_link_holds_are_said(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    rows = "\n".join(f"{n / 1000},{n % 9 / 9},{n % 2}" for n in range(1900))
    bare.tab.locator("[data-file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    bare.tab.wait_for_function(
        "() => document.querySelector('[data-note]').textContent.includes('too many for a link')"
    )
    assert bare.told(KEY, 1)[-1][1]["painted"] == ""


@pytest.mark.slow
def test_two_models_train_side_by_side_and_a_stays_as_it_is_when_b_comes_and_goes(bare, shown):
    shown("moons~steps:40~a:ib:0.1~b:ib:10")
    wait_for(bare, 40)
    two = numbers(bare)
    assert all(len(values) == 2 for values in two.values()) and two["lossX"][0] < two["lossX"][1]
    bare.tab.locator("[data-compare]").click()
    bare.tab.locator('[data-model="1"] [data-space="data"]').wait_for(state="hidden")
    wait_for(bare, 40)
    assert numbers(bare) == {name: values[:1] for name, values in two.items()}
    bare.tab.locator("[data-compare]").click()
    bare.tab.wait_for_function(
        "() => !document.querySelector('[data-model=\"1\"] [data-measure]').textContent.includes('–')"
    )
    wait_for(bare, 40)  # B has taken as many
    again = numbers(bare)
    assert all(len(values) == 2 for values in again.values())
    assert {name: values[:1] for name, values in again.items()} == {name: values[:1] for name, values in two.items()}
    bare.tab.locator("[data-step]").click()
    wait_for(bare, 41)


@pytest.mark.slow
def test_the_point_under_the_hand_is_in_both_spaces_and_in_the_link(bare, shown):
    shown("moons~steps:100")
    wait_for(bare, 100)
    box = bare.tab.locator('[data-space="latent"]').first.bounding_box()
    bare.tab.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    bare.tab.locator("[data-point] .play-star").wait_for()
    play = from_text(bare.told(KEY, 1)[-1][1]["play"])
    assert play.at is not None
    pink = """name => { const canvas = document.querySelector(`[data-space="${name}"]`);
        const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
        const context = copy.getContext("2d", { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
        for (let at = 0; at < data.length; at += 4) if (data[at] === 0xe7 && data[at + 1] === 0x29) return true;
        return false; }"""
    assert all(bare.tab.evaluate(pink, name) for name in ("data", "latent"))
    bare.tab.locator('[data-space="data"]').first.press("Escape")
    bare.tab.locator("[data-point] .play-star").wait_for(state="detached")


@pytest.mark.slow
@pytest.mark.parametrize("is_staged", [False, True])
def test_the_network_is_shown_coupling_by_coupling(bare, shown, is_staged):
    shown("moons~couplings:4~steps:100~at:0.5:0", is_staged=is_staged)
    wait_for(bare, 100)
    bare.tab.keyboard.press("l")
    stages = bare.tab.locator('.play-stages[data-model="0"] figure')
    bare.tab.wait_for_function("() => document.querySelectorAll('.play-stages figure').length === 5")
    assert not bare.tab.locator(".play-spaces").is_visible() and bare.tab.locator(".play-curves").is_visible()
    assert stages.locator("figcaption").all_inner_texts() == ["data", "1", "2", "3", "latent"]
    pictures = set(stages.locator("canvas").evaluate_all("all => all.map((one) => one.toDataURL())"))
    assert len(pictures) == 5
    bare.tab.locator("[data-spaces-tab]").click()
    assert bare.tab.locator(".play-spaces").is_visible() and not bare.tab.locator(".play-network").is_visible()


@pytest.mark.slow
def test_two_networks_are_shown_below_one_another_and_follow_what_is_trained(bare, shown):
    shown("moons~couplings:3~steps:0~a:ib:1~b:ib:inf")
    wait_for(bare, 0)
    bare.tab.locator("[data-network-tab]").click()
    bare.tab.wait_for_function("() => document.querySelectorAll('.play-stages figure').length === 8")
    read = "all => all.map((one) => one.toDataURL())"
    alike = bare.tab.locator(".play-stages canvas").evaluate_all(read)
    assert alike[:4] == alike[4:]  # the same untrained network
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function("() => Number(document.querySelector('[data-steps]').textContent) > 20")
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(RESTS)
    other = bare.tab.locator(".play-stages canvas").evaluate_all(read)
    assert other[1:4] != other[5:]
    bare.tab.locator('[name="couplings"]').fill("6", force=True)
    bare.tab.wait_for_function("() => document.querySelectorAll('.play-stages figure').length === 14")


@pytest.mark.slow
def test_an_answer_that_was_overtaken_changes_nothing_and_back_does(bare, shown):
    shown("moons~steps:30", is_staged=True)
    wait_for(bare, 30)
    star = bare.tab.locator("[data-point] .play-star")
    bare.tab.locator('[data-space="data"]').first.press("ArrowRight")
    star.wait_for()
    play = bare.told(KEY, 1)[-1][1]["play"]
    bare.tab.locator('[data-space="data"]').first.press("Escape")  # leaves the stage, and takes nothing away
    shown("moons~steps:30")  # the program was slow
    assert star.count() == 1
    shown(play)
    assert star.count() == 1
    shown("moons~steps:30")  # Back
    star.wait_for(state="detached")


@pytest.mark.slow
def test_nothing_trains_by_itself_for_who_wants_no_motion(bare, shown):
    bare.tab.emulate_media(reduced_motion="reduce")
    try:
        shown("pinwheel")
        wait_for(bare, 0)
        bare.tab.keyboard.press("p")
        bare.tab.evaluate("document.dispatchEvent(new CustomEvent('play-figure'))")
        bare.tab.wait_for_function("() => Number(document.querySelector('[data-steps]').textContent) > 3")
    finally:
        bare.tab.emulate_media(reduced_motion="no-preference")


def saved(bare, kind: str) -> bytes:
    """A file of the page's."""
    with bare.tab.expect_download() as download:
        bare.tab.locator(f"[data-{kind}]").evaluate("button => button.click()")
    return download.value.path().read_bytes()


@pytest.mark.slow
def test_pictures_points_and_curves_are_saved(bare, shown):
    shown("moons~count:100~steps:60~a:ib:1~b:class-nll:1")
    wait_for(bare, 60)
    points = list(csv.DictReader(io.StringIO(saved(bare, "points").decode())))
    assert (
        len(points) == 100 and set(points[0]) == {"x", "y", "label"} and {row["label"] for row in points} == {"0", "1"}
    )
    curves = list(csv.DictReader(io.StringIO(saved(bare, "curves").decode())))
    last = {row["model"]: row for row in curves if row["step"] == "60"}
    assert all(0 < float(row["trainingLossX"]) != float(row["lossX"]) for row in last.values())
    shown_now = numbers(bare)
    for at, model in enumerate("12"):
        assert float(last[model]["lossX"]) == pytest.approx(shown_now["lossX"][at], abs=0.006)
        assert float(last[model]["lossY"]) == pytest.approx(shown_now["lossY"][at], abs=0.0006)
    with Image.open(io.BytesIO(saved(bare, "png"))) as picture:
        assert picture.width > 400 and len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50


@pytest.mark.slow
def test_what_was_painted_and_trained_in_the_app_is_shared_and_reopened(visit):
    tab = visit("playground?play=blobs~classes:3~steps:30")
    tab.wait_for_function("() => document.querySelector('[data-steps]')?.textContent === '30'")
    tab.wait_for_function(RESTS)
    tab.locator('[data-tool="2"]').click()
    box = tab.locator('[data-space="data"]').first.bounding_box()
    draw(tab, [(box["x"] + share * box["width"], box["y"] + 0.9 * box["height"]) for share in (0.2, 0.5, 0.8)])
    tab.locator("[data-run]").click()
    tab.wait_for_function("() => Number(document.querySelector('[data-steps]').textContent) > 40")
    tab.locator("[data-run]").click()
    tab.wait_for_url("**steps**painted**")
    tab.wait_for_function(RESTS)
    settle(tab)
    steps = tab.locator("[data-steps]").inner_text()
    assert f"steps%3A{steps}" in tab.url and int(steps) > 40  # it has not begun anew when the link was written
    tab.get_by_role("button", name="In Python").click()
    tab.get_by_text("points.csv").first.wait_for()
    other = visit(tab.url.rsplit("/", 1)[1])
    other.wait_for_function("steps => document.querySelector('[data-steps]')?.textContent === steps", arg=steps)
    other.wait_for_function(RESTS)
    assert other.locator('[name="kind"]').input_value() == "blobs"
    assert not other.locator("[data-clear]").is_disabled()
    tab.keyboard.press("Escape")
    tab.go_back()  # to before the last choice, and the page lives on
    settle(tab)
    tab.locator('[data-space="data"]').first.wait_for()


# --- what a person does changes that and nothing else --------------------------------------------------------------


def set_gamma(bare, gamma: str, model: int = 0) -> None:
    """Like the slider."""
    script = "(host, gamma) => host.shadowRoot.dispatchEvent(new CustomEvent('gamma', { detail: { gamma } }))"
    bare.tab.locator("[data-gamma-host]").nth(model).evaluate(script, float(gamma))


def train_on(bare, steps: int) -> int:
    """Plays for at least so many steps, pauses, and returns the number of steps."""
    bare.tab.locator("[data-run]").click()
    bare.tab.wait_for_function(
        "steps => Number(document.querySelector('[data-steps]').textContent.replace(',', '')) >= steps", arg=steps
    )
    bare.tab.locator("[data-run]").click()
    # The link is told once the steps that were being taken have come.
    bare.tab.wait_for_function(
        """key => { const said = window.told.filter((one) => one[0] === key).at(-1)?.[2].play ?? '';
            const steps = document.querySelector('[data-steps]').textContent.replace(',', '');
            return /steps:(\\d+)/.exec(said)?.[1] === steps; }""",
        arg=KEY,
    )
    return int(bare.tab.locator("[data-steps]").inner_text().replace(",", ""))


@pytest.mark.slow
def test_a_gif_shows_what_the_pictures_did_while_it_was_recorded(bare, shown):
    shown("moons~count:100~steps:60~a:ib:0.1")
    wait_for(bare, 60)
    before = np.asarray(Image.open(io.BytesIO(saved(bare, "png"))).convert("RGB"))
    bare.tab.locator("[data-gif]").evaluate("button => button.click()")
    set_gamma(bare, "inf")
    train_on(bare, 200)
    after = np.asarray(Image.open(io.BytesIO(saved(bare, "png"))).convert("RGB"))
    with Image.open(io.BytesIO(saved(bare, "gif"))) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    assert len(frames) > 2 and frames[0].width >= 1200
    height, width, _ = before.shape
    small = [np.asarray(frame.resize((width, height), Image.Resampling.BOX)).astype(float) for frame in frames]
    space = np.s_[height // 4 : -height // 4, width // 8 : 3 * width // 8]  # the middle of data space
    apart = [[np.abs(frame[space] - page[space]).mean() for frame in small] for page in (before, after)]
    assert apart[0][0] < 1.01 * min(apart[0]) and apart[1][-1] < 1.01 * min(apart[1])
    assert apart[1][-1] < 0.5 * apart[1][0]
    assert bare.tab.locator("[data-gif]").text_content() == "GIF"


@pytest.mark.slow
def test_what_is_paused_stays_so_while_one_paints_and_moves_gamma(bare, shown):
    shown("moons~steps:30")
    wait_for(bare, 30)
    before = numbers(bare)
    count = len(bare.told(KEY))
    set_gamma(bare, "inf")
    assert "steps:30" in bare.told(KEY, count + 1)[-1][1]["play"]
    assert bare.tab.locator("[data-gamma-now]").first.inner_text() == "γ = ∞"
    bare.tab.locator('[data-tool="0"]').click()
    box = bare.tab.locator('[data-space="data"]').first.bounding_box()
    y = box["y"] + 0.95 * box["height"]
    bare.drag((box["x"] + 0.2 * box["width"], y), (box["x"] + 0.8 * box["width"], y))
    bare.tab.wait_for_function(
        "() => document.querySelector('[data-where]').textContent.includes('on the training points')"
    )
    wait_for(bare, 30)
    last = bare.told(KEY, count + 2)[-1][1]
    assert "steps:30" in last["play"] and len(last["painted"]) >= 3 * 15
    assert numbers(bare)["lossX"][0] != before["lossX"][0]  # of other points, by the same model


@pytest.mark.slow
def test_the_curves_say_on_which_points_they_are_measured(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    assert "held-out" in bare.tab.locator("[data-where]").inner_text()
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    bare.tab.locator("[data-file]").set_input_files(file)
    bare.tab.wait_for_function(
        "() => document.querySelector('[data-where]').textContent.includes('on the training points')"
    )


@pytest.mark.slow
def test_two_points_are_seen_in_both_spaces(bare, shown):
    shown("moons~steps:0")
    wait_for(bare, 0)
    sheet = {"name": "two.csv", "mimeType": "text/csv", "buffer": b"x,y,label\n0,0,a\n1,1,b\n"}
    bare.tab.locator("[data-file]").set_input_files(sheet)
    wait_for(bare, 1000)  # they lie at the means by then
    drawn = """canvas => { // small circles are points, and of closed paths there are only the means
        const kind = CanvasRenderingContext2D.prototype, { arc, closePath } = kind, order = [];
        kind.arc = function (x, y, radius, ...rest) {
            if (this.canvas === canvas && radius < 10) order.push("point");
            return arc.call(this, x, y, radius, ...rest);
        };
        kind.closePath = function () {
            if (this.canvas === canvas) order.push("mean");
            return closePath.call(this);
        };
        document.querySelector("[data-network-tab]").click(), document.querySelector("[data-spaces-tab]").click();
        Object.assign(kind, { arc, closePath });
        return order; }"""
    assert bare.tab.locator('[data-space="latent"]').first.evaluate(drawn) == ["mean", "mean", "point", "point"]


def test_a_seed_shows_what_holds(bare, shown):
    shown("moons~seed:7~steps:0")
    wait_for(bare, 0)
    bare.tab.locator("summary").click()
    seed = bare.tab.locator('[name="seed"]')
    for text in ("-5", "1.5", "99999999999", ""):
        seed.fill(text)
        seed.blur()
        assert seed.input_value() == "7"
    seed.fill("12")
    assert seed.input_value() == "12"
    play = bare.tab.wait_for_function(
        "key => window.told.find((one) => one[0] === key && one[2].play.includes('seed:12'))?.[2].play", arg=KEY
    )
    assert from_text(play.json_value()).steps == 0  # as it was paused


@pytest.mark.slow
def test_arrows_on_stage_go_from_lesson_to_lesson(bare, shown):
    shown("moons~steps:0", is_staged=True)
    wait_for(bare, 0)
    current = bare.tab.locator('[data-presets] [aria-current="true"]')
    for key, name in (("ArrowRight", 0), ("PageDown", 1), ("ArrowLeft", 0), ("ArrowLeft", -1), ("ArrowRight", 0)):
        bare.tab.keyboard.press(key)
        assert current.inner_text() == PRESETS[name].name
    bare.tab.locator('[data-space="latent"]').first.press("ArrowLeft")  # moves the point
    slider = bare.tab.locator("[data-gamma-host] input").first
    slider.press("ArrowRight")
    assert current.inner_text() == PRESETS[0].name
    shown("blobs~steps:0", is_staged=True)
    wait_for(bare, 0)
    bare.tab.evaluate("() => document.activeElement?.blur()")
    bare.tab.keyboard.press("ArrowLeft")  # from no lesson
    assert current.inner_text() == PRESETS[-1].name


@pytest.mark.slow
def test_class_nll_shows_its_gamma_and_what_that_is(bare, shown):
    shown("moons~steps:0~a:ib:10")
    wait_for(bare, 0)
    bare.tab.locator('[data-objective="class-nll"]').first.click()
    assert "γ = 1/dim: 1/2 here" in bare.tab.locator("[data-note]").inner_text()
    assert bare.tab.locator("[data-gamma-now]").first.inner_text() == "class-NLL: γ = 1/2"
    bare.tab.locator("[data-gamma-host] input").first.press("ArrowRight")  # leaves class-NLL
    gamma = float(bare.tab.locator("[data-gamma-now]").first.inner_text().removeprefix("γ = "))
    assert 0.5 < gamma < 1
    assert bare.tab.locator('[data-objective="ib"]').first.get_attribute("aria-pressed") == "true"
