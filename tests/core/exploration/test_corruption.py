"""Noise, blending and the p-value of the typicality test, for NumPy arrays and torch tensors alike."""

import math

import numpy as np
import pytest
import torch
from shape_helpers import every_shape
from shape_helpers import pixels as noise_of

from ibinn_core.exploration import (
    add_gaussian_noise,
    add_uniform_noise,
    blend,
    random_axis,
    typicality,
    typicality_p_value,
    typicality_threshold,
)

NOISE = {"uniform": add_uniform_noise, "gaussian": add_gaussian_noise}


def pictures(count: int = 6, seed: int = 0, side: int = 8) -> np.ndarray:
    """8-bit images at pixel centres, float32 ``(count, 3, side, side)``."""
    levels = np.random.default_rng(seed).integers(0, 256, (count, 3, side, side))
    return ((levels + 0.5) / 256).astype(np.float32)


def grey(count: int = 4, side: int = 64) -> np.ndarray:
    """Mid-grey images, from which small noise is never clamped."""
    return np.full((count, 3, side, side), 128.5 / 256, np.float32)


def levels(x: np.ndarray) -> np.ndarray:
    """The 8-bit levels of images, after a check that they have such levels."""
    values = x.astype(np.float64) * 256 - 0.5
    np.testing.assert_array_equal(values, np.round(values))
    assert values.min() >= 0 and values.max() <= 255
    return values.astype(int)


# --- noise ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOISE)
def test_no_noise_changes_nothing(name):
    np.testing.assert_array_equal(NOISE[name](pictures(), 0.0), pictures())


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("strength", [0.001, 0.1, 3.0])
def test_noisy_images_are_8_bit_images(name, strength):
    noisy = NOISE[name](pictures(), strength, seed=1)
    found = levels(noisy)
    assert noisy.shape == pictures().shape and noisy.dtype == np.float32
    if strength == 3.0:
        assert found.min() == 0 and found.max() == 255  # both ends are clamped to


def test_uniform_noise_fills_its_range_evenly():
    change = levels(add_uniform_noise(grey(), 0.1)) - 128
    assert np.abs(change).max() == math.floor(0.1 * 256 + 0.5)
    assert abs(change.mean()) < 0.2
    assert change.std() == pytest.approx(0.1 * 256 / math.sqrt(3), rel=0.01)


def test_gaussian_noise_has_its_deviation():
    change = levels(add_gaussian_noise(grey(), 0.05)) - 128
    assert abs(change.mean()) < 0.2
    assert change.std() == pytest.approx(0.05 * 256, rel=0.01)


@pytest.mark.parametrize("name", NOISE)
def test_the_pattern_is_the_seeds_and_only_grows(name):
    weak, strong = (levels(NOISE[name](grey(), s, seed=7)) - 128 for s in (0.05, 0.1))
    assert np.abs(strong - 2 * weak).max() <= 2  # each is rounded to a level
    np.testing.assert_array_equal(NOISE[name](grey(), 0.05, seed=7), NOISE[name](grey(), 0.05, 7))
    assert not np.array_equal(NOISE[name](grey(), 0.05, seed=8), NOISE[name](grey(), 0.05, seed=7))


@pytest.mark.parametrize("name", NOISE)
def test_every_image_and_channel_has_noise_of_its_own(name):
    noisy = NOISE[name](grey(), 0.1).reshape(12, -1)
    assert len(np.unique(noisy, axis=0)) == 12


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("strength", [-0.1, math.nan, math.inf])
def test_noise_refuses_a_strength_that_is_none(name, strength):
    with pytest.raises(ValueError, match="strength"):
        NOISE[name](pictures(), strength)


WRONG = [
    pictures()[0],
    pictures()[:, :0],
    pictures().repeat(2, 1)[:, :5],
    pictures().transpose(0, 2, 3, 1),
    np.zeros((1, 3, 4, 4), np.uint8),
    np.full((1, 3, 4, 4), np.nan, np.float32),
]


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("x", WRONG)
def test_noise_refuses_what_are_no_images(name, x):
    with pytest.raises(ValueError, match="images"):
        NOISE[name](x, 0.1)


# --- blending -------------------------------------------------------------------------------------------


def test_a_blend_begins_and_ends_with_its_two_images():
    x, other = pictures(seed=1), pictures(seed=2)
    np.testing.assert_array_equal(blend(x, other, 0.0), x)
    np.testing.assert_array_equal(blend(x, other, 1), other)


@pytest.mark.parametrize("t", [0.01, 0.3, 0.5, 0.75])
def test_a_blend_is_the_weighted_mean_to_the_nearest_level(t):
    x, other = pictures(seed=1), pictures(seed=2)
    mixed = blend(x, other, t)
    levels(mixed)
    assert np.abs(mixed - ((1 - t) * x + t * other)).max() <= 0.5 / 256 + 1e-6


@pytest.mark.parametrize("t", [0.1, 1 / 3, 0.7])
def test_an_image_blended_with_itself_stays_what_it_is(t):
    np.testing.assert_array_equal(blend(pictures(), pictures(), t), pictures())


