"""Interpolation, projections, the RGB rotation, and typicality."""

import math

import numpy as np
import pytest
import torch

import ibinn_core as ib
from ibinn_core.exploration import (
    Basis,
    align,
    interpolate,
    plane_of_means,
    principal_components,
    project,
    random_axis,
    rotate_rgb,
    rotation_matrix,
    style_direction,
    typicality,
    typicality_p_value,
    typicality_threshold,
)


def draw(*shape: int, seed: int = 0, dtype=np.float32) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def orthogonal(size: int) -> np.ndarray:
    """A random orthogonal matrix."""
    return np.linalg.qr(draw(size, size, dtype=np.float64))[0]


def pictures(count: int = 6, seed: int = 0) -> np.ndarray:
    """8-bit images at pixel centres, float32 ``(count, 3, 8, 8)``, black and white among the pixels."""
    levels = np.random.default_rng(seed).integers(0, 256, (count, 3, 8, 8))
    levels[0, :, 0, :2] = [[0, 255]] * 3
    return ((levels + 0.5) / 256).astype(np.float32)


def test_a_linear_path_is_straight_and_even_and_a_spherical_one_the_usual_great_circle():
    z0, z1 = draw(50, seed=1, dtype=np.float64), 3 * draw(50, seed=2, dtype=np.float64)
    for path in ("linear", "spherical"):
        np.testing.assert_array_equal(interpolate(z0, z1, 7, path)[[0, -1]], [z0, z1])
    t = np.linspace(0, 1, 5)[:, None]
    np.testing.assert_allclose(interpolate(z0, z1, 5, "linear"), (1 - t) * z0 + t * z1)
    omega = np.arccos(z0 @ z1 / np.linalg.norm(z0) / np.linalg.norm(z1))
    expected = (np.sin((1 - t) * omega) * z0 + np.sin(t * omega) * z1) / np.sin(omega)
    np.testing.assert_allclose(interpolate(z0, z1, 5), expected)


@pytest.mark.parametrize("path", ["linear", "spherical"])
def test_each_latent_of_a_batch_has_its_own_path(path):
    z0, z1 = draw(6, 50, seed=1), draw(6, 50, seed=2)
    z0[0], z1[1], z1[2] = 0, 0, 2 * z0[2]  # these paths are straight
    paths = interpolate(torch.from_numpy(z0), torch.from_numpy(z1), 7, path)
    assert paths.shape == (6, 7, 50) and paths.dtype == torch.float32
    np.testing.assert_allclose(paths, [interpolate(*ends, 7, path) for ends in zip(z0, z1, strict=True)], atol=1e-6)
    np.testing.assert_allclose(interpolate(z0[3], z1, 7, path)[4], interpolate(z0[3], z1[4], 7, path), atol=1e-6)
    np.testing.assert_allclose(interpolate(z0, z1[3], 7, path)[4], interpolate(z0[4], z1[3], 7, path), atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 2.0, 1 + 1e-9, -1.0, -3.0, 0.0])
def test_a_spherical_path_between_parallel_vectors_is_straight(factor):
    z0 = draw(50, dtype=np.float64)
    points = interpolate(z0, factor * z0, 5, "spherical")
    expected = np.linspace(1, factor, 5)[:, None] * z0
    np.testing.assert_allclose(points, expected, atol=1e-12)
    np.testing.assert_array_equal(interpolate(0 * z0, 0 * z0, 5, "spherical"), np.zeros((5, 50)))


def test_principal_components_are_those_of_the_covariance():
    points = draw(40, 6, dtype=np.float64) * [5, 4, 3, 2, 1, 0.5] @ orthogonal(6) + 7
    basis = principal_components(points, 3)
    np.testing.assert_allclose(basis.origin, points.mean(0))
    np.testing.assert_allclose(basis.directions @ basis.directions.T, np.eye(3), atol=1e-12)
    covariance = np.cov(points.T)
    variances = np.sort(np.linalg.eigvalsh(covariance))[::-1][:3]
    np.testing.assert_allclose(covariance @ basis.directions.T, basis.directions.T * variances, atol=1e-9)
    assert all(row[np.abs(row).argmax()] > 0 for row in basis.directions)


def test_the_plane_of_the_means_keeps_all_their_distances_when_they_lie_in_one():
    flat = draw(10, 2, dtype=np.float64)
    means = flat @ orthogonal(30)[:2] + draw(30, seed=3, dtype=np.float64)
    seen = project(means, plane_of_means(means))
    assert seen.shape == (10, 2)
    first, second = np.triu_indices(10, 1)
    np.testing.assert_allclose(
        np.linalg.norm(seen[first] - seen[second], axis=1), np.linalg.norm(flat[first] - flat[second], axis=1)
    )
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-12)
    assert seen[:, 0].var() > seen[:, 1].var()


