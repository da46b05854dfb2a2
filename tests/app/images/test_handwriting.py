"""Handwriting becomes an image like MNIST's, and a text for a link."""

import numpy as np
import pytest

from app.images.handwriting import BOX, LONGEST, SIDE, digit, from_text, to_text

RING = [[(0.5 + 0.3 * np.cos(a), 0.5 + 0.4 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 60)]]
LINE = [[(0.2, 0.1), (0.2, 0.9)]]


def box(image: np.ndarray) -> tuple[int, int]:
    """Height and width of the part that is not black."""
    ink = image[..., 0] > 0
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


@pytest.mark.parametrize("strokes", [RING, LINE, [[(0.1, 0.1), (0.9, 0.1)], [(0.9, 0.1), (0.3, 0.9)]]])
def test_a_digit_fills_the_box_and_its_mass_is_in_the_middle(strokes):
    image = digit(strokes)
    assert image.shape == (SIDE, SIDE, 1) and image.dtype == np.uint8 and image.max() == 255
    assert BOX - 1 <= max(box(image)) <= BOX + 1
    mass, places = image[..., 0] / image.sum(), np.arange(SIDE) + 0.5
    np.testing.assert_allclose([mass.sum(1) @ places, mass.sum(0) @ places], SIDE / 2, atol=0.15)


def test_where_and_how_large_one_writes_does_not_matter():
    whole = digit(RING).astype(int)
    small = digit([[(0.05 + x / 2, 0.4 + y / 2) for x, y in RING[0]]]).astype(int)
    assert np.abs(whole - small).mean() < 3


def test_a_ring_is_hollow_and_as_wide_as_a_pen():
    image = digit(RING)[..., 0]
    assert image[SIDE // 2, SIDE // 2] == 0
    across = image[SIDE // 2].astype(float).sum() / 255  # two crossings of the line
    assert 2 * 2 < across < 2 * 3.5


def test_a_dot_stays_a_dot_and_nothing_is_black():
    assert max(box(digit([[(0.3, 0.3)]]))) <= 4
    assert not digit([]).any() and not digit([[]]).any()


@pytest.mark.parametrize(
    "strokes, message",
    [
        ([[(0.1, float("nan"))]], "finite"),
        ([["a", "b"]], "list of points"),
        ([[(0.1, 0.2, 0.3)]], "list of points"),
        ([[(0.1, 0.2)] * 30_000], "at most 20000 points"),
    ],
)
def test_what_is_no_stroke_is_refused(strokes, message):
    with pytest.raises(ValueError, match=message):
        digit(strokes)


def test_what_leaves_the_canvas_ends_at_its_border():
    np.testing.assert_array_equal(digit([[(-5, 0.5), (0.5, 0.5)]]), digit([[(0, 0.5), (0.5, 0.5)]]))


BAR = [(0.1, 0.5), (0.9, 0.5)]


def test_strokes_come_back_and_look_the_same():
    text = to_text([*RING, BAR])
    assert len(text) < 350 and text.replace("-", "").replace("_", "").isalnum()
    back = from_text(text)
    assert len(back) == 2
    np.testing.assert_allclose(back[1], BAR, atol=1 / 255)
    assert np.abs(digit(back).astype(int) - digit([*RING, BAR])).mean() < 2


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
