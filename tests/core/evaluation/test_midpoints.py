"""Images halfway between two, and how likely another model finds them."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, colourful_images

from ibinn_core.data.images import to_uint8, to_unit
from ibinn_core.evaluation import midpoint_bits, midpoints, pairs_of_classes, score_images
from ibinn_core.models.classifier import GenerativeClassifier


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = GenerativeClassifier(SMALL)
    model.fit(to_unit(colourful_images(60)[0]))
    return model.requires_grad_(False).eval()


def test_a_judge_without_a_likelihood_is_refused(model):
    with pytest.raises(ValueError, match="only a model with a likelihood can say"):
        midpoint_bits(model, SimpleNamespace(has_likelihood=False), colourful_images(2)[0], np.array([[0, 1]]))


def test_pairs_are_of_two_classes_and_each_comes_once():
    labels = np.array([3, 3, 5, 0, 5])
    pairs = {tuple(pair) for pair in pairs_of_classes(labels).tolist()}
    assert pairs == {(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (3, 4)}
    assert len(pairs_of_classes(labels)) == len(pairs) and len(pairs_of_classes(labels[:2])) == 0


def test_halfway_between_an_image_and_itself_lies_the_image(model):
    images, _ = colourful_images(4)
    pairs = np.array([[0, 0], [3, 3]])
    for path in ("linear", "spherical"):
        np.testing.assert_array_equal(midpoints(model, images, pairs, path), images[[0, 3]])


def test_straight_midpoints_decode_the_mean_of_the_latents(model):
    images, _ = colourful_images(3)
    z = model.encode(to_unit(images))
    expected = to_uint8(model.decode((z[[0, 1]] + z[[1, 2]]) / 2).clamp(-1, 2))
    found = midpoints(model, images, np.array([[0, 1], [1, 2]]), "linear")
    assert np.abs(found.astype(int) - expected).max() <= 1
    other = midpoints(model, images, np.array([[0, 1], [1, 2]]), "spherical")
    assert np.abs(found.astype(int) - other).max() > 1


def test_the_judge_gives_the_bits(model):
    images, labels = colourful_images(5)
    torch.manual_seed(1)
    judge = GenerativeClassifier(SMALL)
    judge.fit(to_unit(images))
    judge.requires_grad_(False).eval()
    pairs = np.array([[0, 1], [2, 4], [1, 3]])
    log_prob = score_images(judge, midpoints(model, images, pairs)).log_prob
    bits = (np.log(256) - log_prob.astype(np.float64) / 3072) / np.log(2)
    np.testing.assert_allclose(midpoint_bits(model, judge, images, pairs), bits, rtol=1e-9)
    assert np.abs(midpoint_bits(model, model, images, pairs) - bits).min() > 1e-3


@pytest.mark.parametrize("value", [torch.inf, -torch.inf, torch.nan])
def test_what_is_not_finite_is_grey(model, monkeypatch, value):
    monkeypatch.setattr(model, "decode", lambda z: torch.full((len(z), 3, 32, 32), value))
    images, _ = colourful_images(2)
    found = midpoints(model, images, np.array([[0, 1]]))
    assert found.shape == (1, 32, 32, 3) and found.dtype == np.uint8 and (found == 128).all()
