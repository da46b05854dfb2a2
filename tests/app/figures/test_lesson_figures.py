"""The figures of the lessons: what they draw, and that a room can read them."""

from itertools import pairwise

import numpy as np
import pytest

from app.figures.lessons import (
    TEXT,
    Mark,
    Promise,
    Slope,
    bits_figure,
    landscape_figure,
    likelihood_figure,
    plane_figure,
    promise_figure,
    strip_figure,
)
from app.palette import CLASS_COLORS

CLASSES = ("cat", "dog", "ship")
RELATIVE = np.array([-2.0, 0.0, -7.5])
POSTERIOR = np.array([0.119, 0.88, 0.001])


def test_likelihoods_come_first_and_the_posterior_with_the_guess_later():
    before = likelihood_figure(RELATIVE, None, 40, classes=CLASSES)
    assert len(before.data) == 1 and list(before.data[0].text) == ["2.0", "0", "7.5"]
    # A bar begins at the best class, and its length is how far the class lies behind.
    assert before.data[0].base is None and np.allclose(before.data[0].x, RELATIVE)
    low, high = before.layout.xaxis.range
    assert high == 0 and low < min(RELATIVE)
    after = likelihood_figure(RELATIVE, POSTERIOR, 40, classes=CLASSES)
    assert np.allclose(after.data[1].x, POSTERIOR)
    assert list(after.data[2].x) == [0.4, 0.4] and np.mean(after.data[2].y) == 1


def test_each_dot_has_the_colour_of_its_class():
    points, labels = np.arange(12.0).reshape(6, 2), np.array([0, 1, 1, 2, 2, 2])
    figure = plane_figure(points, labels, (np.zeros(2), np.full(2, 12.0)), 200, classes=CLASSES)
    (cloud,) = figure.data
    assert list(cloud.text) == ["cat", "dog", "dog", "ship", "ship", "ship"]
    marker = cloud.marker
    for label in labels:
        share = (label - marker.cmin) / (marker.cmax - marker.cmin)
        assert {color for (low, color), (high, _) in pairwise(marker.colorscale) if low < share < high} == {
            CLASS_COLORS[label]
        }
    assert figure.layout.xaxis.range == (0, 12)


def test_a_diagram_of_promises_shows_the_guess_before_the_answer():
    before = promise_figure([], (0.7, 0.8), 60)
    assert [trace.name for trace in before.data[1:]] == ["your guess"]
    assert (before.data[1].x[0], before.data[1].y[0]) == (pytest.approx(0.75), 0.6)
    one = Promise("γ = 1", "#123456", np.array([0.5, 0.9]), np.array([0.4, 0.95]), np.array([100, 900]))
    after = promise_figure([one], (0.7, 0.8), None)
    assert list(after.data[1].y) == [0.4, 0.95]
    small, large = after.data[1].marker.size
    assert small < large


def test_marks_that_stand_close_share_a_label():
    reference = np.random.default_rng(0).normal(4, 0.5, 500)
    marks = [Mark("1", 4.0, "#111111", "a"), Mark("2", 4.01, "#222222", "b"), Mark("3", 9.0, "#333333", "c")]
    figure = strip_figure(marks, reference, (3.0, 5.0))
    assert [note.text for note in figure.layout.annotations] == ["<b>1, 2</b>", "<b>3</b>"]
    assert figure.layout.xaxis.range[1] > 9
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (3, 5)


def test_the_class_is_drawn_to_scale():
    figure = bits_figure(11554.0, 3.3)
    assert list(figure.data[0].x) == [11554.0]
    assert figure.layout.shapes[0].x1 == 3.3
    assert {"<b>the class: 3.3 bits</b>", "the whole image: 11,554 bits"} == {
        note.text for note in figure.layout.annotations
    }


def test_no_text_is_below_fourteen_pixels():
    assert TEXT >= 14
    one = Promise("γ = 1", "#123456", np.array([0.5]), np.array([0.4]), np.array([100]))
    figures = [
        likelihood_figure(RELATIVE, POSTERIOR, 40, classes=CLASSES),
        promise_figure([one], (0.7, 0.8), 60),
        strip_figure([Mark("1", 4.0, "#111111", "a")], np.linspace(3, 5, 50), (3.0, 5.0)),
        bits_figure(11554.0, 3.3),
    ]
    for figure in figures:
        sizes = [figure.layout.font.size, *(note.font.size for note in figure.layout.annotations)]
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
            sizes += [axis.tickfont.size, axis.title.font.size]
        sizes += [trace.textfont.size for trace in figure.data if trace.type == "bar" and trace.text is not None]
        assert all(size >= 14 for size in sizes), sizes


def test_losses_begin_together_and_each_has_a_dot_where_its_means_are():
    distance = np.linspace(0, 8, 9)
    one = Slope("γ = 1", "#123456", distance, 5 + 0.1 * (distance - 3) ** 2, (2.0, 5.1))
    other = Slope("class-NLL", "#654321", distance, 7 - 0.001 * distance, (4.0, 6.996))
    figure = landscape_figure([one, other], 200, 6)
    lines, dots = figure.data[::2], figure.data[1::2]
    assert [line.y[0] for line in lines] == [0, 0]
    np.testing.assert_allclose([(dot.x[0], dot.y[0]) for dot in dots], [(2, -0.8), (4, -0.004)])
    # A name stands at the end of its line, where the figure ends.
    names = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert names["<b>γ = 1</b>"] == (6, pytest.approx(0)) and names["<b>class-NLL</b>"] == (6, pytest.approx(-0.006))
    low, high = figure.layout.yaxis.range
    assert low < -0.9 and high > 0 and figure.layout.xaxis.range == (0, 6)
    assert landscape_figure([], 200, 6).layout.yaxis.range[0] < 0
