"""The move editor on a bare page: its results after actions by mouse, key and γ agree with the library."""

import numpy as np
import pytest
import torch
from browser_helpers import GREY, IN_A_BROWSER, NEAR
from flow_page import needs_runtime
from moves_helpers import Mover
from waiting_helpers import until

import ibinn_core as ib
from app.images.pictures import own
from app.models import registry
from app.models.in_browser import Addresses, addresses_of
from app.move_text import Moves, from_browser
from app.moves import editor, rows
from app.vendor import published_modules

pytestmark = [
    *IN_A_BROWSER,
    needs_runtime,
]
KEY = "moves"
MODEL_IS_HERE = "() => document.querySelector('[data-move]')?.dataset.state === 'ready'"


def given(checkpoint, pixels: np.ndarray, *rest, **options) -> dict:
    """Returns the data that the element gets for an image."""
    return editor.specification(checkpoint, addresses_of(checkpoint), own(pixels), *rest, **options)


@pytest.fixture(scope="module")
def six(mover):
    return mover.sample(6)


@pytest.fixture
def shown(bare, mover, six):
    """Shows the element; returns a function that shows the element with other moves."""

    def show(moves=editor.STILL, **options) -> None:
        data = given(mover.checkpoint, six, moves, **options)
        bare.mount(lambda: editor.element()(key=KEY, data=data))

    show()
    bare.tab.wait_for_function(MODEL_IS_HERE)
    return show


def bars(bare) -> np.ndarray:
    """Returns the posterior that the page shows, without rounding."""
    every = bare.tab.locator(".move-classes button")
    return np.array([float(s) for s in every.evaluate_all("all => all.map(b => b.style.getPropertyValue('--share'))")])


def picture(bare) -> np.ndarray:
    """Returns the levels of the picture's pixels."""
    return np.array(bare.tab.locator("[data-picture]").evaluate(GREY)).reshape(28, 28)


def check(bare, mover, six, moves: Moves, other: np.ndarray | None = None) -> None:
    """Checks that the page shows the library's result for the same moves."""
    z = mover.after(six, moves, other)
    np.testing.assert_allclose(bars(bare), mover.posterior(z), atol=2e-3)
    near = f"wanted => ({NEAR})(({GREY})(document.querySelector('[data-picture]')), wanted)"
    bare.tab.wait_for_function(near, arg=mover.decode(z).astype(int).ravel().tolist())


def test_what_is_saved_goes_from_the_image_to_where_the_hand_has_put_it(bare, mover, six, shown):
    moves = {"to:3": 0.6}
    shown(moves)
    check(bare, mover, six, moves)
    found = bare.tab.evaluate(f"""async () => {{
        const {{ strips }} = await import("/app/static/vendor/{published_modules()}/figure/recorder.js");
        const {{ frames, width, height }} = await strips.get("move")();
        return [width, height, frames.map(([canvas]) => ({GREY})(canvas))]; }}""")
    assert found[:2] == [28, 28]
    first, *_, last = np.array(found[2]).reshape(-1, 28, 28)
    assert len(found[2]) == 9 and np.abs(first - six[..., 0].astype(int)).max() <= 1
    assert np.abs(last - picture(bare)).max() <= 1


def test_a_class_is_pressed_and_the_image_goes_just_past_the_flip(bare, mover, six, shown):
    bare.tab.get_by_role("button", name="3").first.click()
    ((_, said),) = bare.told(KEY, 1)
    assert said["amounts"] == {"to:3": pytest.approx(1.25 * mover.flip(mover.encode(six), 3), abs=2e-3)}
    check(bare, mover, six, said["amounts"])
    assert bars(bare).argmax() == 3
    tiles = bare.tab.locator(".move-strip button")
    tiles.nth(8).wait_for()
    assert tiles.count() == 9 and "flip" in (tiles.nth(4).text_content() or "")
    tiles.nth(0).click()
    assert bars(bare).argmax() == 6
    np.testing.assert_array_equal(picture(bare), six[..., 0])
    follows(bare, six)