@pytest.mark.parametrize("t", [-0.01, 1.01, math.nan, math.inf])
def test_a_blend_refuses_a_weight_outside_0_and_1(t):
    with pytest.raises(ValueError, match="t must be a finite number from 0 to 1"):
        blend(pictures(), pictures(), t)


@pytest.mark.parametrize("x", WRONG)
def test_a_blend_refuses_what_are_no_images(x):
    with pytest.raises(ValueError, match="images"):
        blend(x, x, 0.5)
    with pytest.raises(ValueError, match="images"):
        blend(pictures(), x, 0.5)


def test_a_blend_refuses_images_of_two_shapes():
    with pytest.raises(ValueError, match="of their shape"):
        blend(pictures(2), pictures(3), 0.5)


# --- any shape ------------------------------------------------------------------------------------------


def in_units(shape: tuple[int, int, int], count: int = 3, seed: int = 0) -> np.ndarray:
    return ((noise_of(count, shape, seed).transpose(0, 3, 1, 2) + 0.5) / 256).astype(np.float32)


@every_shape
def test_noise_and_blends_of_every_shape(shape):
    x, other = in_units(shape), in_units(shape, seed=1)
    for name in NOISE:
        noisy = NOISE[name](x, 0.1)
        assert noisy.shape == x.shape
        levels(noisy)
        assert 0.01 < np.abs(noisy - x).mean() < 0.1
    mixed = blend(x, other, 0.25)
    assert np.abs(mixed - (0.75 * x + 0.25 * other)).max() <= 0.5 / 256 + 1e-6


# --- p-value --------------------------------------------------------------------------------------------


def test_the_p_value_counts_the_reference_at_least_as_untypical():
    reference = np.array([-10.0, -20.0, -30.0, -40.0])  # at distances 15, 5, 5, 15 from their mean
    log_prob = np.array([-25.0, -20.0, -19.0, -41.0, 0.0])
    np.testing.assert_array_equal(typicality_p_value(log_prob, reference), [1, 1, 0.5, 0, 0])


@pytest.mark.parametrize("size", [40, 333, 1000])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_p_value_agrees_with_the_threshold(size, level):
    reference = np.random.default_rng(0).standard_normal(size) * 300 - 8000
    outside = typicality(reference, reference) > typicality_threshold(reference, level)
    allowed = (size - math.ceil(level * size)) / size  # of the reference, outside
    np.testing.assert_array_equal(typicality_p_value(reference, reference) <= allowed, outside)


def test_the_p_value_does_not_depend_on_the_scale():
    reference = np.random.default_rng(0).standard_normal(500)
    log_prob = np.linspace(-4, 4, 50)
    expected = typicality_p_value(log_prob, reference)
    np.testing.assert_array_equal(typicality_p_value(5 - 3 * log_prob, 5 - 3 * reference), expected)
    assert expected.min() == 0 and expected.max() > 0.9


@pytest.mark.parametrize("reference", [np.zeros(0), np.array([np.nan, 1.0])])
def test_the_p_value_refuses_nonsense(reference):
    with pytest.raises(ValueError):
        typicality_p_value(np.zeros(3), reference)


# --- both kinds of arrays -------------------------------------------------------------------------------

CASES = {
    "uniform": (lambda x: add_uniform_noise(x, 0.1, seed=3), (pictures(),)),
    "gaussian": (lambda x: add_gaussian_noise(x, sigma=0.1), (pictures(),)),
    "blend": (lambda x, other: blend(x, other, 0.3), (pictures(seed=1), pictures(seed=2))),
    "blend, by name": (lambda x, other: blend(x, other=other, t=0.3), (pictures(seed=1), pictures(seed=2))),
    "p-value": (typicality_p_value, (np.linspace(-2, 2, 5), np.linspace(-1, 2, 30))),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CASES)
def test_tensors_give_tensors_of_their_dtype_with_the_same_values(name, dtype):
    function, arrays = CASES[name]
    tensors = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in arrays]
    result = function(*tensors)
    assert isinstance(result, torch.Tensor) and result.dtype == dtype and not result.requires_grad
    expected = function(*(t.detach().numpy() for t in tensors))
    assert isinstance(expected, np.ndarray) and expected.dtype == result.numpy().dtype
    np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize("name", CASES)
def test_nothing_changes_its_arguments(name):
    function, arrays = CASES[name]
    frozen = [a.copy() for a in arrays]
    for array in frozen:
        array.setflags(write=False)
    result = function(*frozen)
    assert result.flags.writeable and not any(np.shares_memory(result, a) for a in frozen)


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None])
def test_a_seed_that_is_none_is_refused(seed):
    x = np.full((1, 3, 4, 4), 0.5)
    for ask in (
        lambda: add_uniform_noise(x, 0.1, seed),
        lambda: add_gaussian_noise(x, 0.1, seed),
        lambda: random_axis(seed),
    ):
        with pytest.raises(ValueError, match="the seed must be a whole number from 0 on"):
            ask()
