"""Images turned about their centre."""

import math

import numpy as np
import pytest
import torch
from shape_helpers import every_shape, pixels

from ibinn_core.exploration import rotate_in_plane


def in_units(shape: tuple[int, int, int], count: int = 3) -> np.ndarray:
    return ((pixels(count, shape).transpose(0, 3, 1, 2) + 0.5) / 256).astype(np.float32)


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


def test_the_way_back_undoes_it_inside():
    smooth = 0.5 + 0.4 * np.sin(np.mgrid[:32, :32] / 6).prod(0)[None, None]
    back = rotate_in_plane(rotate_in_plane(smooth, 0.7), -0.7)
    assert np.abs(back - smooth)[0, 0, 8:24, 8:24].max() < 0.02


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_give_tensors_and_nothing_is_changed(dtype):
    x = torch.tensor(in_units((1, 28, 28)), dtype=dtype)
    before = x.clone()
    turned = rotate_in_plane(x, 0.5)
    assert turned.dtype == dtype and torch.equal(x, before)
    np.testing.assert_array_equal(turned.numpy(), rotate_in_plane(x.numpy(), 0.5))
    assert rotate_in_plane(x[:0], 0.5).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    "arguments, part",
    [
        ((in_units((3, 9, 9))[0], 0.1), "images"),
        ((np.zeros((1, 5, 9, 9)), 0.1), "1 or 3 channels"),
        ((np.zeros((1, 3, 9, 9), np.uint8), 0.1), "images"),
        ((in_units((3, 9, 9)), math.nan), "angle"),
        ((in_units((3, 9, 9)), 0.1, 1.5), "background"),
        ((in_units((3, 9, 9)), 0.1, math.nan), "background"),
    ],
)
def test_nonsense_is_refused(arguments, part):
    with pytest.raises(ValueError, match=part):
        rotate_in_plane(*arguments)
