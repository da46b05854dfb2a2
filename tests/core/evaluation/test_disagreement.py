"""Where two models disagree."""

import math

import numpy as np
import pytest

import ibinn_core as ib


@pytest.fixture
def pair():
    """Two posteriors of 50 images and 4 classes."""
    rng = np.random.default_rng(0)
    return tuple(rng.dirichlet(np.full(4, 0.3), 50) for _ in range(2))


def test_the_divergence_is_the_mutual_information_of_the_answer_and_who_gives_it(pair):
    first, second = pair
    joint = np.stack([first, second], axis=1) / 2  # of one of the two models, drawn at random, and the class
    independent = joint.sum(1, keepdims=True) * joint.sum(2, keepdims=True)
    information = (joint * np.log(joint / independent)).sum((1, 2))
    np.testing.assert_allclose(ib.measures.scores.disagreement(*pair), information, atol=1e-12)


def test_the_divergence_does_not_mind_which_model_is_first_and_has_its_bounds(pair):
    first, second = pair
    there, back = ib.measures.scores.disagreement(*pair), ib.measures.scores.disagreement(second, first)
    np.testing.assert_allclose(there, back, atol=1e-12)
    assert (ib.measures.scores.disagreement(first, first) < 1e-12).all()
    sure = np.eye(4)
    np.testing.assert_allclose(ib.measures.scores.disagreement(sure, sure[[1, 2, 3, 0]]), math.log(2))


def test_what_does_not_belong_together_is_refused(pair):
    first, second = pair
    fewer = first[:, :3] / first[:, :3].sum(1, keepdims=True)
    for one, other in ((first, second[:-1]), (fewer, second), (2 * first, second)):
        with pytest.raises(ValueError):
            ib.measures.scores.disagreement(one, other)
