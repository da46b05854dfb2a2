"""How a person chooses an image, in a real browser against a real server."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER, quiet_server, text_of
from PIL import Image

from ibinn_core.data.images import from_url
from tools.screenshots import settle

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The app on a machine without a data set."""
    log = tmp_path_factory.mktemp("server") / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBINN_DATA", str(log.parent))
        with quiet_server(log) as address:
            yield address


@pytest.fixture
def page(tab, address):
    """Interpolate in a tab."""
    tab.goto(f"{address}/interpolate?models=gamma-1&steps=5")
    settle(tab)
    return tab


def thumbnails(page):
    """The dialog's thumbnails, once they are there."""
    found = page.get_by_role("dialog").locator('[role="radiogroup"] [role="radio"]:has(img)')
    found.nth(19).wait_for()
    return found


def test_a_person_clicks_a_thumbnail(page):
    assert "From: frog 3" in text_of(page)
    page.get_by_role("button", name="Change").first.click()
    shown = thumbnails(page)
    assert shown.nth(7).get_attribute("aria-checked") == "true"
    image = shown.nth(1).locator("img")
    assert image.get_attribute("alt") == "Image of class ship:"
    assert image.evaluate("i => getComputedStyle(i).imageRendering") == "pixelated"
    box = image.bounding_box()
    assert box["width"] == box["height"] == 96
    image.click()
    page.wait_for_url("**from=sample-1*")
    settle(page)
    assert page.get_by_role("dialog").count() == 0
    assert "From: ship 1" in text_of(page) and "To: cat 1" in text_of(page)


def test_a_person_chooses_with_the_keyboard(page):
    page.get_by_role("button", name="Change").last.focus()
    page.keyboard.press("Enter")
    thumbnails(page).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**to=sample-2*")
    settle(page)
    assert "To: ship 2" in text_of(page)


def test_closing_changes_nothing(page):
    before = page.url
    page.get_by_role("button", name="Change").first.click()
    thumbnails(page)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.url == before and "From: frog 3" in text_of(page)


def test_a_person_uploads_an_image(page, tmp_path):
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32] = (200, 30, 30)
    Image.fromarray(pixels).save(tmp_path / "mine.png")
    page.get_by_role("button", name="Change").first.click()
    page.get_by_role("dialog").get_by_text("Image file", exact=True).click()
    page.locator('input[type="file"]').set_input_files(tmp_path / "mine.png")
    page.wait_for_url("**from=own-*")
    settle(page)
    assert "From: your image" in text_of(page)
    page.get_by_role("button", name="Change").first.click()  # the dialog does not take the same file again
    page.get_by_role("dialog").locator('input[type="file"]').wait_for(state="attached")
    page.wait_for_timeout(1000)
    assert page.get_by_role("dialog").count() == 1


def test_a_person_sees_and_chooses_the_part_of_a_photograph(new_tab, address, tmp_path):
    pixels = np.zeros((60, 180, 4), np.uint8)
    pixels[:, 120:] = (0, 0, 255, 255)  # all else is transparent
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    tab = new_tab(420, 800)
    tab.goto(f"{address}/interpolate?models=gamma-1&steps=5")
    settle(tab)
    tab.get_by_role("button", name="Change").first.click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("Image file", exact=True).click()
    tab.locator('input[type="file"]').set_input_files(tmp_path / "wide.png")
    dialog.get_by_text("they are laid on white.").wait_for()
    slider = dialog.get_by_role("slider")
    slider.focus()
    tab.keyboard.press("End")
    dialog.get_by_role("button", name="Use this image").wait_for()
    tab.wait_for_timeout(1500)  # until the value has arrived
    assert "from=own-" not in tab.url
    dialog.get_by_role("button", name="Use this image").click()
    tab.wait_for_url("**from=own-*")
    settle(tab)
    assert dialog.count() == 0 and "From: your image" in text_of(tab)
    token = parse_qs(urlsplit(tab.url).query)["from"][0]
    assert (from_url(token.removeprefix("own-"))[:, 3:] == (0, 0, 255)).all()


def test_the_grid_fits_a_phone(new_tab, address):
    tab = new_tab(400, 800)
    tab.goto(f"{address}/interpolate?models=gamma-1&steps=5")
    settle(tab)
    tab.get_by_role("button", name="Change").first.click()
    boxes = [thumbnails(tab).nth(i).bounding_box() for i in range(20)]
    assert all(0 <= box["x"] and box["x"] + box["width"] <= 400 for box in boxes)
    assert len({round(box["x"]) for box in boxes}) == 4
