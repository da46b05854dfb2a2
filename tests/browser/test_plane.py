"""The plane of the class means on a bare page: choices, and live results that agree with Python's."""

import numpy as np
import pytest
from browser_helpers import GREY, IN_A_BROWSER, NEAR, in_plane
from flow_page import needs_runtime

from app.figures.bars import posterior_bars
from app.images.pictures import Picture
from app.latent_space import clouds
from app.latent_space.plane import DotDetails, Plane, hand_of, show_plane
from app.palette import class_colors

pytestmark = [*IN_A_BROWSER, needs_runtime]
KEY = "plane"
DOTS = np.array([[-4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]], np.float32)
FRAME = np.array([[-6.0, -6.0], [6.0, 6.0]])
CANVAS = ".plane > canvas[data-canvas]"


@pytest.fixture(scope="module")
def picture(mover):
    return Picture(mover.sample(6), "a six", "own-six", None)


@pytest.fixture(scope="module")
def start(mover, picture):
    """The latent of the picture."""
    return mover.encode(picture.pixels)


@pytest.fixture(scope="module")
def home(mover, start):
    return clouds.place(mover.checkpoint, "means", start[None])[0].astype(float)


@pytest.fixture
def shown(bare, picture, mover, start, home):
    """Shows plane and bars; returns a function that shows them with other options."""
    checkpoint = mover.checkpoint

    def show(**options: object) -> None:
        posterior = mover.posterior(start)
        bare.show(posterior_bars(posterior, classes=checkpoint.classes), "bars")
        given = {
            "names": checkpoint.classes,
            "colors": class_colors(10),
            "frame": FRAME,
            "means": np.zeros((10, 2)),
            "details": DotDetails(checkpoint.classes, np.arange(3), np.arange(3), np.full(3, 0.5), np.full(3, 1.25)),
            "star": home,
            "hand": hand_of(checkpoint, picture, home, posterior, "bars"),
            "on_dot": print,
            "on_lasso": print,
        }
        bare.mount(lambda: show_plane(Plane(KEY, "dots", checkpoint.id, DOTS, np.arange(3), **given | options)))
        bare.frames(3)

    show()
    return show


def at(bare, place) -> tuple[float, float]:
    """Returns the position in the window of a point of the plane."""
    return in_plane(bare.tab, place, KEY)


def check(bare, mover, start, shift: np.ndarray) -> None:
    """Checks that bars and image are those of the latent after a move by ``shift`` in the plane."""
    z = start + shift @ mover.axes
    near = "window.plotOf('bars').data[0].x.every((share, at) => Math.abs(share - arg[at]) < 0.02)"
    bare.until(near, mover.posterior(z).tolist())
    seen = f"wanted => ({NEAR})(({GREY})(document.querySelector('[data-dragged] canvas')), wanted, 6)"
    bare.tab.wait_for_function(seen, arg=mover.decode(z).astype(int).ravel().tolist())
    bare.tab.wait_for_function("() => document.querySelector('[data-words]').textContent.includes('bits/dim')")


def at_home(bare, mover, start) -> None:
    """Checks that the page looks as before any drag."""
    wanted = mover.posterior(start).tolist()
    bare.until("window.plotOf('bars').data[0].x.every((share, at) => Math.abs(share - arg[at]) < 1e-6)", wanted)
    assert not bare.tab.locator("[data-dragged]").is_visible()


def test_a_mouse_or_a_key_moves_the_star_and_image_and_bars_follow(bare, mover, start, home, shown):
    bare.tab.mouse.click(*at(bare, home))  # a click on the star does not move it
    at_home(bare, mover, start)
    bare.drag(at(bare, home), at(bare, home + [1.5, -1.0]))
    check(bare, mover, start, np.array([1.5, -1.0]))
    bare.tab.get_by_role("button", name="Continue in Move").click()
    ((name, said),) = bare.told(KEY, 1)
    assert name == "go" and np.abs(np.array([said["x"], said["y"]]) - [1.5, -1.0]).max() < 0.05
    bare.tab.get_by_role("button", name="Back to the image").click()
    at_home(bare, mover, start)
    bare.tab.locator(CANVAS).press("Shift+ArrowUp")
    check(bare, mover, start, np.array([0.0, 5 * 1.06 * 6 / 50]))  # the view is 1.06 times as wide as the frame