def test_the_star_is_dragged_by_mouse_and_by_keys_and_comes_back(bare, mover, six, shown):
    before = bars(bare)
    pad = bare.tab.locator("[data-pad]")
    box = pad.bounding_box()
    bare.tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    bare.tab.mouse.down()
    bare.tab.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    assert bare.told(KEY) == []  # the program gets the move only when the button is released
    assert np.abs(bars(bare) - before).max() > 0.01
    bare.tab.mouse.up()
    ((_, said),) = bare.told(KEY, 1)
    check(bare, mover, six, said["amounts"])
    pad.focus()
    bare.tab.keyboard.press("ArrowLeft")
    bare.tab.keyboard.press("Shift+ArrowUp")
    last = bare.told(KEY, 3)[-1][1]["amounts"]
    assert last["x"] < said["amounts"]["x"] and last["y"] > said["amounts"]["y"]
    bare.tab.get_by_role("button", name="Reset").click()
    assert bare.told(KEY, 4)[-1][1]["amounts"] == {}
    np.testing.assert_allclose(bars(bare), before, atol=1e-6)


@pytest.fixture(scope="module")
def nine(mover):
    return own(mover.sample(9))


@pytest.mark.slow
def test_the_class_of_another_image_is_transplanted_by_sliders_and_follows_gamma(bare, mover, six, nine, shown):
    shown(kind="transplant", other=nine)
    sliders = bare.tab.locator('[data-panel="transplant"] input')
    bare.tab.wait_for_function("() => !document.querySelector('[data-panel=transplant] input').disabled")
    bare.tab.wait_for_function(MODEL_IS_HERE)
    sliders.nth(0).focus()
    bare.tab.keyboard.press("End")
    said = bare.told(KEY, 1)[-1][1]
    assert said == {"amounts": {"class": 1}, "kind": "transplant"}
    wanted = mover.posterior(mover.encode(nine.pixels))
    until(lambda: np.allclose(bars(bare), wanted, atol=2e-3))  # the other image may still be encoded
    check(bare, mover, six, {"class": 1}, nine.pixels)
    sliders.nth(1).focus()
    bare.tab.keyboard.press("End")
    assert bare.told(KEY, 2)[-1][1]["amounts"] == {"class": 1, "all else": 1}
    check(bare, mover, six, {"class": 1, "all else": 1}, nine.pixels)
    bare.tab.get_by_role("button", name="Style").click()
    said = bare.told(KEY, 3)[-1][1]
    assert said == {"amounts": {"class": 1, "all else": 1}, "kind": "style"}  # earlier moves are kept
    assert bare.tab.locator('[data-panel="style"]').is_visible() and not sliders.nth(0).is_visible()
    follows(bare, nine.pixels)


def follows(bare, pixels: np.ndarray) -> None:
    """Checks that after a change of γ, the bars show the posterior of these pixels under the model at that γ."""
    with torch.no_grad():
        wanted = ib.family("mnist").at(0.35).posterior(ib.dequantize(ib.to_unit(pixels[None])))[0].numpy()
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('gamma-moved', { detail: { gamma: 0.35 } }))")
    near = """wanted => [...document.querySelectorAll(".move-classes button")]
        .every((b, k) => Math.abs(Number(b.style.getPropertyValue("--share")) - wanted[k]) < 2e-3)"""
    bare.tab.wait_for_function(near, arg=wanted.tolist())


ROWS_ARE_DRAWN = "() => document.querySelector('[data-rows]').getAttribute('aria-busy') === 'false'"


def row_texts(bare) -> list[str]:
    return [line.get_attribute("aria-label") or "" for line in bare.tab.locator(".move-row").all()]


