"""What a person does, in a real browser against a real server."""

import io

import pytest
from browser_helpers import IN_A_BROWSER, INTERRUPTED, choose_tick, listen, wait_for_model
from PIL import Image

import ibinn_core as ib
from tools.screenshots import settle

pytestmark = IN_A_BROWSER

TITLES = (
    "Trade-off",
    "Table 1",
    "Latent space",
    "Interpolate",
    "Sample",
    "Inspect",
    "Out of distribution",
)  # after the first


@pytest.fixture
def page(tab, usual):
    """A tab that fails the test on an error that a plain Streamlit page does not show."""
    problems = listen(tab)
    yield tab
    assert set(problems) - usual - {INTERRUPTED} == set()


def visit(page, server: str, path: str) -> None:
    page.goto(f"{server}/{path}")
    settle(page)
    assert page.locator('[data-testid="stException"]').count() == 0


def test_a_walk_through_all_pages_keeps_the_models(page, server):
    visit(page, server, "")
    choose_tick(page, "γ = 0.02")
    page.wait_for_url("**model=gamma-0.02*")
    settle(page)
    for title in (*TITLES, "Latent space", "Start"):
        page.get_by_role("link", name=title).click()
        page.wait_for_timeout(500)
        settle(page)
        assert page.locator('[data-testid="stException"]').count() == 0, title
    wait_for_model(page, "γ = 0.02")


def test_a_click_on_the_map_chooses_that_model(page, server):
    visit(page, server, "")
    where = page.evaluate(
        """() => {
            const plot = [...document.querySelectorAll('.js-plotly-plot')].at(-1), layout = plot._fullLayout;
            plot.scrollIntoView({block: 'center'});
            const box = plot.getBoundingClientRect(), dots = plot._fullData.at(-1);
            return [box.x + layout.xaxis._offset + layout.xaxis.d2p(dots.x[0]),
                    box.y + layout.yaxis._offset + layout.yaxis.d2p(dots.y[0]), dots.customdata[0]];
        }"""
    )
    page.mouse.move(*where[:2])
    page.wait_for_timeout(400)
    page.mouse.click(*where[:2])
    page.wait_for_url(f"**model={where[2]}*")
    settle(page)
    assert page.locator('[data-testid="stException"]').count() == 0


def test_picking_a_model_changes_figure_and_url_and_the_link_reopens_it(page, server):
    visit(page, server, "latent")
    choose_tick(page, "γ = 0.02")
    page.wait_for_url("**model=gamma-0.02*")
    settle(page)
    wait_for_model(page, "γ = 0.02")
    again = page.context.new_page()
    again.goto(page.url)
    settle(again)
    wait_for_model(again, "γ = 0.02")


def test_clicking_a_dot_shows_that_image(page, server):
    visit(page, server, "latent")
    before = page.locator('[data-testid="stMain"]').inner_text()
    assert "The most confident mistake" in before
    where = page.evaluate(
        """() => {
            const plot = document.querySelector('.js-plotly-plot'), layout = plot._fullLayout;
            const box = plot.getBoundingClientRect(), trace = plot._fullData.find(t => t.type === 'scattergl');
            const far = Array.from(trace.x).map((x, i) => [x, trace.y[i]]).sort((a, b) => a[0] - b[0])[3];
            return [box.x + layout.xaxis._offset + layout.xaxis.d2p(far[0]),
                    box.y + layout.yaxis._offset + layout.yaxis.d2p(far[1])];
        }"""
    )
    page.mouse.move(*where)
    page.wait_for_timeout(400)
    page.mouse.click(*where)
    page.get_by_text("A test image", exact=True).wait_for()
    settle(page)


