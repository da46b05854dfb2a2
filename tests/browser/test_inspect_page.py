"""What a person does on the Inspect page, in a real browser against a real server."""

import csv

import pytest

from tools.screenshots import browser, chromium, serving, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@pytest.fixture
def page(tmp_path):
    """The page in a fresh tab; the server must not have complained when the test is over."""
    pytest.importorskip("playwright", reason="Playwright for Python is not installed")
    log = tmp_path / "log"
    with serving(log) as address, browser() as instance:
        tab = instance.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True).new_page()
        tab.goto(f"{address}/inspect?models=gamma-1&image=sample-0")
        settle(tab)
        yield tab
    text = log.read_text()
    assert "Traceback" not in text and "Exception" not in text, text[-3000:]


def text_of(page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ")


def test_a_person_alters_an_image_adds_a_model_and_takes_the_numbers_home(page):
    assert page.locator('[data-testid="stException"]').count() == 0
    before = text_of(page)
    assert "the true class is cat" in before and "γ = 0.02" not in before.split("Verdict")[1]

    page.get_by_text("upside down", exact=True).click()
    page.wait_for_url("**alter=upside*down*")
    settle(page)
    assert "What the models see: upside down" in text_of(page)

    page.get_by_text("γ = 0.02", exact=True).first.click()
    page.wait_for_url("**models=gamma-0.02*gamma-1*")
    settle(page)
    rows = page.locator("table").first.inner_text().replace("\u00a0", " ")
    assert "γ = 0.02" in rows and "γ = 1" in rows

    again = page.context.new_page()  # the link reopens the same view
    again.goto(page.url)
    settle(again)
    assert again.locator("table").first.inner_text().replace("\u00a0", " ") == rows
    assert "What the models see: upside down" in text_of(again)

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: inspect.csv").click()
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert len(lines) == 20 and {line["model"] for line in lines} == {"gamma-0.02", "gamma-1"}
    for width in (900, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)
        main = "document.querySelector('[data-testid=\"stMain\"]')"
        assert page.evaluate(f"() => {main}.scrollWidth - {main}.clientWidth") <= 1
