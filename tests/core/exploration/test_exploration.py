"""Interpolation, projections, the RGB rotation, typicality: for NumPy arrays and torch tensors alike."""

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
    typicality,
    typicality_p_value,
    typicality_threshold,
)


def draw(*shape: int, seed: int = 0, dtype=np.float32) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def orthogonal(size: int, reflection: bool, seed: int = 0) -> np.ndarray:
    """A random rotation, or a random reflection."""
    q, _ = np.linalg.qr(draw(size, size, seed=seed, dtype=np.float64))
    if (np.linalg.det(q) < 0) != reflection:
        q[:, 0] *= -1
    return q


def pictures(count: int = 6, seed: int = 0) -> np.ndarray:
    """8-bit images at pixel centres, float32 ``(count, 3, 8, 8)``, black and white among the pixels."""
    levels = np.random.default_rng(seed).integers(0, 256, (count, 3, 8, 8))
    levels[0, :, 0, :2] = [[0, 255]] * 3
    return ((levels + 0.5) / 256).astype(np.float32)


# --- interpolation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["linear", "spherical"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_ends_are_exact(path, dtype):
    z0, z1 = draw(50, seed=1, dtype=dtype), draw(50, seed=2, dtype=dtype)
    points = interpolate(z0, z1, 7, path)
    assert points.shape == (7, 50) and points.dtype == dtype
    np.testing.assert_array_equal(points[0], z0)
    np.testing.assert_array_equal(points[-1], z1)


def test_a_linear_path_is_straight_and_even():
    z0, z1 = draw(50, seed=1), draw(50, seed=2)
    expected = [z0 + k / 4 * (z1 - z0) for k in range(5)]
    np.testing.assert_allclose(interpolate(z0, z1, 5, "linear"), expected, atol=1e-6)


def test_paths_are_great_circles_unless_told_otherwise():
    z0, z1 = draw(50, seed=1), draw(50, seed=2)
    np.testing.assert_array_equal(interpolate(z0, z1, 5), interpolate(z0, z1, 5, "spherical"))


@pytest.mark.parametrize("path", ["linear", "spherical"])
def test_each_latent_of_a_batch_has_its_own_path(path):
    z0, z1 = draw(6, 50, seed=1), draw(6, 50, seed=2)
    z0[0], z1[1], z1[2] = 0, 0, 2 * z0[2]  # these paths are straight
    paths = interpolate(torch.from_numpy(z0), torch.from_numpy(z1), 7, path)
    assert paths.shape == (6, 7, 50) and paths.dtype == torch.float32
    np.testing.assert_allclose(paths, [interpolate(*ends, 7, path) for ends in zip(z0, z1, strict=True)], atol=1e-6)
    np.testing.assert_allclose(interpolate(z0[3], z1, 7, path)[4], interpolate(z0[3], z1[4], 7, path), atol=1e-6)
    np.testing.assert_allclose(interpolate(z0, z1[3], 7, path)[4], interpolate(z0[4], z1[3], 7, path), atol=1e-6)


def test_a_spherical_path_keeps_the_norm_and_turns_evenly():
    z0, z1 = draw(50, seed=1, dtype=np.float64), draw(50, seed=2, dtype=np.float64)
    z1 *= np.linalg.norm(z0) / np.linalg.norm(z1)
    points = interpolate(z0, z1, 6, "spherical")
    radius = np.linalg.norm(z0)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), radius, rtol=1e-12)
    total = np.arccos(z0 @ z1 / radius**2)
    turned = np.arccos((points[1:] * points[:-1]).sum(1) / radius**2)
    np.testing.assert_allclose(turned, total / 5, rtol=1e-10)
    # all in the plane of z0 and z1
    assert np.linalg.matrix_rank(points, tol=1e-9) == 2


def test_a_spherical_path_between_axes_is_a_quarter_of_a_circle():
    points = interpolate(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 4, "spherical")
    angles = np.radians([0, 30, 60, 90])
    np.testing.assert_allclose(points, np.stack([np.cos(angles), np.sin(angles)], 1), atol=1e-15)


@pytest.mark.parametrize("factor", [1.0, 2.0, 1 + 1e-9, -1.0, -3.0, 0.0])
def test_a_spherical_path_between_parallel_vectors_is_straight(factor):
    z0 = draw(50, dtype=np.float64)
    points = interpolate(z0, factor * z0, 5, "spherical")
    expected = np.linspace(1, factor, 5)[:, None] * z0
    np.testing.assert_allclose(points, expected, atol=1e-12)


