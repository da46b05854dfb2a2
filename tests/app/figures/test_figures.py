"""Figures are pure functions of arrays: what they draw, they draw from their arguments."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from app.figures.bars import posterior_bars
from app.figures.interpolation import bits_figure, posterior_figure
from app.figures.latent import NINE_TENTHS, latent_figure
from app.figures.layout import png_uri
from app.figures.tiles import GAP, SCALE, tiles_figure
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


def test_every_point_of_the_latent_figure_keeps_its_row_and_its_class(rng):
    points, groups = rng.normal(size=(200, 2)), rng.integers(0, 10, 200)
    means = rng.normal(size=(10, 2))
    figure = latent_figure(points, groups, [f"point {i}" for i in range(200)], means, classes=CLASSES)
    clouds = [t for t in figure.data if t.customdata is not None]
    assert [t.name for t in clouds] == list(CLASSES)
    rows = np.concatenate([t.customdata for t in clouds])
    assert sorted(rows) == list(range(200))
    for k, cloud in enumerate(clouds):
        assert (groups[list(cloud.customdata)] == k).all()
        assert np.allclose(np.stack([cloud.x, cloud.y], 1), points[list(cloud.customdata)])
        assert cloud.marker.color == CLASS_COLORS[k]
        assert list(cloud.text) == [f"point {i}" for i in cloud.customdata]


def test_circles_hold_nine_tenths_of_a_unit_gaussian(rng):
    means = rng.normal(size=(10, 2)) * 5
    figure = latent_figure(rng.normal(size=(20, 2)), np.zeros(20, int), [""] * 20, means, classes=CLASSES)
    circle = next(t for t in figure.data if t.mode == "lines")
    radius = np.hypot(np.asarray(circle.x) - means[0, 0], np.asarray(circle.y) - means[0, 1])
    assert np.allclose(radius, NINE_TENTHS)
    inside = np.linalg.norm(rng.normal(size=(200_000, 2)), axis=1) < NINE_TENTHS
    assert abs(inside.mean() - 0.9) < 0.003


def test_of_many_classes_the_means_without_a_colour_are_left_out(rng):
    names, means = [f"kind {k}" for k in range(30)], rng.normal(size=(30, 2))
    groups = np.where(np.arange(200) % 30 < 4, np.arange(200) % 30, -1)
    figure = latent_figure(rng.normal(size=(200, 2)), groups, [""] * 200, means, classes=names)
    assert {t.hovertemplate for t in figure.data if "μ of" in str(t.hovertemplate)} == {
        f"μ of kind {k}<extra></extra>" for k in range(4)
    }
    assert sum(t.mode == "lines" for t in figure.data) == 4


def test_a_far_outlier_does_not_shrink_the_cloud(rng):
    points = np.concatenate([rng.normal(size=(5000, 2)), [[1e4, 1e4]]])
    figure = latent_figure(points, np.zeros(5001, int), [""] * 5001, classes=CLASSES)
    assert figure.layout.xaxis.range[1] < 10


def test_tiles_stand_where_their_labels_are(rng):
    images = rng.integers(0, 256, (2, 3, 32, 32, 3), dtype=np.uint8)
    hover = [[f"{r},{c}" for c in range(3)] for r in range(2)]
    figure = tiles_figure(images, ["first", "second"], ["a", "b", "c"], hover)
    canvas = decoded(figure.data[0].source)
    cell = 32 * SCALE + GAP
    for row in range(2):
        for column in range(3):
            top, left = row * cell + GAP // 2, column * cell + GAP // 2
            tile = canvas[top : top + 32 * SCALE : SCALE, left : left + 32 * SCALE : SCALE]
            assert (tile[..., :3] == images[row, column]).all() and (tile[..., 3] == 255).all()
    assert canvas[0, 0, 3] == 0  # the ground is the page's
    assert list(figure.data[1].text) == ["0,0", "0,1", "0,2", "1,0", "1,1", "1,2"]
    assert list(figure.layout.yaxis.ticktext) == ["first", "second"]
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]
    assert figure.layout.hoverdistance == -1  # a click finds the nearest tile, however large tiles are
    assert list(figure.data[1].customdata) == list(range(6))


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
