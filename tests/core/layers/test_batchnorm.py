"""A sub-network folded for evaluation is the same function, and follows its weights."""

import copy
import io
from functools import partial

import pytest
import torch
from flow_helpers import randomise, seeded
from torch import nn

from ibinn_core.layers import AffineCoupling, convolutional
from ibinn_core.layers.batchnorm import Folded
from ibinn_core.layers.subnetwork import Subnetwork


def make(dtype=torch.float64, **options) -> Subnetwork:
    return randomise(convolutional(3, 6, width=8, **options), seeded(1)).to(dtype).eval()


def data(dtype=torch.float64) -> torch.Tensor:
    return torch.randn(5, 3, 6, 4, generator=seeded(2), dtype=torch.float64).to(dtype)


def agree(net: Subnetwork, dtype=torch.float64, tolerance: float = 1e-12) -> bool:
    with torch.no_grad():
        return torch.allclose(net(data(dtype)), net.net(data(dtype)), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"dropout": 0.5}])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-6)])
@torch.no_grad()
def test_folded_it_is_the_same_function(options, dtype, tolerance):
    net = make(dtype, **options)
    assert agree(net, dtype, tolerance) and net(data(dtype)).is_contiguous()
    assert len(net._folded.of(net.net)) == 5  # layers in place of eight


@torch.enable_grad()
def train_a_step(net):
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    net.train()(data()).square().sum().backward()
    optimiser.step()
    net.eval()


CHANGES = {
    "written in place": lambda net: net.net[0].weight.mul_(2),
    "other statistics": lambda net: net.net[4].running_var.add_(1),
    "loaded": lambda net: net.load_state_dict(randomise(convolutional(3, 6, width=8), seeded(9)).state_dict()),
    "another parameter": lambda net: setattr(net.net[7], "bias", nn.Parameter(torch.ones(6).double())),
    "a step": train_a_step,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_follows_its_weights(change, mode):
    net = make()
    with mode():
        before = net(data())
    with torch.no_grad():
        change(net)
    with mode():
        assert agree(net) and not torch.allclose(net(data()), before)


def test_it_follows_to_another_precision_and_into_copies_and_files():
    net = make()
    names = [*net.state_dict()]
    assert agree(net) and [*net.state_dict()] == names  # nothing of it is stored
    assert agree(net.float(), torch.float32, 2e-6)
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.net[0].weight.mul_(2)
    assert agree(twin, torch.float32, 2e-6) and agree(net, torch.float32, 2e-6)
    buffer = io.BytesIO()
    torch.save(net, buffer)
    buffer.seek(0)
    assert agree(torch.load(buffer, weights_only=False), torch.float32, 2e-6)


def test_weights_made_in_inference_mode_are_followed_too():
    with torch.inference_mode():
        net = make()
        before = net(data())
        net.net[0].weight.mul_(2)
        assert agree(net) and not torch.allclose(net(data()), before)


def test_training_and_gradients_take_the_layers_one_by_one():
    net = make()
    assert net(data()).requires_grad
    net(data()).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    assert Folded().of(net.net) is not None and Folded().of(net.train().net) is None


def test_frozen_weights_fold_and_let_gradients_through_to_the_image():
    coupling = randomise(AffineCoupling(4, partial(convolutional, width=6), 0.7), seeded(3)).double().eval()
    x = torch.randn(2, 4, 4, 4, generator=seeded(4), dtype=torch.float64, requires_grad=True)
    slow = torch.autograd.grad(coupling(x)[0].square().sum(), x)[0]
    coupling.requires_grad_(False)
    fast = torch.autograd.grad(coupling(x)[0].square().sum(), x)[0]
    assert torch.allclose(slow, fast, rtol=1e-10, atol=1e-12)


def test_it_folds_at_its_first_call_inside_a_transform():
    net, expected = (make().requires_grad_(False) for _ in range(2))
    expected(data())
    gradients = [torch.func.grad(lambda x, each=each: each(x).square().sum())(data()) for each in (net, expected)]
    assert torch.equal(*gradients) and agree(net)


def test_biases_and_bare_convolutions_fold_too():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=2, dilation=2), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1, groups=2))
    wrapped = Subnetwork(randomise(net, seeded(5)).double()).eval()
    assert len(wrapped._folded.of(wrapped.net)) == 2
    assert agree(wrapped)