def test_a_spherical_path_from_nowhere_to_nowhere():
    np.testing.assert_array_equal(interpolate(np.zeros(4), np.zeros(4), 3, "spherical"), np.zeros((3, 4)))


@pytest.mark.parametrize(
    "z0, z1, steps, path, part",
    [
        (draw(4), draw(4), 1, "linear", "the number of steps"),
        (draw(4), draw(4), 0, "linear", "the number of steps"),
        (draw(4), draw(4), -3, "linear", "the number of steps"),
        (draw(4), draw(4), 5, "cubic", "cubic"),
        (draw(4), draw(5), 5, "linear", "same length"),
        (draw(2, 2, 4), draw(4), 5, "linear", "z0"),
        (draw(4), draw(1, 1, 4), 5, "linear", "z1"),
        (draw(2, 4), draw(3, 4), 5, "linear", "as many"),
        (draw(1, 4), draw(3, 4), 5, "linear", "as many"),
        (np.arange(4), draw(4), 5, "linear", "z0"),
        (np.full(4, np.nan), draw(4), 5, "linear", "finite"),
        (draw(4), np.full(4, -np.inf), 5, "spherical", "finite"),
    ],
)
def test_interpolate_refuses_nonsense(z0, z1, steps, path, part):
    with pytest.raises(ValueError, match=part):
        interpolate(z0, z1, steps, path)


# --- projections ----------------------------------------------------------------------------------------


def test_principal_components_are_those_of_the_covariance():
    points = draw(40, 6, dtype=np.float64) * [5, 4, 3, 2, 1, 0.5] @ orthogonal(6, False) + 7
    basis = principal_components(points, 3)
    np.testing.assert_allclose(basis.origin, points.mean(0))
    np.testing.assert_allclose(basis.directions @ basis.directions.T, np.eye(3), atol=1e-12)
    covariance = np.cov(points.T)
    variances = np.sort(np.linalg.eigvalsh(covariance))[::-1][:3]
    np.testing.assert_allclose(covariance @ basis.directions.T, basis.directions.T * variances, atol=1e-9)
    assert all(row[np.abs(row).argmax()] > 0 for row in basis.directions)


def test_the_plane_of_the_means_keeps_all_their_distances_when_they_lie_in_one():
    flat = draw(10, 2, dtype=np.float64)
    means = flat @ orthogonal(30, False)[:2] + draw(30, seed=3, dtype=np.float64)
    seen = project(means, plane_of_means(means))
    assert seen.shape == (10, 2)
    first, second = np.triu_indices(10, 1)
    np.testing.assert_allclose(
        np.linalg.norm(seen[first] - seen[second], axis=1), np.linalg.norm(flat[first] - flat[second], axis=1)
    )
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-12)
    assert seen[:, 0].var() > seen[:, 1].var()


def test_ten_means_span_nine_dimensions_and_no_tenth():
    means = draw(10, 30)
    seen = project(means, plane_of_means(means, 9))
    np.testing.assert_allclose(np.square(seen).sum(1), np.square(means - means.mean(0)).sum(1), rtol=1e-4)
    with pytest.raises(ValueError, match="at most 9 dimensions, not 10"):
        plane_of_means(means, 10)
    with pytest.raises(ValueError, match="not 0"):
        plane_of_means(means, 0)


def test_project_subtracts_the_origin_before_it_turns():
    basis = Basis(np.array([1.0, 2.0, 3.0]), np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    np.testing.assert_array_equal(project(np.array([[5.0, 7.0, 11.0]]), basis), [[5.0, 4.0]])


@pytest.mark.parametrize("z", [draw(4), draw(2, 5), draw(2, 1), np.ones((2, 4), int), np.full((2, 4), np.nan)])
def test_project_refuses_nonsense(z):
    with pytest.raises(ValueError):
        project(z, Basis(np.zeros(4), np.eye(4)[:2]))


@pytest.mark.parametrize("reflection", [False, True])
def test_align_recovers_a_rotation_or_reflection(reflection):
    turn = orthogonal(3, reflection, seed=4)
    means = draw(10, 3, dtype=np.float64)
    found = align(means, means @ turn + [1.0, -2.0, 5.0])  # wherever the other view's centre lies
    np.testing.assert_allclose(found, turn, atol=1e-12)


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


def test_align_refuses_views_of_two_sizes():
    with pytest.raises(ValueError, match="one shape"):
        align(draw(10, 2), draw(10, 3))


# --- the RGB rotation -----------------------------------------------------------------------------------


def test_random_axes_are_unit_seeded_and_cover_the_sphere():
    axes = np.stack([random_axis(seed) for seed in range(2000)])
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1)
    np.testing.assert_array_equal(random_axis(7), axes[7])
    assert len(np.unique(axes, axis=0)) == 2000
    # Uniform: mean 0, covariance a third of the identity, each coordinate uniform over [-1, 1] (Archimedes).
    np.testing.assert_allclose(axes.mean(0), 0, atol=5 / math.sqrt(3 * 2000))
    np.testing.assert_allclose(axes.T @ axes / 2000, np.eye(3) / 3, atol=0.04)
    for coordinate in axes.T:
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


