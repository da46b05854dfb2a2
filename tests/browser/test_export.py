"""Figures as files, on a page of nothing but Plotly and the module that saves them."""

import base64
import io
import json
import re

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER, STATIC, open_bare
from pdf_helpers import images_in, page_sizes, pieces_in, text_in
from PIL import Image, ImageColor, ImageFont

pytestmark = IN_A_BROWSER
INK, GROUND = "#1f2733", "#ffffff"
TILE = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
HEADING = "γ = 1  <b>AVATAR ★ To fi</b> and <b>bold</b>,<br><b>below</b> x<sub>2</sub> after"
LEGEND = [["★◇■"[index % 3], "#1f77b4", f"class number {index}"] for index in range(9)]
BODY = """<style>body { margin: 0; font-family: serif; background: black }</style>
<div id="one" style="width: 512px; height: 300px"></div>
<div id="two" style="width: 300px; height: 200px; position: absolute; left: 520px; top: 40px"></div>
<img id="picture" width="64" height="64" style="position: absolute; left: 840px; top: 60px" src="TILE">"""
DRAW = """async tile => {
    const font = {family: '"Source Sans", sans-serif', color: '#eeeeee'};
    const axis = {gridcolor: '#444444', tickfont: font, title: {font}};
    const layout = {font, paper_bgcolor: '#111111', plot_bgcolor: '#111111', xaxis: axis, yaxis: axis};
    await Plotly.newPlot('one', [
        {type: 'scattergl', mode: 'markers', x: [1, 2, 3], y: [1, 3, 2], name: 'dots'},
        {type: 'scatter', mode: 'lines', x: [1, 3], y: [2, 2], name: 'a line'},
    ], {
        template: {layout}, margin: {l: 40, r: 10, t: 60, b: 60}, title: {text: HEADING},
        sliders: [{steps: ['0.1', '10'].map(label => ({label, method: 'skip'})), active: 1}],
        updatemenus: [{type: 'buttons', buttons: [{label: 'Play', method: 'skip'}]}],
    });
    await Plotly.newPlot('two', [{type: 'image', source: tile}], {
        template: {layout}, margin: {l: 0, r: 0, t: 0, b: 0}, xaxis: {visible: false}, yaxis: {visible: false},
        images: [{source: '/tile.png', xref: 'paper', yref: 'paper', x: 0, y: 1, sizex: 0.2, sizey: 0.2}],
    });
}""".replace("HEADING", json.dumps(HEADING))
SAVE = """async ([kind, ids, more]) => {
    const {blobOf} = await import('/figure/export.js');
    const plots = ids.map(id => document.getElementById(id));
    const look = {ground: '#ffffff', ink: '#1f2733', grid: '#dde2e9'};
    const blob = await blobOf(kind, {plots, look, vendor: '/vendor/', name: 'name', ...more});
    const reader = new FileReader();
    return new Promise(resolve => { reader.onload = () => resolve(reader.result); reader.readAsDataURL(blob); });
}"""


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


TILE_URL = f"data:image/png;base64,{base64.b64encode(png(TILE)).decode()}"


@pytest.fixture
def page(new_tab):
    """A tab with two dark figures in a font that is not there, and a picture."""
    tab = new_tab(1000, 700)
    problems = open_bare(tab, BODY.replace("TILE", TILE_URL))
    tab.route("**/tile.png", lambda route: route.fulfill(body=png(TILE), content_type="image/png"))
    tab.evaluate(DRAW, TILE_URL)
    yield tab
    assert not problems


def saved(tab, kind: str, *ids: str, **more: object) -> bytes:
    """The file of some elements of the page."""
    return base64.b64decode(tab.evaluate(SAVE, [kind, ids, more]).partition(",")[2])


