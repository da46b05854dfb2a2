"""How typical an image is among others of its class, in cases worked out by hand."""

import numpy as np
import pytest

from app.judgement.class_typicality import FEWEST, typicality_in_class

RNG = np.random.default_rng(0)
OTHERS = np.linspace(-100, 100, 201)  # log q(x): their mean is 0
PLACES = RNG.normal(size=(201, 3)) * (1, 10, 1)


def test_a_likelihood_in_the_middle_is_typical_and_one_at_the_edge_is_not():
    middle = typicality_in_class(0.0, PLACES.mean(0), OTHERS, PLACES)
    assert middle.as_far_in_likelihood == 1 and middle.as_far_in_latents == 1 and middle.is_typical
    assert (middle.low, middle.high) == pytest.approx((-95, 95))
    for log_prob in (97.0, -97.0):
        edge = typicality_in_class(log_prob, PLACES.mean(0), OTHERS, PLACES)
        assert edge.as_far_in_likelihood == pytest.approx(8 / 201)  # those from 97 to 100, on both sides
        assert not edge.likelihood_is_typical and edge.place_is_typical and not edge.is_typical


def test_a_place_is_far_in_units_of_the_spread_in_its_direction():
    along = typicality_in_class(0.0, PLACES.mean(0) + (0, 6, 0), OTHERS, PLACES)
    across = typicality_in_class(0.0, PLACES.mean(0) + (6, 0, 0), OTHERS, PLACES)
    assert along.place_is_typical and along.as_far_in_latents > 0.8
    assert across.as_far_in_latents == 0 and not across.place_is_typical and not across.is_typical


def test_most_images_of_the_class_itself_are_typical():
    log_probs = RNG.normal(size=1000)
    places = RNG.normal(size=(1000, 4))
    found = [typicality_in_class(log_probs[i], places[i], log_probs, places) for i in range(0, 1000, 5)]
    assert 0.9 < np.mean([one.likelihood_is_typical for one in found]) < 0.99
    assert 0.9 < np.mean([one.place_is_typical for one in found]) < 0.99


def test_places_in_a_plane_have_a_distance_too():
    flat = PLACES * (1, 1, 0)
    assert typicality_in_class(0.0, flat.mean(0), OTHERS, flat).place_is_typical


def test_a_handful_of_images_says_nothing():
    with pytest.raises(ValueError, match="49 test images do not tell"):
        typicality_in_class(0.0, PLACES[0], OTHERS[: FEWEST - 1], PLACES[: FEWEST - 1])
