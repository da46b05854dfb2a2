"""The static site in a browser, on a plain web server."""

from pathlib import Path

import numpy as np
import pytest
import torch
from browser_helpers import GREY, IN_A_BROWSER, TIMEOUT, are_seen, draw, listen, swipe
from flow_page import needs_runtime
from hosting import hosted
from PIL import Image
from shared_helpers import shared_folder

import ibinn_core as ib
from app.desk import Desk
from app.images.handwriting import DRAWINGS, digit, to_text
from app.models import asking
from app.site import pages
from app.site.kept import Kept
from ibinn_core.checkpoint import folders
from tests.app.site_helpers import shared_site

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]

DRAWN = {
    "view=lessons&lesson=gamma": ".figures canvas",
    "view=explore&tab=look": ".plane[data-drawn]",
    "view=explore&tab=walk": ".tile canvas",
    "view=test": ".answer",
    "view=results": ".figure[data-state=drawn]",
    "view=playground": "[data-playground]",
}
PLACED = "() => document.querySelector('footer #slider div').shadowRoot.querySelector('[data-gamma]').textContent"
#: A JavaScript function: returns the percentage of each class, log q(x | y) for each class, and bits/dim.
NUMBERS = """() => {
    const number = (text) => Number(text.replace("−", "-").replace(" %", ""));
    const all = (selector) => [...document.querySelectorAll(selector)].map((one) => number(one.textContent));
    return [all(".share"), all(".nats"), all("[data-bits]")[0]];
}"""
#: A script: records what the page's content security policy refuses, and how many bytes of the model were received.
WATCH = """
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
    document.addEventListener("model-traffic", (event) => (window.traffic = event.detail));
"""


def site_in(folder: Path):
    """Serves a site without special headers."""

    def find(path: str) -> Path:
        place = folder / path.strip("/")
        return place / "index.html" if place.is_dir() else place

    return hosted(find)


def write_live_site(folder: Path) -> None:
    """Writes a site of the digits, with their models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "DESK", Desk(workers=0))  # other processes may list other models
        pages.write_site([ib.family("mnist", folders()[0])], folder / "site", lambda text: None, Kept(folder / "kept"))


@pytest.fixture(scope="module")
def still(measured, tmp_path_factory):
    """A site with lessons and without models for browsers."""
    with site_in(shared_site(measured, tmp_path_factory)) as host:
        yield host


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The site of the digits, with models for browsers."""
    with site_in(shared_folder(tmp_path_factory, "live-site", write_live_site) / "site") as host:
        yield host


@pytest.fixture(scope="module")
def family():
    return ib.family("mnist", folders()[0])


@pytest.fixture
def visit(chrome):
    """``visit(host, "view=test", width, height)`` opens a page in a browser that has not visited the site."""
    contexts, complaints = [], []

    def opened(host, state: str = "", width: int = 1280, height: int = 720, **options):
        host.changed.clear()
        host.sent.clear()
        # The page's policy would forbid Playwright to wait for an expression in a string.
        given = {"viewport": {"width": width, "height": height}, "bypass_csp": True, **options}
        contexts.append(chrome.new_context(**given))
        contexts[-1].add_init_script(WATCH)
        tab = contexts[-1].new_page()
        tab.set_default_timeout(2 * TIMEOUT)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(f"{host.address}#{state}")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def slider(tab):
    return tab.get_by_role("slider", name="γ, from generative to discriminative")


@needs_runtime
@pytest.mark.parametrize("state", DRAWN)
def test_every_view_fits_a_projector_and_a_phone_and_the_pages_policy_refuses_nothing(visit, still, live, state):
    for size in ({"width": 1280, "height": 720}, {"width": 420, "height": 800, "color_scheme": "dark"}):
        tab = visit(still if "lessons" in state else live, state, **size, bypass_csp=False)
        tab.locator(DRAWN[state]).first.wait_for()
        if state == "view=test":
            begin_with(tab, 1)
            tab.locator(".said:not(:empty)").wait_for()
        page = "document.documentElement"  # must not scroll; the view in it may
        tab.wait_for_function(f"() => {page}.scrollWidth <= innerWidth && {page}.scrollHeight <= innerHeight")
        assert tab.evaluate("window.refused") == []


@pytest.mark.parametrize(
    "address",
    ["view=nothing&gamma=-4&lesson=1e9&data=none", "view=__proto__&tab=toString&lesson=constructor"],
)
def test_nonsense_in_an_address_opens_the_lessons(visit, still, address):
    tab = visit(still, address)
    tab.locator(".lesson").first.wait_for()
    assert tab.get_by_role("link", name="Lessons").get_attribute("aria-current") == "page"


