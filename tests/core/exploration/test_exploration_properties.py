"""Every public function of exploration on hostile arguments: a right result, or one sentence of the right error."""

import re
from pathlib import Path

import numpy as np
from hostile import TRIED, arrays, is_of_type, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st

from ibinn_core import exploration

IMAGES, POINTS, LATENT = (2, 3, 4, 5), (6, 4), (5,)


def check_images(function, x, *arguments) -> None:
    y, is_given = outcome(function, x, *arguments)
    if is_given:
        assert is_of_type(y, x) and tuple(y.shape) == np.asarray(plain(x)).shape
        values = plain(y)
        assert ((values >= 0) & (values <= 1)).all()
        exact = values * 256 - 0.5  # a pixel's centre, up to the steps of half precision
        assert np.allclose(exact, exact.round(), atol=0.51)


def strengths():
    return st.one_of(st.floats(0, 2), scalars())


@TRIED
@given(arrays(IMAGES), strengths(), st.sampled_from([0, 1, 2**40]))
def test_uniform_noise(x, amplitude, seed):
    check_images(exploration.add_uniform_noise, x, amplitude, seed)


@TRIED
@given(arrays(IMAGES), strengths(), st.sampled_from([0, 1, 2**40]))
def test_gaussian_noise(x, sigma, seed):
    check_images(exploration.add_gaussian_noise, x, sigma, seed)


@TRIED
@given(arrays(IMAGES), arrays(IMAGES), st.one_of(st.floats(0, 1), scalars()))
def test_blend(x, other, t):
    check_images(exploration.blend, x, other, t)


@TRIED
@given(arrays(IMAGES), strengths(), st.one_of(st.just((1.0, 1.0, 1.0)), arrays((3,)), scalars()))
def test_rgb_rotation(x, alpha, axis):
    check_images(exploration.rotate_rgb, x, alpha, axis)


@TRIED
@given(arrays(IMAGES), strengths(), st.one_of(st.floats(0, 1), scalars()))
def test_rotation_in_the_plane(x, alpha, background):
    check_images(exploration.rotate_in_plane, x, alpha, background)


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
        assert is_of_type(z, z0) and tuple(z.shape) == (steps, len(first))
        largest = max(1e-300, np.abs([first, last]).max()) if len(first) else 1
        np.testing.assert_allclose(plain(z)[0], first, atol=1e-2 * largest)
        np.testing.assert_allclose(plain(z)[-1], last, atol=1e-2 * largest)
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


def test_every_public_function_is_tried():
    tried = set(re.findall(r"exploration\.(\w+)", Path(__file__).read_text()))
    assert {name for name in exploration.__all__ if callable(getattr(exploration, name))} <= tried
