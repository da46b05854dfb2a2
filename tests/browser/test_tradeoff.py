"""What a person does on the Trade-off page, in a real browser against a real server."""

import csv

from browser_helpers import IN_A_BROWSER, overflow, text_of, wait_for_model

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
ADDRESS = "trade-off"

DOT = """id => {
    const plot = document.querySelector('.js-plotly-plot'), layout = plot._fullLayout;
    plot.scrollIntoView({block: 'center'});
    const trace = plot._fullData.find(t => t.customdata && t.customdata.includes(id));
    const box = plot.getBoundingClientRect(), i = trace.customdata.indexOf(id);
    return [box.x + layout.xaxis._offset + layout.xaxis.d2p(trace.x[i]),
            box.y + layout.yaxis._offset + layout.yaxis.d2p(trace.y[i])];
}"""


def test_a_person_clicks_a_dot_takes_the_numbers_home_and_opens_the_model_elsewhere(page):
    assert page.locator('[data-testid="stException"]').count() == 0
    x, y = page.evaluate(DOT, "gamma-0.02")
    page.mouse.move(x, y)
    page.locator(".hoverlayer text", has_text="click to choose it").first.wait_for()
    page.mouse.click(x, y)
    page.wait_for_url("**left=gamma-0.02*")
    settle(page)
    assert "γ = 0.02 has a mean confidence of " in text_of(page).replace("**", "")

    again = page.context.new_page()  # the link reopens the same view
    again.goto(page.url)
    settle(again)
    assert "γ = 0.02 has a mean confidence of " in text_of(again)
    again.close()

    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: trade-off.csv").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {row["source"] for row in rows} == {"here", "paper"}
    assert "gamma-0.02" in {row["id"] for row in rows}
    page.keyboard.press("Escape")

    for width in (900, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        assert overflow(page) <= 1

    page.get_by_role("button", name="Open γ = 0.02").click()
    page.get_by_role("button", name="Latent space", exact=True).click()
    page.wait_for_url("**/latent?*model=gamma-0.02*")
    settle(page)
    wait_for_model(page, "γ = 0.02")
    page.get_by_role("link", name="Trade-off").click()
    page.wait_for_url("**/trade-off*")
    settle(page)
    assert page.locator('[data-testid="stException"]').count() == 0
    assert "γ = 0.02 has a mean confidence of " in text_of(page)