def test_align_is_orthogonal_and_best_where_no_rotation_fits():
    a, b = draw(10, 2, seed=1, dtype=np.float64), draw(10, 2, seed=2, dtype=np.float64)
    found = align(a, b)
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-12)
    a, b = a - a.mean(0), b - b.mean(0)
    least = np.square(a @ found - b).sum()
    for flip in (1, -1):
        for angle in np.linspace(0, 2 * np.pi, 100):
            other = rotation_matrix(angle, (0, 0, 1))[:2, :2] * [1, flip]
            assert least <= np.square(a @ other - b).sum() + 1e-9


def test_random_axes_are_seeded_and_uniform_over_the_sphere():
    axes = np.stack([random_axis(seed) for seed in range(2000)])
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1)
    np.testing.assert_array_equal(random_axis(7), axes[7])
    np.testing.assert_allclose(axes.mean(0), 0, atol=5 / math.sqrt(3 * 2000))
    for coordinate in axes.T:  # each is uniform over [-1, 1] (Archimedes)
        counts, _ = np.histogram(coordinate, 10, (-1, 1))
        assert (np.abs(counts - 200) < 5 * math.sqrt(200 * 0.9)).all()


@pytest.mark.parametrize("alpha", [0.0, 0.3 * math.pi, -2.0, 40.0])
@pytest.mark.parametrize("axis", [(1, 1, 1), (0, 0, 5), (-0.3, 2e-3, 1e6)])
def test_a_rotation_matrix_is_a_rotation_about_its_axis(alpha, axis):
    matrix = rotation_matrix(alpha, axis)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(matrix) == pytest.approx(1, abs=1e-14)
    unit = np.array(axis) / np.linalg.norm(axis)
    np.testing.assert_allclose(matrix @ unit, unit, atol=1e-14)
    assert np.trace(matrix) == pytest.approx(1 + 2 * math.cos(alpha), abs=1e-13)
    np.testing.assert_allclose(rotation_matrix(math.pi / 2, (0, 0, 1)) @ [1, 0, 0], [0, 1, 0], atol=1e-15)


def test_a_full_turn_changes_nothing_and_a_third_about_grey_permutes_the_channels():
    x = pictures()
    for alpha in (0.0, 2 * math.pi, -4 * math.pi):
        np.testing.assert_array_equal(rotate_rgb(x, alpha, random_axis(0)), x)
    np.testing.assert_array_equal(rotate_rgb(x, 2 * math.pi / 3, (1, 1, 1)), x[:, [2, 0, 1]])
    np.testing.assert_array_equal(rotate_rgb(x, -2 * math.pi / 3), x[:, [1, 2, 0]])


def test_a_rotation_turns_about_mid_grey():
    # Within a ball about mid-grey that fits into the cube, so that nothing is clamped.
    x = np.clip(0.5 + 0.1 * draw(50, 3, 4, 4), 0.25, 0.75)
    x = ((np.floor(x * 256) + 0.5) / 256).astype(np.float32)
    turned = rotate_rgb(x, 0.3 * math.pi, random_axis(3))
    exact = np.moveaxis((np.moveaxis(x - 0.5, 1, -1) @ rotation_matrix(0.3 * math.pi, random_axis(3)).T), -1, 1) + 0.5
    assert np.abs(turned - exact).max() <= 0.5 / 256 + 1e-6
    assert np.abs(turned - x).max() > 0.1
    levels = rotate_rgb(pictures(), math.pi, random_axis(1)) * 256.0 - 0.5
    np.testing.assert_array_equal(levels, np.round(levels))
    assert levels.min() == 0 and levels.max() == 255  # both ends are clamped to


def test_typicality_of_thousands_of_nats_keeps_its_digits():
    reference = (8000 + draw(100_000)).astype(np.float32)  # a float32 sum of these is off by whole nats
    exact = abs(8000.5 - reference.astype(np.float64).mean())
    assert typicality(np.array([8000.5], np.float32), reference)[0] == pytest.approx(exact, abs=1e-3)


def test_typicality_and_its_p_value_by_hand():
    reference = np.array([-10.0, -20.0, -30.0, -40.0])  # at distances 15, 5, 5, 15 from their mean
    log_prob = np.array([-25.0, -20.0, -19.0, -41.0, 0.0])
    np.testing.assert_array_equal(typicality(log_prob, reference), [0, 5, 6, 16, 25])
    np.testing.assert_array_equal(typicality_p_value(log_prob, reference), [1, 1, 0.5, 0, 0])


