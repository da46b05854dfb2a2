"""Every kind of model takes images of any height and width, grey or in colour, and any number of classes."""

import math

import numpy as np
import pytest
import torch
from flow_helpers import check_log_det, randomise, seeded, smooth_images
from grid_helpers import mostly_slow
from shape_helpers import SHAPES, every_shape, labelled, pixels, small_flow

import ibinn_core as ib
from ibinn_core.evaluation import encode_images, metrics
from ibinn_core.models.architecture import PRESETS, preset
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.flow import Flow
from ibinn_core.models.kinds import KINDS, TRAINED_HERE
from ibinn_core.models.objectives import Objective

CLASSES = 7


def build(kind: str, shape: tuple[int, int, int], classes: int = CLASSES):
    objective = KINDS[kind].objectives[0]
    gamma = 1.0 if objective in ("ib", "vib") else None
    config = TrainingConfig(objective=Objective(objective, gamma), architecture=small_flow(shape), model=kind)
    model = config.new_model(classes)
    model.fit(ib.to_unit(pixels(60, shape)))
    return randomise(model, seeded(2)).eval().requires_grad_(False)


@every_shape
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_every_kind_looks_at_every_shape(kind, shape):
    model, x = build(kind, shape), ib.to_unit(pixels(5, shape, seed=1))
    posterior = model.posterior(x)
    assert posterior.shape == (5, CLASSES)
    torch.testing.assert_close(posterior.sum(1), torch.ones(5))
    assert model.predict(x).max() < CLASSES
    if model.is_invertible:
        z = model.encode(x)
        assert z.shape == (5, math.prod(shape)) and (model.decode(z) - x).abs().max() < 1e-3
    if model.has_likelihood:
        assert model.log_prob(x, per_class=True).shape == (5, CLASSES)
        assert model.sample([CLASSES - 1] * 2, generator=seeded(0)).shape == (2, *shape)


@every_shape
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_other_shapes_than_a_models_own_are_refused_in_one_sentence(kind, shape):
    model = build(kind, shape)
    other = next(another for another in SHAPES.values() if another != shape)
    with pytest.raises(ValueError, match=rf"shape \(N, {', '.join(map(str, shape))}\)"):
        model.posterior(ib.to_unit(pixels(2, other)))


@every_shape
def test_the_card_of_every_shape(shape):
    model = build("ib-inn", shape)
    images, labels = labelled(40, shape, CLASSES)
    card = metrics(model, images, labels, encode_images(model, images))
    dims = math.prod(shape)
    bits = ib.bits_per_dim(torch.from_numpy(encode_images(model, images).log_prob).double(), dims)
    assert card["bits_per_dim"]["mean"] == pytest.approx(bits.mean().item())
    assert card["reconstruction"] < 1e-3 and 0 <= card["error"] <= 1


@pytest.mark.parametrize("shape", [SHAPES["odd"], (1, 12, 8)])
def test_the_log_det_is_the_jacobians(shape):
    flow = Flow.from_config(small_flow(shape)).double()
    flow.fit(smooth_images(300, shape, seeded(1)).double())
    check_log_det(randomise(flow, seeded(2)).eval(), smooth_images(2, shape, seeded(3)).double())


def test_a_grey_pixel_is_normalised_by_its_own_mean_and_deviation():
    flow = Flow.from_config(small_flow((1, 28, 28)).replace(mean=(0.1307,), std=(0.3081,), whitening=()))
    y, log_det = flow.layers[0](torch.full((1, 1, 28, 28), 0.5))
    torch.testing.assert_close(y, torch.full((1, 1, 28, 28), (0.5 - 0.1307) / 0.3081))
    assert log_det.item() == pytest.approx(-784 * math.log(0.3081))


@pytest.mark.parametrize("classes", mostly_slow([2, 200]))
def test_as_many_classes_as_there_may_be(classes):
    model = build("ib-inn", (1, 28, 28), classes)
    x = ib.to_unit(pixels(220, (1, 28, 28)))
    model.fit_alignment(model.encode(x))
    assert model.posterior(x).shape == (220, classes) and model.class_means.shape == (classes, 784)
    assert model.sample(classes=[classes - 1], generator=seeded(0)).shape == (1, 1, 28, 28)


# --- the same architecture for other images ------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_the_images_that_it_is_made_for_change_nothing(name):
    found = data_set("mnist" if name == "digits" else "cifar10")
    assert preset(name).for_images(found.image_shape, found.mean, found.std) == preset(name)


def data_set(name: str) -> ib.data.Dataset:
    return ib.data.describe(name)


@pytest.mark.parametrize(
    "shape, squeeze, levels",
    [
        ((1, 28, 28), True, 2),  # 28 can be halved twice
        ((3, 64, 64), True, 3),
        ((1, 16, 30), True, 1),
        ((3, 33, 33), False, 1),
        ((2, 13, 9), False, 1),
    ],
)
def test_resolutions_that_images_cannot_be_halved_to_are_left_out(shape, squeeze, levels):
    own = preset("cpu").replace(dropout=(0.1, 0.2, 0.3, 0.4))
    found = own.for_images(shape, (0.5,) * shape[0], (0.2,) * shape[0])
    assert found.image_shape == shape and found.squeeze_input is squeeze
    assert found.blocks == own.blocks[:levels] and found.widths == own.widths[:levels]
    assert found.dropout == (*own.dropout[:levels], 0.4)
    assert found.fc_blocks == own.fc_blocks and found.whitening == own.whitening


def test_grey_images_are_squeezed_since_a_coupling_needs_two_channels():
    found = preset("paper").for_images((1, 28, 28), (0.13,), (0.31,))
    assert found.squeeze_input and found.blocks == (8, 25)
    with pytest.raises(ValueError, match="grey images of 27 x 27 pixels cannot be halved: choose even sides"):
        preset("cpu").for_images((1, 27, 27), (0.13,), (0.31,))


def test_a_model_of_digits_is_not_asked_for_photographs():
    model = build("ib-inn", (1, 28, 28))
    with pytest.raises(ValueError, match="images must be torch.float32 of shape"):
        model.encode(torch.zeros(1, 3, 32, 32))
    with pytest.raises(ValueError, match="latents must be torch.float32"):
        model.decode(torch.zeros(1, 3072))
    assert np.isfinite(model.log_prob(torch.full((1, 1, 28, 28), 0.5)).item())
