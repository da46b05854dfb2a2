"""What a person does on the pages Trade-off and Table 1, in a real browser against a real server."""

import csv
import re
from itertools import combinations

import pytest
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


PARTS = ("Curve", "Measures over γ", "Calibration", "Detection")

#: Top and bottom of each figure, in pixels of the window.
FIGURES = """() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => {
    const box = plot.getBoundingClientRect();
    return [box.top, box.bottom];
})"""

#: The texts that are seen in figures: what each says, its size, its colour and its box.
TEXTS = """() => [...document.querySelectorAll('.js-plotly-plot :is(.cartesianlayer, .infolayer) text')].map(text => {
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    return {text: text.textContent, size: parseFloat(style.fontSize), fill: style.fill, opacity: style.opacity,
            box: [box.left, box.top, box.right, box.bottom]};
}).filter(one => one.text.trim() && one.box[2] > one.box[0])"""
GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"


def open_part(page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    settle(page)


def luminance(color: str) -> float:
    """As the WCAG define it, of a colour as CSS has it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def check_texts(page) -> None:
    """No text is small, pale or covered by another."""
    texts, ground = page.evaluate(TEXTS), page.evaluate(GROUND)
    assert texts
    for one in texts:
        assert one["size"] >= 14 and one["opacity"] == "1" and contrast(one["fill"], ground) >= 4.5, one
    for a, b in combinations(texts, 2):
        (left, top, right, bottom), (x, y, x1, y1) = a["box"], b["box"]
        assert min(right, x1) - max(left, x) <= 2 or min(bottom, y1) - max(top, y) <= 5, (a, b)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("data", ["cifar10", "mnist"])
def test_every_part_is_whole_on_a_projector_and_its_text_can_be_read(new_tab, server, theme, data):
    page = new_tab(1280, 720, theme)
    page.goto(f"{server}/{ADDRESS}?data={data}")
    settle(page)
    for part in PARTS:
        open_part(page, part)
        figures = page.evaluate(FIGURES)
        assert figures and all(0 <= top < bottom <= 720 for top, bottom in figures), (part, figures)
        assert overflow(page) <= 1
        check_texts(page)


@pytest.mark.parametrize("data", ["cifar10", "mnist"])
def test_on_a_phone_nothing_scrolls_sideways_and_no_text_covers_another(new_tab, server, data):
    page = new_tab(420, 800)
    page.goto(f"{server}/{ADDRESS}?data={data}")
    settle(page)
    for part in PARTS:
        open_part(page, part)
        assert overflow(page) <= 1
        check_texts(page)


def test_the_picture_fills_the_screen(new_tab, server):
    page = new_tab(1280, 720)
    page.goto(f"{server}/{ADDRESS}")
    settle(page)
    page.locator(".js-plotly-plot").first.hover()
    page.locator('[data-title="Fullscreen"]').first.click()
    settle(page)
    ((top, bottom),) = page.evaluate(FIGURES)
    assert top >= 0 and 650 < bottom - top and bottom <= 720
    check_texts(page)


def test_table_1_scrolls_in_its_own_box_on_a_phone(new_tab, server):
    page = new_tab(420, 800)
    page.goto(f"{server}/table-1")
    settle(page)
    assert overflow(page) <= 1
    box = page.locator(".table1")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth + 100 && box.clientHeight < 800")
    name = box.locator("tbody th").first
    before = name.bounding_box()
    box.evaluate("box => { box.scrollLeft = 300; }")
    assert name.bounding_box() == before  # which model a row is of stays in sight
    page.goto(f"{server}/table-1?data=mnist")
    page.get_by_role("button", name="Show CIFAR-10's").click()
    page.locator(".table1").wait_for()
    assert "data=mnist" not in page.url


def test_a_person_clicks_a_dot_takes_the_numbers_home_and_opens_the_model_elsewhere(page):
    assert page.locator('[data-testid="stException"]').count() == 0
    x, y = page.evaluate(DOT, "gamma-0.02")
    page.mouse.move(x, y)
    page.locator(".hoverlayer text", has_text="click to choose it").first.wait_for()
    page.mouse.click(x, y)
    page.wait_for_url("**left=gamma-0.02*")
    settle(page)
    assert "γ = 0.02: 30.5 % test error, 3.67 bits/dim" in text_of(page)

    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: curve.csv").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {row["kind"] for row in rows} == {"trained", "mixed", "paper", "without likelihood"}
    page.keyboard.press("Escape")

    open_part(page, "Calibration")
    assert "γ = 0.02 has a mean confidence of " in text_of(page).replace("**", "")
    again = page.context.new_page()  # the link reopens the same view
    again.goto(page.url)
    settle(again)
    assert "γ = 0.02 has a mean confidence of " in text_of(again)
    again.close()

    open_part(page, "Measures over γ")
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: trade-off.csv").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {row["source"] for row in rows} == {"here", "paper"}
    assert "gamma-0.02" in {row["id"] for row in rows}
    page.keyboard.press("Escape")
    open_part(page, "Curve")

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
    assert "γ = 0.02: 30.5 % test error" in text_of(page)
