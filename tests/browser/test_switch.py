"""The switch of the data set in a real browser: the URL, the links, and back."""

import pytest
from browser_helpers import IN_A_BROWSER, overflow, wait_for_model

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
SWITCH = ".st-key-data-switch"


def choose(page, title: str) -> None:
    page.locator(SWITCH).get_by_text(title, exact=True).click()
    page.wait_for_timeout(300)
    settle(page)


def test_the_switch_is_in_the_url_and_links_carry_it(new_tab, server):
    page = new_tab(1280, 720)
    page.goto(f"{server}/?model=gamma-0.02")
    settle(page)
    where = page.locator(SWITCH).bounding_box()
    choose(page, "MNIST")
    page.wait_for_url("**data=mnist*")
    assert "model=" not in page.url
    for title in ("Latent space", "Inspect", "Start"):
        page.get_by_role("link", name=title).click()
        page.wait_for_url("**data=mnist*")
        settle(page)
        assert page.locator('[data-testid="stException"]').count() == 0, title
        assert page.locator(SWITCH).bounding_box() == where, title
    choose(page, "CIFAR-10")
    assert "data=" not in page.url and "model=gamma-0.02" in page.url
    wait_for_model(page, "γ = 0.02")


@pytest.mark.parametrize("width", [1280, 900, 420])
def test_the_switch_covers_nothing(new_tab, server, width):
    page = new_tab(width, 800)
    page.goto(f"{server}/out-of-distribution?data=mnist")
    settle(page)
    switch, heading = page.locator(SWITCH).bounding_box(), page.locator("h4").first.locator("span").first.bounding_box()
    apart = heading["x"] + heading["width"] <= switch["x"] or switch["y"] + switch["height"] <= heading["y"]
    assert apart and overflow(page) <= 1
