"""A figure is alone on a projector on stage."""

import pytest
from browser_helpers import IN_A_BROWSER, choose_tick, wait_for_model

from tools.screenshots import settle

pytestmark = IN_A_BROWSER


@pytest.fixture
def visit(new_tab, server):
    """``visit(path, width, height)`` is a tab on a page on which nothing has gone wrong."""

    def open_page(path: str, width: int = 1280, height: int = 720):
        tab = new_tab(width, height)
        tab.goto(f"{server}/{path}")
        settle(tab)
        assert tab.locator('[data-testid="stException"]').count() == 0
        return tab

    return open_page


def figure_of(tab):
    return tab.locator(".st-key-stage-figure .js-plotly-plot").first


ON_STAGE = (
    "sample?stage=true",
    "latent?stage=true&data=mnist",
    "out-of-distribution?stage=true",
    "trade-off?stage=true",
    "trade-off?stage=true&data=mnist",
)


@pytest.mark.parametrize("path", ON_STAGE)
def test_on_stage_there_is_the_figure_and_the_slider(visit, path):
    tab = visit(path)
    box = figure_of(tab).bounding_box()
    assert box["y"] + box["height"] <= 720 and box["height"] >= 400
    assert tab.locator("h4").filter(visible=True).count() == 0
    assert tab.get_by_role("slider", name="γ, from generative to discriminative").is_visible()
    assert tab.get_by_role("link", name="Start").filter(visible=True).count() == 0
    sizes = tab.locator(".st-key-stage-figure .js-plotly-plot g[class$=tick] text").evaluate_all(
        "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))"
    )
    assert sizes and min(sizes) >= 24


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_morph_uses_the_room_of_the_stage(visit, width, height):
    tab = visit("latent?show=Morph+over+γ&stage=true&data=mnist", width, height)
    plot = tab.locator(".st-key-stage-figure .js-plotly-plot").first
    box = plot.bounding_box()
    player = tab.locator('[class*="st-key-player-"]').first.bounding_box()
    assert player["y"] + player["height"] <= height
    inside = plot.evaluate("plot => plot._fullLayout.yaxis._length")
    assert inside > 0.75 * box["height"] and inside > 0.45 * height
    caption = plot.locator(".annotation-text").first.bounding_box()
    top = box["y"] + plot.evaluate("plot => plot._fullLayout.yaxis._offset")
    assert 0 <= top - (caption["y"] + caption["height"]) < 24  # no gap between the caption and what it is about


def test_the_keys_of_a_clicker_go_from_model_to_model_and_f_leaves_the_stage(visit):
    tab = visit("sample?data=mnist")
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true*")
    settle(tab)
    wait_for_model(tab, "γ = 1")
    tab.keyboard.press("PageDown")
    tab.wait_for_url("**model=mnist-gamma-4.63*")
    wait_for_model(tab, "γ = 4.63")
    tab.keyboard.press("ArrowLeft")
    wait_for_model(tab, "γ = 1")
    settle(tab)
    # The same after a slider was touched, whose own Page Down goes the other way.
    tab.get_by_role("slider", name="γ, from generative to discriminative").focus()
    tab.keyboard.press("PageDown")
    wait_for_model(tab, "γ = 4.63")
    tab.keyboard.press("PageUp")
    wait_for_model(tab, "γ = 1")
    settle(tab)
    tab.keyboard.press("f")
    tab.wait_for_url(lambda url: "stage" not in url)
    tab.locator("h4").filter(visible=True).first.wait_for()


def test_escape_closes_what_is_open_and_then_leaves_the_stage(visit):
    tab = visit("sample?data=mnist&stage=true")
    tab.get_by_role("button", name="Models").click()
    panel = tab.locator('[data-testid="stPopoverBody"]')
    panel.wait_for()
    tab.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert "stage=true" in tab.url
    tab.keyboard.press("Escape")
    tab.wait_for_url(lambda url: "stage" not in url)


def test_keys_lead_from_page_to_page_and_a_title_says_which_it_is(visit):
    tab = visit("sample?data=mnist&stage=true")
    title = tab.locator("p.title")
    assert title.inner_text() == "Sample" and title.bounding_box()["y"] >= 0
    tab.keyboard.press("Shift+N")
    tab.wait_for_url("**/interpolate?*stage=true*")
    settle(tab)
    assert title.inner_text() == "Interpolate" and figure_of(tab).is_visible()
    tab.get_by_role("button", name="Keys").click()
    keys = tab.get_by_role("dialog", name="Keys")
    assert "next model" in keys.inner_text() and "next page: Sample" in keys.inner_text()
    keys.get_by_role("button", name="Close").click()
    tab.keyboard.press("n")
    tab.wait_for_url("**/sample?*stage=true*")