def test_a_rotation_turns_the_right_way():
    np.testing.assert_allclose(rotation_matrix(math.pi / 2, (0, 0, 1)) @ [1, 0, 0], [0, 1, 0], atol=1e-15)


@pytest.mark.parametrize("alpha", [0.0, 2 * math.pi, -4 * math.pi])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_rotation_and_a_full_turn_change_nothing(alpha, seed):
    x = pictures()
    np.testing.assert_array_equal(rotate_rgb(x, alpha, random_axis(seed)), x)


def test_a_third_of_a_turn_about_grey_permutes_the_channels():
    x = pictures()
    np.testing.assert_array_equal(rotate_rgb(x, 2 * math.pi / 3, (1, 1, 1)), x[:, [2, 0, 1]])
    np.testing.assert_array_equal(rotate_rgb(x, -2 * math.pi / 3), x[:, [1, 2, 0]])


@pytest.mark.parametrize("alpha", [0.3 * math.pi, 1.0, 3.0])
def test_grey_stays_grey_about_the_grey_axis(alpha):
    x = np.repeat(((np.arange(256).reshape(1, 1, 16, 16) + 0.5) / 256).astype(np.float32), 3, axis=1)
    np.testing.assert_array_equal(rotate_rgb(x, alpha, (1, 1, 1)), x)


def test_a_rotation_turns_about_mid_grey_and_keeps_the_distance_from_it():
    # Within a ball about mid-grey that fits into the cube, so that nothing is clamped.
    x = np.clip(0.5 + 0.1 * draw(50, 3, 4, 4), 0.25, 0.75)
    x = ((np.floor(x * 256) + 0.5) / 256).astype(np.float32)
    turned = rotate_rgb(x, 0.3 * math.pi, random_axis(3))
    half_level = math.sqrt(3) * 0.5 / 256
    before, after = (np.linalg.norm(images - 0.5, axis=1) for images in (x, turned))
    np.testing.assert_allclose(after, before, atol=half_level + 1e-6)
    exact = np.moveaxis((np.moveaxis(x - 0.5, 1, -1) @ rotation_matrix(0.3 * math.pi, random_axis(3)).T), -1, 1) + 0.5
    assert np.abs(turned - exact).max() <= 0.5 / 256 + 1e-6
    assert np.abs(turned - x).max() > 0.1


@pytest.mark.parametrize("alpha", [0.3 * math.pi, math.pi])
def test_rotated_images_are_8_bit_images(alpha):
    levels = rotate_rgb(pictures(), alpha, random_axis(1)) * 256.0 - 0.5
    np.testing.assert_array_equal(levels, np.round(levels))
    assert levels.min() == 0 and levels.max() == 255  # both ends are clamped to


@pytest.mark.parametrize(
    "x, alpha, axis",
    [
        (pictures()[:, :2], 1.0, (1, 1, 1)),
        (pictures()[0], 1.0, (1, 1, 1)),
        (pictures().transpose(0, 2, 3, 1), 1.0, (1, 1, 1)),
        (np.zeros((1, 3, 4, 4), np.uint8), 1.0, (1, 1, 1)),
        (np.full((1, 3, 4, 4), np.nan, np.float32), 1.0, (1, 1, 1)),
        (pictures(), math.nan, (1, 1, 1)),
        (pictures(), math.inf, (1, 1, 1)),
        (pictures(), 1.0, (0, 0, 0)),
        (pictures(), 1.0, (1, 1)),
        (pictures(), 1.0, (1, math.nan, 1)),
        (pictures(), 1.0, np.eye(3)),
        (pictures(), 1.0, 3.0),
    ],
)
def test_rotate_rgb_refuses_nonsense(x, alpha, axis):
    with pytest.raises(ValueError):
        rotate_rgb(x, alpha, axis)


# --- typicality -----------------------------------------------------------------------------------------


def test_typicality_is_the_distance_from_the_references_mean_to_either_side():
    reference = np.array([-10.0, -20.0, -30.0, -40.0])
    np.testing.assert_array_equal(typicality(np.array([-25.0, -20.0, -31.0, 0.0]), reference), [0, 5, 6, 25])


