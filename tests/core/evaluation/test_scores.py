"""The measures against scikit-learn, SciPy, loops, closed forms, and the paper's own averages."""

import math

import numpy as np
import pytest
import scipy
import torch
from scipy.optimize import minimize_scalar
from scipy.stats import gmean
from sklearn import metrics

from ibinn_core.evaluation.results import paper
from ibinn_core.measures.calibration import (
    calibration,
    fit_temperature,
    reliability,
    top_label_error,
    top_label_reliability,
)
from ibinn_core.measures.scores import (
    cross_entropy,
    detection_score,
    disagreement,
    overconfidence,
    predictive_entropy,
    roc_auc,
    roc_curve,
)


def test_overconfidence_by_hand():
    # Three above 0.997, of which one is wrong; exactly 0.997 does not count, nor does a wrong one below.
    sure = [0.9975, 1.0, 0.999, 0.997, 0.6]
    posterior = np.array([[p, 1 - p] for p in sure])
    assert overconfidence(posterior, [0, 1, 0, 1, 1]) == pytest.approx((1 / 3) / 0.003)
    assert overconfidence(posterior, [0, 0, 0, 1, 1]) == 0
    assert overconfidence(posterior[3:], [1, 1]) is None  # none is sure


def test_cross_entropy_is_scikit_learns():
    rng = np.random.default_rng(0)
    posterior, labels = rng.dirichlet(np.ones(4), 50), rng.integers(0, 4, 50)
    assert cross_entropy(posterior, labels) == pytest.approx(metrics.log_loss(labels, posterior, labels=range(4)))
    assert cross_entropy([[0.0, 1.0]], [0]) == pytest.approx(-math.log(1e-12))  # one image alone is not infinite


def test_entropy_is_scipys_in_nats():
    posterior = np.random.default_rng(0).dirichlet(np.full(10, 0.2), 300).astype(np.float32)
    np.testing.assert_allclose(predictive_entropy(posterior), scipy.stats.entropy(posterior, axis=1), atol=1e-6)
    found = predictive_entropy([[1.0, 0.0, 0.0], [1 / 3] * 3, [0.5, 0.5, 0.0]])
    assert found == pytest.approx([0, math.log(3), math.log(2)])
    assert found[0] == 0 and not np.signbit(found[0])


@pytest.mark.parametrize(
    "measure",
    [calibration, cross_entropy, overconfidence, reliability, top_label_error, top_label_reliability, None],
)
def test_what_is_no_posterior_or_no_label_of_it_is_refused(measure):
    posterior, logits = [[0.9, 0.1], [0.3, 0.7]], [[3.0, -2.0], [0.5, 0.1]]
    for bad in (logits, np.zeros((0, 10)), np.full((2, 3), np.nan), np.zeros(2), np.full((2, 2), 0.6)):
        with pytest.raises(ValueError, match="posterior must"):
            measure(bad, np.zeros(len(bad), int)) if measure else predictive_entropy(bad)
    for labels in ([0, 2], [-1, 0], [0, 1, 1], [[0, 1]], [0.0, 1.0], ["a", "b"]) if measure else ():
        with pytest.raises(ValueError, match="labels must be (from 0 to 1, not from|2 whole numbers)"):
            measure(posterior, labels)
    (measure or (lambda given, _: predictive_entropy(given)))(np.asarray(posterior, np.float16), np.uint8([0, 1]))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("count", [307, 30])
@pytest.mark.parametrize("shift", [-1.0, 0.5, 20.0])
def test_area_and_curve_are_those_of_scikit_learns_thresholds(shift, count, ties):
    scores = np.random.default_rng(0).standard_normal(count + 211)
    scores[count:] = shift + 2 * scores[count:]
    scores = scores.round() if ties else scores
    inliers, outliers, truth = scores[:count], scores[count:], np.arange(len(scores)) >= count
    assert roc_auc(inliers, outliers) == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)
    alarms, found, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    best = [found[alarms <= rate + 1e-9].max() for rate in np.linspace(0, 1, 101)]
    np.testing.assert_allclose(roc_curve(inliers, outliers), best, atol=1e-12)


@pytest.mark.parametrize(
    "inliers, outliers, area, curve",
    [
        ([1, 3], [2, 4], 0.75, [0.5, 1, 1]),
        ([1, 1], [1], 0.5, [0, 0, 1]),
        ([1, np.inf], [np.inf, -np.inf], 0.375, [0, 0.5, 1]),
    ],
)
def test_area_and_curve_by_hand(inliers, outliers, area, curve):
    assert roc_auc(inliers, outliers) == area
    np.testing.assert_array_equal(roc_curve(inliers, outliers, 3), curve)


