"""The star of an image, dragged in a figure on a bare page: what follows the hand is what the library computes."""

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER

import ibinn_core as ib
from app.figures.bars import posterior_bars
from app.figures.latent import latent_figure
from app.images.pictures import Picture
from app.latent_space import clouds
from app.models import in_browser, registry
from app.moves import dragging, latents

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.skipif(not (in_browser.RUNTIME / "ort.wasm.min.mjs").is_file(), reason="onnxruntime-web is not here"),
]
KEY = "drag-figure"
DOTS = np.array([[-4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]])
IMAGE = """() => { const c = document.querySelector("[data-drag] [data-picture]");
    const copy = Object.assign(document.createElement("canvas"), { width: c.width, height: c.height });
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(c, 0, 0);
    return [...pen.getImageData(0, 0, c.width, c.height).data].filter((_, at) => at % 4 === 0); }"""


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


@pytest.fixture(scope="module")
def picture(checkpoint):
    import torch

    generator = torch.Generator().manual_seed(1)
    pixels = ib.to_uint8(ib.load(checkpoint.id).sample([6], 0.5, "empirical", generator))[0]
    return Picture(pixels, "a six", "own-six", None)


@pytest.fixture(scope="module")
def start(checkpoint, picture):
    return latents.start_of(checkpoint, picture.pixels)


@pytest.fixture(scope="module")
def home(checkpoint, start):
    return clouds.place(checkpoint, "means", start.latents[None])[0].astype(float)


@pytest.fixture
def shown(bare, checkpoint, picture, start, home):
    """Shows figure, bars and what lets drag; returns a function that does, with other addresses."""

    def show(**changes: object) -> None:
        groups, frame = np.array([0, 1, 2]), np.array([[-6.0, -6.0], [6.0, 6.0]])
        figure = latent_figure(DOTS, groups, list("abc"), star=home, frame=frame, classes=checkpoint.classes)
        bare.show(figure.update_layout(height=400), selects=("points",), about="means")
        bare.show(posterior_bars(start.posterior, classes=checkpoint.classes), "bars")
        given = dragging.specification(
            "figure", checkpoint, picture, place=home, bars=("bars", start.posterior), goes=True
        )
        assert given is not None
        bare.mount(lambda: dragging.element()(key=KEY, data=given | changes))
        bare.tab.locator(".hand").wait_for()

    show()
    return show


