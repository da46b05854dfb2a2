"""A person's journeys through the app, on a real server."""

import csv
import io
import math

import numpy as np
import pytest
from browser_helpers import (
    IN_A_BROWSER,
    choose_tick,
    click_dot,
    draw,
    in_plane,
    text_of,
    wait_for_model,
)
from flow_page import HAS_RUNTIME
from PIL import Image

import ibinn_core as ib
from app.latent_space import clouds
from app.latent_space.questions import neighbors_of
from app.models import registry
from app.panels.corrupt import log10_odds, rivals
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
FIGURE = ".st-key-stage-figure"
LOOK = "explore?data=mnist"
CANVAS = ".plane > canvas"
GAMMA = "γ, from generative to discriminative"
FRAME = "Frame of the figure"
SWITCH = ".st-key-data-switch"


def reopened(tab):
    """The same address in another tab."""
    again = tab.context.new_page()
    again.goto(tab.url)
    settle(again)
    return again


def has_frame(tab, frame: object) -> None:
    """Waits until the figure shows a frame."""
    tab.locator(f'.figure[data-frame="{frame}"]').wait_for()


def saved(tab, label: str):
    """The file that a button of the open export menu saves."""
    with tab.expect_download() as download:
        tab.get_by_role("button", name=label, exact=True).click()
    return download.value


@pytest.mark.slow
def test_gamma_by_slider_clicker_and_back(visit):
    tab = visit(LOOK)
    slider = tab.get_by_role("slider", name=GAMMA)
    where = f"() => document.querySelector('{CANVAS}').toDataURL()"
    before, box = tab.evaluate(where), slider.bounding_box()
    tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2, steps=3)
    tab.wait_for_function(f"before => ({where})() !== before", arg=before)  # while it is held
    assert "model=" not in tab.url
    tab.mouse.up()
    tab.wait_for_url("**model=mnist-gamma-2.*")  # between two trained models
    wait_for_model(tab, "γ = 2.")
    choose_tick(tab, "γ = 4.63")
    tab.wait_for_url("**model=mnist-gamma-4.63*")
    settle(tab)
    again = reopened(tab)
    wait_for_model(again, "γ = 4.63")
    again.close()
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true*")
    settle(tab)
    tab.keyboard.press("PageDown")
    wait_for_model(tab, "γ = 35.65")
    tab.wait_for_url("**model=mnist-gamma-35.65*")  # which the program writes, after the slider has moved
    settle(tab)
    tab.go_back()
    wait_for_model(tab, "γ = 4.63")
    settle(tab)
    tab.keyboard.press("Escape")
    tab.wait_for_url(lambda url: "stage" not in url)
    settle(tab)
    assert "model=mnist-gamma-4.63" in tab.url


@pytest.mark.slow
def test_a_dot_is_clicked_and_reached_by_key(visit):
    checkpoint = registry.by_id("mnist-gamma-1")
    tab = visit(LOOK)
    assert ("most confident mistake" if ib.data.available("mnist") else "the least confident answer") in text_of(tab)
    tab.mouse.click(*in_plane(tab, clouds.cloud(checkpoint, "means").points[123]))
    tab.wait_for_url("**point=*")
    tab.get_by_text("A test image,").wait_for()
    settle(tab)
    again = reopened(tab)
    again.get_by_text("A test image,").wait_for()
    again.close()
    url = tab.url
    tab.locator(CANVAS).focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url(lambda now: "point=" in now and now != url)
    settle(tab)
    assert tab.locator(CANVAS).evaluate("one => one.matches(':focus')")
    tab.go_back()
    tab.wait_for_url(lambda now: now.partition("point=")[2][:16] == url.partition("point=")[2][:16])
    settle(tab)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_RUNTIME, reason="onnxruntime-web is not here: python tools/vendor.py flow")
def test_a_star_is_dragged_and_followed_to_move(visit):
    tab = visit("?data=mnist")
    card = tab.locator("[data-dragged]")
    for name in ("Back to the image", "Continue in Move"):
        tab.locator(CANVAS).press("Shift+ArrowLeft")
        tab.wait_for_function("() => document.querySelector('[data-words]').textContent.includes('bits/dim')")
        card.get_by_role("button", name=name).click()
        card.wait_for(state="hidden")
    tab.wait_for_url("**/explore?**tab=move**")
    assert "moves=x" in tab.url
    tab.locator("[data-pad]").wait_for()
    tab.get_by_role("button", name="Reset", disabled=False).wait_for()


