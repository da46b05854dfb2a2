"""Every kind of model takes images of any height and width, grey or in colour, and any number of classes."""

import math

import pytest
import torch
from flow_helpers import random_model, seeded, smooth_images
from grid_helpers import mostly_slow
from shape_helpers import every_shape, small_flow

import ibinn_core as ib
from ibinn_core.models.architecture import PRESETS, preset
from ibinn_core.models.kinds import TRAINED_HERE

CLASSES = 7


@every_shape
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_every_kind_looks_at_every_shape(kind, shape):
    model, x = random_model(kind, small_flow(shape), CLASSES), smooth_images(5, shape, seeded(1))
    model.requires_grad_(False)
    posterior = model.posterior(x)
    assert posterior.shape == (5, CLASSES)
    torch.testing.assert_close(posterior.sum(1), torch.ones(5))
    if model.is_invertible:
        z = model.encode(x)
        assert z.shape == (5, math.prod(shape)) and (model.decode(z) - x).abs().max() < 1e-3
    if model.has_likelihood:
        assert model.log_prob(x, per_class=True).shape == (5, CLASSES)
        assert model.sample([CLASSES - 1] * 2, generator=seeded(0)).shape == (2, *shape)


@pytest.mark.parametrize("classes", mostly_slow([2, 200]))
def test_as_many_classes_as_there_may_be(classes):
    model, x = random_model("ib-inn", small_flow((1, 28, 28)), classes), smooth_images(220, (1, 28, 28), seeded(1))
    model.requires_grad_(False).fit_alignment(model.encode(x))
    assert model.posterior(x).shape == (220, classes) and model.class_means.shape == (classes, 784)
    assert model.sample(classes=[classes - 1], generator=seeded(0)).shape == (1, 1, 28, 28)


# --- the same architecture for other images ------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_the_images_that_it_is_made_for_change_nothing(name):
    found = ib.data.describe("mnist" if name == "digits" else "cifar10")
    assert preset(name).for_images(found.image_shape, found.mean, found.std) == preset(name)


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
