"""Samples, and how many of them a page shows."""

import numpy as np
import pytest

from app.models.decoding import COUNT_OF_ONE, LEAST, MOST, OF_ALL, Source, count_for, samples


def test_many_models_share_what_one_computer_draws():
    assert count_for(1) == COUNT_OF_ONE
    counts = [count_for(models) for models in range(2, 30)]
    assert counts[0] == MOST and counts[-1] == LEAST and counts == sorted(counts, reverse=True)
    assert all(models * count <= max(OF_ALL, models * LEAST) for models, count in enumerate(counts, 2))


@pytest.mark.slow
def test_a_class_has_the_same_samples_whatever_is_drawn_beside_it(family):
    model = next(c.id for c in family if c.has_likelihood)
    first, second = Source(model, 0.7, "mean"), Source(model, 0.2, "mean")
    both = samples([first, second], (2, 5), seed=3, count=4)
    (alone,) = samples([second], (5,), seed=3, count=4)
    assert both[0].images.shape == (2, 4, 32, 32, 3) and both[0].images.dtype == np.uint8
    assert np.array_equal(both[1].images[1], alone.images[0])
    assert not np.array_equal(both[0].images[1], alone.images[0])


def test_what_lies_beyond_white_is_scaled_into_the_range_of_pixels():
    (tame,), (wild,) = (samples([Source(id, 0.5, "empirical")], (5,), 0, 2) for id in ("gamma-0.02", "gamma-35.65"))
    assert (tame.outside < 0.5).all() and (tame.low <= 0).all() and (tame.high >= 1).all()
    assert (wild.outside > 0.5).all() and (wild.high > 2).all()
    assert (wild.images == 255).mean() > 0.4 and (wild.scaled == 255).mean() < 0.1
