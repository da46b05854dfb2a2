"""Users' paths through the app, on a real server."""

import csv
import re
from itertools import pairwise

import numpy as np
import pytest
from browser_helpers import (
    IN_A_BROWSER,
    are_seen,
    arrives,
    dot_of,
    draw,
    in_plane,
    text_of,
    wait_for_model,
)
from flow_page import needs_runtime
from PIL import Image, ImageColor, ImageSequence

import ibinn_core as ib
from app.images.dialog import LIMITS
from app.latent_space import clouds
from app.models import registry
from app.palette import TEXT
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
FIGURE = ".st-key-stage-figure"
LOOK = "explore?data=mnist"
CANVAS = ".plane > canvas[data-canvas]"
GAMMA = "γ, from generative to discriminative"
FRAME = "Frame of the figure"
SWITCH = ".st-key-data-switch"


def reopened(tab):
    """Opens the address of a tab in another tab."""
    again = tab.context.new_page()
    again.goto(tab.url)
    settle(again)
    return again


def has_frame(tab, frame: object) -> None:
    """Waits until the figure shows this frame."""
    tab.locator(f'.figure[data-frame="{frame}"]').wait_for()


def frames_of(download) -> list[np.ndarray]:
    with Image.open(download.path()) as film:
        return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(film)]


def saved(tab, label: str):
    """Returns the file that a button of the open export menu saves."""
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
    tab.wait_for_function(f"before => ({where})() !== before", arg=before)  # while the mouse button is down
    assert "model=" not in tab.url
    tab.mouse.up()
    tab.wait_for_url("**model=mnist-gamma-2.*")  # a mixed model
    wait_for_model(tab, "γ = 2.")
    tab.locator('[data-ticks] button[title="γ = 4.63"]').click()
    arrives(tab, "**model=mnist-gamma-4.63*")
    again = reopened(tab)
    wait_for_model(again, "γ = 4.63")
    again.close()
    tab.keyboard.press("f")
    arrives(tab, "**stage=true*")
    tab.keyboard.press("PageDown")
    wait_for_model(tab, "γ = 35.65")
    arrives(tab, "**model=mnist-gamma-35.65*")  # the program writes it after the slider has moved
    tab.go_back()
    wait_for_model(tab, "γ = 4.63")
    settle(tab)
    tab.get_by_role("button", name="Models").click()
    panel = tab.locator('[data-testid="stPopoverBody"]')
    panel.wait_for()
    tab.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert "stage=true" in tab.url
    tab.keyboard.press("Escape")
    arrives(tab, lambda url: "stage" not in url)
    assert "model=mnist-gamma-4.63" in tab.url


@pytest.mark.slow
def test_a_dot_is_clicked_and_reached_by_key_and_dots_are_caught_by_a_lasso(visit):
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
    arrives(tab, lambda now: "point=" in now and now != url)
    assert tab.locator(CANVAS).evaluate("one => one.matches(':focus')")
    tab.go_back()
    arrives(tab, lambda now: now.partition("point=")[2][:16] == url.partition("point=")[2][:16])
    x, y = in_plane(tab, clouds.cloud(checkpoint, "means").points[123])
    tab.keyboard.down("Shift")
    draw(tab, [(x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30)])
    tab.keyboard.up("Shift")
    arrives(tab, "**lasso=*")
    said = tab.get_by_text("test images. Sure is").inner_text()
    assert len(tab.url) < 2000
    again = reopened(tab)
    assert again.get_by_text("test images. Sure is").inner_text() == said
    again.close()


@pytest.mark.slow
def test_another_corruption_brings_frames_of_its_own_and_all_are_saved(visit):
    tab = visit("test-an-image?tab=corrupt&data=mnist")
    tab.get_by_text("Noise", exact=True).click()
    tab.wait_for_url("**corruption=Noise*")
    last = 25
    # The browser changes the address itself, before the program has run.
    tab.get_by_role("slider", name=FRAME).and_(tab.locator(f'[max="{last}"]')).wait_for()
    settle(tab)
    tab.get_by_role("button", name="Export").click()
    assert len(frames_of(saved(tab, "GIF: corrupt.gif"))) == last + 1
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Play").click()
    tab.get_by_test_id("stMain").get_by_text("Attack", exact=True).click()
    tab.wait_for_url("**corruption=Attack*")
    player = tab.get_by_role("slider", name=FRAME).and_(tab.locator('[max="8"]'))
    player.wait_for()
    settle(tab)
    has_frame(tab, 0)  # the earlier film has ended
    player.press("End")
    has_frame(tab, 8)
    tab.locator(".player").get_by_text("64/256").wait_for()