def test_a_finger_on_the_star_drags_it_and_elsewhere_scrolls(bare, mover, start, home, shown):
    (x, y), before = at(bare, home), bare.tab.evaluate("scrollY")
    bare.swipe((x, y), (x, y - 15), (x + 10, y - 30))
    assert bare.tab.evaluate("scrollY") == before and bare.tab.locator("[data-dragged]").is_visible()
    bare.tab.evaluate("document.body.style.height = '3000px'")
    x, y = at(bare, (0, -5))
    bare.swipe((x, y), (x, y - 60), (x, y - 150))
    bare.until("window.scrollY > arg", before)
    assert at(bare, (0, -5)) == (x, y - bare.tab.evaluate("scrollY") + before)  # the view stays
    bare.tab.evaluate("document.body.style.height = ''")


def test_a_click_chooses_a_dot_and_keys_go_on_from_there(bare, shown):
    bare.tab.mouse.move(*at(bare, DOTS[1]))
    assert bare.tab.locator("[data-label]").inner_text().splitlines() == ["1", "predicted 1 (50%)", "1.25 bits/dim"]
    bare.tab.mouse.click(*at(bare, DOTS[1]))
    assert bare.told(KEY, 1) == [["dot", 1]]
    shown(ring=1)
    bare.tab.locator(CANVAS).focus()
    bare.tab.keyboard.press("ArrowLeft")
    assert bare.told(KEY, 2)[1] == ["dot", 2]


def test_a_lasso_chooses_the_dots_within(bare, shown):
    bare.tab.keyboard.down("Shift")
    bare.drag(*(at(bare, place) for place in ([-5, -5], [-3, -5], [-3, 5], [-5, 5])))
    bare.tab.keyboard.up("Shift")
    assert bare.told(KEY, 1) == [["lasso", [0, 2]]]
    bare.tab.get_by_role("button", name="Lasso", exact=True).click()  # phones have no Shift key
    bare.drag(*(at(bare, place) for place in ([3, 3], [5, 3], [5, 5], [3, 5])))
    assert bare.told(KEY, 2)[1] == ["lasso", [1]]


def test_a_wheel_zooms_about_the_pointer_and_a_drag_moves_the_view(bare, shown):
    x, y = at(bare, DOTS[1])
    bare.tab.mouse.move(x, y)
    bare.tab.mouse.wheel(0, -500)
    bare.frames(2)
    assert at(bare, DOTS[1]) == pytest.approx((x, y), abs=2)  # the browser rounds the pointer's position
    assert at(bare, DOTS[2])[0] < at(bare, DOTS[1])[0] - 500
    bare.drag((x - 40, y + 40), (x - 100, y + 90))
    assert at(bare, DOTS[1]) == pytest.approx((x - 60, y + 50), abs=2)
    bare.tab.get_by_role("button", name="Reset view").click()
    assert at(bare, DOTS[1]) == pytest.approx((x, y), abs=1)


def test_dots_follow_gamma_until_the_program_has_drawn(bare, shown):
    places = np.stack([DOTS, -DOTS]).astype(np.float32)
    track = clouds.Track(places, np.zeros((2, 10, 2), np.float32), np.zeros(0), np.arange(3), FRAME, [1.0, 2.0])
    shown(track=track)
    bare.tab.evaluate(
        """document.dispatchEvent(new CustomEvent("gamma-moved",
            { detail: { gamma: 2, place: { low: 0, high: 1, share: 1 } } }))"""
    )
    bare.frames(2)
    bare.tab.mouse.click(*at(bare, -DOTS[0]))
    assert bare.told(KEY, 1) == [["dot", 0]]
