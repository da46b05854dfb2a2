"""Every kind of model can be transformed by torch.func."""

from functools import partial

import pytest
import torch
from flow_helpers import random_model, seeded
from shape_helpers import DIGITS, GRIDS, LEAST, PAPER
from torch.func import vmap

#: name -> (kind, architecture)
SMALL = {
    "ib-inn": ("ib-inn", LEAST),
    "paper": ("ib-inn", PAPER),
    "digits": ("ib-inn", DIGITS),
    "vib": ("vib", LEAST),
    "resnet": ("resnet", LEAST),
    "i-revnet": ("i-revnet", GRIDS),
}


def images(name: str, count: int) -> torch.Tensor:
    return torch.rand(count, *SMALL[name][1].image_shape, generator=seeded(1), dtype=torch.float64)


def build(name: str, seed: int = 2):
    """A model with random weights in float64, aligned if it can be, in evaluation mode."""
    kind, architecture = SMALL[name]
    model = random_model(kind, architecture, 3, torch.float64, seed).requires_grad_(False)
    if kind == "ib-inn":
        model.fit_alignment(model.encode(images(name, 40)))
    return model


@pytest.mark.parametrize("name", SMALL)
def test_it_can_be_asked_image_by_image_with_vmap(name):
    model, x = build(name), images(name, 5)
    asked = [(model.posterior, x)]
    if model.has_likelihood:
        asked += [(model.encode, x), (partial(model.log_prob, per_class=True), x)]
    if model.is_invertible:
        asked.append((model.decode, torch.randn(5, model.config.dims, generator=seeded(3), dtype=torch.float64)))
    for ask, values in asked:
        one_by_one = vmap(lambda value, ask=ask: ask(value[None]))(values)
        torch.testing.assert_close(one_by_one.squeeze(1), ask(values), rtol=1e-9, atol=1e-9)