@pytest.mark.slow
@pytest.mark.skipif(not ib.data.available("mnist"), reason="the pictures of the test set are not on this machine")
def test_a_click_on_a_neighbour_goes_there(visit):
    token = f"{registry.by_id('mnist-gamma-1').latent['hashes'][123]:016x}"
    tab = visit(f"{LOOK}&point={token}")
    tab.locator('[class*="look-neighbors"] .tile').nth(5).click()
    tab.wait_for_url(f"**point={neighbors_of('mnist-gamma-1', token)[5]}*")
    settle(tab)


@pytest.mark.slow
def test_a_lasso_follows_the_images_from_model_to_model(visit):
    tab = visit(f"{LOOK}&models=mnist-gamma-0.2,mnist-gamma-1")
    places = clouds.cloud(registry.by_id("mnist-gamma-1"), "means").points
    x, y = in_plane(tab, places[123], "look-1")
    tab.keyboard.down("Shift")
    draw(tab, [(x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30)])
    tab.keyboard.up("Shift")
    tab.get_by_text("is the mean confidence").wait_for()
    tab.wait_for_url("**lasso=*")
    settle(tab)
    said = tab.get_by_text("test images. Sure is").inner_text()
    assert len(tab.url) < 2000 and tab.get_by_role("row").count() == 3
    again = reopened(tab)
    assert again.get_by_text("test images. Sure is").inner_text() == said
    again.close()
    tab.mouse.click(x, y)
    tab.wait_for_url(lambda url: "lasso=" not in url and "point=" in url)


@pytest.mark.slow
def test_a_figure_that_was_moved_is_whole_under_the_next_model(visit):
    tab = visit("test-an-image?tab=corrupt&data=mnist&stage=true")
    for key, frame in ((".", 1), (".", 2), (",", 1), (",", 0), (".", 1)):
        tab.keyboard.press(key)
        has_frame(tab, frame)
    count = tab.locator(f"{FIGURE} .scatterlayer .point").count()
    tab.keyboard.press("PageDown")
    tab.wait_for_url("**model=mnist-gamma-4.63*")
    settle(tab)
    has_frame(tab, 1)
    assert tab.locator(f"{FIGURE} .scatterlayer .point").count() > 0.5 * count > 200


@pytest.mark.slow
def test_another_corruption_brings_frames_of_its_own_and_the_table_what_is_drawn(visit):
    tab = visit("test-an-image?tab=corrupt&data=mnist")
    tab.get_by_text("Noise", exact=True).click()
    tab.wait_for_url("**corruption=Noise*")
    last = 25
    # The address is the browser's own, and changes before the program has run.
    tab.get_by_role("slider", name=FRAME).and_(tab.locator(f'[max="{last}"]')).wait_for()
    settle(tab)
    tab.get_by_role("button", name="Export").click()
    rows = list(csv.DictReader(saved(tab, "CSV: corrupt.csv").path().read_text().splitlines()))
    posterior = np.array([[float(row[f"posterior_{k}"]) for k in range(10)] for row in rows[: last + 1]])
    odds = log10_odds(posterior, rivals(posterior))
    head = "const {xanchor, yanchor} = document.querySelector('.figure-box > div').layout.shapes[0];"
    drawn = tab.evaluate(f"() => {{ {head} return [xanchor, yanchor]; }}")
    assert drawn == pytest.approx([odds[0], float(rows[0]["bits_per_dim"])], abs=1e-5)
    animation = Image.open(io.BytesIO(saved(tab, "GIF: corrupt.gif").path().read_bytes()))
    assert animation.format == "GIF" and animation.n_frames == last + 1


