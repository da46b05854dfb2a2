"""Adversarial attacks: their ball, their objective, and their effect on a small model."""

import copy
import math

import numpy as np
import pytest
import torch
from flow_helpers import randomise, seeded, smooth_images
from shape_helpers import LEAST, TINY

import ibinn_core as ib
from ibinn_core import evaluation
from ibinn_core.evaluation.attack import LOSSES, objective, round_within
from ibinn_core.models.baselines import VIB, IRevNet, ResNet

CLASSES = 5


@pytest.fixture(scope="module")
def model() -> ib.GenerativeClassifier:
    """A float32 model at random parameters, with unequal class weights, and not too sure."""
    model = ib.GenerativeClassifier(LEAST, CLASSES, learn_weights=True)
    model.fit(smooth_images(200, LEAST.image_shape, seeded(1)))
    randomise(model, seeded(2)).eval()
    with torch.no_grad():
        model.mixture.means.mul_(0.05)
    return model


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return ib.to_uint8(smooth_images(12, LEAST.image_shape, seeded(3)))


@pytest.fixture(scope="module")
def labels(model, images) -> np.ndarray:
    """The model's answers as labels, so that each attack has something to change."""
    return seen(model, images)["posterior"].argmax(1).numpy()


@pytest.fixture(scope="module")
def reference(model) -> np.ndarray:
    return seen(model, ib.to_uint8(smooth_images(60, LEAST.image_shape, seeded(4))))["log_prob"].numpy()


def seen(model: ib.Classifier, images: np.ndarray) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        return model.evaluate(ib.dequantize(ib.to_unit(images), model.noise))


