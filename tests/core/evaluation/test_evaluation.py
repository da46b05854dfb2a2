"""The numbers of a card, each against a computation that is as plain as its definition."""

import copy
import math
import sys

import numpy as np
import pytest
import torch
from checkpoint_helpers import colourful_images, small_model

from ibinn_core import to_unit
from ibinn_core.evaluation import Measured, encode_images, metrics, score_images
from ibinn_core.exploration.geometry import latent_geometry
from ibinn_core.measures.calibration import calibration, top_label_error
from ibinn_core.measures.scores import cross_entropy, overconfidence, predictive_entropy


def posteriors(count: int, sharpness: float, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Random posteriors, float32 ``(count, classes)``, and labels that they know something about."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, count)
    logits = sharpness * (rng.standard_normal((count, classes)) + 1.5 * np.eye(classes)[labels])
    return torch.softmax(torch.from_numpy(logits), 1).numpy().astype(np.float32), labels


def literal_calibration(posterior: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """Eqs. 58-64 of Appendix C as loops, Eq. 59 mended: a prediction for class y' is a hit if y' = y_j."""
    edges = [0.00, 0.01, 0.02, 0.03, 0.04, 0.05, 0.15, 0.25, 0.35, 0.45]
    edges += [0.55, 0.65, 0.75, 0.85, 0.95, 0.96, 0.97, 0.98, 0.99, 1.00]
    expected = maximum = integrated = 0.0
    for i in range(len(edges) - 1):
        last = i == len(edges) - 2
        members, hits = 0, 0
        for j, row in enumerate(posterior):
            for y, p in enumerate(row):
                if edges[i] <= p < edges[i + 1] or (last and p == 1):
                    members += 1
                    hits += y == labels[j]
        if not members:
            continue
        gap = abs((edges[i] + edges[i + 1]) / 2 - hits / members)
        expected += members / posterior.size * gap
        maximum = max(maximum, gap)
        integrated += (edges[i + 1] - edges[i]) * gap
    return expected, maximum, integrated


CALIBRATIONS = {
    "soft, with empty bins": posteriors(200, 0.3),
    "sharp, with all bins": posteriors(300, 6.0),
    "with exact zeros and ones": (np.eye(10)[np.arange(30) % 10], np.arange(30) % 7),
    "one image": posteriors(1, 1.0),
    "all equal": (np.full((50, 10), 0.1), np.arange(50) % 10),
    "two classes": posteriors(100, 1.0, classes=2),
    "on the edges": (np.array([[0.05, 0.15, 0.8], [0.25, 0.35, 0.4], [0.01, 0.96, 0.03]]), np.array([0, 1, 1])),
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_calibration_is_the_papers_equations(name):
    posterior, labels = CALIBRATIONS[name]
    found = calibration(posterior, labels)
    assert found == pytest.approx(literal_calibration(np.asarray(posterior, float), labels), abs=1e-12)
    assert found.geometric_mean == pytest.approx(math.prod(found) ** (1 / 3))


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def measured(model):
    images, labels = colourful_images(90, seed=3)
    labels = np.random.default_rng(0).permutation(labels)
    return images, labels, encode_images(model, images)


def test_images_are_measured_as_the_model_sees_them(model, measured):
    images, _, found = measured
    x = torch.from_numpy(images).permute(0, 3, 1, 2) / 256  # the lower ends of the pixels' intervals
    noise = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) / 256
    with torch.no_grad():
        # A float32 at (u + 1/2) / 256 + noise - 1/2 / 256 is rounded twice.
        tolerance = {"rtol": 1e-4, "atol": 1e-3}
        torch.testing.assert_close(torch.from_numpy(found.latents), model.encode(x + noise), **tolerance)
        torch.testing.assert_close(torch.from_numpy(found.log_prob), model.log_prob(x + noise), **tolerance)
        torch.testing.assert_close(torch.from_numpy(found.posterior), model.posterior(x + noise), **tolerance)
    assert all(column.dtype == np.float32 for column in found)
    centres = model.encode(to_unit(images)).numpy()
    assert np.abs(found.latents - centres).max() > 0.01  # the noise matters at that tolerance


def test_dequantisation_is_repeatable_and_each_image_has_noise_of_its_own(model, monkeypatch):
    monkeypatch.setattr(sys.modules["ibinn_core.evaluation.metrics"], "BATCH", 4)
    images = np.repeat(colourful_images(1)[0], 6, 0)
    first, again = encode_images(model, images), encode_images(model, images)
    np.testing.assert_array_equal(first.latents, again.latents)
    assert len(np.unique(first.log_prob)) == 6


def test_scores_are_the_measured_ones_without_latents(model, measured):
    images, _, found = measured
    trained = copy.deepcopy(model).requires_grad_(True)  # has just been trained
    for one in (model, trained):
        scores = score_images(one, images)
        assert scores.latents is None
        np.testing.assert_array_equal(scores.log_prob, found.log_prob)
        np.testing.assert_array_equal(scores.posterior, found.posterior)


def test_a_model_of_gaussian_noise_is_measured_without_noise(model, monkeypatch):
    monkeypatch.setattr(model, "noise", 1e-3)
    images, labels = colourful_images(30)
    found = encode_images(model, images)
    np.testing.assert_allclose(found.log_prob, model.log_prob(to_unit(images)).numpy(), rtol=1e-5, atol=1e-2)
    bits = metrics(model, images, labels, found)["bits_per_dim"]
    # Eq. 42
    values = [-lp / (3072 * math.log(2)) - math.log2(2 * math.pi * 1e-6) / 2 for lp in found.log_prob.tolist()]
    assert bits["mean"] == pytest.approx(sum(values) / 30)


def test_error_bits_and_confidence(model, measured):
    images, labels, found = measured
    card = metrics(model, images, labels, found)
    wrong = sum(max(range(10), key=lambda k: row[k]) != y for row, y in zip(found.posterior, labels, strict=True))
    assert card["error"] == wrong / 90 and 0 < wrong < 90
    bits = sorted((math.log(256) - lp / 3072) / math.log(2) for lp in found.log_prob.tolist())
    assert card["bits_per_dim"]["mean"] == pytest.approx(sum(bits) / 90, rel=1e-9)
    assert card["bits_per_dim"]["median"] == pytest.approx((bits[44] + bits[45]) / 2, rel=1e-9)
    assert card["bits_per_dim"]["worst"] == pytest.approx(bits[-1], rel=1e-9)
    assert card["confidence"] == pytest.approx(np.mean([row.max() for row in found.posterior]), rel=1e-6)
    assert card["entropy"] == predictive_entropy(found.posterior).mean()
    assert card["overconfidence"] == overconfidence(found.posterior, labels)
    assert card["cross_entropy"] == cross_entropy(found.posterior, labels)
    paper = dict(zip(("ece", "mce", "ice"), literal_calibration(found.posterior.astype(float), labels), strict=True))
    paper["geometric_mean"] = math.prod(paper.values()) ** (1 / 3)
    assert card["calibration_paper"] == pytest.approx(paper)
    assert card["calibration_top_label"] == top_label_error(found.posterior, labels)


def test_the_geometry_of_latent_space(model, measured):
    images, labels, found = measured
    card = metrics(model, images, labels, found)
    means, z = model.class_means.numpy().astype(np.float64), found.latents.astype(np.float64)
    empirical = [z[labels == k].mean(0) for k in range(10)]
    distances, along = [], []
    axes = np.linalg.qr((means[1:] - means[0]).T)[0]  # of the span of the means' differences
    for i in range(10):
        for j in range(i + 1, 10):
            line = axes @ (axes.T @ (empirical[i] - empirical[j]))
            distances.append(np.linalg.norm(line))
            for k in (i, j):
                along += [(row - empirical[k]) @ line / distances[-1] for row in z[labels == k]]
    assert card["separation"] == pytest.approx(np.mean(distances) / np.std(along), rel=1e-4)
    squares = [(row - empirical[y]) ** 2 for row, y in zip(z, labels, strict=True)]
    assert card["latent_spread"] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-5)


def test_means_that_coincide_separate_nothing_and_one_class_is_refused():
    labels, z = np.arange(20) % 10, np.random.default_rng(0).standard_normal((20, 40)).astype(np.float32)
    assert latent_geometry(np.ones((10, 40), np.float32), z, labels)["separation"] == 0
    with pytest.raises(ValueError, match="two classes"):
        latent_geometry(np.eye(10, 40, dtype=np.float32), z, np.full(20, 2))


def test_a_card_of_plain_numbers_also_where_classes_are_missing_and_latents_coincide(model, measured):
    images, labels, found = measured
    seen = labels < 4
    part = Measured(*(column[seen] for column in found))
    collapsed = found._replace(latents=np.ones_like(found.latents))
    for numbers in (metrics(model, images[seen], labels[seen], part), metrics(model, images, labels, collapsed)):
        flat = [*numbers.values(), *numbers["bits_per_dim"].values(), *numbers["calibration_paper"].values()]
        flat = [value for value in flat if not isinstance(value, dict) and value is not None]
        sure = numbers["overconfidence"] is not None
        assert len(flat) == 8 + 7 + sure and all(type(value) is float and math.isfinite(value) for value in flat)
    assert numbers["separation"] == numbers["latent_spread"] == 0


def test_reconstruction_is_the_largest_error_of_the_way_there_and_back(model, monkeypatch):
    images = colourful_images(250)[0]
    found = encode_images(model, images)
    assert 0 < metrics(model, images, np.arange(250) % 10, found)["reconstruction"] < 1e-5
    exact, seen = model.decode, []

    def decode(z):
        x = exact(z)
        seen.append(len(x))
        x[-1, 1, 5, 6] -= 0.25  # of one value, downwards
        return x

    monkeypatch.setattr(model, "decode", decode)
    card = metrics(model, images, np.arange(250) % 10, found)
    assert card["reconstruction"] == pytest.approx(0.25, abs=1e-4) and seen == [200]


def test_measuring_changes_nothing(model, measured):
    images, labels, found = measured
    before = {name: value.clone() for name, value in model.state_dict().items()}
    given, state = [images, labels, *found], torch.get_rng_state()
    kept = [array.copy() for array in given]
    metrics(model, images, labels, found)
    encode_images(model, images)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state) and all(map(np.array_equal, given, kept))