@pytest.mark.slow
def test_an_attack_is_played_and_the_adaptive_one_brings_frames_of_its_own(visit):
    tab = visit("test-an-image?tab=corrupt&data=mnist")
    tab.get_by_text("Attack", exact=True).click()
    tab.wait_for_url("**corruption=Attack*")
    # The address is the browser's own, and changes before the program has run.
    player = tab.get_by_role("slider", name=FRAME).and_(tab.locator('[max="8"]'))
    player.wait_for()
    settle(tab)
    shown = "() => JSON.stringify(document.querySelector('.figure-box > div').layout.shapes[0])"
    before = tab.evaluate(shown)
    player.press("End")
    has_frame(tab, 8)
    tab.locator(".player").get_by_text("64/256").wait_for()
    plain = tab.evaluate(shown)
    assert plain != before  # the point has gone its way
    tab.get_by_text("Adaptive", exact=True).click()
    tab.wait_for_url("**attack=Adaptive*")
    settle(tab)
    player.wait_for()
    player.press("End")
    has_frame(tab, 8)
    assert tab.evaluate(shown) not in (plain, before)


# Lessons


def is_at(tab, step: str, lesson: int | None = None) -> None:
    """Waits until the page shows a step, and listens to keys again."""
    tab.locator(".lesson-step", has_text=step).first.wait_for()  # for a moment there may be that of before
    if lesson is not None:
        tab.get_by_role("heading", name=f"{lesson} ·").wait_for()
    tab.locator("span[data-listens=true]").wait_for(state="attached")
    settle(tab)


def button(tab, name: str):
    return tab.get_by_role("button", name=name, exact=True)


@pytest.mark.slow
def test_a_lesson_from_its_question_to_trying_it(visit):
    tab = visit("lessons")
    is_at(tab, "Question", 1)
    tab.get_by_text("B: the same, a little blurred").click()
    tab.wait_for_url("**guess=blurred**")
    settle(tab)
    button(tab, "Reveal").click()
    is_at(tab, "Answer")
    tab.get_by_text("No. It is").wait_for()
    button(tab, "Try it").click()
    is_at(tab, "Try it")
    link = tab.get_by_role("link", name="The same image on the page Start")
    assert "model=only-ly" in link.get_attribute("href")
    button(tab, "1 ✓").wait_for()
    button(tab, "Next").click()
    is_at(tab, "Question", 2)
    term = tab.get_by_role("button", name="nats: what does it mean?")
    meaning = tab.locator(".meaning", has_text="natural logarithm")
    term.focus()
    tab.keyboard.press("Enter")
    meaning.wait_for()
    box = meaning.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 720
    tab.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    tab.goto(tab.url.partition("?")[0])
    is_at(tab, "Question", 2)  # where the course was left, from the browser's memory
    button(tab, "1 ✓").click()
    is_at(tab, "Try it", 1)
    assert "guess=blurred" in tab.url


@pytest.mark.slow
def test_a_lesson_by_keyboard_as_a_clicker_does(visit):
    tab = visit("lessons?lesson=2")  # as links were before lessons had names
    is_at(tab, "Question", 2)
    tab.get_by_role("slider").focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url("**guess=51**")
    settle(tab)
    tab.keyboard.press("PageDown")  # with the focus on the slider
    is_at(tab, "Answer")
    tab.get_by_text("You said 51").wait_for()
    for _ in range(2):
        tab.keyboard.press("PageDown")
    is_at(tab, "Question", 3)
    tab.keyboard.press("PageUp")
    is_at(tab, "Try it", 2)


@pytest.mark.slow
def test_the_slider_of_a_lesson_moves_its_picture(visit):
    tab = visit("lessons?lesson=gamma&step=reveal")
    is_at(tab, "Answer", 3)
    slider, pixels = tab.locator("input[type=range]"), "() => document.querySelector('.tile canvas').toDataURL()"
    before, box = tab.evaluate(pixels), slider.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.wait_for_function(f"before => ({pixels})() !== before", arg=before)  # while it is held
    tab.mouse.up()
    slider.press("End")
    tab.locator('[aria-label*="at γ = ∞"]').first.wait_for()
    tab.wait_for_url("**gamma=inf**")


