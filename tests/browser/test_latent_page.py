"""The page Latent space: what a reload brings back, and what a keyboard can do."""

import pytest
from browser_helpers import IN_A_BROWSER

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
ADDRESS = "latent?data=mnist"
MORPH = "latent?data=mnist&show=Morph+over+%CE%B3"
PLOT = "document.querySelector('.js-plotly-plot')"
RANGES = f"() => {{ const l = {PLOT}._fullLayout; return [...l.xaxis.range, ...l.yaxis.range]; }}"
SIZE = f"() => {PLOT}._fullLayout._size"
LIT = f"""() => {PLOT}._fullData.filter(t => t.customdata && t.marker)
    .reduce((sum, t) => sum + Array.from(t.marker.opacity).filter(o => o > 0.9).length, 0)"""
#: Where the dot nearest to the middle of the picture is.
MIDDLE = f"""() => {{
    const plot = {PLOT}, {{xaxis, yaxis}} = plot._fullLayout, box = plot.getBoundingClientRect();
    const from = dot => Math.hypot(dot[0] - xaxis._length / 2, dot[1] - yaxis._length / 2);
    const dots = plot._fullData.filter(t => t.customdata)
        .flatMap(t => Array.from(t.x).map((x, i) => [xaxis.d2p(x), yaxis.d2p(t.y[i])]));
    const best = dots.reduce((a, b) => from(a) < from(b) ? a : b);
    return [box.x + xaxis._offset + best[0], box.y + yaxis._offset + best[1]];
}}"""
FRAME = f"name => {PLOT}._fullLayout?._currentFrame === name"


def go(tab, server: str, path: str) -> None:
    tab.goto(f"{server}/{path}")
    settle(tab)


def zoom_by_drag(page) -> list[float]:
    """Draws a rectangle with the zoom tool; returns what the axes then show."""
    before = page.evaluate(RANGES)
    page.locator('.modebar-btn[data-attr="dragmode"][data-val="zoom"]').first.click()
    x, y = page.evaluate(MIDDLE)
    page.mouse.move(x - 90, y - 60)
    page.mouse.down()
    page.mouse.move(x + 90, y + 60, steps=6)
    page.mouse.up()
    page.wait_for_url("**zoom=*")
    settle(page)
    after = page.evaluate(RANGES)
    assert after[1] - after[0] < 0.7 * (before[1] - before[0])
    return after


def wait_for_ranges(page, wanted: list[float]) -> None:
    near = f"wanted => ({RANGES})().every((end, i) => Math.abs(end - wanted[i]) < 0.04 * (wanted[1] - wanted[0]))"
    page.wait_for_function(near, arg=wanted, timeout=60_000)


def test_a_click_on_a_dot_keeps_the_zoom_and_a_reload_brings_both_back(page):
    zoomed, size = zoom_by_drag(page), page.evaluate(SIZE)
    where = page.evaluate(MIDDLE)
    page.mouse.move(*where)
    page.wait_for_timeout(400)
    page.mouse.click(*where)
    page.wait_for_url("**point=*")
    settle(page)
    wait_for_ranges(page, zoomed)
    assert page.evaluate(SIZE) == size  # what the mouse points at is where it was
    page.get_by_text("A test image", exact=True).wait_for()
    page.reload()
    settle(page)
    wait_for_ranges(page, zoomed)
    page.get_by_text("A test image", exact=True).wait_for()


def test_another_plane_is_shown_whole_and_the_url_has_no_zoom_of_it(page):
    zoom_by_drag(page)
    page.get_by_text("Side by side", exact=True).click()
    page.wait_for_url(lambda url: "zoom=" not in url)


def test_a_reload_brings_the_lasso_back(page):
    page.locator('.modebar-btn[data-val="lasso"]').first.click()
    x, y = page.evaluate(MIDDLE)
    corners = [(x - 60, y - 40), (x + 60, y - 40), (x + 60, y + 40), (x - 60, y + 40)]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    heading = page.get_by_text("test images, and what the model makes of them")
    heading.wait_for()
    page.wait_for_url("**lasso=*")
    settle(page)
    said = heading.inner_text()
    count = int(said.split()[0].replace(",", ""))
    assert count > 10
    page.reload()
    settle(page)
    page.get_by_text(said).wait_for()
    page.wait_for_function(f"count => ({LIT})() === count", arg=count)
    assert len(page.url) < 2000
    page.get_by_text("Clear the selection", exact=True).click()
    page.wait_for_url(lambda url: "lasso=" not in url)


