"""Figures as files, on a bare page."""

import base64
import io

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from PIL import Image, ImageColor

from app.palette import TEXT
from app.vendor import ensure_plotly

pytestmark = IN_A_BROWSER
TILE = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
HEADING = "γ = 1  <b>AVATAR ★ To fi</b> and <b>bold</b>,<br><b>below</b> x<sub>2</sub> after"
#: Draws two dark figures in a font that the machine does not have.
DRAW = """async ([tile, heading]) => {
    document.body.style.background = 'black';
    document.querySelector('main').innerHTML = `<div id="one" style="width: 512px; height: 300px"></div>
        <div id="two" style="width: 300px; height: 200px; position: absolute; left: 520px; top: 40px"></div>`;
    const font = {family: '"Source Sans", sans-serif', color: '#eeeeee'};
    const axis = {gridcolor: '#444444', tickfont: font, title: {font}};
    const layout = {font, paper_bgcolor: '#111111', plot_bgcolor: '#111111', xaxis: axis, yaxis: axis};
    await Plotly.newPlot('one', [
        {type: 'scatter', mode: 'markers', x: [1, 2, 3], y: [1, 3, 2], name: 'dots'},
        {type: 'scatter', mode: 'lines', x: [1, 3], y: [2, 2], name: 'a line'},
    ], {template: {layout}, margin: {l: 40, r: 10, t: 60, b: 60}, title: {text: heading}});
    await Plotly.newPlot('two', [{type: 'image', source: tile}], {
        template: {layout}, margin: {l: 0, r: 0, t: 0, b: 0}, xaxis: {visible: false}, yaxis: {visible: false},
        images: [{source: tile, xref: 'paper', yref: 'paper', x: 0, y: 1, sizex: 0.2, sizey: 0.2}],
    });
}"""
SAVE = """async ([kind, ids, more]) => {
    const {blobOf} = await import('/app/static/figure/export.js');
    const plots = ids.map(id => document.getElementById(id));
    const blob = await blobOf(kind, {plots, ...more});
    const reader = new FileReader();
    return new Promise(resolve => { reader.onload = () => resolve(reader.result); reader.readAsDataURL(blob); });
}"""


@pytest.fixture
def page(bare):
    """The page with two figures."""
    ensure_plotly()
    bare.open()
    bare.tab.add_script_tag(url="/app/static/vendor/plotly.min.js")
    buffer = io.BytesIO()
    Image.fromarray(TILE).save(buffer, "PNG")
    bare.tab.evaluate(DRAW, [f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}", HEADING])
    yield bare.tab
    bare.open()


def saved(tab, kind: str, *ids: str, **more: object) -> bytes:
    """Returns the file with these elements of the page."""
    return base64.b64decode(tab.evaluate(SAVE, [kind, ids, more]).partition(",")[2])


def test_a_file_is_dark_on_white_as_sharp_as_the_page_and_leaves_it_as_it_is(page):
    state = """() => JSON.stringify(['one', 'two'].map(id => {
        const {data, layout} = document.getElementById(id);
        return [data, layout];
    }))"""
    before = page.evaluate(state)
    svg = saved(page, "svg", "one", title="a title").decode()
    assert svg.index("a title") < svg.index("AVATAR")
    assert "#eeeeee" not in svg and "rgb(238, 238, 238)" not in svg and "<image" not in svg and "<canvas" not in svg
    image = Image.open(io.BytesIO(saved(page, "png", "one", "two", title="a title")))
    assert image.size == (3 * 836, 3 * 342)
    pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[0, 0] == 255).all() and (np.abs(pixels - ImageColor.getrgb(TEXT)).sum(2) < 12).mean() > 1e-3
    # The second figure has a trace in the middle, 200 pixels square, and an image of its layout in the corner.
    for left, top, side in ((578, 74, 200), (528, 74, 40)):
        middles = 3 * side * (np.arange(4) + 0.5) / 4
        seen = pixels[np.ix_((3 * top + middles).astype(int), (3 * left + middles).astype(int))]
        assert (np.abs(seen - TILE) <= 1).all(), (left, top)
    assert page.evaluate(state) == before and page.locator(".js-plotly-plot").count() == 2


def test_what_cannot_be_saved_is_told_in_a_sentence(page):
    page.evaluate("document.getElementById('one').style.display = 'none'")
    error = page.evaluate(f"given => ({SAVE})(given).then(() => '', error => error.message)", ["svg", ["one"], {}])
    assert error == "the figure is not in sight: show it and try again"
