"""Noise with the covariance of a class's latents, against that covariance."""

import numpy as np
import pytest
import torch

from ibinn_core.exploration import class_noise

LABELS = np.repeat([4, 7], 40)


@pytest.fixture(scope="module")
def z() -> np.ndarray:
    """Latents of two classes that lie apart and vary differently, in three dimensions."""
    latents = np.random.default_rng(0).standard_normal((80, 3))
    return latents @ np.diag([3.0, 1.0, 0.1]) + np.where(LABELS == 4, 10, -10)[:, None] * [0, 1, 0]


@pytest.mark.parametrize("label", [4, 7])
def test_it_has_the_covariance_of_its_own_class_and_no_mean(z, label):
    noise = class_noise(z, LABELS, np.full(20_000, label))
    expected = np.cov(z[label == LABELS].T, bias=True)
    scale = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(np.cov(noise.T) / np.outer(scale, scale), expected / np.outer(scale, scale), atol=0.04)
    np.testing.assert_allclose(noise.mean(0) / scale, 0, atol=0.04)


def test_each_row_has_noise_of_its_own_and_a_seed_the_same_again(z):
    noise = class_noise(z, LABELS, [4, 7, 4], seed=5)
    assert not np.allclose(noise[0], noise[2])
    np.testing.assert_array_equal(noise, class_noise(z, LABELS, [4, 7, 4], seed=5))
    assert not np.allclose(noise, class_noise(z, LABELS, [4, 7, 4], seed=6))


def test_with_few_latents_it_lies_in_their_span():
    few = np.random.default_rng(0).standard_normal((4, 6))
    noise = class_noise(few, [0, 0, 0, 0], [0] * 9)
    differences = few[1:] - few[0]
    assert np.linalg.matrix_rank(np.concatenate([differences, noise]), tol=1e-9) == 3


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_with_a_rank_it_varies_as_the_latents_in_so_many_directions_and_equally_in_all_others(z, rank):
    noise = class_noise(z, LABELS, np.full(50_000, 4), rank=rank)
    widths, axes = np.linalg.eigh(np.cov(z[LABELS == 4].T, bias=True))
    others = widths[: 3 - rank]
    others[:] = others.sum() / max(1, len(others))
    np.testing.assert_allclose(axes.T @ np.cov(noise.T) @ axes, np.diag(widths), atol=0.02 * widths.max())
    assert np.abs(noise.mean(0)).max() < 0.05


def test_a_tensor_gives_a_tensor_of_its_type(z):
    latents = torch.from_numpy(z).float()
    noise = class_noise(latents, torch.from_numpy(LABELS), torch.tensor([7, 4]))
    assert noise.dtype == torch.float32 and noise.shape == (2, 3)
    assert class_noise(latents, LABELS, []).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "classes", "seed", "said"),
    [
        (LABELS[1:], [4], 0, "a label for each of the 80 latents, not 79"),
        (LABELS, [5], 0, "at least two latents of class 5, not 0"),
        (LABELS, [4.0], 0, "classes must be integers"),
        (LABELS.astype(float), [4], 0, "labels must be integers"),
        (LABELS, [4], -1, "the seed"),
        (LABELS, [4], 2**32, "the seed"),
        (LABELS, np.full(2**18, 4), 0, "at most"),
    ],
)
def test_nonsense_is_refused(z, labels, classes, seed, said):
    with pytest.raises(ValueError, match=said):
        class_noise(z, labels, classes, seed)


@pytest.mark.parametrize(("rank", "said"), [(-1, "the rank"), (4, "no rank of 4"), (1.5, "the rank")])
def test_a_rank_that_the_latents_do_not_have_is_refused(z, rank, said):
    with pytest.raises(ValueError, match=said):
        class_noise(z, LABELS, [4], rank=rank)
