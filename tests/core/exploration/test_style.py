"""The class part of a latent and everything else: exact in float64, whatever the number of classes."""

import numpy as np
import pytest
from scipy.special import log_softmax

from ibinn_core.exploration import Styles, class_span, style_components, style_direction, transplant

SHAPES = [(2, 2), (2, 30), (3, 40), (10, 60), (10, 10), (40, 60)]  # K, D


def draw_means(num_classes: int, dims: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 5 + 3 * rng.standard_normal((num_classes, dims))  # off from the origin, as those of real models are


def latents(means: np.ndarray, count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Latents that are neither white nor centred, and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(means), count)
    mixing = np.eye(means.shape[1]) + 0.3 * rng.standard_normal((means.shape[1],) * 2) / np.sqrt(means.shape[1])
    return means[labels] + rng.standard_normal((count, means.shape[1])) @ mixing + 2, labels


def log_posterior(z: np.ndarray, means: np.ndarray, log_weights: np.ndarray | float = 0.0) -> np.ndarray:
    return log_softmax(z @ means.T - np.square(means).sum(1) / 2 + log_weights, axis=1)


@pytest.mark.parametrize("num_classes, dims", SHAPES)
def test_the_span_is_orthonormal_and_holds_all_differences(num_classes, dims):
    means = draw_means(num_classes, dims)
    span = class_span(means)
    assert span.shape == (num_classes - 1, dims)
    np.testing.assert_allclose(span @ span.T, np.eye(num_classes - 1), atol=1e-12)
    differences = means - means[0]
    np.testing.assert_allclose(differences @ span.T @ span, differences, atol=1e-10)
    step = 0.01 * draw_means(num_classes, dims, seed=1)
    assert np.abs(class_span(means + step) - span).max() < 0.1  # it moves little when the means do


@pytest.mark.parametrize(
    "means, rank",
    [
        (np.ones((3, 4)), 0),
        (np.array([[1.0, 0, 0], [1, 0, 0], [0, 2, 0]]), 1),  # two classes in one place
        (np.array([[0.0], [1.0], [5.0]]), 1),  # more classes than dimensions
        (1e200 * draw_means(3, 5), 2),
        (1e-200 * draw_means(3, 5), 2),
    ],
)
def test_means_that_span_less_have_a_smaller_span(means, rank):
    span = class_span(means)
    assert span.shape == (rank, means.shape[1])
    np.testing.assert_allclose(span @ span.T, np.eye(rank), atol=1e-12)


@pytest.mark.parametrize("with_labels", [False, True])
@pytest.mark.parametrize("num_classes, dims", SHAPES[1:4])
def test_no_posterior_changes_along_a_style(num_classes, dims, with_labels):
    means = draw_means(num_classes, dims)
    z, labels = latents(means, 400)
    attribute = z @ np.random.default_rng(2).standard_normal(dims)
    directions = [style_direction(z, one, means, labels if with_labels else None) for one in (attribute, z[:, 0] > 5)]
    directions += list(style_components(z, labels, means, 2))
    for direction in directions:
        assert np.linalg.norm(direction) > 0.1
        for step in (-3.0, 0.5, 4.0):
            change = log_posterior(z + step * direction, means) - log_posterior(z, means)
            assert np.abs(change).max() < 1e-9


def test_one_step_is_one_deviation_of_the_attribute():
    """For white latents and a linear attribute, the change is known."""
    rng, means = np.random.default_rng(0), draw_means(5, 20)
    z = rng.standard_normal((200_000, 20))
    span = class_span(means)
    for noise in (0.0, 2.0):
        gradient = rng.standard_normal(20)
        attribute = z @ gradient + noise * rng.standard_normal(len(z))
        style = gradient - gradient @ span.T @ span
        expected = style * attribute.std() / (style @ style)
        np.testing.assert_allclose(style_direction(z, attribute, means), expected, atol=0.03 * np.linalg.norm(expected))


def test_labels_leave_out_what_differs_between_classes_alone():
    rng, means = np.random.default_rng(3), np.zeros((2, 6))
    means[:, 0] = [-4, 4]
    labels = rng.integers(0, 2, 50_000)
    z = rng.standard_normal((len(labels), 6))
    z[:, 0] += means[labels, 0]
    z[:, 1] += 3 * labels  # differs between the classes, and no μ says so
    attribute = 5.0 * labels + z[:, 2]
    within, over_all = (style_direction(z, attribute, means, given) for given in (labels, None))
    assert abs(within[1]) < 0.03 * abs(within[2]) and abs(over_all[1]) > abs(over_all[2])


def test_components_are_the_principal_ones_within_classes_and_off_the_span():
    rng, means = np.random.default_rng(4), draw_means(3, 8)
    span = class_span(means)
    frame = np.linalg.qr(np.concatenate([span, rng.standard_normal((6, 8))]).T)[0].T[2:]  # off the span
    labels = rng.integers(0, 3, 100_000)
    z = means[labels] + 20 * rng.standard_normal((len(labels), 2)) @ span
    z += 30 * labels[:, None] * frame[4]  # between the classes
    z += rng.standard_normal((len(labels), 6)) * [5, 4, 3, 1, 1, 1] @ frame
    found = style_components(z, labels, means, 3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [5, 4, 3], rtol=0.02)
    np.testing.assert_allclose(np.abs(found @ frame.T), np.diag([5.0, 4, 3, 0, 0, 0])[:3], atol=0.1)
    assert all(row[np.abs(row).argmax()] > 0 for row in found)


def test_components_of_many_dimensions_are_those_of_the_whole_decomposition():
    rng, means = np.random.default_rng(5), draw_means(4, 500).astype(np.float32)
    labels = rng.integers(0, 4, 900)
    z = (rng.standard_normal((900, 500)) * np.linspace(4, 1, 500)).astype(np.float32)
    found = style_components(z, labels, means, 5)
    centred = z - np.stack([z[labels == k].mean(0) for k in range(4)])[labels]
    span = class_span(means.astype(np.float64))
    _, sizes, directions = np.linalg.svd(centred - centred @ span.T @ span, full_matrices=False)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), sizes[:5] / 30, rtol=1e-4)
    cosines = np.abs((found * directions[:5]).sum(1)) / np.linalg.norm(found, axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-3)
    np.testing.assert_array_equal(style_components(z, labels, means, 5), found)  # repeatable


