"""Whole networks of each preset, small ones at random parameters and the real ones as they are."""

import re
from collections import Counter
from functools import partial

import pytest
import torch
from flow_helpers import check_layer, randomise, seeded, smooth_images
from shape_helpers import PAPER

from ibinn_core import layers
from ibinn_core.layers import ActNorm, AffineCoupling, HardPermutation, Squeeze, fully_connected
from ibinn_core.layers.subnetwork import set_autocast
from ibinn_core.models.architecture import preset
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.flow import Flow

CPU = preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 2), widths=(4, 5), fc_width=8)


def by_hand() -> Flow:
    """A flow of numbers in the plane, with a flow among its layers."""
    inner = Flow([HardPermutation(3, seeded(1)), AffineCoupling(3, partial(fully_connected, width=5)), ActNorm(3)])
    return Flow([AffineCoupling(3, partial(fully_connected, width=5)), inner, ActNorm(3)]).double()


def test_layers_composed_by_hand_are_a_flow():
    flow, x = by_hand(), 2 + 3 * torch.randn(50, 3, generator=seeded(2), dtype=torch.float64)
    assert not flow.fitted
    flow.fit(x)
    assert flow.fitted and flow.layers[1].fitted
    torch.testing.assert_close(flow(x)[0].std(0, correction=0), torch.ones(3).double())
    check_layer(randomise(flow, seeded(3)).eval(), x[:3])
    again = by_hand()
    again.load_state_dict(flow.state_dict())
    assert torch.equal(again(x)[0], flow(x)[0]) and "layers.1.layers.2.log_scale" in flow.state_dict()


def test_a_flow_without_classes_has_a_density_and_draws_from_it():
    flow = randomise(Flow([ActNorm(2)], shape=(2,)), seeded(0))
    drawn = flow.sample(20_000, generator=seeded(1))
    scale, shift = flow.layers[0].log_scale.exp(), flow.layers[0].shift
    expected = (torch.distributions.Normal(0, 1).log_prob(drawn * scale + shift) + scale.log()).sum(1)
    torch.testing.assert_close(flow.log_prob(drawn), expected)
    torch.testing.assert_close(drawn.std(0), 1 / scale.detach(), rtol=0.05, atol=0)
    with pytest.raises(ValueError, match=r"the shape \(N, ...\)"):
        flow.log_prob(drawn[0])
    with pytest.raises(ValueError, match="shape of a latent"):
        Flow([ActNorm(2)]).sample(3)


@pytest.mark.parametrize("layers, number", [([torch.nn.Linear(2, 2)], 0), ([Squeeze(), preset("cpu")], 1)])
def test_what_is_no_invertible_layer_is_refused_by_its_place(layers, number):
    with pytest.raises(TypeError, match=f"layer {number} is a {type(layers[-1]).__name__}"):
        Flow(layers)


@pytest.mark.slow
def test_the_paper_preset_is_the_papers():
    config = preset("paper")
    assert (config.widths, config.fc_width) == ((16, 32, 64), 1024)
    model = GenerativeClassifier(config)
    kinds = Counter(type(layer) for layer in model.flow.layers)
    assert kinds == {
        layers.Normalization: 1,
        layers.AffineCoupling: 8 + 25 + 25 + 2,
        layers.DownsamplingCoupling: 2,
        layers.SoftPermutation: 60,
        layers.HardPermutation: 2,
        layers.FixedScaling: 62,
        layers.DCT: 1,
        layers.Flatten: 1,
    }
    x = smooth_images(4, (3, 32, 32), seeded(1))
    with torch.no_grad():
        z, _ = model.eval()(x)
        assert z.shape == (4, 3072) and (model.decode(z) - x).abs().max() < 1e-3


def test_fit_normalises_every_actnorm_and_keeps_the_mode_and_the_batch_statistics():
    flow = Flow.from_config(CPU).train()
    statistics = {k: v.clone() for k, v in flow.state_dict().items() if "running" in k or "tracked" in k}
    assert statistics
    x = smooth_images(300, CPU.image_shape, seeded(1))
    kept = x.clone()
    flow.fit(x)
    assert flow.training and all(module.training for module in flow.modules()) and torch.equal(x, kept)
    assert all(torch.equal(flow.state_dict()[k], v) for k, v in statistics.items())
    assert flow.fitted
    flow.eval()
    for layer in flow.layers:
        x, _ = layer(x)
        if isinstance(layer, ActNorm):
            columns = x.transpose(0, 1).flatten(1)
            assert columns.mean(1).abs().max() < 1e-3 and (columns.std(1) - 1).abs().max() < 1e-2