@pytest.mark.slow
def test_several_gammas_have_a_row_each(bare, mover, six, shown):
    movers = [Mover(one) for one in rows.models_for(mover.checkpoint)]
    shown({"to:3": 0.5}, kind="gammas")
    bare.tab.wait_for_function(ROWS_ARE_DRAWN)
    here = row_texts(bare)
    for line, text, mover in zip(bare.tab.locator(".move-row").all(), here, movers, strict=True):
        z = mover.encode(six)
        assert text.startswith(f"γ = {mover.checkpoint.gamma:g}: flip at {mover.flip(z, 3):.2f} of the way, typical ")
        wanted = mover.decode(z + mover.flip(z, 3) * mover.way(z, 3))
        levels = np.array(line.locator("canvas").nth(4).evaluate(GREY))
        # Far from the data a model amplifies rounding, so a few pixels may differ.
        assert (np.abs(levels - wanted.astype(int).ravel()) <= 2).mean() > 0.98
    bare.tab.locator("[data-towards]").select_option("8")
    assert list(bare.told(KEY, 1)[0][1]["amounts"]) == ["to:8"]
    bare.tab.wait_for_function("before => document.querySelector('.move-row').ariaLabel !== before", arg=here[0])
    bare.tab.wait_for_function(ROWS_ARE_DRAWN)
    for text, mover in zip(row_texts(bare), movers, strict=True):
        assert f"flip at {mover.flip(mover.encode(six), 8):.2f}" in text
    assert not bare.tab.locator("[data-pad]").is_visible()
    bare.tab.get_by_role("button", name="Class").click()
    assert bare.tab.locator("[data-pad]").is_visible() and not bare.tab.locator("[data-rows]").is_visible()


def test_a_browser_that_cannot_compute_says_so_in_one_sentence(bare, mover, six, monkeypatch):
    monkeypatch.setitem(globals(), "addresses_of", lambda _: Addresses("/nowhere/", "/nowhere/"))
    bare.mount(lambda: editor.element()(key=KEY, data=given(mover.checkpoint, six)))
    bare.tab.wait_for_function("() => document.querySelector('[data-move]').dataset.state === 'failed'")
    note = bare.tab.locator("[data-note]").text_content() or ""
    assert note.startswith("This page computes in your browser, and that does not work here: ")
    np.testing.assert_array_equal(picture(bare), six[..., 0])
    assert not bare.tab.locator("[data-pad]").is_visible()
    bare.problems.clear()  # the browser complains about the missing files


def test_an_answer_that_was_overtaken_moves_nothing_and_back_does(bare, shown):
    for label in (3, 8):
        bare.tab.locator(".move-classes button").nth(label).click()
    (_, first), (_, second) = bare.told(KEY, 2)
    three, eight = (from_browser(said["amounts"]) for said in (first, second))
    shown(three)  # a late answer of the program
    assert bars(bare).argmax() == 8
    shown(eight)
    shown(three)  # as after Back
    assert bars(bare).argmax() == 3


@pytest.mark.slow
def test_of_a_hundred_classes_any_can_be_aimed_at_by_its_name_and_has_a_bar_then(bare):
    many = registry.by_id("cifar100-gamma-1")
    image = ib.data.embedded("cifar100")[0][0]
    data = given(many, image)
    bare.mount(lambda: editor.element()(key=KEY, data=data))
    bare.tab.wait_for_function(MODEL_IS_HERE)
    towards, names = bare.tab.locator("[data-towards]"), bare.tab.locator(".move-classes button .name")
    assert towards.is_visible() and names.count() == 10
    likely = set(names.all_text_contents())
    unlikely = next(name for name in many.classes if name not in likely)
    assert towards.locator("option").count() == 100  # 99 other classes, and a line for no class
    towards.select_option(label=unlikely)
    pressed = bare.tab.locator('.move-classes button[aria-pressed="true"]')
    assert pressed.locator(".name").text_content() == unlikely
    assert list(bare.told(KEY, 1)[0][1]["amounts"]) == [f"to:{many.classes.index(unlikely)}"]
    assert float(pressed.evaluate("b => b.style.getPropertyValue('--share')")) == pytest.approx(max(bars(bare)))
    assert towards.evaluate("list => list.selectedOptions[0].text") == unlikely
    assert bare.problems == []
