"""Noise, blending, and images turned about their centre."""

import math

import numpy as np
import pytest
from shape_helpers import every_shape, pixels

from ibinn_core.exploration import add_gaussian_noise, add_uniform_noise, blend, rotate_in_plane

NOISE = {"uniform": add_uniform_noise, "gaussian": add_gaussian_noise}
GREY = np.full((4, 3, 64, 64), 128.5 / 256, np.float32)  # from which small noise is never clamped


def in_units(shape: tuple[int, int, int], count: int = 6, seed: int = 0) -> np.ndarray:
    """8-bit images at pixel centres, float32 ``(count, *shape)``."""
    return ((pixels(count, shape, seed).transpose(0, 3, 1, 2) + 0.5) / 256).astype(np.float32)


def levels(x: np.ndarray) -> np.ndarray:
    """The 8-bit levels of images, after a check that they have such levels."""
    values = x.astype(np.float64) * 256 - 0.5
    np.testing.assert_array_equal(values, np.round(values))
    assert values.min() >= 0 and values.max() <= 255
    return values.astype(int)


@every_shape
@pytest.mark.parametrize("name", NOISE)
def test_noisy_images_are_8_bit_images_and_no_noise_changes_nothing(name, shape):
    x = in_units(shape)
    np.testing.assert_array_equal(NOISE[name](x, 0.0), x)
    for strength in (0.001, 0.1, 3.0):
        noisy = NOISE[name](x, strength, seed=1)
        assert noisy.shape == x.shape and noisy.dtype == np.float32
        found = levels(noisy)
    assert found.min() == 0 and found.max() == 255  # both ends are clamped to


def test_uniform_noise_fills_its_range_evenly():
    change = levels(add_uniform_noise(GREY, 0.1)) - 128
    assert np.abs(change).max() == math.floor(0.1 * 256 + 0.5)
    assert abs(change.mean()) < 0.2
    assert change.std() == pytest.approx(0.1 * 256 / math.sqrt(3), rel=0.01)


def test_gaussian_noise_has_its_deviation():
    change = levels(add_gaussian_noise(GREY, 0.05)) - 128
    assert abs(change.mean()) < 0.2
    assert change.std() == pytest.approx(0.05 * 256, rel=0.01)


@pytest.mark.parametrize("name", NOISE)
def test_the_pattern_is_the_seeds_another_for_each_channel_and_only_grows(name):
    weak, strong = (levels(NOISE[name](GREY, s, seed=7)) - 128 for s in (0.05, 0.1))
    assert np.abs(strong - 2 * weak).max() <= 2  # each is rounded to a level
    assert len(np.unique(weak.reshape(12, -1), axis=0)) == 12
    assert not np.array_equal(NOISE[name](GREY, 0.05, 8), NOISE[name](GREY, 0.05, 7))


@every_shape
def test_a_blend_is_the_weighted_mean_to_the_nearest_level(shape):
    x, other = in_units(shape, seed=1), in_units(shape, seed=2)
    np.testing.assert_array_equal(blend(x, other, 0.0), x)
    np.testing.assert_array_equal(blend(x, other, 1), other)
    for t in (0.01, 0.3, 1 / 3, 0.5, 0.7):
        np.testing.assert_array_equal(blend(x, x, t), x)
        mixed = blend(x, other, t)
        levels(mixed)
        assert np.abs(mixed - ((1 - t) * x + t * other)).max() <= 0.5 / 256 + 1e-6


@every_shape
def test_no_turn_and_half_a_turn_move_pixels_alone(shape):
    x = in_units(shape)
    np.testing.assert_array_equal(rotate_in_plane(x, 0.0), x)
    np.testing.assert_array_equal(rotate_in_plane(x, math.pi), x[..., ::-1, ::-1])
    np.testing.assert_array_equal(rotate_in_plane(x, 2 * math.pi), x)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (3, 9, 9)])
@pytest.mark.parametrize("quarters", [1, -1, 3])
def test_quarter_turns_are_anticlockwise(shape, quarters):
    x = in_units(shape)
    np.testing.assert_array_equal(rotate_in_plane(x, quarters * math.pi / 2), np.rot90(x, quarters, (2, 3)))


def test_what_comes_into_the_corners_is_the_background():
    x = np.full((1, 1, 20, 20), 128.5 / 256, np.float32)
    for background in (0.0, 0.25, 1.0):
        turned = rotate_in_plane(x, math.pi / 4, background)
        corners = turned[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]]
        np.testing.assert_allclose(corners, background, atol=1 / 256)
        assert (turned[0, 0, 6:14, 6:14] == x[0, 0, 6:14, 6:14]).all()


def test_between_pixels_it_is_bilinear():
    """A ramp is linear, so that bilinear interpolation keeps it exact, up to the rounding to 8 bits."""
    row, column = np.mgrid[:21, :21].astype(np.float64) - 10
    ramp = (0.5 + 0.02 * column)[None, None]
    angle = 0.3
    turned = rotate_in_plane(ramp, angle)[0, 0]
    # At (row, column) of the result stands the value from where a clockwise turn of the place leads back to.
    expected = 0.5 + 0.02 * (math.cos(angle) * column - math.sin(angle) * row)
    inside = np.hypot(row, column) < 9
    assert np.abs(turned - expected)[inside].max() <= 0.5 / 256 + 1e-6