def softmax(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def place_of_hand(bare) -> np.ndarray:
    """Where the middle of what one takes hold of lies in the plane."""
    box = bare.tab.locator(".hand").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    corner, one = np.array(bare.place(0, 0)), np.array(bare.place(1, 1))
    return (np.array(middle) - corner) / (one - corner)


def check(bare, checkpoint, start, shift: np.ndarray) -> None:
    """Bars and image are those of the latent that is moved by that much, as the server has them."""
    plane = latents.plane_of(checkpoint.id)
    z = (start.latents + shift @ plane.axes).astype(np.float32)
    wanted = softmax(latents.scores_of(checkpoint, z)).tolist()
    near = "window.plotOf('bars').data[0].x.every((share, at) => Math.abs(share - arg[at]) < 0.01)"
    bare.until(near, wanted)
    levels = ib.to_uint8(ib.load(checkpoint.id).decode(ib.load(checkpoint.id).class_means.new_tensor(z[None])))
    bare.tab.wait_for_function(
        f"wanted => ({IMAGE})().every((level, at) => Math.abs(level - wanted[at]) <= 3)",
        arg=levels[0, ..., 0].astype(int).ravel().tolist(),
    )
    bare.tab.wait_for_function("() => document.querySelector('[data-words]').textContent.includes('bits/dim')")


def at_home(bare, start) -> None:
    """All is as if nobody had dragged."""
    bare.until("window.plotOf('bars').data[0].x.every((share, at) => share === arg[at])", start.posterior.tolist())
    assert not bare.tab.locator("[data-drag]").is_visible()


def test_a_mouse_drags_the_star_and_nothing_else(bare, checkpoint, start, home, shown):
    before = bare.ranges()
    assert np.abs(place_of_hand(bare) - home).max() < 0.05
    target = home + [1.5, -1.0]
    bare.drag(bare.place(*home), bare.place(*home + [0.4, 0.4]), bare.place(*target))
    assert np.abs(place_of_hand(bare) - target).max() < 0.05
    check(bare, checkpoint, start, place_of_hand(bare) - home)
    assert bare.ranges() == before and bare.tab.evaluate("String(getSelection())") == ""
    assert bare.told("figure") == []
    bare.tab.get_by_role("button", name="go on in Move").click()
    ((name, said),) = bare.told(KEY, 1)
    assert name == "go" and np.abs(np.array(said["shift"]) - [1.5, -1.0]).max() < 0.05
    bare.tab.get_by_role("button", name="back to the image").click()
    at_home(bare, start)
    assert np.abs(place_of_hand(bare) - home).max() < 0.05 and bare.problems == []


def test_a_press_is_no_move(bare, start, home, shown):
    bare.tab.mouse.click(*bare.place(*home))
    bare.frames(3)
    at_home(bare, start)


def test_arrow_keys_move_it_and_escape_brings_it_back(bare, checkpoint, start, home, shown):
    bare.tab.locator(".hand").focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp"):
        bare.tab.keyboard.press(key)
    right, up = place_of_hand(bare) - home
    assert 0 < right < up
    check(bare, checkpoint, start, np.array([right, up]))
    bare.tab.keyboard.press("Escape")
    at_home(bare, start)


def test_a_finger_on_the_star_drags_it_and_elsewhere_scrolls(bare, checkpoint, start, home, shown):
    (x, y), before = bare.place(*home), bare.tab.evaluate("scrollY")
    bare.swipe((x, y), (x, y - 15), (x + 10, y - 30))
    assert bare.tab.evaluate("scrollY") == before
    shift = place_of_hand(bare) - home
    assert (shift > 0).all()
    check(bare, checkpoint, start, shift)
    x, y = bare.place(0, -5)
    bare.swipe((x, y), (x, y - 60), (x, y - 150))
    bare.until("window.scrollY > arg", before)


def test_a_click_on_empty_space_takes_it_there(bare, checkpoint, start, home, shown):
    empty = home + [2.5, -2.0]
    bare.tab.mouse.click(*bare.place(*empty))
    bare.tab.locator(".hand.is-moved").wait_for()
    assert np.abs(place_of_hand(bare) - empty).max() < 0.05
    check(bare, checkpoint, start, place_of_hand(bare) - home)


def test_a_double_click_and_one_on_a_dot_do_not(bare, start, home, shown):
    with bare.no_timers():
        bare.tab.mouse.dblclick(*bare.place(2.5, -3.5))
    at_home(bare, start)
    bare.tab.mouse.click(*bare.place(*DOTS[1]))
    assert bare.told("figure", 1) == [["picked", [1]]]
    at_home(bare, start)


def test_it_stays_in_its_place_when_the_figure_is_zoomed(bare, home, shown):
    bare.drag(bare.place(*home), bare.place(*home + [1, 1]))
    before = bare.ranges()["xaxis"][0]
    bare.drag(bare.place(-5, -5), bare.place(-2, -4.5))  # pans
    bare.until("window.plotly.rangesOf(plot).xaxis[0] < arg - 2", before)
    assert np.abs(place_of_hand(bare) - home - 1).max() < 0.05


def test_where_the_browser_cannot_compute_nothing_invites(bare, checkpoint, picture, start, home, shown, monkeypatch):
    nowhere = {"family": "/nowhere/family/", "runtime": "/nowhere/"}
    shown(id="another", addresses=nowhere)
    bare.tab.locator(".hand").hover()
    bare.tab.locator(".hand").wait_for(state="detached")
    at_home(bare, start)
    bare.problems.clear()  # of what is not there
    monkeypatch.setattr(dragging, "addresses_of", lambda _: None)
    assert dragging.specification("figure", checkpoint, picture, place=home, bars=("bars", start.posterior)) is None


def test_the_slider_brings_it_back(bare, start, home, shown):
    bare.drag(bare.place(*home), bare.place(*home + [1, 1]))
    assert bare.tab.locator("[data-drag]").is_visible()
    moved = "new CustomEvent('gamma-moved', { detail: { gamma: 2, place: { low: 0, high: 1, share: 0 } } })"
    bare.tab.evaluate(f"document.dispatchEvent({moved})")
    at_home(bare, start)