def is_at(tab, step: str, lesson: int | None = None) -> None:
    """Waits until the page shows a step of a lesson and listens to keys again."""
    tab.locator(".lesson-step", has_text=step).first.wait_for()  # the step before may remain for a moment
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
    arrives(tab, "**guess=blurred**")
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
    are_seen(tab, [".meaning:popover-open"])
    assert meaning.is_visible()
    tab.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    tab.goto(tab.url.partition("?")[0])
    is_at(tab, "Question", 2)  # the browser remembers the last place in the course
    tab.get_by_role("slider").focus()
    tab.keyboard.press("ArrowRight")
    arrives(tab, "**guess=51**")
    tab.keyboard.press("PageDown")  # while the slider has the focus
    is_at(tab, "Answer")
    tab.get_by_text("You said 51").wait_for()
    button(tab, "1 ✓").click()
    is_at(tab, "Try it", 1)
    assert "guess=blurred" in tab.url


@pytest.mark.slow
def test_on_stage_a_clicker_goes_through_a_lesson_and_the_notes_follow(visit):
    tab = visit("lessons?lesson=there-and-back")
    is_at(tab, "Question", 1)
    with tab.expect_popup() as opening:
        tab.get_by_role("link", name="For lecturers").click()
    notes = opening.value
    current = notes.locator(".notes [aria-current]")
    current.filter(has_text="Question").wait_for()
    notes.locator("span[data-listens]").wait_for(state="attached")  # the keys' listener comes after the notes
    for key, step in (("PageDown", "Answer"), ("PageUp", "Question")):  # a clicker reaches the front window, the notes
        notes.keyboard.press(key)
        is_at(tab, step)
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true**")
    is_at(tab, "Question", 1)
    tab.get_by_role("radio").first.focus()
    for key in ("ArrowRight", "Enter"):  # the arrows go from answer to answer
        tab.keyboard.press(key)
    arrives(tab, "**guess=blurred**")
    is_at(tab, "Question", 1)
    assert tab.get_by_text("Show of hands").count() == 0
    assert tab.get_by_text("A: exactly the same picture").is_visible()
    notes.keyboard.press("PageDown")
    is_at(tab, "Answer")
    current.filter(has_text="Answer").wait_for()
    tab.keyboard.press("n")
    arrives(tab, "**/playground?*stage=true**")
    tab.keyboard.press("Shift+N")
    tab.wait_for_url(lambda url: "/lessons?" in url and "step=reveal" in url and "stage=true" in url)
    is_at(tab, "Answer")
    tab = visit("explore?tab=sample&data=mnist&stage=true&seed=3")
    tab.get_by_role("button", name="Leave", exact=True).wait_for()
    tab.keyboard.press("n")
    arrives(tab, "**/test-an-image?*stage=true**")
    tab.keyboard.press("Shift+N")
    tab.wait_for_url(lambda url: "/explore?" in url and "tab=sample" in url and "seed=3" in url)


DIGITS = {
    "7": [[(0.25, 0.15), (0.75, 0.15), (0.45, 0.9)]],
    "4": [[(0.35, 0.1), (0.25, 0.55), (0.75, 0.55)], [(0.65, 0.1), (0.62, 0.9)]],
}
W = [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]
PLANE = ".st-key-narrow-plane .plane"
SEEN = "() => document.querySelector('.pad-seen').toDataURL()"


def write(tab, strokes) -> None:
    box = tab.locator(".pad-canvas").bounding_box()
    for stroke in strokes:
        draw(tab, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke])


def says(tab, text: str) -> None:
    """Waits until the figure of Bayes' rule contains a text, from the browser or from the program."""
    tab.wait_for_function(
        "text => [...document.querySelectorAll('.st-key-bayes text')].some((one) => one.textContent.includes(text))",
        arg=text,
    )