@pytest.mark.parametrize("inliers, outliers", [([], [1.0]), ([1.0], []), ([1.0], [np.nan]), ([np.nan], [1.0])])
def test_what_has_no_order_is_refused(inliers, outliers):
    for of in (roc_auc, roc_curve):
        with pytest.raises(ValueError, match="ROC curve|NaN"):
            of(inliers, outliers)


def test_detection_takes_the_distance_from_typical_likelihoods():
    rng = np.random.default_rng(1)
    test, reference = rng.normal(-9000, 30, 400).astype(np.float32), rng.normal(-9000, 30, 100).astype(np.float32)
    for shift in (-100, 100):  # too likely is as untypical as too unlikely
        ood = (test + shift).astype(np.float32)
        mean = reference.astype(np.float64).mean()
        expected = roc_auc(abs(test.astype(float) - mean), abs(ood.astype(float) - mean))
        assert detection_score(test, ood, reference) == pytest.approx(expected, abs=1e-12)
        assert expected > 0.95
    narrow = (mean + 0.1 * (test - mean)).astype(np.float32)
    assert detection_score(test, narrow, reference) < 0.1  # more typical than the test set itself


def test_disagreement_is_the_mutual_information_of_the_answer_and_which_model_gives_it():
    first, second = np.random.default_rng(0).dirichlet(np.full(4, 0.3), (2, 50))
    joint = np.stack([first, second], axis=1) / 2  # of one of the two models, drawn at random, and the class
    independent = joint.sum(1, keepdims=True) * joint.sum(2, keepdims=True)
    information = (joint * np.log(joint / independent)).sum((1, 2))
    for pair in ((first, second), (second, first)):
        np.testing.assert_allclose(disagreement(*pair), information, atol=1e-12)
    assert (disagreement(first, first) < 1e-12).all()
    rng = np.random.default_rng(1)
    many, none = rng.dirichlet(np.ones(3), 5000), np.zeros((5000, 3))
    nearly = many * (1 + 1e-9 * rng.standard_normal(many.shape))  # rounding would lead below 0, and above ln 2
    assert disagreement(many, nearly / nearly.sum(1, keepdims=True)).min() >= 0
    assert disagreement(np.hstack([many, none]), np.hstack([none, many])).max() <= math.log(2)
    sure = np.eye(4)
    np.testing.assert_allclose(disagreement(sure, sure[[1, 2, 3, 0]]), math.log(2))
    fewer = first[:, :3] / first[:, :3].sum(1, keepdims=True)
    for one, other in ((first, second[:-1]), (fewer, second), (2 * first, second)):
        with pytest.raises(ValueError):
            disagreement(one, other)


@pytest.mark.parametrize("table, name", [(table, name) for table in paper.TABLES for name in paper.TABLES[table].rows])
def test_averages_are_those_of_the_papers_rows(table, name):
    """Arithmetic for entropies, geometric for detection; printed to two digits, of numbers printed to two."""
    row = paper.TABLES[table].rows[name]
    for measure, mean in (("entropy_increase", np.mean), ("detection", gmean)):
        cells = [row[f"{measure}.{part}"] for part in ("rgb-rotation", "drawings", "noise", "imagenet")]
        average = row[f"{measure}.average"]
        assert (average is None) == (None in cells)
        if average is not None:
            assert mean(cells) == pytest.approx(average, abs=0.011)
    calibration = [row[f"calibration_paper.{part}"] for part in ("ece", "mce", "ice")]
    if None not in calibration:
        printed = row["calibration_paper.geometric_mean"]
        assert gmean(calibration) == pytest.approx(printed, rel=0.02)


def test_the_papers_bits_are_shifted_by_what_its_code_leaves_out():
    # Right: -log N(z) - log|det|; the code: (z²/2 - ½ log 2π) and no determinant, for z = (x - mean) / deviation.
    z = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0))
    deviations = torch.tensor([0.247, 0.243, 0.261])
    right = -torch.distributions.Normal(0, 1).log_prob(z) + torch.log(deviations)
    code = z**2 / 2 - math.log(2 * math.pi) / 2
    assert paper.BITS_CORRECTION == pytest.approx(((right - code).mean() / math.log(2)).item(), abs=0.005) == 0.65


@pytest.mark.parametrize("spread", [0.05, 0.3, 3.0])
def test_the_usual_bins_hold_the_most_probable_class_only(spread):
    rng = np.random.default_rng(1)
    posterior, labels = rng.dirichlet(np.full(10, spread), 400), rng.integers(0, 10, 400)
    found, error = top_label_reliability(posterior, labels, 4), 0
    confidence, hits = posterior.max(1), posterior.argmax(1) == labels
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