def width(text: str, size: float, bold: bool) -> float:
    """Of text in the font of print, each letter as wide as it is alone."""
    assert text.isprintable()
    total = 0.0
    for character in text:
        file = "dejavu-sans.ttf" if character in "★◇⚠" else f"source-sans-3{'-bold' * bold}.ttf"
        font = ImageFont.truetype(STATIC / "vendor" / file, 1000, layout_engine=ImageFont.Layout.BASIC)
        total += font.getlength(character) * size / 1000
    return total


@pytest.mark.slow
def test_every_piece_of_a_line_begins_in_a_pdf_where_the_one_before_it_ends(page):
    pieces = pieces_in(saved(page, "pdf", "one", title="a title ⚠ here"))
    lines = [["a title ", "⚠", " here · 10"], ["γ = 1  ", "AVATAR ", "★", " To fi", " and ", "bold", ","]]
    lines += [["below", " x", "2", " after"]]
    texts = [piece.text for piece in pieces]
    for line in lines:
        start = next(i for i in range(len(texts)) if texts[i : i + len(line)] == line)
        parts = pieces[start : start + len(line)]
        for one, following in zip(parts, parts[1:], strict=False):
            bold = line is lines[0] or one.text in ("AVATAR ", " To fi", "bold", "below")
            assert following.x - one.x == pytest.approx(width(one.text, one.size, bold), abs=0.02), one
        heights = [piece.y for piece in parts if piece.text != "2"]
        assert max(heights) == min(heights)


@pytest.fixture
def svg_alone(page, new_tab, tmp_path):
    """A tab with the SVG alone, where no other font is known, as in an ``<img>``."""
    (tmp_path / "figure.svg").write_bytes(saved(page, "svg", "one", legend=LEGEND, title="a title ⚠ here"))
    tab = new_tab(1000, 700)
    tab.goto((tmp_path / "figure.svg").as_uri())
    tab.evaluate("document.fonts.ready.then(() => {})")
    return tab


@pytest.mark.slow
def test_an_svg_by_itself_has_the_letters_that_its_legend_was_measured_with(svg_alone):
    texts = svg_alone.eval_on_selector_all(
        "svg > text",
        """all => all.map(text => {
            const {x, y} = text.getBBox();
            return [text.textContent, text.getComputedTextLength(), x, y];
        })""",
    )
    names = [part for character, _, name in LEGEND for part in (character, name)]
    assert [text for text, *_ in texts] == ["a title ⚠ here · 10", *names]
    for text, length, *_ in texts:
        assert length == pytest.approx(width(text, 15, "title" in text), abs=0.05), text
    for (_, length, x, y), (_, _, following, below) in zip(texts[1:], texts[2:], strict=False):
        assert x + length < following or below > y + 15
    assert max(x + length for _, length, x, _ in texts) <= 512
    assert svg_alone.evaluate("[...document.fonts].every(face => face.status === 'loaded')")
    heading = svg_alone.locator(".gtitle tspan[style*='bold']").first
    assert heading.evaluate("one => one.getComputedTextLength()") == pytest.approx(
        width("AVATAR ★ To fi", heading.evaluate("one => parseFloat(getComputedStyle(one).fontSize)"), True), abs=0.1
    )


@pytest.mark.slow
def test_a_font_has_no_more_in_the_file_than_the_text_needs(page):
    svg = saved(page, "svg", "one", title="a title").decode()
    fonts = [base64.b64decode(data) for data in re.findall(r"data:font/ttf;base64,([\w+/=]+)", svg)]
    assert len(fonts) == 3 and sum(map(len, fonts)) < 150_000
    whole = (STATIC / "vendor" / "source-sans-3.ttf").read_bytes()
    for character in "aγé=1":  # the text has no é
        masks = [ImageFont.truetype(io.BytesIO(one), 400).getmask(character) for one in (fonts[0], whole)]
        areas = [sum(mask) / 255 for mask in masks]
        assert (areas[0] == pytest.approx(areas[1], rel=0.01)) is (character != "é"), character


