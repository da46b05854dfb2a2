"""The bins behind the calibration errors, each against a loop that is as plain as its definition."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from ibinn_core.measures.calibration import (
    fit_temperature,
    top_label_error,
    top_label_reliability,
)
from ibinn_core.measures.scores import cross_entropy


@pytest.fixture(params=[0.05, 0.3, 3.0])
def predictions(request):
    """A posterior ``(400, 10)`` of some sharpness, and labels."""
    rng = np.random.default_rng(1)
    return rng.dirichlet(np.full(10, request.param), 400), rng.integers(0, 10, 400)


def test_the_usual_bins_hold_the_most_probable_class_only(predictions):
    posterior, labels = predictions
    found, confidence, hits = (
        top_label_reliability(posterior, labels, 4),
        posterior.max(1),
        posterior.argmax(1) == labels,
    )
    error = 0
    for b in range(4):
        inside = (b / 4 < confidence) & (confidence <= (b + 1) / 4)
        means = [values[inside].mean() if inside.any() else np.nan for values in (confidence, hits)]
        assert found.count[b] == inside.sum()
        np.testing.assert_allclose([found.expected[b], found.observed[b]], means)
        error += np.nan_to_num(abs(means[0] - means[1])) * inside.mean()
    assert top_label_error(posterior, labels, 4) == pytest.approx(error)


@pytest.mark.parametrize("power", [0.2, 1.0, 3.0])
def test_the_temperature_undoes_what_made_a_posterior_less_sure_or_surer(power):
    rng = np.random.default_rng(4)
    true = rng.dirichlet(np.full(5, 0.5), 40_000)
    labels = (true.cumsum(1) < rng.random((len(true), 1))).sum(1).clip(max=4)
    said = true ** (1 / power)
    said /= said.sum(1, keepdims=True)
    found = 1 / fit_temperature(said, labels)
    assert found == pytest.approx(power, rel=0.03)

    def raised(p: float) -> np.ndarray:
        return said**p / (said**p).sum(1, keepdims=True)

    def cost(p: float) -> float:
        return len(labels) * cross_entropy(raised(p), labels) + (p - 1) ** 2 / 0.5

    least = minimize_scalar(cost, bounds=(0.05, 10), method="bounded", options={"xatol": 1e-6})
    assert found == pytest.approx(least.x, rel=1e-3)
    assert top_label_error(raised(found), labels) < 0.01


def test_a_few_images_do_not_make_a_model_certain_and_many_nearly_do():
    sure, right = np.array([[0.9, 0.1]]), np.zeros(10_000, int)
    assert fit_temperature(sure, right[:1]) == pytest.approx(1, abs=0.1)
    few, many = (fit_temperature(np.tile(sure, (count, 1)), right[:count]) for count in (10, 10_000))
    assert few > 0.5 > many


def test_the_temperature_stays_within_its_range():
    never, wrong = np.array([[0.1, 0.9]] * 10_000), np.zeros(10_000, int)
    assert fit_temperature(never, wrong) == pytest.approx(16, rel=1e-3)
    assert np.isfinite(fit_temperature(np.eye(3), np.array([1, 1, 2])))  # a probability of zero that came true