def test_a_swipe_that_begins_on_the_slider_leaves_the_model(visit, still):
    tab = visit(still, "view=explore&tab=look&gamma=0.5", 420, 800, has_touch=True)
    tab.locator(DRAWN["view=explore&tab=look"]).wait_for()
    gamma, box = tab.evaluate(PLACED), slider(tab).bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    swipe(tab, *((x, y - 25 * step) for step in range(12)))
    assert tab.evaluate(PLACED) == gamma and "gamma=0.5" in tab.url
    swipe(tab, (x, y))
    tab.wait_for_function(f"({PLACED})() !== {gamma!r}")  # a tap moves the slider


def test_two_fingers_zoom_the_plane_and_not_the_page_and_it_follows_the_slider(visit, still):
    tab = visit(still, "view=explore&tab=look", 420, 800, has_touch=True, is_mobile=True)
    tab.locator(DRAWN["view=explore&tab=look"]).wait_for()
    seen = "() => document.querySelector('.plane > canvas').toDataURL()"
    before, box = tab.evaluate(seen), tab.locator(".plane > canvas").bounding_box()
    page, (x, y) = tab.context.new_cdp_session(tab), (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for kind, gap in (("touchStart", 20), ("touchMove", 50), ("touchMove", 90)):
        points = [{"x": x - gap, "y": y, "id": 0}, {"x": x + gap, "y": y, "id": 1}]
        page.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait_for_function(f"(before) => ({seen})() !== before", arg=before)
    assert tab.evaluate("visualViewport.scale") == 1
    before = tab.evaluate(seen)
    slider(tab).press("Home")
    tab.wait_for_function(f"(before) => location.hash.includes('gamma=0') && ({seen})() !== before", arg=before)


def test_a_lesson_goes_from_question_to_reveal_and_a_reload_keeps_the_progress(visit, still):
    tab = visit(still, "view=lessons&lesson=gamma")
    tab.get_by_role("button", name="more errors, images less likely").click()
    tab.locator(".reveal:focus").wait_for()
    assert tab.locator(".verdict").inner_text().startswith(("You are right.", "No."))
    tab.get_by_role("button", name="likelihood: what does it mean?").click()
    assert tab.locator(".meaning:popover-open").inner_text().startswith("likelihood")
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Next lesson").click()
    tab.locator("h2:focus", has_text="4.").wait_for()
    tab.locator(
        '.lesson:has-text("needs models that are not here: gamma-1")'
    ).wait_for()  # the small family lacks this model
    tab.get_by_role("button", name="Lesson 3").click()
    tab.locator(".reveal").wait_for()
    tab.reload()
    tab.locator(".reveal").wait_for()
    steps = tab.get_by_role("group", name="Lessons").get_by_role("button").all_inner_texts()
    assert [step.endswith("✓") for step in steps] == [number == 2 for number in range(7)]


def test_what_cannot_be_fetched_is_said_in_a_sentence_without_a_files_name(visit, still):
    tab = visit(still, "view=lessons&lesson=gamma")
    tab.locator(".lesson").first.wait_for()
    tab.context.set_offline(True)
    tab.get_by_role("link", name="Results").click()
    tab.get_by_text("Check the connection").wait_for()
    assert "json" not in tab.inner_text("main")
    tab.context.set_offline(False)
    tab.get_by_role("link", name="Results").click()
    tab.locator(DRAWN["view=results"]).wait_for()


def test_the_playground_trains_and_its_address_is_a_link(visit, still):
    link = "view=playground&play=circles~steps:60~a:ib:10"
    rests = "() => document.querySelector('[data-playground]')?.dataset.state === 'resting'"
    tab = visit(still, link)
    problems = listen(tab)
    tab.wait_for_function(rests)
    assert tab.locator("[data-steps]").inner_text() == "60" and tab.locator("footer").is_hidden()
    tab.get_by_role("link", name="Too few couplings").click()
    tab.wait_for_function("decodeURIComponent(location.hash).includes('~couplings:2~')")
    assert problems == []


def until_numbers_are(tab, model, pixels: np.ndarray) -> None:
    """Waits until the page shows the library's numbers for an image, up to the rounding of the site's weights."""
    x = ib.dequantize(ib.to_unit(pixels[None]), model.noise)
    with torch.no_grad():
        nats, posterior = model.log_prob(x, per_class=True)[0].numpy(), model.posterior(x)[0].numpy()
        bits = float(ib.bits_per_dim(model.log_prob(x), 784, model.noise)[0])
    near = f"(wanted) => wanted.every((one, k) => Math.abs(one - ({NUMBERS})()[1][k]) < 1)"
    tab.wait_for_function(near, arg=nats.tolist())
    shares, shown, shown_bits = tab.evaluate(NUMBERS)
    np.testing.assert_allclose(shown, nats, atol=1)
    np.testing.assert_allclose(np.array(shares) / 100, posterior, atol=1e-2)
    assert shown_bits == pytest.approx(bits, abs=2e-3)


def begin_with(tab, number: int) -> np.ndarray:
    """Chooses one of the stored drawings; returns its image."""
    tab.get_by_label("Begin with").select_option(str(number))
    return digit(list(DRAWINGS.values())[number])


def seen(tab, selector: str = ".pad-seen") -> np.ndarray:
    """Returns the image of a canvas, in grey levels."""
    return np.array(tab.locator(selector).first.evaluate(GREY), np.uint8).reshape(28, 28, 1)


@needs_runtime
def test_a_digit_has_the_librarys_numbers_at_any_gamma(visit, live, family):
    tab = visit(live, "view=test&gamma=4.63")
    tab.get_by_text("Starting the model").wait_for()
    pixels = begin_with(tab, 1)
    until_numbers_are(tab, family.at(4.63), pixels)
    assert [path for path in live.sent if ".safetensors" in path and "gamma-4.63" not in path] == []
    slider(tab).press("ArrowLeft")  # to a γ between two trained models
    gamma = float(tab.evaluate("new URLSearchParams(location.hash.slice(1)).get('gamma')"))
    assert gamma not in family.gammas
    until_numbers_are(tab, family.at(gamma), pixels)
    sent = " ".join(live.sent)
    assert "plotly.min" not in sent and sent.count(".safetensors") == 2
    packed = sum(size for path, size in live.sent.items() if path.endswith(".xz"))
    assert tab.evaluate("window.traffic") == {"received": packed, "total": packed, "isStarting": False}
    assert tab.locator("#loading").is_hidden()


@needs_runtime
def test_a_finger_writes_on_a_phone_and_every_stroke_is_judged_in_sight(visit, live, family):
    tab = visit(live, "view=test", 420, 800, has_touch=True)
    box = tab.locator(".pad-canvas").bounding_box()
    images = []
    for stroke in ([(0.3, 0.15), (0.7, 0.12), (0.45, 0.85)], [(0.3, 0.5), (0.7, 0.5)]):
        swipe(tab, *((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke))
        images.append(seen(tab))
        until_numbers_are(tab, family.at(1), images[-1])
    assert (images[0] != images[1]).any()
    are_seen(tab, ["[data-bits]"])
    tab.get_by_role("button", name="Undo").click()
    until_numbers_are(tab, family.at(1), images[0])
    tab.get_by_role("button", name="Clear").click()
    tab.locator("[aria-label='No image yet']").wait_for()


@needs_runtime
def test_a_photo_and_a_sample_are_judged_and_drawing_goes_on(visit, live, family, tmp_path):
    tab = visit(live, "view=test")
    Image.fromarray(np.kron(digit(DRAWINGS["a 4"])[..., 0], np.ones((20, 20), np.uint8))).save(tmp_path / "photo.png")
    tab.locator("input[type=file]").set_input_files(tmp_path / "photo.png")
    until_numbers_are(tab, family.at(1), seen(tab, ".tested"))
    assert np.abs(seen(tab, ".tested").astype(int) - digit(DRAWINGS["a 4"])).max() <= 2
    tab.locator(".choice").nth(3).click()
    sample = ib.data.embedded("mnist")[0][3]
    until_numbers_are(tab, family.at(1), sample)
    assert tab.locator(".pad.is-empty").count() == 1  # the sample has replaced the drawing
    tab.get_by_role("button", name="Compare with ResNet").click()
    other = ib.load(folders()[0] / "mnist-resnet")
    x = ib.dequantize(ib.to_unit(sample[None]), other.noise)
    with torch.no_grad():
        posterior = other.posterior(x)[0]
    said = f"{other.checkpoint.classes[int(posterior.argmax())]}, {100 * float(posterior.max()):.0f}"
    tab.get_by_text(f"ResNet: {said}").wait_for()
    tab.locator(".pad-canvas").scroll_into_view_if_needed()
    box = tab.locator(".pad-canvas").bounding_box()
    draw(tab, [(box["x"] + 0.5 * box["width"], box["y"] + y * box["height"]) for y in (0.2, 0.5, 0.8)])
    until_numbers_are(tab, family.at(1), seen(tab))
    (tmp_path / "text.png").write_text("no image")
    tab.locator("input[type=file]").set_input_files(tmp_path / "text.png")
    tab.get_by_text("not an image that the browser can read").wait_for()
    assert tab.locator("[aria-label='No image yet']").count() == 1
    paper = np.where(digit(DRAWINGS["a 7"]) > 0, 60, 230).astype(np.uint8)
    Image.fromarray(paper[..., 0]).resize((400, 400)).save(tmp_path / "paper.png")
    tab.locator("input[type=file]").set_input_files(tmp_path / "paper.png")
    tab.get_by_text("Ink on paper is the reverse").wait_for()


@needs_runtime
def test_an_image_stays_while_other_views_are_open_and_is_in_a_link_only_if_asked_for(visit, live, family):
    tab = visit(live, "view=test&gamma=4.63", permissions=["clipboard-read", "clipboard-write"])
    pixels = begin_with(tab, 1)
    until_numbers_are(tab, family.at(4.63), pixels)
    tab.get_by_role("link", name="Results").click()
    tab.locator(DRAWN["view=results"]).wait_for()
    tab.go_back()
    until_numbers_are(tab, family.at(4.63), pixels)
    links = []
    for button in ("Link to this view", "Link with your image"):
        tab.get_by_role("button", name="Share").click()
        tab.get_by_role("button", name=button).click()
        tab.get_by_text("The link is copied.").wait_for()
        links.append(tab.evaluate("navigator.clipboard.readText()"))
        tab.keyboard.press("Escape")
    assert "image" not in links[0] and "image" not in tab.url
    other = visit(live, links[1].partition("#")[2])
    until_numbers_are(other, family.at(4.63), pixels)
    assert "image" not in other.url
    other.goto(f"{live.address}#view=test&gamma=4.63&strokes={to_text(DRAWINGS['the letter W'])}")
    other.locator(".pad:not(.is-empty)").wait_for()  # a lesson's link has a drawing
    until_numbers_are(other, family.at(4.63), digit(DRAWINGS["the letter W"]))
    assert "strokes" not in other.url


@needs_runtime
def test_samples_and_walks_are_the_librarys_and_a_tap_opens_what_the_model_says(visit, live, family):
    tab = visit(live, "view=explore&tab=sample&gamma=4.63", 420, 800, has_touch=True)
    model, dataset = family.at(4.63), family.members[0].dataset
    noise = torch.randn(2, 784, generator=torch.Generator().manual_seed(0))
    how = (dataset.temperature * (model.latent_spread or 1.0), "empirical")
    with torch.no_grad():
        wanted = ib.to_uint8(model.sample([0, 0], *how, noise=noise, guidance=dataset.guidance)).astype(int)
    # Rounded weights change pixels by less than a grey level on average.
    shown = f"({GREY})(document.querySelector('.tile:nth-child(2) canvas'))"
    same = f"(want) => ({shown}).reduce((sum, one, at) => sum + Math.abs(one - want[at]), 0) < 784"
    tab.wait_for_function(same, arg=wanted[1].ravel().tolist())
    tab.locator(".tile:not(.is-old)").nth(1).wait_for()
    tab.locator(".tile").nth(1).tap()
    until_numbers_are(tab, model, seen(tab, ".sheet > canvas"))
    are_seen(tab, [".sheet"])
    tab.get_by_role("button", name="Close").tap()
    tab.get_by_role("link", name="Walk").tap()
    tab.locator(".choice").nth(4).tap()  # chooses the start of the walk
    begun = ib.data.embedded("mnist")[0][4].astype(int).ravel().tolist()
    tab.wait_for_function(same.replace("nth-child(2)", "nth-child(1)"), arg=begun)


@needs_runtime
def test_where_the_model_cannot_run_a_sentence_says_so_and_the_stored_pictures_stay(visit, live):
    tab = visit(live)
    stored = "() => document.querySelector('.tile canvas').toDataURL()"
    live.changed["mnist-gamma-1."] = lambda data: data[:-9]
    tab.goto(f"{live.address}#view=explore&tab=sample")
    tab.wait_for_function(f"() => ({GREY})(document.querySelector('.tile canvas')).some(Boolean)")
    before = tab.evaluate(stored)
    slider(tab).press("ArrowRight")
    tab.get_by_text("the pictures stay as they are").wait_for()
    said = tab.locator("[data-live]").inner_text()
    assert ".safetensors" not in said and "Error" not in said
    assert tab.evaluate(stored) == before and tab.locator("#loading").is_hidden()


@needs_runtime
def test_no_number_of_another_gamma_stays_while_the_network_is_away(visit, live, family):
    tab = visit(live, "view=test")
    pixels = begin_with(tab, 1)
    until_numbers_are(tab, family.at(1), pixels)
    tab.context.set_offline(True)
    slider(tab).press("PageUp")
    tab.get_by_text("nothing can be judged").wait_for()
    assert tab.locator(".said").inner_text() == "" and tab.evaluate(NUMBERS)[0] == [0] * 10
    tab.context.route("**/*", lambda route: route.abort(), times=1)  # one request fails even after the reconnection
    tab.context.set_offline(False)
    until_numbers_are(tab, family.at(4.63), pixels)