def test_a_principal_direction_is_explained_by_an_attribute_of_at_least_half_a_correlation():
    correlations = np.array([[1.0, 0.0], [0.0, 1.0], [0.3, -0.5], [0.49, 0.2]])
    styles = Styles(("ink", "slant"), np.zeros((4, 3)), correlations, correlations, np.ones(2))
    assert styles.explanations == ("ink", "slant", "slant", None)
    assert styles.names == ("ink", "slant", "principal 1", "principal 2")


@pytest.mark.parametrize("num_classes, dims", SHAPES)
def test_a_transplant_has_the_posterior_of_one_and_the_style_of_the_other(num_classes, dims):
    means = draw_means(num_classes, dims)
    z, _ = latents(means, 30)
    other, _ = latents(means, 30, seed=9)
    weights = np.random.default_rng(0).standard_normal(num_classes)
    span = class_span(means)
    for given, donor in ((other, other), (other[3], np.tile(other[3], (30, 1)))):
        hybrid = transplant(z, given, means)
        change = log_posterior(hybrid, means, weights) - log_posterior(donor, means, weights)
        assert np.abs(change).max() < 1e-9
        moved = hybrid - z
        np.testing.assert_allclose(moved, moved @ span.T @ span, atol=1e-10)
    np.testing.assert_allclose(transplant(transplant(z, other, means), z, means), z, atol=1e-10)
