"""The star of an image, dragged in a figure on a bare page: what follows the hand is what the library computes."""

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from flow_page import HAS_RUNTIME
from moves_helpers import Mover

import ibinn_core as ib
from app.figures.bars import posterior_bars
from app.figures.latent import latent_figure
from app.images.pictures import Picture
from app.latent_space import clouds
from app.models import registry
from app.moves import dragging
from app.moves.dragging import Draggable

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.skipif(not HAS_RUNTIME, reason="onnxruntime-web is not here"),
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
def mover(checkpoint):
    return Mover(checkpoint)


@pytest.fixture(scope="module")
def start(mover, picture):
    """The latent of the image."""
    return mover.encode(picture.pixels)


@pytest.fixture(scope="module")
def posterior(mover, start):
    return mover.posterior(start)


@pytest.fixture(scope="module")
def home(checkpoint, start):
    return clouds.place(checkpoint, "means", start[None])[0].astype(float)


@pytest.fixture
def shown(bare, checkpoint, picture, posterior, home):
    """Shows figure, bars and what lets drag; returns a function that does, with other addresses."""

    def show(**changes: object) -> None:
        groups, frame = np.array([0, 1, 2]), np.array([[-6.0, -6.0], [6.0, 6.0]])
        figure = latent_figure(DOTS, groups, list("abc"), star=home, frame=frame, classes=checkpoint.classes)
        bare.show(figure.update_layout(height=400), selects=("points",), about="means")
        bare.show(posterior_bars(posterior, classes=checkpoint.classes), "bars")
        image = Draggable("figure", checkpoint, picture, home, ("bars", posterior))
        given = dragging.specification(image)
        assert given is not None
        bare.mount(lambda: dragging.element()(key=KEY, data=given | changes))
        bare.tab.locator(".hand").wait_for()

    show()
    return show


def place_of_hand(bare) -> np.ndarray:
    """Where the middle of what one takes hold of lies in the plane."""
    box = bare.tab.locator(".hand").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    corner, one = np.array(bare.place(0, 0)), np.array(bare.place(1, 1))
    return (np.array(middle) - corner) / (one - corner)


def check(bare, mover, start, shift: np.ndarray) -> None:
    """Bars and image are those of the latent that is moved by that much, as the library has them."""
    z = start + shift @ mover.axes
    near = "window.plotOf('bars').data[0].x.every((share, at) => Math.abs(share - arg[at]) < 0.01)"
    bare.until(near, mover.posterior(z).tolist())
    bare.tab.wait_for_function(
        f"wanted => ({IMAGE})().every((level, at) => Math.abs(level - wanted[at]) <= 3)",
        arg=mover.decode(z)[..., 0].astype(int).ravel().tolist(),
    )
    bare.tab.wait_for_function("() => document.querySelector('[data-words]').textContent.includes('bits/dim')")


def at_home(bare, posterior) -> None:
    """All is as if nobody had dragged."""
    bare.until("window.plotOf('bars').data[0].x.every((share, at) => share === arg[at])", posterior.tolist())
    assert not bare.tab.locator("[data-drag]").is_visible()


def test_a_mouse_drags_the_star_and_nothing_else(bare, mover, start, posterior, home, shown):
    before = bare.ranges()
    assert np.abs(place_of_hand(bare) - home).max() < 0.05
    target = home + [1.5, -1.0]
    bare.drag(bare.place(*home), bare.place(*home + [0.4, 0.4]), bare.place(*target))
    assert np.abs(place_of_hand(bare) - target).max() < 0.05
    check(bare, mover, start, place_of_hand(bare) - home)
    assert bare.ranges() == before and bare.tab.evaluate("String(getSelection())") == ""
    assert bare.told("figure") == []
    bare.tab.get_by_role("button", name="go on in Move").click()
    ((name, said),) = bare.told(KEY, 1)
    assert name == "go" and np.abs(np.array(said["shift"]) - [1.5, -1.0]).max() < 0.05
    bare.tab.get_by_role("button", name="back to the image").click()
    at_home(bare, posterior)
    assert np.abs(place_of_hand(bare) - home).max() < 0.05 and bare.problems == []


@pytest.mark.slow
def test_a_press_is_no_move(bare, posterior, home, shown):
    bare.tab.mouse.click(*bare.place(*home))
    bare.frames(3)
    at_home(bare, posterior)


def test_arrow_keys_move_it_and_escape_brings_it_back(bare, mover, start, posterior, home, shown):
    bare.tab.locator(".hand").focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp"):
        bare.tab.keyboard.press(key)
    right, up = place_of_hand(bare) - home
    assert 0 < right < up
    check(bare, mover, start, np.array([right, up]))
    bare.tab.keyboard.press("Escape")
    at_home(bare, posterior)


def test_a_finger_on_the_star_drags_it_and_elsewhere_scrolls(bare, mover, start, home, shown):
    (x, y), before = bare.place(*home), bare.tab.evaluate("scrollY")
    bare.swipe((x, y), (x, y - 15), (x + 10, y - 30))
    assert bare.tab.evaluate("scrollY") == before
    shift = place_of_hand(bare) - home
    assert (shift > 0).all()
    check(bare, mover, start, shift)
    x, y = bare.place(0, -5)
    bare.swipe((x, y), (x, y - 60), (x, y - 150))
    bare.until("window.scrollY > arg", before)


def test_a_click_on_a_dot_chooses_that(bare, posterior, shown):
    x, y = bare.place(*DOTS[1])
    bare.tab.mouse.move(x, y)
    bare.tab.locator(".hoverlayer .hovertext").first.wait_for()  # Plotly knows where the mouse is
    with bare.no_timers():
        bare.tab.mouse.click(x, y)
    assert bare.told("figure", 1) == [["picked", [1]]]
    at_home(bare, posterior)


@pytest.mark.slow
def test_it_stays_in_its_place_when_the_figure_is_zoomed(bare, home, shown):
    bare.drag(bare.place(*home), bare.place(*home + [1, 1]))
    before = bare.ranges()["xaxis"][0]
    bare.drag(bare.place(-5, -5), bare.place(-2, -4.5))  # pans
    bare.until("window.plotly.rangesOf(plot).xaxis[0] < arg - 2", before)
    assert np.abs(place_of_hand(bare) - home - 1).max() < 0.05


def test_where_the_browser_cannot_compute_nothing_invites(
    bare, checkpoint, picture, posterior, home, shown, monkeypatch
):
    nowhere = {"family": "/nowhere/family/", "runtime": "/nowhere/"}
    shown(id="another", addresses=nowhere)
    bare.tab.locator(".hand").hover()
    bare.tab.locator(".hand").wait_for(state="detached")
    at_home(bare, posterior)
    bare.problems.clear()  # of what is not there
    monkeypatch.setattr(dragging, "addresses_of", lambda _: None)
    assert dragging.specification(Draggable("figure", checkpoint, picture, home, ("bars", posterior))) is None


def test_the_slider_brings_it_back(bare, posterior, home, shown):
    bare.drag(bare.place(*home), bare.place(*home + [1, 1]))
    assert bare.tab.locator("[data-drag]").is_visible()
    moved = "new CustomEvent('gamma-moved', { detail: { gamma: 2, place: { low: 0, high: 1, share: 0 } } })"
    bare.tab.evaluate(f"document.dispatchEvent({moved})")
    at_home(bare, posterior)
