"""Colours that people can distinguish, including people who are colour-blind."""

import itertools

import numpy as np
import pytest

from app.palette import ACCENT, CLASS_COLORS, GROUNDS, NEUTRAL

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
    for one, other in itertools.combinations([*CLASS_COLORS, NEUTRAL], 2):
        assert np.linalg.norm(lab(one, seen) - lab(other, seen)) > 21, (one, other)


def test_most_people_see_classes_far_apart_and_none_like_the_one_thing_to_look_at():
    for one, other in itertools.combinations([*CLASS_COLORS, NEUTRAL, ACCENT], 2):
        assert np.linalg.norm(lab(one, "all cones") - lab(other, "all cones")) > 32, (one, other)


# On white, the pale colours stand out less: darker ones would be too near to the others.
@pytest.mark.parametrize(("ground", "least"), list(zip(GROUNDS, (1.5, 3), strict=True)))
def test_every_class_stands_out_from_the_ground(ground, least):
    for color in CLASS_COLORS:
        one, other = sorted(float(TO_XYZ[1] @ linear(c)) for c in (color, ground))
        assert (other + 0.05) / (one + 0.05) >= least, color