def test_a_lasso_in_one_panel_goes_along_into_the_morph_until_it_is_let_go(page, server):
    visit(page, server, "latent?show=Side+by+side&models=gamma-0.02,gamma-1")
    page.locator('.modebar-btn[data-val="lasso"]').first.click()
    left, top, width, height = page.evaluate(
        """() => {
            const plot = document.querySelector('.js-plotly-plot'), layout = plot._fullLayout;
            const box = plot.getBoundingClientRect(), x = layout.xaxis2, y = layout.yaxis2;
            return [box.x + x._offset, box.y + y._offset, x._length, y._length];
        }"""
    )
    corners = [(left + width * x, top + height * y) for x, y in ((0.4, 0.4), (0.5, 0.4), (0.5, 0.5), (0.4, 0.5))]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    page.get_by_text("test images, and what the models make of them").wait_for()
    settle(page)
    count = """axes => axes.map(axis => document.querySelector('.js-plotly-plot')._fullData
        .filter(t => t.xaxis === axis && t.customdata && t.marker)
        .reduce((sum, t) => sum + Array.from(t.marker.opacity).filter(o => o > 0.9).length, 0))"""
    lit = page.evaluate(count, ["x", "x2"])
    assert lit[0] == lit[1] > 10
    page.get_by_role("button", name="Classes", exact=True).click()
    page.get_by_role("button", name="truck").click()
    page.wait_for_url("**drawn=*")
    settle(page)
    assert 10 < page.evaluate(count, ["x"])[0] <= lit[0]
    page.get_by_text("Morph over γ", exact=True).click()
    page.get_by_text(f"Large: the {lit[0]:,} images that you lassoed.").wait_for()
    settle(page)
    page.get_by_text("One model", exact=True).click()
    page.get_by_text(f"{lit[0]:,} test images, and what the model makes of them").wait_for()
    settle(page)
    page.get_by_text("Morph over γ", exact=True).click()
    settle(page)
    page.get_by_text("Clear the selection", exact=True).click()
    page.get_by_text("that you lassoed").wait_for(state="detached")
    settle(page)


@pytest.mark.skipif(not ib.data.available("cifar10"), reason="the pictures of the test set are not on this machine")
def test_a_click_on_a_neighbour_goes_there(page, server):
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    row = 123
    visit(page, server, f"latent?model=gamma-1&point={checkpoint.latent['hashes'][row]:016x}")
    where = page.evaluate(
        """() => {
            const plot = document.querySelector('[class*="st-key-neighbors"] .js-plotly-plot');
            plot.scrollIntoView({block: 'center'});
            const layout = plot._fullLayout, box = plot.getBoundingClientRect();
            const places = plot._fullData.find(t => t.type === 'scatter');
            return [box.x + layout.xaxis._offset + layout.xaxis.d2p(places.x[5]),
                    box.y + layout.yaxis._offset + layout.yaxis.d2p(places.y[5])];
        }"""
    )
    page.mouse.move(*where)
    page.wait_for_timeout(400)
    page.mouse.click(*where)
    page.wait_for_url(f"**point={checkpoint.latent['hashes'][checkpoint.latent['neighbors'][row][5]]:016x}*")
    settle(page)
    assert page.locator('[data-testid="stException"]').count() == 0


def test_the_trajectory_plays_without_asking_the_server(page, server):
    sent: list[str] = []
    # All that Streamlit asks goes through the socket that the page opens when it loads.
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(socket.url)))
    visit(page, server, "out-of-distribution")
    heard = 0
    while heard != len(sent):  # what the page has still to say when it has settled
        heard = len(sent)
        page.wait_for_timeout(2500)
    assert sent
    source = "() => String(document.querySelector('.js-plotly-plot')._fullLayout.yaxis2.range)"
    first = page.evaluate(source)
    sent.clear()
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"first => ({source})() !== first", arg=first)
    page.wait_for_timeout(1500)
    assert sent == []
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("() => document.querySelector('.js-plotly-plot')._transitionData._frames.length") == 25


def test_a_corruption_goes_into_the_url_and_brings_frames_of_its_own(page, server):
    visit(page, server, "out-of-distribution")
    page.get_by_text("Noise", exact=True).click()
    page.wait_for_url("**corruption=Noise*")
    settle(page)
    frames = "() => document.querySelector('.js-plotly-plot')._transitionData._frames.length"
    assert page.evaluate(frames) == 26
    drawn = "() => JSON.stringify(document.querySelector('.js-plotly-plot')._transitionData._frames.at(-1).data)"
    uniform = page.evaluate(drawn)
    page.get_by_text("Gaussian", exact=True).click()
    page.wait_for_url("**noise=Gaussian*")
    settle(page)
    assert page.evaluate(frames) == 26 and page.evaluate(drawn) != uniform
    page.get_by_text("Blend", exact=True).click()
    page.get_by_text("Drawing of", exact=True).wait_for()
    assert "corruption=Blend" in page.url


def test_the_figure_exports_as_png(page, server):
    visit(page, server, "interpolate")
    chart = page.locator(".js-plotly-plot").first
    chart.hover()
    with page.expect_download() as download:
        chart.locator('.modebar-btn[data-title*="ownload"], .modebar-btn[data-attr="toImage"]').first.click()
    content = download.value.path().read_bytes()
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG" and image.width > 1500
    assert download.value.suggested_filename == "interpolation.png"
