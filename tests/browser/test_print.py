"""Figures saved from the menu below them."""

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from PIL import Image, ImageColor, ImageSequence

from app.palette import TEXT

pytestmark = IN_A_BROWSER
CONTROLS = ("Play", "Pause", "Zoom", "Export", "Change")


def saved(tab, file: str):
    """The file of a button of the menu, which is open."""
    with tab.expect_download() as download:
        tab.get_by_role("button", name=f"{file.rpartition('.')[2].upper()}: {file}", exact=True).click()
    assert download.value.suggested_filename == file
    return download.value.path()


def frames_of(path) -> list[np.ndarray]:
    with Image.open(path) as film:
        return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(film)]


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_walk_is_saved_without_controls_dark_on_white_and_as_a_film_of_its_steps(visit, theme):
    tab = visit("explore?tab=walk&steps=5", theme=theme)
    box = tab.locator(".st-key-stage-figure .tiles").bounding_box()
    tab.get_by_role("button", name="Export").first.click()
    svg = saved(tab, "walk.svg").read_text("utf-8")
    assert svg.startswith("<svg") and "Walk" in svg and "great circle" in svg and "straight line" in svg
    assert not [word for word in CONTROLS if word in svg]
    image = Image.open(saved(tab, "walk.png"))
    assert image.width == pytest.approx(3 * box["width"], abs=3)
    pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[0, 0] == 255).all()
    assert (np.abs(pixels - ImageColor.getrgb(TEXT)).sum(2) < 12).mean() > 1e-4
    frames = frames_of(saved(tab, "walk.gif"))
    assert len(frames) == 9 and frames[0].shape[1] >= 1200
    assert (frames[0] == frames[-1]).mean() > 0.99 and np.abs(frames[0] - frames[4]).mean() > 10


@pytest.mark.slow
def test_the_way_of_the_images_over_gamma_is_a_film(visit):
    tab = visit("explore?data=mnist")
    tab.get_by_role("button", name="Export").first.click()
    assert saved(tab, "look.csv").read_text("utf-8").startswith("model,image,x,y")
    tab.set_default_timeout(300_000)
    frames = frames_of(saved(tab, "look.gif"))
    assert len(frames) == 79 and frames[0].shape[0] == frames[0].shape[1]
    assert all((one != other).any() for one, other in zip(frames, frames[1:], strict=False))