@pytest.mark.slow
def test_on_stage_a_clicker_goes_through_a_lesson_and_the_notes_follow(visit):
    tab = visit("lessons?lesson=there-and-back")
    is_at(tab, "Question", 1)
    with tab.expect_popup() as opening:
        tab.get_by_role("link", name="For lecturers").click()
    notes = opening.value
    current = notes.locator(".notes [aria-current]")
    current.filter(has_text="Question").wait_for()
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true**")
    is_at(tab, "Question", 1)
    assert tab.get_by_text("Show of hands").count() == 0
    assert tab.get_by_text("A: exactly the same picture").is_visible()
    notes.keyboard.press("PageDown")  # the clicker reaches the window that is in front
    is_at(tab, "Answer")
    current.filter(has_text="Answer").wait_for()
    tab.keyboard.press("n")
    tab.wait_for_url("**/playground?*stage=true**")
    settle(tab)
    tab.keyboard.press("Shift+N")
    tab.wait_for_url(lambda url: "/lessons?" in url and "step=reveal" in url and "stage=true" in url)
    is_at(tab, "Answer")


# Write


def arc(x: float, y: float, rx: float, ry: float, start: int, end: int) -> list[tuple[float, float]]:
    """Part of an ellipse; angles in degrees, clockwise from the right."""
    return [(x + rx * math.cos(math.radians(a)), y + ry * math.sin(math.radians(a))) for a in range(start, end, 12)]


DIGITS = {
    "0": [arc(0.5, 0.5, 0.22, 0.35, -90, 276)],
    "7": [[(0.25, 0.15), (0.75, 0.15), (0.45, 0.9)]],
    "4": [[(0.35, 0.1), (0.25, 0.55), (0.75, 0.55)], [(0.65, 0.1), (0.62, 0.9)]],
}
W = [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]
BAYES, PLANE = ".st-key-bayes .figure-box", ".st-key-narrow-plane .plane"
SEEN = "() => document.querySelector('.pad-seen').toDataURL()"


def write(tab, strokes) -> None:
    box = tab.locator(".pad-canvas").bounding_box()
    for stroke in strokes:
        draw(tab, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke])


def says(tab, text: str) -> None:
    """Waits until the figure of Bayes' rule says something, in the browser's words or the program's."""
    tab.wait_for_function(
        "text => [...document.querySelectorAll('.st-key-bayes text')].some((one) => one.textContent.includes(text))",
        arg=text,
    )


@pytest.mark.slow
def test_a_digit_is_written_and_read(visit):
    tab = visit("draw")  # the address of the release before
    tab.wait_for_url("**/test-an-image*")
    settle(tab)
    picture = f"() => document.querySelector('{PLANE} > canvas').toDataURL()"
    settle(tab)
    empty, places = tab.evaluate(picture), set()
    for name, strokes in DIGITS.items():
        tab.get_by_text("write a digit", exact=True).wait_for()
        tab.wait_for_function(f"empty => ({picture})() === empty", arg=empty)  # without a star
        write(tab, strokes)
        says(tab, f"largest: {name}: ")
        settle(tab)
        places.add(tab.evaluate(picture))
        if name != "4":
            button(tab, "Clear").click()
    assert len(places) == len(DIGITS)
    tab.wait_for_url("**strokes=*")
    again = reopened(tab)
    says(again, "largest: 4: ")
    again.close()
    before = tab.evaluate(SEEN)
    tab.get_by_role("link", name="Explore").click()
    tab.wait_for_url("**/explore*")
    settle(tab)
    tab.go_back()
    tab.wait_for_url("**/test-an-image*")
    settle(tab)
    tab.locator(".pad-seen").wait_for()
    assert tab.evaluate(SEEN) == before  # the pad is as it was
    button(tab, "Undo").click()
    tab.wait_for_function(f"before => ({SEEN})() !== before", arg=before)
    button(tab, "Clear").click()
    tab.wait_for_url(lambda url: "strokes=" not in url)
    write(tab, W)
    says(tab, "out of distribution")
    settle(tab)
    for part in (".pad", BAYES, PLANE, ".st-key-model-slider"):
        box = tab.locator(part).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, part
    tab.set_viewport_size({"width": 420, "height": 900})
    settle(tab)
    tops = [tab.locator(part).first.bounding_box()["y"] for part in (".st-key-model-slider", ".pad", BAYES, PLANE)]
    assert tops == sorted(tops)


