"""Figures are pure functions of arrays: they show their arguments."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from app.figures.bars import posterior_bars
from app.figures.interpolation import bits_figure, posterior_figure
from app.figures.latent import NINE_TENTHS, frame_of
from app.figures.layout import png_uri
from app.palette import ACCENT, CLASS_COLORS, model_colors, rgba
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def decoded(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


def test_ten_different_class_colours_and_an_accent_that_is_none_of_them():
    assert len(CLASSES) == len(set(CLASS_COLORS)) == 10
    assert ACCENT not in CLASS_COLORS
    assert len(set(model_colors(12))) == 12 and not set(model_colors(12)) & set(CLASS_COLORS)
    assert rgba("#ff8000", 0.5) == "rgba(255,128,0,0.5)"


def test_png_is_upscaled_with_nearest_neighbour(rng):
    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert (decoded(png_uri(pixels, 3)) == pixels.repeat(3, 0).repeat(3, 1)).all()


def test_circles_hold_nine_tenths_of_a_unit_gaussian(rng):
    inside = np.linalg.norm(rng.normal(size=(200_000, 2)), axis=1) < NINE_TENTHS
    assert inside.mean() == pytest.approx(0.9, abs=0.003)


def test_a_far_outlier_does_not_shrink_the_cloud(rng):
    points = np.concatenate([rng.normal(size=(5000, 2)), [[1000.0, 0.0]]])
    low, high = frame_of(points, np.zeros((1, 2)))
    assert (high < 10).all() and (low <= -NINE_TENTHS).all()


def test_posterior_areas_stack_to_one(rng):
    posteriors = rng.dirichlet(np.ones(10), (2, 5))
    figure = posterior_figure(np.linspace(0, 1, 5), posteriors, ["γ = 0.02", "γ = 1"], classes=CLASSES)
    for row in ("1", "2"):
        total = sum(np.asarray(t.y) for t in figure.data if t.stackgroup == row)
        assert np.allclose(total, 1)
    assert [figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text] == ["γ = 0.02", "γ = 1"]


def test_bits_are_drawn_a_line_a_model(rng):
    bits = rng.random((3, 7))
    figure = bits_figure(np.arange(7), bits, ["a", "b", "c"], ["red", "green", "blue"], [4.0, 4.1, 4.2], "angle")
    assert [t.name for t in figure.data] == ["a", "b", "c"]
    assert [t.line.color for t in figure.data] == ["red", "green", "blue"]
    assert all((np.asarray(t.y) == bits[i]).all() for i, t in enumerate(figure.data))
    assert [shape.y0 for shape in figure.layout.shapes] == [4.0, 4.1, 4.2]


def test_bars_show_the_posterior_and_mark_the_true_class():
    posterior = np.eye(10)[3] * 0.9 + 0.01
    bars = posterior_bars(posterior, label=4, classes=CLASSES).data[0]
    assert np.allclose(bars.x, posterior)
    assert bars.y[4] == "<b>deer</b>" and bars.y[3] == "cat"
