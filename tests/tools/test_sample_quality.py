"""The judge of samples, against cases where the answer is known."""

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, colourful_images, small_model
from flow_helpers import randomise, seeded
from scipy.linalg import sqrtm

import ibinn_core as ib
from ibinn_core.models.baselines import ResNet
from tools.sample_quality import features_of, frechet_distance, judge_samples


def gaussians(seed: int, count: int = 400, features: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, features)) @ rng.normal(size=(features, features)) + rng.normal(size=features)


def test_the_frechet_distance_is_the_one_with_a_matrix_square_root():
    one, other = gaussians(1), gaussians(2, 300)
    covariances = [np.cov(values, rowvar=False) for values in (one, other)]
    exact = np.square(one.mean(0) - other.mean(0)).sum() + np.trace(
        covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real
    )
    assert frechet_distance(one, other) == pytest.approx(exact, rel=1e-8)
    assert frechet_distance(other, one) == pytest.approx(exact, rel=1e-8)


def test_the_frechet_distance_of_a_set_to_itself_is_zero_and_of_a_shifted_one_the_shift():
    one = gaussians(1)
    assert abs(frechet_distance(one, one)) < 1e-8
    assert frechet_distance(one, one + [3, 4, 0, 0, 0, 0]) == pytest.approx(25)


def test_fewer_samples_than_features_are_no_trouble():
    assert frechet_distance(gaussians(1, 4), gaussians(2, 5)) > 0
    assert frechet_distance(gaussians(1, 5, 1), gaussians(1, 5, 1)) == pytest.approx(0, abs=1e-9)


@pytest.fixture(scope="module")
def judge() -> ResNet:
    return randomise(ResNet(SMALL).eval(), seeded(3)).requires_grad_(False)


def test_samples_are_judged_as_a_person_sees_them(judge):
    """The same by hand: drawn, clipped, in 8 bits, judged."""
    model = small_model()
    images = colourful_images(40)[0]
    latents = model.encode(ib.to_unit(images))
    model.empirical_class_means, model.latent_spread = latents[:10], 0.5
    features = features_of(judge, images)
    with torch.no_grad():
        assert np.allclose(features, judge.body(ib.to_unit(images)).numpy(), atol=1e-5)
    found = judge_samples(model, judge, features, 0.8, count=3, guidance=1.5)
    classes = np.tile(np.arange(10), 3)
    generator = torch.Generator().manual_seed(0)
    x = model.sample(torch.from_numpy(classes), 0.4, "empirical", generator, guidance=1.5)
    pixels = ib.to_uint8(x, missing=0.5)
    predicted = judge.predict(ib.to_unit(pixels)).numpy()
    assert found.recognised == pytest.approx((predicted == classes).mean())
    assert found.frechet == pytest.approx(frechet_distance(features_of(judge, pixels), features), rel=1e-4)


def test_around_the_means_of_the_mixture_the_temperature_is_the_mixtures(judge):
    model = small_model()
    features = features_of(judge, colourful_images(40)[0])
    found = judge_samples(model, judge, features, 0.8, center="mean", count=2)
    classes = np.tile(np.arange(10), 2)
    x = model.sample(torch.from_numpy(classes), 0.8, "mean", torch.Generator().manual_seed(0))
    assert found.recognised == pytest.approx(
        (judge.predict(ib.to_unit(ib.to_uint8(x, missing=0.5))).numpy() == classes).mean()
    )


def test_guidance_is_measured_for_a_data_set_or_none():
    assert ib.data.DATASETS["cifar10"].guidance > 1 == ib.data.DATASETS["fashion-mnist"].guidance
