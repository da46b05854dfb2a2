"""The static site on a web server: its models compute in the browser."""

import numpy as np
import pytest
import torch
from browser_helpers import IN_A_BROWSER, TIMEOUT, draw, swipe
from flow_page import HAS_RUNTIME
from live_site_helpers import hosted, write_live_site
from shared_helpers import shared_folder

import ibinn_core as ib
from app.images.handwriting import DRAWINGS, digit
from ibinn_core.checkpoint import default_folder

pytestmark = [*IN_A_BROWSER, pytest.mark.skipif(not HAS_RUNTIME, reason="onnxruntime-web is not here")]
VIEW = "view=try&data=mnist"
LIVE = ".try[data-state=live]"
QUIET = ".quiet"
#: The numbers on the page: of each class its share in percent and log q(x | y); bits/dim.
NUMBERS = """() => {
    const number = (text) => Number(text.replace("−", "-").replace(" %", ""));
    const all = (selector) => [...document.querySelectorAll(selector)].map((one) => number(one.textContent));
    return [all(".share"), all(".nats:not(.less)"), all("[data-bits]")[0]];
}"""
#: What the page's content security policy refuses, and how many bytes of the model have come.
WATCH = """
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
    document.addEventListener("model-traffic", (event) => (window.traffic = event.detail));
"""
#: Whether two canvases show the same picture.
ALIKE = """(selectors) => {
    const [one, other] = selectors.map((selector) => document.querySelector(selector).toDataURL());
    return one === other;
}"""
SEEN = """() => {
    const canvas = document.querySelector(".pad-seen");
    const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
    return Array.from({ length: 784 }, (_, at) => data[4 * at]);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return shared_folder(tmp_path_factory, "live-site", write_live_site) / "site"


@pytest.fixture(scope="module")
def host(folder):
    with hosted(folder) as found:
        yield found


@pytest.fixture(scope="module")
def family():
    return ib.family("mnist", default_folder())


@pytest.fixture
def visit(chrome, host):
    """``visit(state, width, height)`` is a page of a browser that has never been here, once its model is there."""
    contexts, complaints = [], []
    host.changed.clear()
    host.sent.clear()

    def opened(state: str = VIEW, width: int = 1280, height: int = 720, wait: str = LIVE, **options):
        contexts.append(chrome.new_context(viewport={"width": width, "height": height}, **options))
        contexts[-1].add_init_script(WATCH)
        tab = contexts[-1].new_page()
        tab.set_default_timeout(2 * TIMEOUT)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(f"{host.address}#{state}")
        tab.locator(wait).wait_for()
        return tab

    yield opened
    for context in contexts:
        complaints += context.pages[0].evaluate("window.refused")
        context.close()
    assert not complaints


def until_numbers_are(tab, model, pixels: np.ndarray) -> None:
    """Waits until the page shows what a model of the library says of an image, and compares."""
    x = ib.dequantize(ib.to_unit(pixels[None]), model.noise)
    with torch.no_grad():
        nats, posterior = model.log_prob(x, per_class=True)[0].numpy(), model.posterior(x)[0].numpy()
        bits = float(ib.bits_per_dim(model.log_prob(x), 784, model.noise)[0])
    near = f"(want) => ({NUMBERS})()[1].every((one, k) => Math.abs(one - want[k]) < 0.02)"
    tab.wait_for_function(near, arg=nats.tolist())
    shares, shown, shown_bits = tab.evaluate(NUMBERS)
    np.testing.assert_allclose(shown, nats, atol=1e-2 + 5e-3)  # two digits are shown
    np.testing.assert_allclose(np.array(shares) / 100, posterior, atol=1e-3)
    assert shown_bits == pytest.approx(bits, abs=1e-3)


def begin_with(tab, number: int) -> np.ndarray:
    """Writes one of the drawings, and gives its image."""
    tab.get_by_label("Begin with").select_option(str(number))
    return digit(list(DRAWINGS.values())[number])


@pytest.mark.slow
def test_a_digit_has_the_librarys_numbers_at_any_gamma(visit, family):
    tab = visit()
    pixels = begin_with(tab, 1)
    until_numbers_are(tab, family.at(1), pixels)
    slider = tab.get_by_role("slider", name="γ, from generative to discriminative")
    slider.press("PageUp")
    until_numbers_are(tab, family.at(4.63), pixels)
    slider.press("ArrowLeft")  # between two trained models
    gamma = float(tab.evaluate("new URLSearchParams(location.hash.slice(1)).get('gamma')"))
    assert gamma not in family.gammas
    until_numbers_are(tab, family.at(gamma), pixels)


@pytest.mark.slow
def test_what_a_hand_writes_is_judged_with_every_stroke(visit, family):
    tab = visit()
    tab.get_by_role("button", name="Clear").click()
    tab.wait_for_function(f"() => ({NUMBERS})()[1].every((one) => one === 0)")  # nothing is written
    box = tab.locator(".pad-canvas").bounding_box()
    strokes = [[(0.3, 0.15), (0.7, 0.12), (0.45, 0.85)], [(0.3, 0.5), (0.7, 0.5)]]
    images = []
    for stroke in strokes:
        draw(tab, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke])
        images.append(np.array(tab.evaluate(SEEN), np.uint8).reshape(28, 28, 1))
        until_numbers_are(tab, family.at(1), images[-1])
    assert images[0].any() and (images[0] != images[1]).any()
    tab.get_by_role("button", name="Undo").click()
    until_numbers_are(tab, family.at(1), images[0])


def test_a_drawing_becomes_the_librarys_image_pixel_for_pixel(bare):
    generator = np.random.default_rng(0)
    drawings = [[[[0.5, 0.5]]], [[[0.0, 0.0], [1.0, 1.0]]], [[[0.2, 0.3], [0.2, 0.3]]], []]
    for _ in range(20):
        walks = [
            generator.random(2)
            + generator.normal(0, generator.choice([0.01, 0.1]), (generator.integers(1, 40), 2)).cumsum(0)
            for _ in range(generator.integers(1, 4))
        ]
        drawings.append([np.round(walk.clip(0, 1), 3).tolist() for walk in walks])
    script = """async (drawings) => {
        const { digit } = await import("/app/static/flow/digit.js");
        return drawings.map((strokes) => Array.from(digit(strokes)));
    }"""
    for strokes, found in zip(drawings, bare.tab.evaluate(script, drawings), strict=True):
        np.testing.assert_array_equal(found, digit(strokes).ravel())


def picture(tab, selector: str) -> np.ndarray:
    """Of a canvas, one colour."""
    script = """(selector) => {
        const canvas = document.querySelector(selector);
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]);
    }"""
    return np.array(tab.evaluate(script, selector))


@pytest.mark.slow
def test_samples_and_the_walk_are_the_librarys(visit, family):
    tab = visit(f"{VIEW}&gamma=4.63")
    tab.locator('.sample[aria-pressed="true"]').wait_for()
    model, dataset = family.at(4.63), family.members[0].dataset
    temperature, guidance = dataset.temperature, dataset.guidance
    noise = torch.randn(50, 784, generator=torch.Generator().manual_seed(0))[[7, 17]]
    unit = model.latent_spread or 1.0
    with torch.no_grad():
        drawn = model.sample([7, 7], temperature * unit, "empirical", noise=noise, guidance=guidance)
        wanted = ib.to_uint8(drawn)
    for number in (0, 1):
        found = picture(tab, f".sample:nth-child({number + 1}) canvas")
        assert np.abs(found - wanted[number].ravel().astype(int)).max() <= 1
    tab.get_by_role("button", name="sample 2 of 7").click()
    tab.locator('.sample:nth-child(2)[aria-pressed="true"]').wait_for()
    way = tab.get_by_role("slider", name="How far on the way")
    way.press("End")  # where the walk ends
    tab.wait_for_function(ALIKE, arg=[".way .frame:nth-child(2) canvas", ".sample:nth-child(2) canvas"])
    way.press("Home")
    tab.wait_for_function(ALIKE, arg=[".way .frame:nth-child(2) canvas", ".way .frame:nth-child(1) canvas"])
    begun = picture(tab, ".way .frame:nth-child(1) canvas")
    assert np.abs(begun - digit(DRAWINGS["a 4"]).ravel().astype(int)).max() <= 1


@pytest.mark.slow
def test_a_browser_is_sent_what_it_uses_and_no_more(visit, host, family):
    tab = visit()
    until_numbers_are(tab, family.at(1), digit(DRAWINGS["a 4"]))
    sent = " ".join(host.sent)
    assert "plotly.min" not in sent and sent.count(".safetensors") == 1
    packed = sum(size for path, size in host.sent.items() if path.endswith(".xz"))
    assert tab.evaluate("window.traffic") == {"received": packed, "total": packed}
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.slow
def test_damaged_weights_are_refused_in_a_sentence_and_are_not_kept(visit, host, family):
    tab = visit(wait=QUIET)
    tab.locator(LIVE).wait_for()
    host.changed["mnist-gamma-4.63."] = lambda data: b"no weights"
    slider = tab.get_by_role("slider", name="γ, from generative to discriminative")
    slider.press("PageUp")
    tab.wait_for_function("() => document.querySelector('.quiet').textContent.includes('damaged')")
    text = tab.locator(QUIET).inner_text()
    assert (
        text.startswith("These pictures are of another γ than the slider's: mnist-gamma-4.63") and text.count(". ") == 0
    )
    host.changed.clear()
    slider.press("PageDown")
    slider.press("PageUp")
    until_numbers_are(tab, family.at(4.63), digit(DRAWINGS["a 4"]))
    assert tab.locator(QUIET).inner_text() == ""


@pytest.mark.slow
def test_weights_that_are_damaged_from_the_start_are_refused_in_a_sentence(visit, host):
    host.changed["mnist-gamma-1."] = lambda data: data[:-9]
    tab = visit(wait=f"{QUIET}:has-text('damaged')")
    assert tab.locator(QUIET).inner_text().startswith("Nothing can be computed here: mnist-gamma-1")


@pytest.mark.slow
def test_a_finger_writes_on_a_phone_with_all_in_sight(visit, family):
    tab = visit(width=420, height=800, has_touch=True)
    tab.get_by_role("button", name="Clear").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 420
    box = tab.locator(".pad-canvas").bounding_box()
    swipe(tab, *((box["x"] + 0.5 * box["width"], box["y"] + y * box["height"]) for y in (0.1, 0.4, 0.9)))
    until_numbers_are(tab, family.at(1), np.array(tab.evaluate(SEEN), np.uint8).reshape(28, 28, 1))
    assert tab.evaluate("scrollY") == 0
    below = tab.locator("[data-bits]").first.bounding_box()
    assert below["y"] + below["height"] <= tab.locator("footer").bounding_box()["y"]


@pytest.mark.slow
def test_without_webassembly_a_sentence_says_so(visit, host):
    host.changed["worker.js"] = lambda data: b"delete self.WebAssembly;" + data
    tab = visit(wait=f"{QUIET}:has-text('WebAssembly')")
    assert tab.locator(QUIET).inner_text() == "Nothing can be computed here: this browser has no WebAssembly."
    assert tab.get_by_label("Class of the samples").is_disabled()