@pytest.mark.parametrize("shifts, domains, on_all", [((0, 2), (), 1), ((), ("cosine", "pixel"), 2), ((), (), 0)])
def test_only_the_whitening_is_fitted_on_all_images(monkeypatch, shifts, domains, on_all):
    monkeypatch.setattr("ibinn_core.models.flow.FIT_IMAGES", 64)
    config = CPU.replace(whitening_shifts=shifts, whitening=domains)
    flow, seen, parts = Flow.from_config(config), [], []
    for layer in flow.layers:
        layer.register_forward_pre_hook(lambda _, given: parts.append(len(given[0])))
        if hasattr(layer, "fitted"):
            monkeypatch.setattr(layer, "fit", lambda x, fit=layer.fit: (seen.append(len(x)), fit(x)))
    flow.fit(smooth_images(100, config.image_shape, seeded(1)))
    assert seen[:on_all] == [100] * on_all and len(seen) > on_all and set(seen[on_all:]) == {64}
    assert max(parts) == 64  # no layer maps all images at once, which would need much memory


@torch.no_grad()
def test_autocast_leaves_the_flow_in_its_own_dtype():
    flow, x = randomise(Flow.from_config(CPU), seeded(2)).eval(), smooth_images(3, CPU.image_shape, seeded(3))
    z, log_det = flow(x)
    set_autocast(flow, torch.bfloat16)
    rough, rough_log_det = flow(x)
    assert rough.dtype == rough_log_det.dtype == torch.float32
    assert 0 < (rough - z).abs().median() < 0.1
    set_autocast(flow, None)
    assert torch.equal(flow(x)[0], z)


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
@pytest.mark.parametrize(
    "changes, message",
    [
        ({"blocks": (1, 2)}, "one value for each resolution"),
        ({"downsampling": "pool"}, "'pool'"),
        ({"dropout": (0.1,)}, "dropout"),
        ({"image_shape": (3, 34, 32)}, "34 x 32 cannot be halved 2 times"),
        ({"image_shape": (3, 32, 36), "squeeze_input": True}, "32 x 36 cannot be halved 3 times"),
        ({"std": (0.5,)}, "mean and std"),
        ({"image_shape": (1, 32, 32), "mean": (0.5,), "std": (0.5,)}, "two channels"),
        ({"image_shape": (3, 28, 28), "whitening_shifts": (0, 4)}, "blocks of 8"),
        ({"whitening": ("sine",)}, "whitening.0 'sine' should be 'cosine', 'pixel' or 'conditional'"),
        ({"whitening": ("cosine", "conditional")}, "'conditional' must come first"),
        (
            {"image_shape": (3, 7, 7), "blocks": (1,), "widths": (4,), "dropout": (), "whitening": ("conditional",)},
            "7 x 7 cannot be halved 1 times",
        ),
    ],
)
def test_a_config_that_builds_no_flow_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Flow.from_config(preset("paper").replace(**changes))


def test_models_of_one_config_have_the_same_permutations_and_means():
    def fixed(seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        state = GenerativeClassifier(PAPER, 5).state_dict()
        return {k: v for k, v in state.items() if k.endswith(("rotation.matrix", "order", "means"))}

    one, other = fixed(1), fixed(2)
    assert len(one) == 4 + 2 + 2 + 1
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    assert not torch.equal(one["flow.layers.8.rotation.matrix"], one["flow.layers.11.rotation.matrix"])


@pytest.mark.parametrize(
    "shape, squeeze, levels", [((1, 28, 28), True, 2), ((1, 16, 30), True, 1), ((2, 13, 9), False, 1)]
)
def test_resolutions_that_images_cannot_be_halved_to_are_left_out(shape, squeeze, levels):
    own = preset("cpu").replace(dropout=(0.1, 0.2, 0.3, 0.4))
    found = own.for_images(shape, (0.5,) * shape[0], (0.2,) * shape[0])
    assert found.image_shape == shape and found.squeeze_input == squeeze
    assert found.blocks == own.blocks[:levels] and found.widths == own.widths[:levels]
    assert found.dropout == (*own.dropout[:levels], 0.4)
    assert found.fc_blocks == own.fc_blocks and found.whitening == own.whitening


def test_grey_images_are_squeezed_since_a_coupling_needs_two_channels():
    found = preset("paper").for_images((1, 28, 28), (0.13,), (0.31,))
    assert found.squeeze_input and found.blocks == (8, 25)
    with pytest.raises(ValueError, match="'gpu'.*paper, cpu"):
        preset("gpu")
    with pytest.raises(ValueError, match="grey images of 27 x 27 pixels cannot be halved: choose even sides"):
        preset("cpu").for_images((1, 27, 27), (0.13,), (0.31,))
    for given in [((2,), (0,), (1,)), ((3, 32, 32), 0, (1, 1, 1)), ((3, 32, 32), (0, 0, 0), 1)]:
        with pytest.raises(
            ValueError, match=rf"needs a shape \(C, H, W\) and tuples .*, not {re.escape(str(given[0]))}"
        ):
            preset("cpu").for_images(*given)