def test_typicality_of_thousands_of_nats_keeps_its_digits():
    reference = (8000 + draw(100_000)).astype(np.float32)  # a float32 sum of these is off by whole nats
    exact = abs(8000.5 - reference.astype(np.float64).mean())
    assert typicality(np.array([8000.5], np.float32), reference)[0] == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("size", [1, 7, 10, 30, 100, 1000])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_threshold_passes_its_share_of_the_reference_and_hardly_more(size, level):
    reference = draw(size, seed=5) * 300 - 8000
    passed = (typicality(reference, reference) <= typicality_threshold(reference, level)).sum()
    assert level * size <= passed + 1e-9 and passed < level * size + 1


def test_the_range_holds_what_passes_the_test():
    reference, log_prob = draw(100, seed=5) * 300 - 8000, draw(500, seed=6) * 600 - 8000
    low, high = ib.exploration.typical_range(reference, 0.9)
    passes = typicality(log_prob, reference) <= typicality_threshold(reference, 0.9)
    np.testing.assert_array_equal((low <= log_prob) & (log_prob <= high), passes)


@pytest.mark.parametrize("level", [-0.1, 1.5, math.nan])
def test_a_threshold_needs_a_level_between_0_and_1(level):
    with pytest.raises(ValueError, match="level"):
        typicality_threshold(draw(10), level)


@pytest.mark.parametrize(
    "log_prob, reference",
    [
        (draw(3), draw(0)),
        (draw(3), np.array([np.nan, 1.0])),
        (draw(3), draw(2, 2)),
        (np.array([np.inf]), draw(3)),
        (np.arange(3), draw(3)),
    ],
)
def test_typicality_refuses_nonsense(log_prob, reference):
    with pytest.raises(ValueError):
        typicality(log_prob, reference)


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


def test_a_model_without_a_likelihood_has_no_reference():
    model = ib.load("resnet")
    for call in (
        lambda one: typicality(draw(5), one),
        lambda one: typicality_p_value(draw(5), one),
        typicality_threshold,
    ):
        for one in (model, model.checkpoint):
            with pytest.raises(ValueError, match="resnet has no likelihood"):
                call(one)


# --- both kinds of arrays -------------------------------------------------------------------------------

CASES = {
    "linear": (lambda a, b: interpolate(a, b, 5), (draw(9, seed=1), draw(9, seed=2))),
    "spherical": (lambda a, b: interpolate(a, b, steps=5, path="spherical"), (draw(9, seed=1), draw(9, seed=2))),
    "project": (lambda z, o, d: project(z, Basis(o, d)), (draw(4, 9), draw(9, seed=1), draw(2, 9, seed=2))),
    "project on means": (lambda z, m: project(z, plane_of_means(m)), (draw(4, 9), draw(5, 9, seed=1))),
    "align": (align, (draw(10, 2, seed=1), draw(10, 2, seed=2))),
    "rotate": (lambda x, axis: rotate_rgb(x, 1.0, axis), (pictures(), draw(3))),
    "rotate, axis by name": (lambda x, axis: rotate_rgb(x, alpha=1.0, axis=axis), (pictures(), draw(3))),
    "typicality": (typicality, (draw(5), draw(8, seed=1))),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CASES)
def test_tensors_give_tensors_of_their_dtype_with_the_same_values(name, dtype):
    function, arrays = CASES[name]
    tensors = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in arrays]
    result = function(*tensors)
    assert isinstance(result, torch.Tensor) and result.dtype == dtype and not result.requires_grad
    expected = function(*(t.detach().numpy() for t in tensors))
    assert isinstance(expected, np.ndarray) and expected.dtype == result.numpy().dtype
    np.testing.assert_array_equal(result.numpy(), expected)


def test_the_threshold_takes_tensors_too():
    reference = draw(50)
    assert typicality_threshold(torch.tensor(reference, requires_grad=True)) == typicality_threshold(reference)


@pytest.mark.parametrize("name", CASES)
def test_nothing_changes_its_arguments(name):
    function, arrays = CASES[name]
    kept = [a.copy() for a in arrays]
    frozen = [a.copy() for a in arrays]
    for array in frozen:
        array.setflags(write=False)
    result = function(*frozen)
    tensors = [torch.from_numpy(a.copy()) for a in arrays]
    function(*tensors)
    for tensor, array in zip(tensors, kept, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), array)
    assert result.flags.writeable  # a result of its own, not a view of what must not change
    assert not any(np.shares_memory(result, a) for a in frozen)
