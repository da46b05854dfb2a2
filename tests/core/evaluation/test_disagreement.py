"""Where two models disagree."""

import math

import numpy as np
import pytest

import ibinn_core as ib


@pytest.fixture
def pair():
    """Posteriors of 50 images and 4 classes, and labels."""
    rng = np.random.default_rng(0)
    return (*(rng.dirichlet(np.full(4, 0.3), 50) for _ in range(2)), rng.integers(0, 4, 50))


def test_answers_and_right_ones_are_counted(pair):
    first, second, labels = pair
    found = ib.evaluation.disagreement(*pair)
    one, other = first.argmax(1), second.argmax(1)
    for i in range(4):
        for j in range(4):
            assert found.answers[i, j] == ((one == i) & (other == j)).sum()
    a, b = one == labels, other == labels
    assert found.right.tolist() == [(a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum()]


def test_the_divergence_is_the_mutual_information_of_the_answer_and_who_gives_it(pair):
    first, second, _ = pair
    joint = np.stack([first, second], axis=1) / 2  # of one of the two models, drawn at random, and the class
    independent = joint.sum(1, keepdims=True) * joint.sum(2, keepdims=True)
    information = (joint * np.log(joint / independent)).sum((1, 2))
    np.testing.assert_allclose(ib.evaluation.disagreement(*pair).divergence, information, atol=1e-12)


def test_the_divergence_does_not_mind_which_model_is_first_and_has_its_bounds(pair):
    first, second, labels = pair
    there, back = ib.evaluation.disagreement(*pair), ib.evaluation.disagreement(second, first, labels)
    np.testing.assert_allclose(there.divergence, back.divergence, atol=1e-12)
    assert (there.answers == back.answers.T).all()
    assert (ib.evaluation.disagreement(first, first, labels).divergence < 1e-12).all()
    sure = np.eye(4)
    apart = ib.evaluation.disagreement(sure, sure[[1, 2, 3, 0]], np.arange(4)).divergence
    np.testing.assert_allclose(apart, math.log(2))


@pytest.mark.parametrize(
    "change",
    [
        lambda p, q, y: (p, q[:-1], y),
        lambda p, q, y: (p[:, :3] / p[:, :3].sum(1, keepdims=True), q, y),
        lambda p, q, y: (2 * p, q, y),
        lambda p, q, y: (p, q, y[:-1]),
        lambda p, q, y: (p, q, y + 4),
    ],
)
def test_what_does_not_belong_together_is_refused(pair, change):
    with pytest.raises(ValueError):
        ib.evaluation.disagreement(*change(*pair))