def of_truth(model: ib.Classifier, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The posterior of the true classes, ``(N,)``."""
    return seen(model, images)["posterior"].numpy()[np.arange(len(labels)), labels]


def attack(model: ib.Classifier, images: np.ndarray, labels, levels: float, **options) -> np.ndarray:
    """The same of 8-bit images."""
    return ib.to_uint8(evaluation.attack(model, ib.to_unit(images), labels, levels, **options))


@pytest.mark.parametrize("levels, weight", [(1.0, 0.1), (3.7, 0.0), (12.0, 0.1)])
def test_no_attack_leaves_its_ball_nor_the_range_of_pixels(model, images, labels, reference, levels, weight):
    images = images.copy()
    images[:2] = 0
    images[2:4] = 255
    attacked = attack(model, images, labels, levels, steps=6, weight=weight, reference=reference)
    assert attacked.dtype == np.uint8 and attacked.shape == images.shape
    assert np.abs(attacked.astype(int) - images).max() <= levels  # and uint8 did not overflow
    assert (attacked != images).any()


def test_the_objectives_by_hand(model, images, labels, reference):
    found, mean, x = seen(model, images), float(reference.mean()), ib.dequantize(ib.to_unit(images))
    with torch.no_grad():
        value = objective(model, x, torch.from_numpy(labels), 0.3, mean).numpy()
        margin = objective(model, x, torch.from_numpy(labels), loss="margin").numpy()
    of_labels = of_truth(model, images, labels)
    by_hand = -np.log(of_labels) - 0.3 * np.abs(found["log_prob"].numpy() - mean)
    np.testing.assert_allclose(value, by_hand, rtol=1e-4)
    others = np.where(np.arange(CLASSES) == labels[:, None], 0, found["posterior"].numpy()).max(1)
    np.testing.assert_allclose(margin, np.log(others / of_labels), rtol=1e-4, atol=1e-4)
    assert (margin < 0).all()  # the model is right


def test_the_margin_has_a_gradient_where_the_cross_entropy_has_none(images):
    sure = randomise(ResNet(TINY), seeded(5)).eval()
    with torch.no_grad():
        sure.head.weight.mul_(1e5)  # the posterior of one class is 1, of the others 0, in float32
        sure.head.bias.mul_(1e5)
    labels = seen(sure, images)["posterior"].argmax(1).numpy()
    answers = {}
    for loss in LOSSES:
        attacked = attack(sure, images, labels, 24, loss=loss)
        answers[loss] = seen(sure, attacked)["posterior"].argmax(1).numpy()
    assert (answers["cross-entropy"] == labels).all()
    assert (answers["margin"] == labels).mean() < 0.5


def test_the_adaptive_attack_stays_more_typical_and_still_lowers_the_posterior(model, images, labels, reference):
    found = [attack(model, images, labels, 12, weight=w, reference=reference, steps=40) for w in (0.0, 1.0)]
    far = [ib.exploration.typicality(seen(model, one)["log_prob"].numpy(), reference).mean() for one in found]
    assert far[1] < far[0] / 2
    assert of_truth(model, found[1], labels).mean() < of_truth(model, images, labels).mean()


@pytest.mark.parametrize(
    "loss, steps, first", [("cross-entropy", 1, 1), ("cross-entropy", 8, 4 / 8), ("margin", 20, 10 / 20)]
)
def test_steps_follow_the_signs_of_gradients_and_shorten_and_the_best_place_is_kept(
    model, images, labels, loss, steps, first
):
    start, y, epsilon = ib.to_unit(images), torch.from_numpy(labels), 6 / 256
    x, places = start, []
    for step in range(steps):
        at = round_within(x, start, 6).requires_grad_()
        (gradient,) = torch.autograd.grad(objective(model, ib.dequantize(at), y, loss=loss).sum(), at)
        moved = x - start + first * (1 - step / steps) * epsilon * gradient.sign()
        x = (start + moved.clamp(-epsilon, epsilon)).clamp(0, 1)
        places.append(round_within(x, start, 6))
    with torch.no_grad():
        best = torch.stack([objective(model, ib.dequantize(place), y, loss=loss) for place in places]).argmax(0)
    expected = torch.stack(places)[best, range(len(images))]
    found = evaluation.attack(model, start, labels, 6, loss=loss, steps=steps)
    # Where a derivative is nearly nothing, sums of another order give it the other sign.
    assert (found != expected).double().mean() < 0.01


def test_values_are_rounded_to_the_nearest_level_unless_the_ball_needs_another():
    generator = seeded(1)
    start = ib.to_unit(np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)).double()
    moved = torch.randn(start.shape, generator=generator, dtype=torch.float64) / 100
    epsilon = float(moved.abs().max())
    x = (start + moved).clamp(0, 1)
    nearest = ib.to_unit(ib.to_uint8(x)).double()
    assert torch.equal(round_within(x, start, 512 * epsilon), nearest)  # a ball that is wide enough
    tight = (x - start).flatten(1).abs().amax(1)
    for one, origin, radius in zip(x, start, tight.tolist(), strict=True):
        rounded = round_within(one[None], origin[None], 256 * radius)[0]
        assert (rounded - origin).abs().max() <= radius * (1 + 1e-6)
        off = 256 * (rounded - one).abs()
        assert (off < 1).all() and (off <= 0.5 + 1e-9).double().mean() > 0.8  # a level at most, and mostly half of one


@pytest.mark.parametrize("kind", [ResNet, VIB, IRevNet])
def test_a_model_without_a_likelihood_can_be_attacked_but_has_nothing_to_stay_typical_of(kind, images):
    other = randomise(kind(TINY), seeded(5)).eval()
    labels = seen(other, images)["posterior"].argmax(1).numpy()
    attacked = attack(other, images, labels, 12, steps=5)
    assert of_truth(other, attacked, labels).mean() < of_truth(other, images, labels).mean()
    with pytest.raises(ib.UnsupportedError, match="has no likelihood"):
        attack(other, images, labels, 12, weight=0.1, reference=np.zeros(3))


def test_a_model_is_left_as_it_was(model, images, labels):
    model = copy.deepcopy(model)
    model.class_means.requires_grad_(False)
    before = {name: (p.requires_grad, p.grad, p.clone()) for name, p in model.named_parameters()}
    attack(model, images, labels, 4, steps=2)
    with torch.no_grad():  # as pages call it
        attack(model, images, labels, 4, steps=2)
    for name, p in model.named_parameters():
        wanted, gradient, value = before[name]
        assert p.requires_grad == wanted and p.grad is gradient and torch.equal(p, value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        *(({"levels": n}, "levels, in grey levels of 0..255, must .* from 1 to") for n in (8 / 255, 256, math.nan)),
        ({"loss": "hinge"}, "the loss must be one of cross-entropy, margin"),
        ({"steps": 0}, "the number of steps must be a whole number from 1 on"),
        ({"weight": -1.0}, "the weight of the typicality"),
        ({"weight": 0.1, "reference": None}, "has no checkpoint"),
        ({"weight": 0.1, "reference": np.zeros(0)}, "at least one"),
        *(({"labels": wrong}, "12 whole numbers") for wrong in ([0, 1], [None] * 12)),
        ({"labels": ["cat"] * 12}, "there is no class 'cat'"),
        *(({"labels": [label] * 12}, "from 0 to 4") for label in (CLASSES, -1)),
        ({"x": torch.zeros(12, 3, 9, 8)}, "of shape"),
        ({"x": torch.full((12, 3, 8, 8), math.nan)}, "NaN"),
    ],
)
def test_bad_values_are_refused(model, images, labels, reference, change, says):
    given = {"model": model, "x": ib.to_unit(images), "labels": labels, "levels": 5, "reference": reference}
    with pytest.raises(ValueError, match=says):
        evaluation.attack(**(given | change))
    with pytest.raises(ValueError, match="eval"):
        evaluation.attack(**(given | {"model": copy.deepcopy(model).train()}))


def test_images_start_at_the_centres_of_their_grey_levels_and_end_there(model, images, labels):
    x = ib.to_unit(images)
    x[:2], x[2:4] = 0.5 / 256, 255.5 / 256
    found = evaluation.attack(model, x, torch.from_numpy(labels), levels=2, steps=3)
    assert found.shape == x.shape and found.dtype == x.dtype
    assert torch.equal(found, ib.to_unit(ib.to_uint8(found))) and (found - x).abs().max() == 2 / 256
    inexact = (x + 0.4 / 256).where(x < 255 / 256, torch.tensor(1.0))
    assert torch.equal(evaluation.attack(model, inexact, labels, levels=2, steps=3), found)
    assert evaluation.attack(model, x[:0], [], 3).shape == (0, 3, 8, 8)


def test_an_id_stands_for_its_model_and_its_reference():
    images, labels = ib.data.embedded("mnist")
    given = {"x": ib.to_unit(images[:2]), "labels": labels[:2], "levels": 8, "steps": 2, "weight": 0.1}
    model = ib.load("mnist-gamma-1")
    expected = evaluation.attack(model, reference=model.checkpoint.latent["reference"], **given)
    assert torch.equal(evaluation.attack("mnist-gamma-1", **given), expected)
