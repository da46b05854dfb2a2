"""The browser's Back and Forward: one press for each choice, which comes back."""

import pytest
from browser_helpers import IN_A_BROWSER, choose_tick, wait_for_model

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
ADDRESS = "latent?data=mnist"


def query_of(page) -> str:
    return page.url.partition("?")[2]


def test_back_goes_one_model_back_for_each_press_and_the_model_comes_back(page):
    for name in ("γ = 4.63", "γ = 0.2"):
        choose_tick(page, name)
        page.wait_for_url(f"**model=mnist-gamma-{name[4:]}*")
        settle(page)
    page.go_back()
    wait_for_model(page, "γ = 4.63")
    settle(page)
    assert "model=mnist-gamma-4.63" in page.url
    page.go_back()
    wait_for_model(page, "γ = 1")
    settle(page)
    assert "model=" not in page.url
    page.go_forward()
    wait_for_model(page, "γ = 4.63")
    settle(page)
    assert "model=mnist-gamma-4.63" in page.url


def test_back_goes_one_page_back_for_each_press_with_what_was_chosen_there(page):
    choose_tick(page, "γ = 4.63")
    page.wait_for_url("**model=mnist-gamma-4.63*")
    settle(page)
    page.get_by_role("link", name="Sample").click()
    page.wait_for_url("**/sample?*model=mnist-gamma-4.63*")
    settle(page)
    choose_tick(page, "γ = 0.2")
    page.wait_for_url("**model=mnist-gamma-0.2*")
    settle(page)
    page.go_back()
    wait_for_model(page, "γ = 4.63")
    settle(page)
    assert "/sample" in page.url
    page.go_back()
    page.wait_for_url("**/latent?*")
    settle(page)
    wait_for_model(page, "γ = 4.63")
    page.go_back()
    wait_for_model(page, "γ = 1")
    assert "/latent" in page.url


def test_back_closes_a_dialog_and_the_page_stays(page):
    choose_tick(page, "γ = 4.63")
    page.wait_for_url("**model=mnist-gamma-4.63*")
    settle(page)
    page.get_by_text("Mark an image").click()
    page.get_by_role("button", name="Change").click()
    page.get_by_role("dialog").wait_for()
    settle(page)
    page.go_back()
    page.get_by_role("dialog").wait_for(state="detached")
    settle(page)
    assert "model=mnist-gamma-4.63" in page.url and "add=true" in page.url
    page.go_back()
    page.wait_for_url(lambda url: "add=true" not in url)
    wait_for_model(page, "γ = 4.63")


def test_back_closes_the_dialog_of_the_first_page_and_a_dialog_leaves_no_step(new_tab, server):
    tab = new_tab(1280, 720)
    tab.goto(f"{server}/inspect?data=mnist")
    settle(tab)
    for close in (tab.go_back, lambda: tab.keyboard.press("Escape")):
        tab.get_by_role("button", name="Change").click()
        tab.get_by_role("dialog").wait_for()
        settle(tab)
        close()
        tab.get_by_role("dialog").wait_for(state="detached")
        settle(tab)
        assert "/inspect" in tab.url
    tab.get_by_role("button", name="Change").click()
    tab.get_by_role("dialog").locator("[role=radio]:has(img)").nth(5).click()
    tab.wait_for_url("**image=*")
    tab.get_by_role("dialog").wait_for(state="detached")
    settle(tab)
    tab.go_back()
    tab.wait_for_url(lambda url: "image=" not in url and "/inspect" in url)


@pytest.mark.parametrize("other", ["CIFAR-10"])
def test_back_from_another_data_set_brings_back_the_model_of_the_first(page, other):
    choose_tick(page, "γ = 4.63")
    page.wait_for_url("**model=mnist-gamma-4.63*")
    settle(page)
    page.locator(".st-key-data-switch").get_by_text(other, exact=True).click()
    page.wait_for_url(lambda url: "mnist" not in url)
    settle(page)
    page.go_back()
    page.wait_for_url("**data=mnist*")
    settle(page)
    wait_for_model(page, "γ = 4.63")
    assert "model=mnist-gamma-4.63" in page.url
