"""Latents around a latent: their noise, their lengths, and what is said of nonsense."""

import math

import numpy as np
import pytest
import torch

from ibinn_core.exploration import around, interpolate
from ibinn_core.exploration.around import PATHS, noise_of

DIMS = 3072


@pytest.fixture(scope="module")
def z() -> np.ndarray:
    """A typical latent about :func:`center`."""
    return center() + np.random.default_rng(1).standard_normal(DIMS)


def center() -> np.ndarray:
    return np.random.default_rng(2).standard_normal(DIMS) / 20


@pytest.mark.parametrize("path", PATHS)
def test_without_a_radius_nothing_moves(z, path):
    np.testing.assert_allclose(around(z, 0, 3, path=path, center=center()), np.tile(z, (3, 1)), atol=1e-12)


@pytest.mark.parametrize("radius", [0.3, 1.0, 2.5])
def test_the_shell_keeps_the_typical_length_straight_is_longer_and_the_average_shorter(z, radius):
    lengths = {
        path: np.linalg.norm(around(z, radius, 8, path=path, center=center()) - center(), axis=1) / math.sqrt(DIMS)
        for path in PATHS
    }
    # ‖n‖² is D give or take √(2D), and z·n is of the size of √D.
    np.testing.assert_allclose(lengths["shell"], 1, atol=0.06)
    np.testing.assert_allclose(lengths["straight"], math.hypot(1, radius), rtol=0.06)
    np.testing.assert_allclose(lengths["average"], math.hypot(1, radius) / (1 + radius), rtol=0.06)


def test_the_shell_is_as_typical_of_a_gaussian_as_a_draw_of_its_own():
    """Of many latents, the log-density along the way has the mean and the spread of that of draws."""
    draws = np.random.default_rng(3).standard_normal((400, 64))
    moved = np.concatenate([around(one, 1.3, 1, seed) for seed, one in enumerate(draws)])
    of_draws, of_moved = (-np.square(some).sum(1) / 2 for some in (draws, moved))
    assert abs(of_draws.mean() - of_moved.mean()) < 4 * of_draws.std() / math.sqrt(200)
    assert 0.8 < of_moved.std() / of_draws.std() < 1.25


def test_the_shell_is_the_turn_by_an_angle_and_the_midpoint_an_average(z):
    noise = torch.randn(2, DIMS, generator=torch.Generator().manual_seed(5)).double().numpy()
    theta = 0.7
    turned = around(z, math.tan(theta), 2, seed=5)
    np.testing.assert_allclose(turned, z * math.cos(theta) + noise * math.sin(theta), atol=1e-5)
    halfway = interpolate(z, center() + noise[1], 3)[1]
    np.testing.assert_allclose(around(z, 1, 2, 5, "average", center())[1], halfway, atol=1e-5)


@pytest.mark.parametrize(("count", "dims", "seed"), [(1, 16, 0), (3, 7, 1), (6, 784, 9999), (2, 3073, 2**32 - 1)])
def test_the_noise_is_that_of_torch(count, dims, seed):  # of the browser: tests/browser/test_flow_numbers.py
    wanted = torch.randn(count, dims, generator=torch.Generator().manual_seed(seed)).numpy()
    np.testing.assert_allclose(noise_of(count, dims, seed), wanted, atol=1e-5)


def test_the_noise_is_the_same_at_any_radius_and_another_for_another_seed_or_latent(z):
    noise = around(z, 1, 3, seed=4, path="straight") - z
    np.testing.assert_allclose(around(z, 0.25, 3, seed=4, path="straight") - z, noise / 4, atol=1e-12)
    others = [noise[1], around(z, 1, 3, seed=5, path="straight")[0] - z]
    for other in others:
        assert abs(np.corrcoef(noise[0], other)[0, 1]) < 0.1


def test_the_type_is_that_of_the_latent(z):
    tensor = torch.from_numpy(z).float().requires_grad_()
    found = around(tensor, 0.5, 2, center=torch.from_numpy(center()))
    assert isinstance(found, torch.Tensor) and found.dtype == torch.float32 and not found.requires_grad
    plain = around(tensor.detach().numpy(), 0.5, 2, center=center())
    np.testing.assert_array_equal(found.numpy(), plain)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"radius": -0.1}, "0 or more"),
        ({"radius": math.nan}, "finite"),
        ({"count": 0}, "count"),
        ({"count": 2**24}, "at most"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"path": "linear"}, "path"),
        ({"path": ["shell"]}, "path"),
        ({"center": np.zeros(3)}, "length"),
        ({"radius": 1e308}, "too large"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(given, part):
    with pytest.raises(ValueError, match=part):
        around(np.ones(4), **{"radius": 1.0, "path": "straight", **given})


def test_a_latent_has_one_dimension():
    with pytest.raises(ValueError, match="dimensions"):
        around(np.zeros((2, 4)), 1)