def test_a_reload_brings_the_frame_of_the_morph_back(tab, server):
    go(tab, server, MORPH)
    slider = tab.get_by_role("slider", name="Frame of the figure")
    slider.focus()
    tab.keyboard.press("PageUp")
    tab.keyboard.press("ArrowRight")
    frame = slider.input_value()
    tab.wait_for_url(f"**frame={frame}*")
    settle(tab)
    tab.reload()
    settle(tab)
    tab.wait_for_function(FRAME, arg=frame, timeout=60_000)
    assert slider.input_value() == frame


@pytest.mark.parametrize("path", [MORPH, "out-of-distribution?data=mnist"])
def test_play_and_the_slider_are_reached_by_tab_and_used_by_keyboard(tab, server, path):
    go(tab, server, path)
    focused = "() => { let e = document.activeElement; while (e.shadowRoot) e = e.shadowRoot.activeElement; return e; }"
    for _ in range(80):
        tab.keyboard.press("Tab")
        if tab.evaluate(f"() => ({focused})()?.matches('[data-play]')"):
            break
    assert tab.evaluate(f"() => getComputedStyle(({focused})()).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Pause").wait_for()
    tab.wait_for_function(f"() => Number({PLOT}._fullLayout._currentFrame) > 1", timeout=60_000)
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Play").wait_for()
    tab.keyboard.press("Tab")
    assert tab.evaluate(f"() => ({focused})().matches('[data-slider]')")
    assert tab.evaluate(f"() => getComputedStyle(({focused})()).outlineStyle") == "solid"
    tab.keyboard.press("Home")
    tab.wait_for_function(FRAME, arg="0", timeout=60_000)
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function(FRAME, arg="1", timeout=60_000)
    slider = tab.get_by_role("slider", name="Frame of the figure")
    assert slider.get_attribute("aria-valuetext")


@pytest.mark.parametrize("path", [ADDRESS, MORPH])
def test_the_arrow_keys_go_from_dot_to_dot_and_say_which(tab, server, path):
    go(tab, server, path)
    dots = tab.get_by_role("application")
    for _ in range(80):
        tab.keyboard.press("Tab")
        if dots.evaluate("e => e.matches(':focus')"):
            break
    said = tab.locator('[data-said][aria-live="polite"]')
    hint = said.inner_text()
    assert tab.evaluate(f"() => {PLOT}.style.outlineStyle") == "solid"
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url("**point=*")
    settle(tab)
    first, url = said.inner_text(), tab.url
    assert first != hint
    assert dots.evaluate("e => e.matches(':focus')")
    tab.keyboard.press("ArrowUp")
    tab.wait_for_url(lambda now: "point=" in now and now != url)
    settle(tab)
    assert tab.locator('[data-testid="stException"]').count() == 0


@pytest.mark.parametrize("view", ["Linear discriminants", "UMAP"])
@pytest.mark.parametrize("show", ["Side by side", "Morph over γ"])
def test_ten_islands_are_there_for_several_models_in_one_frame(tab, server, show, view):
    go(tab, server, f"latent?data=mnist&show={show}&view={view}&models=mnist-gamma-0.2,mnist-only-ly")
    ranges = tab.evaluate(
        f"() => Object.entries({PLOT}._fullLayout).filter(([n]) => /^xaxis\\d*$/.test(n)).map(([, a]) => a.range)"
    )
    assert len(ranges) >= (2 if show == "Side by side" else 1)
    assert all(ends == pytest.approx(ranges[0]) for ends in ranges)
    if show == "Morph over γ":
        tab.get_by_role("slider", name="Frame of the figure").press("End")
        tab.wait_for_function(f"() => {PLOT}._fullLayout._currentFrame > 4", timeout=60_000)
        assert tab.evaluate(f"() => {PLOT}._fullLayout.xaxis.range") == pytest.approx(ranges[0])
