"""The notebook's widget in the browser, without a notebook: actions reach Python, and answers come back."""

import math

import numpy as np
import pytest
from browser_helpers import GREY, IN_A_BROWSER, draw
from notebook_page import NotebookPage

import ibinn_core as ib
from ibinn_explorer import explore

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]
PICTURE = f"() => ({GREY})(document.querySelector('[data-picture]'))"
SLIDER = "[data-gamma-slider] input"


@pytest.fixture(scope="module")
def digits():
    """Samples of a model in place of written digits: three of each class, with their labels."""
    import torch

    labels = np.repeat(np.arange(10), 3)
    generator = torch.Generator().manual_seed(1)
    return ib.to_uint8(ib.load("mnist-gamma-1").sample(labels.tolist(), 0.5, "empirical", generator)), labels


@pytest.fixture
def page(chrome, digits):
    context = chrome.new_context(viewport={"width": 1000, "height": 800})
    found = NotebookPage(context.new_page(), explore(ib.load("mnist-gamma-1"), *digits))
    yield found
    context.close()
    assert found.problems == []


def test_a_lasso_chooses_rows_and_a_click_one(page):
    page.tab.get_by_role("button", name="Lasso").click()
    points = page.widget.points
    inside = np.flatnonzero(points[:, 0] > np.median(points[:, 0]))
    low, high, left = points[:, 1].min() - 0.1, points[:, 1].max() + 0.1, float(np.median(points[:, 0]))
    right = points[:, 0].max() + 0.1
    corners = [(left, high), (right, high), (right, low), (left, low), (left, high)]
    draw(page.tab, [page.place(float(x), float(y)) for x, y in corners])
    page.until("model.get('rows').length > 0")
    np.testing.assert_array_equal(page.widget.rows, inside)
    page.tab.get_by_text(f"{len(inside)} chosen").wait_for()
    page.set("rows", [3])
    page.tab.get_by_text("1 chosen").wait_for()
    page.tab.get_by_role("button", name="none").click()
    page.until("model.get('rows').length === 0")
    assert page.widget.rows.tolist() == []
    apart = np.array([np.sort(np.hypot(*(points - p).T))[1] for p in points])  # distance to the nearest other dot
    low, high = np.array(page.widget._frame)
    apart[((points < low) | (points > high)).any(1)] = 0  # the plane keeps a star away from its border
    row = int(np.argmax(apart[1:])) + 1  # the first dot has the star
    page.tab.mouse.move(*page.place(*points[row].tolist()))
    page.tab.locator("[data-label]", has_text="bits/dim").wait_for()
    page.tab.mouse.click(*page.place(*points[row].tolist()))
    page.until("model.get('row') === arg", row)
    page.tab.get_by_text(f"Row {row},").wait_for()
    assert page.widget.row == row
    np.testing.assert_array_equal(page.tab.evaluate(PICTURE), page.widget.image.ravel())
    page.wait_for_star(*points[row].tolist())


def test_the_star_is_dragged_and_the_image_follows(page):
    home = page.widget.points[0].tolist()
    to = (home[0] + 1.5, home[1] - 0.5)
    draw(page.tab, [page.place(*home), page.place(*to)])
    page.until("model.get('point')")
    assert page.widget.point == pytest.approx(to, abs=0.05)
    page.tab.get_by_text("At the star").wait_for()
    page.tab.wait_for_function(
        f"wanted => String(({PICTURE})()) === String(wanted)", arg=page.widget.image.ravel().tolist()
    )
    posterior = page.widget.model.mixture.log_posterior(page.widget.latent).exp()[0]
    assert page.tab.locator("ul[data-bars] span:last-child").all_inner_texts() == [f"{100 * p:.0f}%" for p in posterior]
    page.wait_for_star(*page.widget.point)
    page.tab.locator("[data-canvas]").press("Shift+ArrowRight")
    page.until(f"model.get('point')[0] > {to[0] + 0.01}")
    page.tab.get_by_role("button", name="back to the image").click()
    page.until("model.get('point') === null")
    page.tab.get_by_text("Row 0,").wait_for()
    assert page.widget.point is None
    page.set("point", (0.5, 0.5))  # as a cell of a notebook does
    page.tab.get_by_text("At the star").wait_for()


def test_points_that_are_overtaken_are_never_asked(page):
    page.tab.evaluate(
        """() => {
            const send = window.model.send;
            window.held = [];
            window.model.send = (content) => window.held.push(() => send(content));
            window.release = () => { window.model.send = send; window.held.splice(0).forEach((go) => go()); };
        }"""
    )
    home = page.widget.points[0].tolist()
    draw(page.tab, [page.place(home[0] + x, home[1] + y) for x, y in ((0, 0), (1, 0), (1, 1))])
    page.until("model.get('point')")
    page.tab.evaluate("() => window.release()")
    page.tab.get_by_text("At the star").wait_for()
    page.tab.wait_for_function(
        f"wanted => String(({PICTURE})()) === String(wanted)", arg=page.widget.image.ravel().tolist()
    )
    moves = [one for one in page.asked if one["kind"] == "move"]
    assert len(moves) == 2  # the first point and the last point of the drag
    assert moves[-1]["point"] == pytest.approx(page.widget.point)


def test_the_cloud_follows_the_slider(page):
    page.tab.locator(SLIDER).focus()
    page.tab.keyboard.press("PageUp")
    page.until("model.get('gamma') !== 1")
    assert page.widget.gamma == 4.63
    page.wait_for_star(*page.widget.points[0].tolist())
    page.set("gamma", math.inf)
    page.wait_for_star(*page.widget.points[0].tolist())
    assert page.tab.locator("[data-gamma-slider] b").first.inner_text() == "γ = ∞"


GROUND = "getComputedStyle(document.querySelector('.ibinn-explorer')).backgroundColor"
INK = "getComputedStyle(document.querySelector('[data-canvas]')).color"


def test_it_wears_the_colours_of_the_notebook_and_goes_away(page):
    page.until(f"{GROUND} === 'rgb(255, 255, 255)' && {INK} === 'rgb(31, 39, 51)'")
    page.tab.evaluate("() => document.body.classList.add('dark')")
    page.until(f"{GROUND} === 'rgb(17, 17, 17)' && {INK} === 'rgb(221, 221, 221)'")
    page.tab.evaluate("() => window.leave()")
    assert page.tab.locator("#output *").count() == 0
    page.tab.evaluate("() => document.body.classList.remove('dark')")  # no listener of the widget may remain
    page.settle()
