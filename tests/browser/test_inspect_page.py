"""What a person does on the Inspect page, in a real browser against a real server."""

import csv

from browser_helpers import IN_A_BROWSER, overflow, text_of

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
ADDRESS = "inspect?models=gamma-1&image=sample-0"


def test_a_person_alters_an_image_adds_a_model_and_takes_the_numbers_home(page):
    assert page.locator('[data-testid="stException"]').count() == 0
    before = text_of(page)
    assert "the true class is cat" in before and "γ = 0.02" not in before.split("Verdict")[1]

    page.get_by_text("upside down", exact=True).click()
    page.wait_for_url("**alter=upside*down*")
    settle(page)
    assert "What the models see: upside down" in text_of(page)

    page.get_by_role("button", name="Models", exact=True).click()
    page.get_by_text("γ = 0.02", exact=True).first.click()
    page.wait_for_url("**models=gamma-1*gamma-0.02*")
    settle(page)
    rows = page.locator("table").first.inner_text().replace("\u00a0", " ")
    assert "γ = 0.02" in rows and "γ = 1" in rows

    again = page.context.new_page()  # the link reopens the same view
    assert "alter=upside" in page.url
    again.goto(page.url)
    again.get_by_text("What the models see: upside down").wait_for()
    settle(again)
    assert again.locator("table").first.inner_text().replace("\u00a0", " ") == rows

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: inspect.csv").click()
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert len(lines) == 30 and {line["model"] for line in lines} == {"gamma-0.02", "gamma-1", "resnet"}
    assert len({line["image"] for line in lines}) == 1 and {line["alteration"] for line in lines} == {"upside down"}
    for width in (900, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        assert overflow(page) <= 1