@pytest.mark.slow
def test_a_digit_is_written_and_read(visit):
    tab = visit("draw")  # the address in the previous release
    arrives(tab, "**/test-an-image*")
    picture = f"() => document.querySelector('{PLANE} > canvas').toDataURL()"
    empty, places = tab.evaluate(picture), set()
    for name, strokes in DIGITS.items():
        tab.get_by_text("write a digit", exact=True).wait_for()
        tab.wait_for_function(f"empty => ({picture})() === empty", arg=empty)  # the plane has no star
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
    arrives(tab, "**/explore*")
    tab.go_back()
    arrives(tab, "**/test-an-image*")
    tab.locator(".pad-seen").wait_for()
    assert tab.evaluate(SEEN) == before  # the pad keeps its strokes
    button(tab, "Undo").click()
    tab.wait_for_function(f"before => ({SEEN})() !== before", arg=before)
    button(tab, "Clear").click()
    tab.wait_for_url(lambda url: "strokes=" not in url)
    write(tab, W)
    says(tab, "out of distribution")
    settle(tab)


@pytest.mark.slow
def test_another_data_set_and_back(visit):
    tab = visit(f"{LOOK}&model=mnist-gamma-4.63")
    where = tab.locator(SWITCH).bounding_box()
    tab.locator(SWITCH).get_by_text("CIFAR-10", exact=True).click()
    arrives(tab, lambda url: "mnist" not in url)
    tab.go_back()
    arrives(tab, "**data=mnist*")
    wait_for_model(tab, "γ = 4.63")
    tab.get_by_role("link", name="Start").click()
    arrives(tab, lambda url: "/explore" not in url and "data=mnist" in url)
    wait_for_model(tab, "γ = 4.63")
    box = "document.querySelector(name).getBoundingClientRect()"
    stays = f"([name, x, y]) => {box}.left === x && {box}.top === y"
    tab.wait_for_function(stays, arg=[SWITCH, where["x"], where["y"]])
    tab.go_back()
    arrives(tab, "**/explore?*")
    tab.go_forward()
    tab.wait_for_url(lambda url: "/explore" not in url and "model=mnist-gamma-4.63" in url)


@pytest.mark.slow
def test_back_closes_a_dialog_and_the_page_stays(visit):
    tab = visit("inspect?data=mnist")  # the address in the previous release
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
def test_on_the_trade_off_a_model_is_chosen_for_all_pages(visit):
    tab = visit("trade-off")  # the address in the previous release
    arrives(tab, "**/results*")
    place = dot_of(tab, ".st-key-curve", "gamma-0.02")
    tab.mouse.move(*place)
    tab.locator(".st-key-curve .hoverlayer .hovertext").first.wait_for()
    tab.mouse.click(*place)
    arrives(tab, "**model=gamma-0.02*")
    wait_for_model(tab, "γ = 0.02")
    tab.get_by_role("button", name="Export").first.press("Enter")
    tab.wait_for_function("() => document.activeElement.ariaLabel === 'Export'")  # the popover, not its button
    rows = list(csv.DictReader(saved(tab, "CSV: trade-off.csv").path().read_text().splitlines()))
    assert {row["kind"] for row in rows} == {"trained", "mixed", "without likelihood"}
    tab.keyboard.press("Escape")
    tab.get_by_role("radio", name="Disagreement").click()
    arrives(tab, "**tab=disagreement*")
    tab.locator(".tile").first.click()
    arrives(tab, "**judged=*")
    tab.go_back()
    tab.wait_for_function("() => !location.search.includes('judged=')")
    settle(tab)
    assert tab.locator(".tile[aria-pressed=true]").count() == 0
    tab.get_by_role("link", name="Explore").click()
    arrives(tab, "**/explore?*model=gamma-0.02*")
    wait_for_model(tab, "γ = 0.02")


def thumbnails(tab):
    """Waits for the images of the dialog, and returns them."""
    found = tab.get_by_role("dialog").locator("button.tile")
    found.nth(19).wait_for()
    return found


def class_of(thumbnail) -> str:
    return thumbnail.get_attribute("title").removeprefix("Image of class ").split(":")[0]


