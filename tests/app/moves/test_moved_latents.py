"""Moves made by the server: the flip is where the formula says, and what a browser is given is the model's."""

import numpy as np
import pytest

import ibinn_core as ib
from app.models import registry
from app.move_text import Moves
from app.moves import latents as parts


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


@pytest.fixture(scope="module")
def six(checkpoint):
    """An image that the model draws of a six, and what it makes of it."""
    import torch

    image = ib.to_uint8(ib.load(checkpoint.id).sample([6], 0.5, "empirical", torch.Generator().manual_seed(1)))[0]
    return parts.start_of(checkpoint, image)


def posterior(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def test_scores_are_those_of_the_posterior(checkpoint, six):
    assert six.top == 6
    np.testing.assert_allclose(posterior(six.scores), six.posterior, atol=1e-5)


@pytest.mark.parametrize("target", [0, 3, 5, 8])
def test_a_class_overtakes_all_others_at_the_flip(checkpoint, six, target):
    alpha = parts.flip_of(checkpoint, six, target)
    assert 0 < alpha < 2
    for factor, is_target in [(0.99, False), (1.01, True)]:
        z, image = parts.moved(checkpoint, six, Moves(target, factor * alpha), {})
        assert (parts.scores_of(checkpoint, z).argmax() == target) == is_target
        assert image.shape == (28, 28, 1)
    z, _ = parts.moved(checkpoint, six, Moves(target, alpha), {})
    first, second = np.sort(parts.scores_of(checkpoint, z))[-2:]
    assert second - first < 1e-3  # of a latent in single precision


def test_a_shift_moves_the_place_in_the_plane_of_latent_space(checkpoint, six):
    plane = parts.plane_of(checkpoint.id)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-6)
    z, _ = parts.moved(checkpoint, six, Moves(shift=(0.7, -1.1)), {})
    np.testing.assert_allclose(plane.place(z) - plane.place(six.latents), (0.7, -1.1), atol=1e-5)


def test_the_small_numbers_tell_every_score_after_a_move(checkpoint, six):
    small, moves = parts.small(checkpoint, six), Moves(2, 0.4, (0.3, 0.9))
    pulls, slopes = np.array(small["pulls"]), np.array(small["slopes"])
    told = np.array(small["scores"]) + moves.alpha * (pulls[2] - pulls[six.top]) + np.array(moves.shift) @ slopes
    z, _ = parts.moved(checkpoint, six, moves, {})
    np.testing.assert_allclose(told, parts.scores_of(checkpoint, z), atol=1e-3)


def test_the_browser_reads_what_it_is_given(checkpoint, six):
    import base64

    read = np.frombuffer(base64.b64decode(parts.base64_of(six.latents)), "<f4")
    np.testing.assert_array_equal(read, six.latents)
    quantiles = parts.quantiles_of(checkpoint)
    assert quantiles == sorted(quantiles) and len(quantiles) == parts.QUANTILES
