"""An image in a link comes back unchanged, and any other text is refused."""

import math
import re

import numpy as np
import pytest
from shape_helpers import every_shape, pixels

from app.images.handwriting import LONGEST, digit, from_text, to_text
from app.images.links import from_url, to_url
from ibinn_core.data.images import ImageError


@every_shape
def test_links_there_and_back(shape):
    channels, height, width = shape
    image = pixels(1, shape)[0]
    text = to_url(image)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text) and text == to_url(image.copy())
    np.testing.assert_array_equal(from_url(text, image.shape), image)
    for other in ((height, width, 4 - channels), (height + 1, width, channels), (height, width - 1, channels)):
        with pytest.raises(ImageError, match="link"):
            from_url(text, other)


def test_nonsense_is_refused():
    text = to_url(pixels(1, (3, 32, 32))[0])
    assert len(text) < 4500
    for nonsense in ("", "A", "hello", "é", "!" + text[1:], text[:-400], text[:5] + " " + text[5:], text * 9):
        with pytest.raises(ImageError, match="link"):
            from_url(nonsense, (32, 32, 3))


RING = [(0.5 + 0.3 * math.cos(a), 0.5 + 0.4 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 300)]
BAR = [(0.1, 0.5), (0.9, 0.5)]


def test_strokes_come_back_and_look_the_same():
    text = to_text([RING, BAR])
    assert len(text) < 350 and text.replace("-", "").replace("_", "").isalnum()
    back = from_text(text)
    assert len(back) == 2
    np.testing.assert_allclose(back[1], BAR, atol=1 / 255)
    assert np.abs(digit(back).astype(int) - digit([RING, BAR])).mean() < 2


def test_a_straight_line_needs_its_ends_alone_and_a_corner_stays():
    down = [(0.9 - 0.4 * share, 0.1 + 0.8 * share) for share in np.linspace(0, 1, 50)]
    (stroke,) = from_text(to_text([[(0.1, 0.1), *down]]))
    np.testing.assert_allclose(stroke, [(0.1, 0.1), down[0], down[-1]], atol=1 / 255)


def test_a_long_stroke_is_made_coarser_and_an_empty_one_left_out():
    zigzag = [(i % 2, i / 1000) for i in range(1000)]
    (stroke,) = from_text(to_text([zigzag, []]))
    assert 2 <= len(stroke) <= LONGEST
    np.testing.assert_allclose([stroke[0], stroke[-1]], [zigzag[0], zigzag[-1]], atol=1 / 255)
    scribble = np.random.default_rng(0).random((9, 250, 2)).tolist()
    assert len(to_text(scribble)) <= 2000 and len(from_text(to_text(scribble))) == 9
    with pytest.raises(ValueError, match="too many strokes"):
        to_text([[(0.5, 0.5)]] * 600)
    assert to_text([]) == "" and from_text("") == []


@pytest.mark.parametrize("text", ["A", "AA", "Ag", "BRoa", "ö", "A b", "====", "/+/+"])
def test_what_is_no_text_of_strokes_is_refused(text):
    with pytest.raises(ValueError, match="the text"):
        from_text(text)