@pytest.mark.slow
def test_images_are_chosen_by_mouse_by_keyboard_and_from_a_file(visit, tmp_path):
    tab = visit("explore?tab=walk&models=gamma-1&steps=5")
    tab.get_by_role("button", name="Change").first.click()
    thumbnails(tab)
    tab.get_by_role("dialog").get_by_text("Samples", exact=True).click()  # they need no data set
    tab.wait_for_function("() => document.querySelectorAll('[role=dialog] .tile').length === 20")
    settle(tab)
    other = thumbnails(tab).and_(tab.locator('[aria-pressed="false"]')).nth(1)
    name = class_of(other)
    other.click()
    tab.wait_for_url("**first=*")
    tab.get_by_text(f"From: {name}").first.wait_for()
    settle(tab)
    tab.get_by_role("button", name="Change").last.focus()
    tab.keyboard.press("Enter")
    name = class_of(thumbnails(tab).nth(2))
    thumbnails(tab).first.focus()
    for key in ("Tab", "Tab", "Enter"):
        tab.keyboard.press(key)
    tab.wait_for_url("**second=*")
    tab.get_by_text(f"To: {name}").first.wait_for()
    settle(tab)
    Image.new("RGB", (64, 64), (200, 30, 30)).save(tmp_path / "mine.png")
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "huge.jpg").write_bytes(bytes(LIMITS.file_bytes + 1))
    tab.get_by_role("button", name="Change").first.click()
    tab.get_by_role("dialog").get_by_text("Image file", exact=True).click()
    files = tab.locator('input[type="file"]')
    files.set_input_files(tmp_path / "text.png")
    tab.get_by_text("not a PNG, JPEG").wait_for()
    files.set_input_files(tmp_path / "huge.jpg")
    tab.get_by_text("File must be 10.0MB or smaller").wait_for()
    assert tab.get_by_text("not a PNG, JPEG").is_hidden() and tab.get_by_text("text.png", exact=True).is_hidden()
    files.set_input_files(tmp_path / "mine.png")
    tab.wait_for_url("**first=yours-*")
    tab.get_by_text("From: your image").first.wait_for()
    settle(tab)
    tab.reload()
    tab.get_by_text("From: your image").first.wait_for()
    settle(tab)


@pytest.mark.slow
def test_a_walk_is_saved_dark_on_white_and_as_a_film_of_its_steps_and_the_plane_as_one_over_gamma(visit):
    tab = visit("explore?tab=walk&steps=5", theme="dark")
    box = tab.locator(f"{FIGURE} .tiles").bounding_box()
    tab.get_by_role("button", name="Export").first.click()
    svg = saved(tab, "SVG: walk.svg").path().read_text("utf-8")
    assert svg.startswith("<svg") and "great circle" in svg
    assert not [word for word in ("Play", "Export", "Change") if word in svg]
    image = Image.open(saved(tab, "PNG: walk.png").path())
    assert image.width == pytest.approx(3 * (box["width"] + 16), abs=3)  # with a margin on both sides
    pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[0, 0] == 255).all() and (np.abs(pixels - ImageColor.getrgb(TEXT)).sum(2) < 12).mean() > 1e-4
    frames = frames_of(saved(tab, "GIF: walk.gif"))
    assert len(frames) == 9 and frames[0].shape[1] >= 1200
    assert (frames[0] == frames[-1]).mean() > 0.99 and np.abs(frames[0] - frames[4]).mean() > 10
    tab = visit(LOOK)
    tab.get_by_role("button", name="Export").first.click()
    tab.set_default_timeout(300_000)
    frames = frames_of(saved(tab, "GIF: look.gif"))
    points = len(ib.family("mnist").curve)
    assert len(frames) == 2 * points - 1 and all((one != other).any() for one, other in pairwise(frames))


@pytest.mark.slow
@needs_runtime
def test_a_star_is_dragged_and_followed_to_move_which_shows_nothing_of_another_data_set(visit):
    tab = visit("?data=cifar10")
    card = tab.locator("[data-dragged]")
    for name in ("Back to the image", "Continue in Move"):
        tab.locator(f"{CANVAS}[aria-label*=star]").press("Shift+ArrowLeft")  # before it arrives, keys do nothing
        tab.wait_for_function("() => document.querySelector('[data-words]').textContent.includes('bits/dim')")
        card.get_by_role("button", name=name).click()
        card.wait_for(state="hidden")
    tab.wait_for_url("**/explore?**tab=move**")
    assert "moves=x" in tab.url
    tab.get_by_role("button", name="Reset", disabled=False).wait_for()
    tab.evaluate("""() => { const draw = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            this.canvas.dataset.names = [...new Set([...(this.canvas.dataset.names ?? "").split(","), text])].join();
            return draw.call(this, text, ...place); }; }""")
    settle(tab)
    tab.locator(SWITCH).get_by_text("MNIST", exact=True).click()
    tab.locator(".move-classes .name").first.filter(has_text=re.compile(r"^\d$")).wait_for()
    tab.locator("[data-move][data-state=ready]").wait_for()
    names = tab.locator("[data-pad]").get_attribute("data-names").split(",")
    assert len(names) >= 10 and set(names) <= {"", *"0123456789"}
