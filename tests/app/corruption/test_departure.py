"""The axes on which an image's departure shows."""

import numpy as np
import pytest
from page_helpers import GENERATIVE

from app.corruption import corrupted_images, measure
from app.corruption.departure import OF_OTHERS, OF_PAIR, departure_of, log10_odds, rivals
from app.models.predictions import bits_per_dim, typical_bits


@pytest.mark.parametrize(
    ("posterior", "expected"),
    [
        ([[0.1, 0.8, 0.1], [0.6, 0.3, 0.1]], (1, 0)),
        ([[0.1, 0.8, 0.1], [0.1, 0.7, 0.2]], (1, 2)),  # the answer never changes: the nearest other class
        ([[0.2, 0.4, 0.4], [0.1, 0.0, 0.9]], (1, 2)),
        ([[0.4, 0.6], [0.4, 0.6]], (1, 0)),
    ],
)
def test_the_pair_is_the_first_answer_and_its_strongest_rival(posterior, expected):
    assert rivals(np.array(posterior)) == expected


def test_odds_are_powers_of_ten_and_finite_where_a_posterior_is_nothing():
    odds = log10_odds(np.array([[0.5, 0.5, 0], [0.9, 0.009, 0.091], [1, 0, 0], [0, 1, 0]], np.float32), (0, 1))
    assert odds[:2] == pytest.approx([0, -2]) and np.isfinite(odds).all() and odds[3] == -odds[2] > 20


def test_cloud_band_and_path_are_measured(no_data):
    checkpoint = GENERATIVE[0]
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    reading = measure.read_with_likelihood(checkpoint, "rgb(0, 0, 0)", images)
    view = departure_of(checkpoint, reading)
    latent = checkpoint.latent
    assert view.band == typical_bits(checkpoint)
    assert np.array_equal(view.path[:, 1], reading.bits)
    assert np.allclose(10 ** view.path[:, 0], reading.posterior[:, view.pair[1]] / reading.posterior[:, view.pair[0]])
    counts = np.bincount(view.labels, minlength=10)
    assert counts[list(view.pair)].tolist() == [OF_PAIR, OF_PAIR] and counts.sum() == 2 * OF_PAIR + OF_OTHERS
    stored = np.stack([log10_odds(latent["posterior"], view.pair), bits_per_dim(checkpoint, latent["log_prob"])], 1)
    assert {tuple(dot) for dot in view.cloud} <= {tuple(dot) for dot in stored}
    inside = ((view.cloud[:, 1] >= view.band[0]) & (view.cloud[:, 1] <= view.band[1])).mean()
    assert inside == pytest.approx(0.95, abs=0.03)


def test_strong_noise_leaves_the_band(no_data):
    pixels = np.full((32, 32, 3), 128, np.uint8)
    corrupted = corrupted_images.noise(pixels, 0.5, 0)
    view = departure_of(GENERATIVE[0], measure.read_with_likelihood(GENERATIVE[0], "rgb(0, 0, 0)", corrupted.images))
    assert view.path[-1, 1] > view.band[1]
