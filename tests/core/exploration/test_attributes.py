"""Attributes of images whose light or pen is known."""

import numpy as np
import pytest
import torch
from shape_helpers import OF_COLOUR

import ibinn_core as ib
from ibinn_core.exploration import attributes

SIDE = 32


def photograph(colour=(0.5, 0.5, 0.5), height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """An image of one colour, ``(1, 3, H, W)``."""
    return np.broadcast_to(np.reshape(colour, (1, 3, 1, 1)), (1, 3, height, width)).astype(np.float64)


def stroke(slant: float = 0.0, thickness: float = 3.0, height: int = 20, ink: float = 1.0) -> np.ndarray:
    """An upright stroke that leans to the right by ``slant``, its edges smooth, ``(1, 1, 32, 32)``."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    sideways = columns + slant * rows  # rows run downwards
    inside = np.clip(thickness / 2 + 0.5 - np.abs(sideways), 0, 1) * (np.abs(rows) < height / 2)
    return (ink * inside)[None, None]


def one(x: np.ndarray, name: str) -> float:
    return float(attributes(x)[name][0])


def test_a_photograph_of_one_colour():
    found = {name: one(photograph((0.9, 0.5, 0.1)), name) for name in OF_COLOUR}
    expected = dict.fromkeys(OF_COLOUR, 0.0) | {"brightness": 0.5, "warmth": 0.8, "saturation": 0.8}
    assert found == pytest.approx(expected, abs=1e-12)
    assert one(photograph((0.2, 0.8, 0.2)), "tint") == pytest.approx(0.6)
    assert one(photograph((0.8, 0.2, 0.8)), "tint") == pytest.approx(-0.6)


def test_light_from_above_and_contrast():
    x = photograph()
    x = np.concatenate([x[:, :, :16] + 0.3, x[:, :, 16:] - 0.1], axis=2)
    assert one(x, "light_above") == pytest.approx(0.4) and one(x, "contrast") == pytest.approx(0.2)
    assert one(x[:, :, ::-1], "light_above") == pytest.approx(-0.4)
    odd = np.concatenate([x[:, :, :16], x[:, :, 16:17] + 9, x[:, :, 16:]], axis=2)
    assert one(np.tile(odd, 2), "light_above") == pytest.approx(0.4)  # the middle row counts for neither


def test_sharpness_falls_as_an_image_is_blurred_and_does_not_depend_on_contrast():
    from scipy.ndimage import gaussian_filter

    noise = 0.5 + 0.1 * np.random.default_rng(0).standard_normal((1, 3, 64, 64))
    grey = np.repeat(noise[:, :1], 3, axis=1)
    found = [one(gaussian_filter(grey, (0, 0, s, s)), "sharpness") for s in (0, 0.5, 1, 2, 4)]
    assert found[0] == pytest.approx(1, abs=0.03)  # noise: neighbours are independent
    assert (np.diff(found) < -0.05).all()
    assert one(0.5 + (grey - 0.5) / 3, "sharpness") == pytest.approx(found[0], rel=1e-6)


@pytest.mark.parametrize("slant", [-0.5, -0.2, 0.0, 0.3, 0.6])
def test_the_slant_of_a_stroke(slant):
    found = attributes(stroke(slant))
    assert found["slant"][0] == pytest.approx(slant, abs=0.02)
    assert found["height"][0] == pytest.approx(np.sqrt((20**2 - 1) / 12), rel=1e-3)
    upright = attributes(stroke())["width"][0]
    assert found["width"][0] == pytest.approx(upright, rel=0.15)  # what leans is no wider


def test_the_thickness_of_strokes():
    found = [one(stroke(thickness=t, height=28), "thickness") for t in (2, 3, 4, 6)]
    expected = [t * 28 / (t + 28) for t in (2, 3, 4, 6)]  # twice the area, by the outline of a rectangle
    np.testing.assert_allclose(found, expected, rtol=0.06)
    assert one(stroke(0.5, 3.0, 28), "thickness") == pytest.approx(found[1], rel=0.15)
    assert one(stroke(thickness=3, ink=0.5), "thickness") == pytest.approx(one(stroke(thickness=3), "thickness"))


def test_the_ink_is_the_share_of_the_image_that_is_covered():
    x = np.zeros((1, 1, 10, 10))
    x[0, 0, 3:7, 4:6] = 1.0
    assert one(x, "ink") == pytest.approx(0.08)
    assert one(x / 2, "ink") == pytest.approx(0.04)
    assert attributes(x)["width"][0] == pytest.approx(0.5) and attributes(x)["height"][0] == pytest.approx(1.25**0.5)


def test_a_drawing_may_be_elsewhere_dark_on_bright_or_noisy():
    x = 0.9 * stroke(0.3)
    noise = 0.02 * np.random.default_rng(0).standard_normal(x.shape)
    moved = attributes(np.roll(x, (2, -4), (2, 3)))
    for name, value in attributes(x).items():
        assert moved[name][0] == pytest.approx(value[0], abs=1e-9), name
        for other in (1 - x, np.clip(x + 0.05 + noise, 0, 1)):
            assert attributes(other)[name][0] == pytest.approx(value[0], rel=0.06, abs=0.01), name


def test_bytes_and_floats_and_tensors_agree():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 9, 3), dtype=np.uint8)
    exact = attributes(images)
    for x in (ib.to_unit(images), torch.from_numpy(images), ib.to_unit(images).numpy(), ib.to_unit(images).half()):
        found = attributes(x)
        for name, values in found.items():
            assert type(values) is type(x)
            np.testing.assert_allclose(np.asarray(values, dtype=np.float64), exact[name], atol=2e-3)
    assert all(len(values) == 0 for values in attributes(images[:0]).values())
    for channels, size in ((1, (1, 1)), (3, (1, 1)), (1, (2, 7)), (3, (7, 1))):
        one_pixel = np.zeros((3, channels, *size))
        one_pixel[..., 0, 0] = 1
        for x in (one_pixel, 0 * one_pixel):
            assert all(np.isfinite(values).all() for values in attributes(x).values())
