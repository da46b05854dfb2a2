"""latent.npz: its summary of a test set agrees with the latents, which it does not hold."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from checkpoint_helpers import colourful_images

from ibinn_core.checkpoint import arrays as arrays_module
from ibinn_core.checkpoint.arrays import NEIGHBORS, latent_problem, view
from ibinn_core.evaluation import Measured, latent_views
from ibinn_core.evaluation.latent_views import _umap, latent_arrays
from ibinn_core.exploration import project
from ibinn_core.models.kinds import DEFAULT

K, D, N, M = 10, 60, 300, 340


def clusters(labels: np.ndarray, seed: int, means: np.ndarray) -> np.ndarray:
    """Latents around their class means, and widest in ten dimensions that know nothing of the classes."""
    wide = 1 + 2 * np.random.default_rng(1).random(D)
    wide[:10] = 40
    noise = np.random.default_rng(seed).standard_normal((len(labels), D)) * wide
    return (means[labels] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def made():
    """The arrays and their sources, with some exact duplicates among the test latents."""
    rng = np.random.default_rng(0)
    means = (6 * rng.standard_normal((K, D))).astype(np.float32)
    means[:, :10] = 0
    images, labels = colourful_images(N)
    train_labels = rng.permutation(np.arange(M) % K)
    z = clusters(labels, 2, means + 1)  # off from the means, as a real model's are
    z[50:62] = z[50]  # more copies than a row has neighbours
    z[100] = z[101]
    posterior = rng.dirichlet(np.ones(K), N).astype(np.float32)
    test = Measured(z, rng.standard_normal(N).astype(np.float32), posterior)
    z_train = clusters(train_labels, 3, means + 1)
    train = Measured(z_train, np.zeros(M, np.float32), np.full((M, K), 0.1, np.float32))
    reference = rng.standard_normal(40)
    arrays = latent_arrays(means, images, labels, test, train, train_labels, reference)
    return SimpleNamespace(**locals())


def test_the_arrays_are_those_of_the_table_and_what_is_passed_through_is_not_changed(made):
    assert made.arrays.keys() == arrays_module.LATENT_ARRAYS.keys()
    assert latent_problem(made.arrays, K, DEFAULT, D) is None
    halves = [f"{view}_{part}" for view in ("pca", "lda") for part in ("coordinates", "directions")]
    dtypes = dict.fromkeys([*halves, "means_coordinates"], "f2") | {"labels": "u1", "hashes": "u8", "neighbors": "u2"}
    for name, array in made.arrays.items():
        assert array.dtype == np.dtype(dtypes.get(name, "f4")), name
    assert made.arrays["means_coordinates"].shape == made.arrays["lda_coordinates"].shape == (N, K - 1)
    assert made.arrays["pca_coordinates"].shape == (N, 8)  # as few latents have no more that count
    given = {"labels": made.labels, "log_prob": made.test.log_prob, "posterior": made.test.posterior}
    for name, array in (given | {"class_means": made.means, "reference": made.reference.astype(np.float32)}).items():
        np.testing.assert_array_equal(made.arrays[name], array)
    seen = made.arrays["umap_coordinates"].astype(np.float16)
    np.testing.assert_array_equal(seen, made.arrays["pca_coordinates"][:, :2])


def test_neighbors_are_the_nearest_in_all_dimensions_nearest_first(made):
    rows, z = made.arrays["neighbors"], made.z.astype(np.float64)
    distances = np.sqrt(np.square(z[:, None] - z[None]).sum(2))
    np.fill_diagonal(distances, np.inf)
    expected = np.sort(distances, axis=1)[:, :NEIGHBORS]
    found = np.take_along_axis(distances, rows.astype(np.int64), 1)
    np.testing.assert_allclose(found, expected, atol=1e-4)  # of duplicates, any will do
    assert all(len(set(row)) == NEIGHBORS for row in rows)
    assert {50, *rows[50]} <= set(range(50, 62))  # its copies come first
    assert rows[100][0] == 101 and rows[101][0] == 100


@pytest.mark.parametrize("name", ["means", "lda", "pca"])
def test_coordinates_are_those_of_the_stored_basis(made, name):
    coordinates = made.arrays[f"{name}_coordinates"].astype(np.float64)
    basis = view(made.arrays, name)
    exact = (made.z.astype(np.float64) - basis.origin) @ basis.directions.astype(np.float64).T
    scale = np.abs(coordinates).max()
    np.testing.assert_allclose(coordinates, exact, atol=2e-3 * scale)
    np.testing.assert_allclose(project(made.z, basis), exact, atol=1e-4 * scale)
    size = len(basis.directions)
    rounding = 1e-5 if name == "means" else 1e-3
    np.testing.assert_allclose(basis.directions @ basis.directions.T, np.eye(size), atol=rounding)
    assert np.abs(coordinates).std() > 0.1


def test_the_pca_view_is_that_of_the_training_latents(made):
    z = made.z_train.astype(np.float64)
    np.testing.assert_allclose(made.arrays["pca_origin"], z.mean(0), atol=1e-4)
    variances = np.sort(np.linalg.eigvalsh(np.cov(z.T)))[::-1]
    seen = project(z, view(made.arrays, "pca")).var(0, ddof=1)
    np.testing.assert_allclose(seen[:8], variances[:8], rtol=0.02)  # the randomised SVD's leading ones
    assert seen.sum() > 0.98 * variances[: len(seen)].sum()


def test_the_lda_view_separates_classes_better_than_the_pca_view(made):
    def between_to_within(name: str) -> float:
        points = made.arrays[f"{name}_coordinates"][:, : K - 1].astype(np.float64)
        centres = np.stack([points[made.labels == k].mean(0) for k in range(K)])
        within = np.square(points - centres[made.labels]).sum(1).mean()
        return np.square(centres - centres.mean(0)).sum(1).mean() / within

    assert between_to_within("lda") > 2 > 0.2 > between_to_within("pca")


def test_empirical_means_and_spread_are_those_of_the_training_latents(made):
    z, labels = made.z_train.astype(np.float64), made.train_labels
    means = np.stack([z[labels == k].mean(0) for k in range(K)])
    np.testing.assert_allclose(made.arrays["empirical_means"], means, atol=1e-5)
    squares = [(z[row] - means[labels[row]]) ** 2 for row in range(M)]
    assert made.arrays["spread"] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-5)
    assert np.abs(made.arrays["empirical_means"] - made.arrays["class_means"]).mean() > 0.5  # not the learned ones


def test_files_with_the_class_means_in_the_dimensions_that_they_span_are_read(made):
    halved = made.arrays["empirical_means"].astype(np.float16)
    projected = project(made.means, view(made.arrays, "means"))
    back = arrays_module.as_read(made.arrays | {"class_means": projected, "empirical_means": halved})
    problem = partial(latent_problem, back, model=DEFAULT, dims=D)
    assert problem(K) is None and problem(K + 1) is not None
    np.testing.assert_allclose(back["class_means"], made.means, atol=1e-5)
    assert back["empirical_means"].dtype == np.float32 and (back["empirical_means"] == halved).all()
    whole = arrays_module.as_read(made.arrays)
    assert all(np.array_equal(whole[name], made.arrays[name]) for name in made.arrays)


def test_of_many_classes_some_images_are_described_and_of_few_all():
    assert all(np.array_equal(latent_views.described_rows(10_000, few), np.arange(10_000)) for few in (2, 10))
    rows = latent_views.described_rows(10_000, 100)
    assert len(rows) == 1000 and (np.diff(rows) > 0).all() and 0 <= rows[0] and rows[-1] < 10_000
    assert len(np.unique(rows // 1000)) == 10  # from everywhere, since some copies lie class by class
    np.testing.assert_array_equal(rows, latent_views.described_rows(10_000, 100))
    assert len(latent_views.described_rows(50, 300_000)) == 1


def test_a_class_without_training_images_has_no_empirical_mean_and_harms_no_other(made):
    kept = made.train_labels != 4
    fewer = Measured(*(column[kept] for column in made.train))
    given = made.means, made.images, made.labels, made.test, fewer, made.train_labels[kept], made.reference
    arrays = latent_arrays(*given)
    assert latent_problem(arrays, K, DEFAULT, D) is None
    np.testing.assert_array_equal(np.isnan(arrays["empirical_means"]).all(1), np.arange(K) == 4)
    assert np.isfinite(arrays["spread"])


@pytest.mark.slow
def test_umap_itself():
    """The real one, whose compilation takes ten seconds: two far clusters stay apart, and it is repeatable."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((60, 8)).astype(np.float32)
    points[30:] += 50
    embedded = _umap(points)
    assert embedded.shape == (60, 2) and embedded.dtype == np.float32
    distances = np.linalg.norm(embedded[:, None] - embedded[None], axis=2)
    assert distances[:30, :30].max() < distances[:30, 30:].min()
    np.testing.assert_array_equal(_umap(points), embedded)
