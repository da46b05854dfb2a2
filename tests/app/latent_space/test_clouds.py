"""The latent page's clouds: planes that are not mirrored, the track over γ, and each dot's picture."""

import numpy as np
import pytest
from page_helpers import GENERATIVE

import ibinn_core as ib
from app.images import pictures
from app.images.sheets import NONE, Sheets
from app.latent_space import clouds, dot_pictures
from app.models import registry


def test_the_track_of_a_curve_lies_where_the_clouds_of_its_models_do(no_data):
    family = ib.family("mnist")
    track = clouds.track(family)
    for member in family.members:
        place = next(n for n, one in enumerate(family.curve) if one.gamma == member.gamma)
        cloud = clouds.cloud(member, "means")
        assert np.abs(track.points[place] - cloud.points[track.rows]).max() < 0.02
        assert np.abs(track.means[place] - cloud.means).max() < 1e-3
        assert (track.posterior[place].argmax(1) == member.latent["posterior"][track.rows].argmax(1)).mean() > 0.999
    assert (track.frame[0] <= track.means.min((0, 1))).all() and (track.frame[1] >= track.means.max((0, 1))).all()


def test_it_opens_on_a_mistake_or_says_that_there_is_none(no_data):
    for checkpoint in GENERATIVE:
        row, title = clouds.first_shown(checkpoint)
        posterior, labels = checkpoint.latent["posterior"], checkpoint.latent["labels"]
        shown = np.flatnonzero(pictures.rows_in_gallery(checkpoint.id) >= 0)
        wrong = shown[posterior[shown].argmax(1) != labels[shown]]
        assert row in shown
        if checkpoint.gamma == 0:  # its classes mean nothing
            assert "least likely" in title and checkpoint.latent["log_prob"][shown].argmin() == (shown == row).argmax()
        elif len(wrong):
            assert "mistake" in title and posterior[row].max() == posterior[wrong].max() and row in wrong
        else:
            assert "No mistake" in title and posterior[row].max() == posterior[shown].max(1).min()


@pytest.mark.parametrize("view", ["means", "pca", "lda", "umap"])
def test_no_model_shows_the_mirror_image_of_another(no_data, view):
    def of_classes(checkpoint):
        latent, points = checkpoint.latent, clouds.cloud(checkpoint, view).points
        return np.stack([points[latent["labels"] == k].mean(0) for k in range(10)])

    wanted = of_classes(next(c for c in GENERATIVE if c.id == "gamma-1"))
    for other in (c for c in GENERATIVE if c.id in ("gamma-0.2", "gamma-35.65", "only-ly")):
        found = of_classes(other)
        assert all(np.corrcoef(wanted[:, axis], found[:, axis])[0, 1] > 0 for axis in (0, 1)), other.id
        if view == "means":
            placed = clouds.place(other, view, other.latent["class_means"])
            np.testing.assert_allclose(placed, clouds.cloud(other, view).means)


@pytest.mark.parametrize("view", ["pca", "lda", "umap"])
def test_rounding_does_not_decide_how_a_view_is_rotated(no_data, monkeypatch, view):
    first, other = (next(c for c in GENERATIVE if c.id == id) for id in ("gamma-1", "only-ly"))
    expected, exact = clouds.turn_onto(first, other, view).rotation, clouds.centres
    monkeypatch.setattr(clouds, "centres", lambda *given: (exact(*given) * (1 + 1e-6)).astype(np.float32))
    np.testing.assert_allclose(clouds.turn_onto(first, other, view).rotation, expected, atol=1e-3)


@pytest.mark.parametrize("id", ["gamma-1", "gamma-2.5"])
def test_each_dot_has_the_number_of_its_picture_under_trained_and_mixed_models(no_data, monkeypatch, id):
    gallery, hashes = ib.data.embedded("cifar10")[0], registry.by_id(id).latent["hashes"]
    monkeypatch.setattr(dot_pictures, "_sheets", lambda *_: Sheets("", np.arange(len(gallery)), 4, (32, 32)))
    numbers = dot_pictures.pictures_of(registry.by_id(id)).numbers
    there = np.flatnonzero(numbers != NONE)
    assert len(there) > 3 and not np.isin(hashes[numbers == NONE], ib.data.pixel_hash(gallery)).any()
    assert np.array_equal(ib.data.pixel_hash(gallery[numbers[there]]), hashes[there])
