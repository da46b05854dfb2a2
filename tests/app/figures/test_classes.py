"""Which classes figures show, in which colours, and what stands for a mark in a text."""

import itertools

import numpy as np
import pytest

from app.figures.text import character
from app.palette import ACCENT, CLASS_COLORS, HALO, INK, NEUTRAL, class_colors, model_colors, rgba
from app.results.marks import KINDS


@pytest.mark.parametrize("count", [2, 10, 11, 100, 200])
def test_no_two_classes_or_models_share_a_colour(count):
    colors = class_colors(count)
    assert len(set(colors)) == count and all(len(c) == 7 and int(c[1:], 16) >= 0 for c in colors)
    assert colors[:10] == CLASS_COLORS[:count] or count > 10
    others = model_colors(12)
    assert len(set(others)) == 12 and not set(others) & {*CLASS_COLORS, ACCENT, INK, HALO}
    assert rgba("#ff8000", 0.5) == "rgba(255,128,0,0.5)"


def test_every_kind_of_model_has_a_character_of_its_own():
    symbols = [character(symbol) for _, symbol, *_ in KINDS.values()]
    assert len(set(symbols)) == len(KINDS) and "✕" not in symbols


#: What people see who lack one kind of cones, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: str) -> np.ndarray:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(color: str, seen: str) -> np.ndarray:
    """CIELAB of a colour as some people see it, for the white of sRGB."""
    xyz = TO_XYZ @ np.clip(np.asarray(SEEN[seen]) @ linear(color), 0, 1) / TO_XYZ.sum(1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", SEEN)
def test_no_two_classes_look_alike_nor_like_what_is_not_chosen(seen):
    others, least = ([NEUTRAL, ACCENT], 32) if seen == "all cones" else ([NEUTRAL], 21)
    for one, other in itertools.combinations([*CLASS_COLORS, *others], 2):
        assert np.linalg.norm(lab(one, seen) - lab(other, seen)) > least, (one, other)
