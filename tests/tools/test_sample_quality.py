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


def test_fewer_samples_than_features_are_no_trouble():
    assert frechet_distance(gaussians(1, 4), gaussians(2, 5)) > 0
    assert frechet_distance(gaussians(1, 5, 1), gaussians(1, 5, 1)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("center", "temperature", "guidance"), [("empirical", 0.4, 1.5), ("mean", 0.8, 1.0)])
def test_samples_are_judged_as_a_person_sees_them(center, temperature, guidance):
    """The same by hand: drawn, clipped, in 8 bits, judged; around the means the temperature is the mixture's."""
    model, judge = small_model(), randomise(ResNet(SMALL).eval(), seeded(3)).requires_grad_(False)
    images = colourful_images(40)[0]
    model.empirical_class_means, model.latent_spread = model.encode(ib.to_unit(images))[:10], 0.5
    features = features_of(judge, images)
    with torch.no_grad():
        assert np.allclose(features, judge.body(ib.to_unit(images)).numpy(), atol=1e-5)
    found = judge_samples(model, judge, features, 0.8, center=center, count=3, guidance=guidance)
    classes = np.tile(np.arange(10), 3)
    generator = torch.Generator().manual_seed(0)
    x = model.sample(torch.from_numpy(classes), temperature, center, generator, guidance=guidance)
    pixels = ib.to_uint8(x, missing=0.5)
    assert found.recognised == pytest.approx((judge.predict(ib.to_unit(pixels)).numpy() == classes).mean())
    assert found.frechet == pytest.approx(frechet_distance(features_of(judge, pixels), features), rel=1e-4)
