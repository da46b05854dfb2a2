"""Counterfactuals: the flip along the line between centres."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from test_style import SHAPES, draw_means, latents

import ibinn_core as ib
from ibinn_core.exploration import counterfactual
from ibinn_core.exploration.counterfactual import on_top


class Mixture(NamedTuple):
    """The parts of a model that a counterfactual needs."""

    class_means: Any
    log_weights: Any = 0.0
    empirical_class_means: Any = None
    has_likelihood = True

    @property
    def mixture(self) -> "Mixture":
        return self


def scores(z: np.ndarray, classes: Mixture) -> np.ndarray:
    return z @ classes.class_means.T - np.square(classes.class_means).sum(1) / 2 + classes.log_weights


def lead(z: np.ndarray, classes: Mixture, target: np.ndarray) -> np.ndarray:
    """How far the target is ahead of the best other class."""
    found = scores(z, classes)
    rows = np.arange(len(z))
    own = found[rows, target]
    found[rows, target] = -np.inf
    return own - found.max(1)


def case(num_classes: int, dims: int, learned: bool, seed: int = 0) -> tuple[Mixture, np.ndarray, np.ndarray]:
    """Classes whose centres are not their means, latents in all of them, and a target for each."""
    rng, means = np.random.default_rng(seed), draw_means(num_classes, dims, seed)
    means *= 5 / np.sqrt(18 * dims)  # some five deviations apart
    weights = 2 * rng.standard_normal(num_classes) if learned else 0.0
    centers = means + 0.3 * rng.standard_normal(means.shape)
    z, labels = latents(centers, 200, seed + 1)
    return Mixture(means, weights, centers), z, (labels + rng.integers(0, num_classes, 200)) % num_classes


CASES = [(*shape, learned) for shape in SHAPES for learned in (False, True)]


@pytest.mark.parametrize("num_classes, dims, learned", CASES)
def test_at_the_flip_two_scores_agree_and_beyond_it_the_target_is_ahead(num_classes, dims, learned):
    classes, z, target = case(num_classes, dims, learned)
    found = counterfactual(classes, z, target)
    moved = np.isfinite(found.alpha) & (found.alpha > 0)
    assert moved.sum() > 40
    z, target, until = z[moved], target[moved], found.until[moved]
    assert np.abs(lead(found.z[moved], classes, target)).max() < 1e-9
    beyond = np.minimum(1.5, (1 + until / found.alpha[moved]) / 2)  # before another class is ahead again
    assert (beyond > 1).all()
    for factor, sign in ((beyond, 1), (0.999, -1)):
        there = found.z[moved] + ((factor - 1) * found.alpha[moved])[:, None] * found.direction[moved]
        assert (sign * lead(there, classes, target) > 0).all()
    np.testing.assert_allclose(found.at(1.0)[moved], found.z[moved])
    np.testing.assert_allclose(found.at(0.0)[moved], z, atol=1e-9)


def test_there_is_none_where_another_class_stays_ahead():
    means = np.array([[0.0, 0.0], [4.0, 3.0], [4.0, 0.0]])
    centers = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 0.0]])  # the line runs straight into the third class
    classes, z = Mixture(means, 0.0, centers), np.array([[0.0, 0.0], [1.0, 9.0]])
    found = counterfactual(classes, z, 1)
    assert found.alpha.tolist() == [np.inf, 0]
    assert np.isnan(found.until[0]) and np.isnan(found.z[0]).all() and np.isnan(found.at(2.0)[0]).all()


@pytest.mark.parametrize("num_classes, dims, learned", CASES)
def test_a_latent_of_the_target_stays_where_it_is(num_classes, dims, learned):
    classes, z, _ = case(num_classes, dims, learned)
    target = scores(z, classes).argmax(1)
    found = counterfactual(classes, z, target)
    np.testing.assert_array_equal(found.alpha, 0)
    np.testing.assert_array_equal(found.z, z)
    np.testing.assert_array_equal(found.source, target)
    assert np.isinf(found.until).all() and not found.direction.any()
    boundary = Mixture(np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 9.0]])), np.array([[2.0, -1.0]])
    for one, is_there in ((0, True), (1, True), (2, False)):
        found = counterfactual(*boundary, one)
        assert (found.alpha[0] == 0, found.source[0] == one) == (is_there, is_there)


@pytest.mark.parametrize("learn_weights", [False, True])
def test_a_model_is_asked_for_its_classes(learn_weights):
    small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
    model = ib.GenerativeClassifier(small, num_classes=4, learn_weights=learn_weights).double().eval()
    if learn_weights:
        model.mixture.phi.data = torch.tensor([0.0, 1.0, -1.0, 0.5], dtype=torch.float64)
    z = 3 * torch.randn(50, 192, generator=torch.Generator().manual_seed(0)).double()
    model.empirical_class_means = model.class_means + 0.1
    model.empirical_class_means[2] = np.nan  # a class without images
    found = counterfactual(model, z, 2)
    assert found.alpha.dtype == found.z.dtype == torch.float64 and found.source.dtype == torch.int64
    posterior = model.mixture.log_posterior(found.z).exp()
    moved = found.source != 2
    top = posterior[moved].topk(2, 1)
    torch.testing.assert_close(top.values[:, 0], top.values[:, 1], rtol=0, atol=1e-9)
    assert (top.indices == 2).any(1).all()
    assert (model.mixture.log_posterior(found.at(1.1))[moved].argmax(1) == 2).all()
    centers = model.class_means.clone()
    centers[[0, 1, 3]] += 0.1
    torch.testing.assert_close(found.direction[moved], (centers[2] - centers[found.source])[moved])


@pytest.mark.parametrize(
    "way", json.loads(Path(__file__).with_name("ways.json").read_text("utf-8")), ids=lambda way: way["what"]
)
def test_where_a_class_is_on_top(way):  # in JavaScript: tests/javascript/test_flow_arithmetic.py
    scores, slopes = np.array([way["scores"]], float), np.array([way["slopes"]], float)
    found = [float(one[0]) for one in on_top(scores, slopes, np.array([way["target"]]))]
    never = way["alpha"] == "never"
    wanted = [np.inf, np.nan] if never else [way["alpha"], np.inf if way["until"] is None else way["until"]]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    # And as the word says: of all places on the way, those between the two and no others.
    for alpha in np.linspace(0, 4, 401):
        ahead = (scores + alpha * slopes)[0]
        is_on_top = ahead[way["target"]] >= ahead.max() - 1e-9
        assert is_on_top == (not never and found[0] - 1e-6 <= alpha <= found[1] + 1e-6)
