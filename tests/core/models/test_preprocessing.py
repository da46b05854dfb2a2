"""Noise, bits/dim, and the normalisation's part of the likelihood."""

import math

import numpy as np
import pytest
import torch
from flow_helpers import seeded

from ibinn_core.data.images import to_uint8
from ibinn_core.models.preprocessing import UNIFORM, add_noise, bits_per_dim, check_noise, dequantize


@pytest.mark.parametrize("dims", [1, 3072])
def test_the_uniform_density_is_worth_eight_bits(dims):
    assert bits_per_dim(0.0, dims) == 8.0
    # The same with Gaussian noise around the centres of all 256 levels.
    log_prob = dims * (math.log(1 / 256) - 0.5 * math.log(2 * math.pi * 2e-4**2))
    assert bits_per_dim(log_prob, dims, 2e-4) == pytest.approx(8.0, rel=1e-12)
    # A density that is uniform over half of the cube saves one bit a dimension.
    assert bits_per_dim(dims * math.log(2), dims) == pytest.approx(7.0, rel=1e-12)


@pytest.mark.parametrize("sigma", [1e-4, 5e-4, 1e-3])
def test_equation_42_recovers_the_discrete_probability(sigma):
    probability = np.random.default_rng(1).dirichlet(np.full(256, 5.0))
    centres = (np.arange(256) + 0.5) / 256
    distance = centres[:, None] - centres
    kernel = np.exp(-(distance**2) / (2 * sigma**2)) / math.sqrt(2 * math.pi * sigma**2)
    log_prob = np.log(kernel @ probability)  # Eq. 41 at the centres
    estimate = 2.0 ** -bits_per_dim(log_prob, 1, sigma)
    bound = math.exp(-((1 / 256) ** 2) / (2 * sigma**2))  # Eq. 50
    assert np.abs(estimate - probability).max() <= bound + 1e-12
    assert np.abs(estimate - probability).max() < 0.05 * probability.min()


@pytest.mark.parametrize("noise", ["uniform", 1e-3])
def test_bits_per_dim_keeps_shape_and_kind(noise):
    values = np.linspace(-9, 9, 6, dtype=np.float32).reshape(2, 3)
    expected = [bits_per_dim(float(value), 7, noise) for value in values.flat]
    for given in (values, torch.from_numpy(values)):
        bits = bits_per_dim(given, 7, noise)
        assert type(bits) is type(given) and bits.dtype == given.dtype and bits.shape == given.shape
        np.testing.assert_allclose(np.asarray(bits).ravel(), expected, rtol=1e-6)
    np.testing.assert_allclose(np.ravel(bits_per_dim(values.tolist(), 7, noise)), expected, rtol=1e-6)
    for whole in (np.array([5], np.uint8), torch.tensor([5])):
        assert float(bits_per_dim(whole, 3072)[0]) == pytest.approx(8 - 5 / (3072 * np.log(2)))


@pytest.mark.parametrize("sigma", [1e-3, 0.1])
def test_gaussian_noise_has_its_sigma(sigma):
    noise = add_noise(torch.full((50, 3, 16, 16), 0.5, dtype=torch.float64), sigma, seeded(1)) - 0.5
    assert noise.mean().item() == pytest.approx(0, abs=0.02 * sigma)
    assert noise.std().item() == pytest.approx(sigma, rel=0.02)
    assert (noise.abs() < sigma).double().mean().item() == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize("noise", ["uniform", 1e-2])
def test_noise_is_repeatable_and_leaves_its_argument_alone(noise):
    x = torch.rand(2, 3, 4, 4, generator=seeded(1))
    kept = x.clone()
    one, same, other = (add_noise(x, noise, seeded(seed)) for seed in (2, 2, 3))
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert torch.equal(x, kept) and one.dtype == x.dtype and one.shape == x.shape


@pytest.mark.parametrize("noise", [0, -1e-3, math.nan, math.inf, "gaussian", "", None, True, [1e-3]])
def test_other_noise_and_dimensions_are_refused(noise):
    for call in (check_noise, lambda n: bits_per_dim(0.0, 3, n), lambda n: add_noise(torch.zeros(1, 1, 2, 2), n)):
        with pytest.raises(ValueError, match="'uniform' or a positive sigma"):
            call(noise)
    for dims in (0, math.nan, 0.5, True):
        with pytest.raises(ValueError, match="dims must be a whole number from 1 on"):
            bits_per_dim(-100.0, dims)
    assert check_noise(np.float32(0.5)) == 0.5


def test_dequantised_images_are_the_same_images_whoever_stands_beside_them():
    x = (torch.randint(0, 256, (4, 3, 8, 8), generator=torch.Generator().manual_seed(1)) + 0.5) / 256
    found = dequantize(x)
    assert torch.equal(dequantize(x[2:3]), found[2:3]) and found.dtype == x.dtype
    assert (to_uint8(found) == to_uint8(x)).all()
    shift = 256 * (found - x)[0]
    assert shift.min() < -0.49 and shift.max() > 0.49 and abs(shift.mean()) < 0.01
    assert dequantize(x, 1e-3) is x  # a model of Gaussian noise is measured at the pixel centres
    assert torch.allclose(dequantize(x.double()), found.double(), atol=1e-7)


def test_what_is_no_tensor_of_images_gets_no_noise():
    for x in (np.zeros((1, 3, 8, 8), np.float32), torch.zeros(2, 8, 8, 3).byte(), torch.zeros(3, 8, 8)):
        for noisy in (add_noise, dequantize):
            with pytest.raises(ValueError, match=r"images must be a float tensor of shape \(N, C, H, W\)"):
                noisy(x, UNIFORM)