@pytest.mark.parametrize("size", [1, 7, 10, 30, 333, 1000])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_threshold_range_and_p_value_let_pass_the_same_share_of_the_reference(size, level):
    reference = draw(size, seed=5, dtype=np.float64) * 300 - 8000
    passes = typicality(reference, reference) <= typicality_threshold(reference, level)
    assert level * size <= passes.sum() + 1e-9 and passes.sum() < level * size + 1
    allowed = (size - math.ceil(level * size)) / size  # outside
    np.testing.assert_array_equal(typicality_p_value(reference, reference) > allowed, passes)
    low, high = ib.exploration.typical_range(reference, level)
    np.testing.assert_array_equal((low - 1e-9 <= reference) & (reference <= high + 1e-9), passes)


def test_a_model_or_its_checkpoint_stands_for_its_reference():
    model, family = ib.load("mnist-gamma-1"), ib.family("mnist")
    for entry in (model.checkpoint, family.checkpoint(family.gammas[0] * 0.6 + family.gammas[1] * 0.4)):
        exact = typicality(draw(5), entry.latent["reference"])
        np.testing.assert_array_equal(typicality(draw(5), entry), exact)
        assert typicality_threshold(entry) == typicality_threshold(entry.latent["reference"])
    np.testing.assert_array_equal(typicality(draw(5), model), typicality(draw(5), model.checkpoint.latent["reference"]))
    model.checkpoint = None
    with pytest.raises(ValueError, match="no checkpoint"):
        typicality(draw(5), model)
    with pytest.raises(ValueError, match=r"ib.load\('gamma-1'\)"):
        typicality(draw(5), "gamma-1")
    for one in (ib.load("resnet"), ib.checkpoint.find("resnet")):
        with pytest.raises(ValueError, match="resnet has no likelihood"):
            typicality_threshold(one)


LATENTS, LABELS, MEANS = draw(50, 12), np.arange(50) % 4, draw(4, 12, seed=3)
CASES = {  # the types of the others are in test_public_functions.py
    "interpolate": (lambda a, b: interpolate(a, b, steps=5), (draw(9, seed=1), draw(9, seed=2))),
    "project": (lambda z, o, d: project(z, Basis(o, d)), (draw(4, 9), draw(9, seed=1), draw(2, 9, seed=2))),
    "rotate": (lambda x, axis: rotate_rgb(x, alpha=1.0, axis=axis), (pictures(), draw(3))),
    "typicality": (typicality, (draw(5), draw(8, seed=1))),
    "style": (lambda z, means: style_direction(z, z[:, 3], means, LABELS), (LATENTS, MEANS)),
}


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", CASES)
def test_tensors_give_tensors_of_their_dtype_with_the_same_values_and_nothing_is_changed(name, dtype):
    function, arrays = CASES[name]
    tensors = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in arrays]
    result = function(*tensors)
    assert isinstance(result, torch.Tensor) and result.dtype == dtype and not result.requires_grad
    frozen = [t.detach().clone().numpy() for t in tensors]
    for array in frozen:
        array.setflags(write=False)
    expected = function(*frozen)
    assert isinstance(expected, np.ndarray) and expected.dtype == result.numpy().dtype
    np.testing.assert_array_equal(result.numpy(), expected)
    for tensor, array in zip(tensors, frozen, strict=True):
        np.testing.assert_array_equal(tensor.detach().numpy(), array)
    assert expected.flags.writeable  # a result of its own, not a view of what must not change
    assert not any(np.shares_memory(expected, array) for array in frozen)


@pytest.mark.parametrize(
    "call, part",
    [  # and much more in test_public_functions.py
        (lambda: ib.exploration.attributes(np.zeros((2, 3, 4), np.uint8)), "must have the shape"),
        (lambda: interpolate(*pictures(2)), r"z0 must be floats with 1 or 2 dimensions, not .* \(3, 8, 8\)"),
        (lambda: rotate_rgb(pictures()[:, :1], 1.0), "an RGB rotation needs"),
        (lambda: ib.exploration.counterfactual(ib.load("resnet"), np.zeros((2, 4)), 0), "a model with a mixture"),
        (lambda: project(LATENTS, Basis(np.zeros(4), np.eye(4)[:2])), "do not fit a view of 4"),
        (lambda: style_direction(LATENTS, np.ones(50), MEANS), "the attribute is the same for all"),
        (lambda: style_direction(LATENTS, np.arange(49), MEANS), "not 49 for 50"),
        (lambda: align(draw(3, 1), 1.7e308 * np.array([[1], [1], [-1]])), "too far apart"),
    ],
)
def test_nonsense_is_refused(call, part):
    with pytest.raises(ValueError, match=part):
        call()
