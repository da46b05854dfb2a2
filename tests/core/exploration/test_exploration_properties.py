"""Every public function of exploration on hostile arguments: a right result, or one sentence of the right error."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hostile import TRIED, arrays, is_of_type, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st
from shape_helpers import OF_COLOUR, OF_GREY

from ibinn_core import exploration

pytestmark = pytest.mark.slow

IMAGES, POINTS, LATENT = (2, 3, 4, 5), (6, 4), (5,)


def strengths():
    return st.one_of(st.floats(0, 2), scalars())


#: Functions that give images, and what comes after the images.
OF_IMAGES = {
    exploration.add_uniform_noise: (strengths(), st.sampled_from([0, 1, 2**40])),
    exploration.add_gaussian_noise: (strengths(), st.sampled_from([0, 1, 2**40])),
    exploration.blend: (arrays(IMAGES), st.one_of(st.floats(0, 1), scalars())),
    exploration.rotate_rgb: (strengths(), st.one_of(st.just((1.0, 1.0, 1.0)), arrays((3,)), scalars())),
    exploration.rotate_in_plane: (strengths(), st.one_of(st.floats(0, 1), scalars())),
}


@pytest.mark.parametrize("function", OF_IMAGES)
@TRIED
@given(arrays(IMAGES), st.data())
def test_images(function, x, data):
    y, is_given = outcome(function, x, *(data.draw(some) for some in OF_IMAGES[function]))
    if is_given:
        assert is_of_type(y, x) and tuple(y.shape) == np.asarray(plain(x)).shape
        values = plain(y)
        assert ((values >= 0) & (values <= 1)).all()
        exact = values * 256 - 0.5  # a pixel's centre, up to the steps of half precision
        assert np.allclose(exact, exact.round(), atol=0.51)


@TRIED
@given(strengths(), st.one_of(arrays((3,)), scalars()))
def test_rotation_matrix(alpha, axis):
    matrix, is_given = outcome(exploration.rotation_matrix, alpha, axis)
    if is_given:
        assert matrix.shape == (3, 3)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-6)


@TRIED
@given(st.one_of(st.integers(0, 2**70), scalars()))
def test_random_axis(seed):
    axis, is_given = outcome(exploration.random_axis, seed)
    if is_given:
        assert axis.shape == (3,) and np.isclose(np.linalg.norm(axis), 1)


@TRIED
@given(
    arrays(LATENT),
    arrays(LATENT),
    st.one_of(st.integers(-1, 9), scalars()),
    st.sampled_from(["linear", "spherical", "round", None, ["linear"]]),
)
def test_interpolate(z0, z1, steps, path):
    z, is_given = outcome(exploration.interpolate, z0, z1, steps, path)
    if is_given:
        first, last = plain(z0), plain(z1)
        shape = np.broadcast_shapes(first.shape, last.shape)
        assert is_of_type(z, z0) and tuple(z.shape) == (*shape[:-1], steps, shape[-1])
        largest = max(1e-300, np.abs(first).max(initial=0), np.abs(last).max(initial=0))
        np.testing.assert_allclose(plain(z)[..., 0, :], np.broadcast_to(first, shape), atol=1e-2 * largest)
        np.testing.assert_allclose(plain(z)[..., -1, :], np.broadcast_to(last, shape), atol=1e-2 * largest)
        assert np.isfinite(plain(z)).all()


@TRIED
@given(arrays(POINTS), st.one_of(st.integers(-1, 6), scalars()))
def test_principal_components(points, dims):
    for function in (exploration.principal_components, exploration.plane_of_means):
        basis, is_given = outcome(function, points, dims)
        if is_given:
            assert basis.directions.shape == (dims, plain(points).shape[1])
            np.testing.assert_allclose(basis.directions @ basis.directions.T, np.eye(dims), atol=1e-3)


@TRIED
@given(arrays(POINTS), arrays((4,)), arrays((2, 4)))
def test_project(z, origin, directions):
    basis = exploration.Basis(origin, directions)
    coordinates, is_given = outcome(exploration.project, z, basis)
    if is_given:
        assert is_of_type(coordinates, z) and tuple(coordinates.shape) == (len(z), len(directions))
        assert np.isfinite(plain(coordinates)).all()


@TRIED
@given(arrays(POINTS), arrays(POINTS))
def test_align(means_a, means_b):
    rotation, is_given = outcome(exploration.align, means_a, means_b)
    if is_given:
        assert is_of_type(rotation, means_a)
        size = plain(means_a).shape[1]
        np.testing.assert_allclose(plain(rotation) @ plain(rotation).T, np.eye(size), atol=0.05)


@TRIED
@given(arrays(LATENT), arrays((9,)))
def test_typicality(log_prob, reference):
    for function in (exploration.typicality, exploration.typicality_p_value):
        values, is_given = outcome(function, log_prob, reference)
        if is_given:
            assert is_of_type(values, log_prob) and tuple(values.shape) == plain(log_prob).shape
            assert np.isfinite(plain(values)).all() and (plain(values) >= 0).all()


@TRIED
@given(arrays((9,)), st.one_of(st.floats(0, 1), scalars()))
def test_typicality_threshold(reference, level):
    threshold, is_given = outcome(exploration.typicality_threshold, reference, level)
    if is_given:
        assert isinstance(threshold, float) and 0 <= threshold < np.inf


@TRIED
@given(arrays((9,)), st.one_of(st.floats(0, 1), scalars()))
def test_typical_range(reference, level):
    found, is_given = outcome(exploration.typical_range, reference, level)
    if is_given:
        low, high = found
        assert isinstance(low, float) and isinstance(high, float) and -np.inf < low <= high < np.inf


def whole_numbers(count: int):
    """A class for each latent; sometimes invalid ones."""
    return st.one_of(st.just(np.arange(count) % 3), st.just(torch.arange(count) % 3), st.integers(-1, 4), scalars())


@TRIED
@given(arrays(POINTS))
def test_class_span(means):
    span, is_given = outcome(exploration.class_span, means)
    if is_given:
        assert is_of_type(span, means)
        np.testing.assert_allclose(plain(span) @ plain(span).T, np.eye(len(span)), atol=0.05)


@TRIED
@given(arrays((12, 4)), arrays((12,)), arrays((3, 4)), st.one_of(st.none(), whole_numbers(12)))
def test_style_direction(z, attribute, means, labels):
    direction, is_given = outcome(exploration.style_direction, z, attribute, means, labels)
    if is_given:
        assert is_of_type(direction, z) and np.isfinite(plain(direction)).all()
        assert tuple(direction.shape) == plain(z).shape[1:]


@TRIED
@given(arrays((12, 4)), whole_numbers(12), arrays((3, 4)), st.one_of(st.integers(0, 3), scalars()))
def test_style_components(z, labels, means, dims):
    directions, is_given = outcome(exploration.style_components, z, labels, means, dims)
    if is_given:
        assert is_of_type(directions, z) and tuple(directions.shape) == (dims, 4)
        assert np.isfinite(plain(directions)).all()


@TRIED
@given(arrays(POINTS), st.one_of(arrays(POINTS), arrays((4,))), arrays((3, 4)))
def test_transplant(z, other, means):
    hybrid, is_given = outcome(exploration.transplant, z, other, means)
    if is_given:
        assert is_of_type(hybrid, z) and tuple(hybrid.shape) == plain(z).shape
        assert np.isfinite(plain(hybrid)).all()


@TRIED
@given(arrays(POINTS), whole_numbers(6))
def test_counterfactual(z, target):
    classes = SimpleNamespace(has_likelihood=True, class_means=np.eye(3, 4), empirical_class_means=None)
    classes.mixture = SimpleNamespace(log_weights=np.arange(3.0))
    found, is_given = outcome(exploration.counterfactual, classes, z, target)
    if is_given:
        assert isinstance(found, exploration.Counterfactual)
        alpha, count = plain(found.alpha), len(plain(z))
        assert alpha.shape == (count,) and not np.isnan(alpha).any() and (alpha >= 0).all()
        assert is_of_type(found.z, z) and tuple(found.z.shape) == plain(z).shape
        assert (np.isnan(plain(found.z)).any(1) == np.isinf(alpha)).all()


@TRIED
@given(arrays(IMAGES))
def test_attributes(images):
    found, is_given = outcome(exploration.attributes, images)
    if is_given:
        channels = plain(images).shape[3 if getattr(images, "dtype", None) in (np.uint8, torch.uint8) else 1]
        assert tuple(found) == (OF_COLOUR if channels >= 3 else OF_GREY)
        assert all(np.isfinite(plain(values)).all() for values in found.values())


def test_styles_off_another_span():
    directions = np.random.default_rng(0).standard_normal((2, 4)).astype(np.float32)
    styles = exploration.Styles(("ink",), directions, *np.zeros((2, 2, 1)), np.zeros(1))
    moved = styles.off_span(np.eye(3, 4))
    np.testing.assert_allclose(moved.directions @ exploration.class_span(np.eye(3, 4)).T, 0, atol=1e-6)


def test_every_public_function_is_tried():
    tried = set(re.findall(r"exploration\.(\w+)", Path(__file__).read_text()))
    assert {name for name in exploration.__all__ if callable(getattr(exploration, name))} <= tried
