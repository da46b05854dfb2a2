"""Figures saved for print, from the menu below them."""

import re
from functools import partial

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from pdf_helpers import page_sizes, text_in
from PIL import Image, ImageColor

from app.palette import TEXT
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
CONTROLS = ("Play", "Pause", "Download plot", "Zoom", "Export", "Change")


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def themed(visit, request):
    """``themed(path)`` is a tab on a page, in one theme and in the other."""
    return partial(visit, theme=request.param)


def saved(tab, file: str):
    """The file of a button of the menu, which is open."""
    with tab.expect_download() as download:
        tab.get_by_role("button", name=f"{file.rpartition('.')[2].upper()}: {file}", exact=True).click()
    assert download.value.suggested_filename == file
    return download.value.path()


@pytest.mark.slow
def test_a_figure_is_a_page_of_its_size_with_its_words_and_no_controls(themed):
    tab = themed("interpolate?steps=5")
    box = tab.locator(".st-key-tiles .js-plotly-plot").bounding_box()
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.get_by_role("button", name="Export").first.click()
    pdf = saved(tab, "interpolation.pdf").read_bytes()
    [(width, height)] = page_sizes(pdf)
    assert width == pytest.approx(0.75 * box["width"], abs=1)  # 72 of 96 dots an inch
    assert 0 < height / 0.75 - box["height"] < 40  # the title's line
    text = text_in(pdf)
    assert "γ = 1: from frog 3 to cat 1" in text
    assert {"great circle", "straight line", "pixel cross-fade", "0%", "100%"} <= set(text.splitlines())
    assert not [word for word in CONTROLS if word in text]
    assert all(re.match(r"(http://127\.0\.0\.1|blob:|data:)", url) for url in requests)

    svg = saved(tab, "interpolation.svg").read_text("utf-8")
    assert svg.startswith("<svg") and "great circle" in svg and not [word for word in CONTROLS if word in svg]
    image = Image.open(saved(tab, "interpolation.png"))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert image.width == pytest.approx(300 / 72 * width, abs=2)
    pixels = np.asarray(image.convert("RGB"))
    assert (pixels[0, 0] == 255).all()  # dark on white, whatever the theme
    assert (np.abs(pixels.astype(int) - ImageColor.getrgb(TEXT)).sum(2) < 12).mean() > 1e-4
    # The chart on the page is as it was.
    assert tab.locator(".st-key-tiles .js-plotly-plot .modebar-btn").count() > 0


@pytest.mark.slow
def test_a_figure_that_moves_is_saved_as_it_stands_without_its_player(themed):
    tab = themed("latent?show=Morph+over+γ&data=mnist")
    caption = tab.locator(".st-key-morph .annotation-text").first.text_content()
    tab.get_by_role("button", name="Export").first.click()
    text = text_in(saved(tab, "latent-space-morph.pdf").read_bytes())
    assert caption.split(":")[0] in text and "MNIST" in text.splitlines()[0]
    assert not [word for word in CONTROLS if word in text]
    assert tab.locator(".st-key-morph .player [data-play]").is_visible()  # it can be played as before


@pytest.mark.slow
def test_dots_are_drawn_and_all_panels_are_on_the_page_with_their_legend(themed):
    tab = themed("latent?data=mnist")
    tab.get_by_role("button", name="Export").first.click()
    pdf = saved(tab, "latent-space-mnist-gamma-1-means.pdf").read_bytes()
    assert b"/Subtype /Image" not in pdf and "first principal direction of the class means" in text_in(pdf)
    assert tab.locator(".st-key-stage-figure .gl-container canvas").count() > 0  # on the page it is still WebGL
    tab.goto(tab.url.split("/latent")[0] + "/trade-off?part=Calibration")
    settle(tab)
    tab.get_by_role("button", name="Export").filter(visible=True).first.click()
    pdf = saved(tab, "reliability.pdf").read_bytes()
    assert len(page_sizes(pdf)) == 1
    titles = tab.locator('[class*="st-key-reliability-"] .gtitle').all_text_contents()
    assert len(titles) == 2 and all(title.split(":")[0] in text_in(pdf) for title in titles)