def test_pictures_are_in_every_kind_and_as_sharp_as_on_the_page(page):
    plots = ("two", "picture")
    image = np.asarray(Image.open(io.BytesIO(saved(page, "png", *plots))).convert("RGB"))
    scale = 300 / 96
    # In the middle: a trace, 200 pixels square. In the corner of the figure: an image of its layout. Beside it: an img.
    for left, top, side in ((50, 0, 200), (0, 0, 40), (320, 20, 64)):
        for row in range(4):
            for column in range(4):
                y, x = ((top + side * (row + 0.5) / 4) * scale, (left + side * (column + 0.5) / 4) * scale)
                at = image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3]
                assert (np.abs(at.astype(int) - TILE[row, column]) <= 1).all(), (left, row, column)
    svg = saved(page, "svg", *plots).decode()
    assert svg.count("<image") == 3 and "/tile.png" not in svg and "blob:" not in svg
    sides = sorted(images_in(saved(page, "pdf", *plots)))
    assert [side % 4 for size in sides for side in size] == [0] * 6
    assert [size[0] >= shown * scale for size, shown in zip(sides, (40, 64, 200), strict=True)] == [True] * 3


@pytest.mark.slow
def test_figures_stand_where_they_do_on_the_page_with_words_above_and_below(page):
    pdf = saved(page, "pdf", "one", "two", "picture", title="a title", legend=LEGEND[:3])
    (size,) = page_sizes(pdf)
    assert size == pytest.approx((0.75 * 904, 0.75 * (26 + 300 + 30)), abs=0.01)
    lines = text_in(pdf).splitlines()
    assert lines[0] == "a title · 10" and lines[-1] == "class number 2" and {"dots", "a line"} <= set(lines)
    assert not {"Play", "0.1"} & set(lines)


@pytest.mark.slow
def test_it_is_dark_on_white_and_the_page_stays_as_it_was(page):
    state = """() => JSON.stringify(['one', 'two'].map(id => {
        const {data, layout} = document.getElementById(id);
        return [data, layout];
    }))"""
    before = page.evaluate(state)
    image = Image.open(io.BytesIO(saved(page, "png", "one", title="a title")))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert image.size == tuple(round(side * 300 / 96) for side in (512, 326))
    pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[0, 0] == 255).all() and (pixels.sum(2) > 700).mean() > 0.9
    assert (np.abs(pixels - ImageColor.getrgb(INK)).sum(2) < 12).mean() > 1e-3
    svg = saved(page, "svg", "one").decode()
    assert "#eeeeee" not in svg and "rgb(238, 238, 238)" not in svg and "<canvas" not in svg
    assert "<image" not in svg  # of WebGL's dots
    assert page.evaluate(state) == before
    assert page.locator("#one .gl-container canvas").count() > 0 and page.locator(".js-plotly-plot").count() == 2


def problem(tab, kind: str) -> str:
    return tab.evaluate(f"given => ({SAVE})(given).then(() => '', error => error.message)", [kind, ["one"], {}])


@pytest.mark.slow
def test_what_cannot_be_saved_is_told_in_a_sentence_and_tried_again(new_tab):
    tab = new_tab(1000, 700)
    open_bare(tab, BODY.replace("TILE", TILE_URL))
    tab.evaluate(DRAW, TILE_URL)
    missing = 'the server did not send {}: try again, or run "make env" there'
    tab.route("**/dejavu-sans.ttf", lambda route: route.fulfill(status=404))
    assert problem(tab, "svg") == missing.format("dejavu-sans.ttf")
    tab.unroute("**/dejavu-sans.ttf")
    tab.route("**/jspdf.umd.min.js", lambda route: route.abort())
    assert problem(tab, "svg") == "" and problem(tab, "pdf") == missing.format("jspdf.umd.min.js")
    tab.unroute("**/jspdf.umd.min.js")
    assert problem(tab, "pdf") == ""
    tab.evaluate("document.getElementById('one').style.display = 'none'")
    assert problem(tab, "svg") == "the figure is not in sight: show it and try again"