@pytest.mark.slow
def test_a_digit_without_a_pen(visit):
    tab = visit("test-an-image")
    tab.get_by_role("combobox", name="Begin with a drawing").focus()
    tab.keyboard.press("a")
    tab.wait_for_url("**strokes=*")
    says(tab, "largest: 4: ")
    settle(tab)
    button(tab, "Clear").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: "strokes=" not in url)
    tab.get_by_text("write a digit", exact=True).wait_for()


# Images


@pytest.mark.slow
def test_a_sample_is_clicked_and_let_go(visit):
    tab = visit("sample?data=mnist")  # the address of the release before
    tab.wait_for_url("**/explore?*tab=sample*")
    settle(tab)
    tile = tab.locator(".tile").nth(2)
    tile.click()
    tab.wait_for_url("**tile=*")
    tab.locator(".st-key-stage-figure .js-plotly-plot").first.wait_for()
    settle(tab)
    assert tile.get_attribute("aria-pressed") == "true"
    tile.click()
    tab.wait_for_url(lambda url: "tile=" not in url)


@pytest.mark.slow
def test_another_model_is_asked_and_the_numbers_taken_home(visit):
    tab = visit("test-an-image?tab=judge&data=mnist&models=mnist-gamma-1")
    tab.get_by_role("button", name="Models", exact=True).click()
    tab.get_by_text("γ = 0.2", exact=True).first.click()
    tab.wait_for_url("**models=mnist-gamma-1*mnist-gamma-0.2*")
    settle(tab)
    rows = tab.locator("table").first.inner_text().replace("\u00a0", " ")
    assert "γ = 0.2" in rows and "γ = 1" in rows
    again = reopened(tab)
    assert again.locator("table").first.inner_text().replace("\u00a0", " ") == rows
    again.close()
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Export").click()
    lines = list(csv.DictReader(saved(tab, "CSV: judge.csv").path().read_text().splitlines()))
    assert {"mnist-gamma-0.2", "mnist-gamma-1"} <= {line["model"] for line in lines}


# Data sets, history, stage


@pytest.mark.slow
def test_another_data_set_and_back(visit):
    tab = visit(f"{LOOK}&model=mnist-gamma-4.63")
    where = tab.locator(SWITCH).bounding_box()
    tab.locator(SWITCH).get_by_text("CIFAR-10", exact=True).click()
    tab.wait_for_url(lambda url: "mnist" not in url)
    settle(tab)
    tab.go_back()
    tab.wait_for_url("**data=mnist*")
    settle(tab)
    wait_for_model(tab, "γ = 4.63")
    tab.get_by_role("link", name="Start").click()
    tab.wait_for_url(lambda url: "/explore" not in url and "data=mnist" in url)
    settle(tab)
    wait_for_model(tab, "γ = 4.63")
    assert tab.locator(SWITCH).bounding_box() == where
    choose_tick(tab, "γ = 0.2")
    tab.wait_for_url("**model=mnist-gamma-0.2*")
    settle(tab)
    tab.go_back()
    wait_for_model(tab, "γ = 4.63")
    settle(tab)
    assert "/explore" not in tab.url
    tab.go_back()
    tab.wait_for_url("**/explore?*")
    settle(tab)
    tab.go_forward()
    tab.wait_for_url(lambda url: "/explore" not in url and "model=mnist-gamma-4.63" in url)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 900, 420])
def test_the_switch_of_data_sets_covers_nothing(visit, width):
    tab = visit("explore?data=mnist", width, 800)
    switch, heading = tab.locator(SWITCH).bounding_box(), tab.locator("h4").first.locator("span").first.bounding_box()
    assert heading["x"] + heading["width"] <= switch["x"] or switch["y"] + switch["height"] <= heading["y"]


@pytest.mark.slow
def test_back_closes_a_dialog_and_the_page_stays(visit):
    tab = visit("inspect?data=mnist")  # the address of the release before
    dialog = tab.get_by_role("dialog")
    for close in (tab.go_back, lambda: tab.keyboard.press("Escape")):
        tab.get_by_role("button", name="Change").click()
        dialog.locator("button.tile").nth(5).wait_for()
        settle(tab)
        close()
        dialog.wait_for(state="detached")
        settle(tab)
        assert "/test-an-image" in tab.url and "image=" not in tab.url
    tab.get_by_role("button", name="Change").click()
    dialog.locator("button.tile").nth(5).click()
    tab.wait_for_url("**image=*")
    dialog.wait_for(state="detached")
    settle(tab)
    tab.go_back()
    tab.wait_for_url(lambda url: "image=" not in url and "/test-an-image" in url)