def test_a_key_shows_the_qr_code_as_large_as_the_stage_and_its_link_leads_off_it(visit):
    tab = visit("sample?data=mnist&stage=true")
    tab.keyboard.press("q")
    dialog = tab.get_by_role("dialog")
    code = dialog.get_by_test_id("stImage").locator("img")
    code.wait_for()
    box = code.bounding_box()
    assert box["height"] > 0.6 * 720 and box["y"] >= 0 and box["y"] + box["height"] <= 720
    dialog.get_by_test_id("stCode").wait_for()
    assert "data=mnist" in dialog.inner_text() and "stage" not in dialog.get_by_test_id("stCode").inner_text()
    tab.keyboard.press("q")
    dialog.wait_for(state="detached")
    settle(tab)
    assert dialog.count() == 0
    tab.keyboard.press("q")
    dialog.wait_for()
    tab.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert "stage=true" in tab.url


@pytest.mark.parametrize(
    ("path", "height"),
    [("", 480), ("latent", 720), ("latent?show=Side+by+side", 480), ("table-1", 480), ("draw", 720), ("inspect", 1080)],
)  # a window of 480 pixels is one of 720 at a zoom of 150 %
def test_the_stage_is_filled_and_nothing_needs_scrolling(visit, path, height):
    tab = visit(f"{path}{'&' if '?' in path else '?'}stage=true", height * 16 // 9, height)
    main = "const main = document.querySelector('[data-testid=stMain]');"
    assert tab.evaluate(f"() => {{ {main} return main.scrollHeight - main.clientHeight }}") <= 0
    box = tab.locator(".st-key-stage-figure").bounding_box()
    assert 0.85 * height < box["y"] + box["height"] <= height and box["width"] > 0.9 * tab.viewport_size["width"]


def test_what_the_mouse_points_at_on_a_scaled_stage_is_what_is_named(visit):
    tab = visit("latent?stage=true&data=mnist", 853, 480)
    plot = figure_of(tab)
    where = """plot => {
        const dots = plot._fullData.find(({ customdata, x }) => customdata && x.length > 100);
        const [{ xaxis, yaxis }, index] = [plot._fullLayout, 50];
        return [xaxis._offset + xaxis.d2p(dots.x[index]), yaxis._offset + yaxis.d2p(dots.y[index]), dots.text[index]];
    }"""
    x, y, text = plot.evaluate(where)
    box, scale = plot.bounding_box(), 480 / 720
    tab.mouse.move(box["x"] + scale * x, box["y"] + scale * y)
    label = plot.locator(".hoverlayer .hovertext")
    label.wait_for()
    assert text.split("<br>")[0] in label.text_content()


def test_between_two_trained_models_there_is_one_too(visit):
    tab = visit("sample?data=mnist&model=mnist-gamma-2.5")
    wait_for_model(tab, "γ = 2.5")
    tab.get_by_text("between two trained models").wait_for()
    choose_tick(tab, "γ = 0.2")
    tab.wait_for_url("**model=mnist-gamma-0.2*")
    wait_for_model(tab, "γ = 0.2")
    slider = tab.get_by_role("slider", name="γ, from generative to discriminative")
    slider.focus()
    for _ in range(30):
        tab.keyboard.press("ArrowRight")
    tab.get_by_text("between two trained models").wait_for()
    settle(tab)
    assert tab.locator('[data-testid="stException"]').count() == 0


def test_a_figure_is_saved_as_svg_without_its_buttons(visit):
    tab = visit("interpolate?steps=5")
    tab.get_by_role("button", name="Export").first.click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="SVG: interpolation.svg").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename == "interpolation.svg"
    assert text.startswith("<svg") and "great circle" in text and "Download plot" not in text


def test_the_headings_of_inspect_are_whole_and_large_on_stage(visit):
    tab = visit("inspect?stage=true")
    figure = figure_of(tab)
    top = figure.bounding_box()["y"]
    notes = figure.locator(".annotation-text")
    assert notes.first.bounding_box()["y"] >= top
    sizes = notes.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert len(sizes) > 4 and min(sizes) >= 24


def test_from_a_page_with_choices_in_its_url_a_key_leads_to_the_next_page(visit):
    tab = visit("latent?data=mnist&show=Side+by+side&stage=true")
    tab.keyboard.press("n")
    tab.wait_for_url("**/interpolate?*stage=true*")
    settle(tab)
    assert tab.locator('[data-testid="stException"]').count() == 0 and figure_of(tab).is_visible()


def test_after_a_drag_the_arrows_of_a_clicker_go_from_model_to_model_too(visit):
    tab = visit("sample?data=mnist&stage=true")
    slider = tab.get_by_role("slider", name="γ, from generative to discriminative")
    box = slider.bounding_box()
    tab.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    wait_for_model(tab, "γ = 1")
    assert slider.evaluate("slider => slider.matches(':focus')")
    tab.keyboard.press("ArrowRight")
    wait_for_model(tab, "γ = 4.63")


def test_an_arrow_key_leaves_a_trained_model(visit):
    tab = visit("sample?data=mnist")
    tab.get_by_role("slider", name="γ, from generative to discriminative").focus()
    tab.keyboard.press("ArrowRight")
    tab.get_by_text("between two trained models").wait_for()
    tab.keyboard.press("ArrowLeft")
    wait_for_model(tab, "γ = 1")
