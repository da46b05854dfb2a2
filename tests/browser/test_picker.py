"""How a person chooses an image, or brings one."""

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from PIL import Image

from app.images.dialog import LIMITS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
ADDRESS = "explore?tab=walk&models=gamma-1&steps=5"


def thumbnails(page):
    """The images of the dialog, once they are there."""
    found = page.get_by_role("dialog").locator("button.tile")
    found.nth(19).wait_for()
    return found


def class_of(thumbnail) -> str:
    return thumbnail.get_attribute("title").removeprefix("Image of class ").split(":")[0]


@pytest.mark.slow
def test_a_thumbnail_is_chosen_by_mouse_and_by_keyboard(page):
    before = page.url
    page.get_by_role("button", name="Change").first.click()
    thumbnails(page)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.url == before  # closing changes nothing
    page.get_by_role("button", name="Change").first.click()
    thumbnails(page)
    page.get_by_role("dialog").get_by_text("Samples", exact=True).click()  # which are there without a data set, too
    page.wait_for_function("() => document.querySelectorAll('[role=dialog] .tile').length === 20")
    settle(page)
    other = thumbnails(page).and_(page.locator('[aria-pressed="false"]')).nth(1)
    name = class_of(other)
    assert other.locator("canvas").evaluate("i => getComputedStyle(i).imageRendering") == "pixelated"
    other.click()
    page.wait_for_url("**first=*")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_text(f"From: {name}").first.wait_for()
    settle(page)
    page.get_by_role("button", name="Change").last.focus()
    page.keyboard.press("Enter")
    name = class_of(thumbnails(page).nth(2))
    thumbnails(page).first.focus()
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**second=*")
    page.get_by_text(f"To: {name}").first.wait_for()
    settle(page)


@pytest.mark.slow
def test_an_image_of_ones_own(page, tmp_path):
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32] = (200, 30, 30)
    Image.fromarray(pixels).save(tmp_path / "mine.png")
    page.get_by_role("button", name="Change").first.click()
    page.get_by_role("dialog").get_by_text("Image file", exact=True).click()
    page.locator('input[type="file"]').set_input_files(tmp_path / "mine.png")
    page.wait_for_url("**first=yours-*")
    page.get_by_text("From: your image").first.wait_for()
    settle(page)
    page.reload()
    page.get_by_text("From: your image").first.wait_for()
    settle(page)
    page.get_by_role("button", name="Change").first.click()  # the dialog does not take the same file again
    page.get_by_role("dialog").locator('input[type="file"]').wait_for(state="attached")
    settle(page)
    assert page.get_by_role("dialog").count() == 1


@pytest.mark.slow
def test_a_file_that_is_too_large_says_so_in_the_place_of_the_one_before(page, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "huge.jpg").write_bytes(bytes(LIMITS.file_bytes + 1))
    page.get_by_role("button", name="Change").first.click()
    page.get_by_role("dialog").get_by_text("Image file", exact=True).click()
    page.locator('input[type="file"]').set_input_files(tmp_path / "text.png")
    page.get_by_text("no PNG, JPEG").wait_for()
    page.locator('input[type="file"]').set_input_files(tmp_path / "huge.jpg")
    page.get_by_text("File must be 10.0MB or smaller").wait_for()
    assert page.get_by_text("no PNG, JPEG").is_hidden() and page.get_by_text("text.png", exact=True).is_hidden()


@pytest.mark.slow
def test_the_thumbnails_fit_on_a_phone(new_tab, server):
    tab = new_tab(400, 800)
    tab.goto(f"{server}/{ADDRESS}")
    settle(tab)
    tab.get_by_role("button", name="Change").first.click()
    boxes = [thumbnails(tab).nth(i).bounding_box() for i in range(20)]
    assert all(0 <= box["x"] and box["x"] + box["width"] <= 400 for box in boxes)
    assert len({round(box["x"]) for box in boxes}) >= 4