@pytest.mark.slow
def test_keys_lead_through_the_pages_on_stage(visit):
    tab = visit("playground?stage=true&data=mnist")
    tab.keyboard.press("n")
    tab.wait_for_url("**/explore?*stage=true*")
    settle(tab)
    assert tab.locator(FIGURE).is_visible()
    tab.keyboard.press("?")
    keys = tab.get_by_role("dialog", name="Keys")
    assert "previous tab or page" in keys.inner_text()
    tab.keyboard.press("Escape")
    keys.wait_for(state="hidden")
    for key, shown in (("n", "**tab=move*"), ("Shift+N", lambda url: "tab=" not in url)):
        tab.keyboard.press(key)
        tab.wait_for_url(shown)
        settle(tab)
    wait_for_model(tab, "γ = 1")
    tab.keyboard.press("PageDown")
    wait_for_model(tab, "γ = 4.63")
    settle(tab)
    tab.keyboard.press("q")
    dialog = tab.get_by_role("dialog")
    code = dialog.get_by_test_id("stImage").locator("img")
    code.wait_for()
    settle(tab)
    box = code.bounding_box()
    assert box["height"] > 0.6 * 720 and box["y"] >= 0 and box["y"] + box["height"] <= 720
    link = dialog.get_by_test_id("stCode").inner_text()
    assert "model=mnist-gamma-4.63" in link and "stage" not in link
    tab.keyboard.press("q")
    dialog.wait_for(state="detached")
    settle(tab)
    tab.get_by_role("button", name="Models").click()
    panel = tab.locator('[data-testid="stPopoverBody"]')
    panel.wait_for()
    tab.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert "stage=true" in tab.url
    tab.keyboard.press("Shift+N")
    tab.wait_for_url("**/playground?*stage=true*")


@pytest.mark.slow
def test_on_the_trade_off_a_model_is_chosen_for_all_pages(visit):
    tab = visit("trade-off")  # the address of the release before
    tab.wait_for_url("**/results*")
    settle(tab)
    click_dot(tab, ".st-key-curve", "gamma-0.02")
    tab.wait_for_url("**model=gamma-0.02*")
    settle(tab)
    assert "γ = 0.02: 30.5 % test error, 3.67 bits/dim" in text_of(tab)
    tab.get_by_role("button", name="Export").first.click()
    rows = list(csv.DictReader(saved(tab, "CSV: trade-off.csv").path().read_text().splitlines()))
    assert {row["kind"] for row in rows} == {"trained", "mixed", "without likelihood"}
    tab.keyboard.press("Escape")
    for name in ("Calibration", "Disagreement"):
        tab.get_by_role("radio", name=name).click()
        tab.wait_for_url(f"**tab={name.lower()}*")
        settle(tab)
    tab.locator(".tile").first.click()
    tab.wait_for_url("**judged=*")
    settle(tab)
    tab.go_back()
    tab.wait_for_function("() => !location.search.includes('judged=')")
    settle(tab)
    assert tab.locator(".tile[aria-pressed=true]").count() == 0
    tab.get_by_role("link", name="Explore").click()
    tab.wait_for_url("**/explore?*model=gamma-0.02*")
    settle(tab)
    wait_for_model(tab, "γ = 0.02")


def test_another_corruption_ends_the_film(visit):
    tab = visit("test-an-image?tab=corrupt&data=mnist")
    tab.get_by_role("button", name="Play").click()
    tab.get_by_test_id("stMain").get_by_text("Attack", exact=True).click()
    tab.wait_for_url("**corruption=Attack*")
    settle(tab)
    tab.get_by_role("button", name="Play").wait_for(timeout=60_000)
    has_frame(tab, 0)
    assert tab.locator(".player output").inner_text() == "0/256"
