"""Whole networks of each preset, small ones at random parameters and the real ones as they are."""

import dataclasses
import json
from functools import partial

import pytest
import torch
from flow_helpers import check_gradients, check_log_det, randomise, seeded, smooth_images, without_gradient

from ibinn_core.layers import (
    DCT,
    ActNorm,
    AffineCoupling,
    DownsamplingCoupling,
    FixedScaling,
    HardPermutation,
    SoftPermutation,
    Squeeze,
    Whitening,
    fully_connected,
)
from ibinn_core.layers.subnetwork import set_autocast
from ibinn_core.models.architecture import PRESETS, FlowConfig, preset
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.flow import Flow
from ibinn_core.models.objectives import Objective

SMALL = {
    "paper": preset("paper").replace(image_shape=(3, 8, 8), blocks=(1, 2, 1), widths=(4, 5, 6), fc_width=8),
    "cpu": preset("cpu").replace(
        image_shape=(3, 8, 8),
        blocks=(1, 2),
        widths=(4, 5),
        fc_width=8,
    ),
    "grey": FlowConfig(
        image_shape=(1, 8, 16),
        mean=(0.4,),
        std=(0.3,),
        whitening_shifts=(0, 1),
        squeeze_input=True,
        blocks=(2, 1),
        widths=(4, 4),
        fc_blocks=1,
        fc_width=5,
    ),
    "digits": FlowConfig(
        image_shape=(1, 6, 6),
        mean=(0.1,),
        std=(0.3,),
        whitening=("conditional",),
        squeeze_input=True,
        blocks=(2,),
        widths=(4,),
        scaling="actnorm",
        fc_blocks=1,
        fc_width=5,
    ),
}
every_flow = pytest.mark.parametrize("name", SMALL)


def build(name: str, dtype=torch.float64) -> Flow:
    flow = Flow.from_config(SMALL[name]).to(dtype)
    flow.fit(smooth_images(300, SMALL[name].image_shape, seeded(1)).to(dtype))
    return randomise(flow, seeded(2)).eval()


def images(name: str, count: int, dtype=torch.float64) -> torch.Tensor:
    return smooth_images(count, SMALL[name].image_shape, seeded(3)).to(dtype)


@every_flow
def test_log_det_is_the_jacobians_in_both_directions(name):
    check_log_det(build(name), images(name, 2))


@every_flow
def test_inverse_undoes_forward(name):
    flow, x = build(name), images(name, 5)
    kept = x.clone()
    z, log_det = flow(x)
    assert z.shape == (5, SMALL[name].dims) and log_det.shape == (5,) and torch.equal(x, kept)
    assert (flow.inverse(z) - x).abs().max() < 1e-9
    assert (z - flow(images(name, 5) + 0.01)[0]).abs().max() > 1e-3  # no constant map


@every_flow
def test_every_parameter_gets_a_gradient(name):
    assert without_gradient(build(name), images(name, 6), seeded(4)) == []


@every_flow
def test_gradients_are_slopes(name):
    check_gradients(build(name), images(name, 3), seeded(8))


@every_flow
def test_each_image_is_treated_on_its_own(name):
    flow, x = build(name), images(name, 5)
    (z, log_det), (one, one_log_det) = flow(x), flow(x[2:3])
    torch.testing.assert_close(one, z[2:3], rtol=1e-9, atol=1e-10)
    torch.testing.assert_close(one_log_det, log_det[2:3], rtol=1e-9, atol=1e-9)


@every_flow
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_fresh_flow_takes_over_a_saved_one(name, dtype):
    saved, x = build(name, dtype), images(name, 3, dtype)
    fresh = Flow.from_config(SMALL[name]).to(dtype).eval()
    assert not torch.equal(fresh(x)[0], saved(x)[0])
    fresh.load_state_dict({key: value.clone() for key, value in saved.state_dict().items()})
    (z, log_det), (fresh_z, fresh_log_det) = saved(x), fresh(x)
    assert z.dtype == log_det.dtype == dtype
    assert torch.equal(z, fresh_z) and torch.equal(log_det, fresh_log_det)
    assert torch.equal(saved.inverse(z), fresh.inverse(z))


# Layers composed by hand


def by_hand(width: int = 5) -> Flow:
    """A flow of numbers in the plane, with a flow among its layers."""
    inner = Flow([HardPermutation(3, seeded(1)), AffineCoupling(3, partial(fully_connected, width=width)), ActNorm(3)])
    return Flow([AffineCoupling(3, partial(fully_connected, width=width)), inner, ActNorm(3)]).double()


def test_layers_composed_by_hand_are_a_flow():
    flow, x = by_hand(), 2 + 3 * torch.randn(50, 3, generator=seeded(2), dtype=torch.float64)
    assert not flow.fitted
    flow.fit(x)
    assert flow.fitted and flow.layers[1].fitted
    torch.testing.assert_close(flow(x)[0].std(0, correction=0), torch.ones(3).double())
    randomise(flow, seeded(3)).eval()
    check_log_det(flow, x[:3])
    check_gradients(flow, x[:3], seeded(4))
    again = by_hand()
    again.load_state_dict(flow.state_dict())
    assert torch.equal(again(x)[0], flow(x)[0]) and "layers.1.layers.2.log_scale" in flow.state_dict()
    assert Flow([Squeeze()]).fitted


def test_a_flow_without_classes_has_a_density_and_draws_from_it():
    flow = randomise(Flow([ActNorm(2)], shape=(2,)), seeded(0))
    drawn = flow.sample(20_000, generator=seeded(1))
    scale, shift = flow.layers[0].log_scale.exp(), flow.layers[0].shift
    expected = (torch.distributions.Normal(0, 1).log_prob(drawn * scale + shift) + scale.log()).sum(1)
    torch.testing.assert_close(flow.log_prob(drawn), expected)
    with pytest.raises(ValueError, match=r"the shape \(N, ...\)"):
        flow.log_prob(drawn[0])
    torch.testing.assert_close(drawn.std(0), 1 / scale.detach(), rtol=0.05, atol=0)
    with pytest.raises(ValueError, match="shape of a latent"):
        Flow([ActNorm(2)]).sample(3)


@pytest.mark.parametrize("layers, number", [([torch.nn.Linear(2, 2)], 0), ([Squeeze(), preset("cpu")], 1)])
def test_what_is_no_invertible_layer_is_refused_by_its_place(layers, number):
    with pytest.raises(TypeError, match=f"number {number} is a {type(layers[-1]).__name__}"):
        Flow(layers)


# The real presets


@pytest.mark.slow
def test_the_paper_preset_is_the_papers_and_takes_a_training_step():
    config = preset("paper")
    assert (config.blocks, config.widths, config.fc_blocks, config.fc_width) == (
        (8, 25, 25),
        (16, 32, 64),
        2,
        1024,
    )
    model = GenerativeClassifier(config)
    kinds = [type(layer) for layer in model.flow.layers]
    assert kinds.count(AffineCoupling) == 8 + 25 + 25 + 2 and kinds.count(DownsamplingCoupling) == 2
    assert kinds.count(SoftPermutation) == 60 and kinds.count(HardPermutation) == 2
    assert kinds.count(FixedScaling) == 62 and kinds.count(DCT) == 1
    assert Whitening not in kinds and ActNorm not in kinds and Squeeze not in kinds
    x = smooth_images(4, (3, 32, 32), seeded(1))
    with torch.no_grad():
        z, _ = model.eval()(x)
        assert z.shape == (4, 3072) and (model.decode(z) - x).abs().max() < 1e-3

    before = {name: p.clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    model.train()
    loss = Objective("ib", 1.0)(model.mixture, *model(x), torch.tensor([0, 1, 2, 3]))
    loss.total.backward()
    assert torch.isfinite(torch.stack([part for part in loss if part is not None])).all()
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    assert gradients.keys() == before.keys() - {"mixture.phi"}
    assert all(torch.isfinite(g).all() for g in gradients.values())
    optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert "mixture.means" in moved and any(".subnetwork.net.7." in name for name in moved)


def test_the_cpu_preset_has_at_most_five_million_parameters():
    parameters = sum(p.numel() for p in GenerativeClassifier(preset("cpu")).parameters())
    assert 1_000_000 < parameters <= 5_000_000


def test_the_cpu_preset_inverts_in_float32_after_small_random_changes():
    flow, x = Flow.from_config(preset("cpu")).eval(), smooth_images(3, (3, 32, 32), seeded(1))
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=seeded(2))
        z, log_det = flow(x)
        assert (log_det - Flow.from_config(preset("cpu")).eval()(x)[1]).abs().max() > 1
        assert (flow.inverse(z) - x).abs().max() < 1e-4


@torch.no_grad()
def test_the_fitted_cpu_flow_starts_as_an_affine_map():
    config = SMALL["cpu"]
    flow = Flow.from_config(config).double().eval()
    x = images("cpu", 300)
    flow.fit(x)
    a, b, c = x[:1], x[1:2], x[2:3]

    def bend(function) -> float:
        middle = 0.3 * function(a)[0] + 0.9 * function(b)[0] - 0.2 * function(c)[0]
        return (function(0.3 * a + 0.9 * b - 0.2 * c)[0] - middle).abs().max().item()

    assert bend(flow) < 1e-9
    z, log_det = flow(x)
    torch.testing.assert_close(log_det, log_det[:1].expand(300), rtol=1e-12, atol=0)
    assert z.mean(0).abs().max() < 0.5 and z.std(0).median() == pytest.approx(1, abs=0.1)
    # An untrained whitened flow must beat the uniform density by far, or its log-det is wrong.
    assert (z.square().sum(1) / 2 - log_det).mean() / config.dims + 0.919 < -0.2
    assert bend(randomise(flow, seeded(5))) > 1e-3


# Fitting


def test_fit_normalises_every_actnorm_and_keeps_the_mode_and_the_batch_statistics():
    flow = Flow.from_config(SMALL["cpu"]).train()
    statistics = {k: v.clone() for k, v in flow.state_dict().items() if "running" in k or "tracked" in k}
    assert statistics
    x = smooth_images(300, SMALL["cpu"].image_shape, seeded(1))
    kept = x.clone()
    flow.fit(x)
    assert flow.training and all(module.training for module in flow.modules()) and torch.equal(x, kept)
    assert all(torch.equal(flow.state_dict()[k], v) for k, v in statistics.items())
    fitted = [layer for layer in flow.layers if hasattr(layer, "fitted")]
    assert len(fitted) == 6 and all(layer.fitted for layer in fitted)
    flow.eval()
    for layer in flow.layers:
        x, _ = layer(x)
        if isinstance(layer, ActNorm):
            columns = x.transpose(0, 1).flatten(1)
            assert columns.mean(1).abs().max() < 1e-3 and (columns.std(1) - 1).abs().max() < 1e-2


@pytest.mark.parametrize("shifts, domains, on_all", [((0, 2), (), 1), ((), ("cosine", "pixel"), 2), ((), (), 0)])
def test_only_the_whitening_is_fitted_on_all_images(monkeypatch, shifts, domains, on_all):
    monkeypatch.setattr("ibinn_core.models.flow.FIT_IMAGES", 64)
    config = SMALL["cpu"].replace(whitening_shifts=shifts, whitening=domains)
    flow, seen = Flow.from_config(config), []
    for layer in flow.layers:
        if hasattr(layer, "fitted"):
            monkeypatch.setattr(layer, "fit", lambda x, fit=layer.fit: (seen.append(len(x)), fit(x)))
    flow.fit(smooth_images(100, config.image_shape, seeded(1)))
    assert seen[:on_all] == [100] * on_all and len(seen) > on_all and set(seen[on_all:]) == {64}


def test_a_flow_that_needs_no_fit_looks_at_no_image(monkeypatch):
    flow = Flow.from_config(SMALL["paper"])
    assert not any(hasattr(layer, "fitted") for layer in flow.layers)
    for layer in flow.layers:
        monkeypatch.setattr(layer, "forward", lambda x: pytest.fail("it looked"))
    flow.fit(torch.rand(3, *SMALL["paper"].image_shape))


def test_autocast_leaves_the_flow_in_its_own_dtype():
    flow, x = build("cpu", torch.float32), images("cpu", 3, torch.float32)
    z, log_det = flow(x)
    set_autocast(flow, torch.bfloat16)
    rough, rough_log_det = flow(x)
    assert rough.dtype == rough_log_det.dtype == torch.float32
    assert not torch.equal(rough, z)
    assert (rough - z).abs().median() < 0.1
    set_autocast(flow, None)
    assert torch.equal(flow(x)[0], z)


# The config


@pytest.mark.parametrize("config", [*PRESETS.values(), *SMALL.values()], ids=[*PRESETS, *(f"small {n}" for n in SMALL)])
def test_a_config_survives_json(config):
    again = FlowConfig(**json.loads(json.dumps(dataclasses.asdict(config))))
    assert again == config and hash(again) == hash(config)


def test_a_config_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        preset("cpu").seed = 1


def test_replace_leaves_the_original_alone():
    config = preset("cpu")
    changed = config.replace(fc_width=7)
    assert changed.fc_width == 7 != config.fc_width and changed.replace(fc_width=config.fc_width) == config


def test_dims_counts_values():
    assert preset("cpu").dims == 3072 and SMALL["grey"].dims == 128


def test_an_unknown_preset_is_refused_by_name():
    with pytest.raises(ValueError, match="'gpu'.*paper, cpu"):
        preset("gpu")


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
@pytest.mark.parametrize(
    "changes, message",
    [
        ({"blocks": (1, 2)}, "same resolutions"),
        ({"blocks": (), "widths": ()}, "same resolutions"),
        ({"downsampling": "pool"}, "'pool'"),
        ({"scaling": "batchnorm"}, "'batchnorm'"),
        ({"dropout": (0.1,)}, "dropout"),
        ({"image_shape": (3, 34, 32)}, "34 x 32 cannot be halved 2 times"),
        ({"image_shape": (3, 32, 36), "squeeze_input": True}, "32 x 36 cannot be halved 3 times"),
        ({"image_shape": (1, 32, 32)}, "mean and std"),
        ({"mean": (0.5,)}, "mean and std"),
        ({"std": (0.5,)}, "mean and std"),
        ({"image_shape": (1, 32, 32), "mean": (0.5,), "std": (0.5,)}, "two channels"),
        ({"image_shape": (3, 28, 28), "whitening_shifts": (0, 4)}, "blocks of 8"),
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


def test_flows_of_one_config_have_the_same_permutations():
    def fixed(config):
        return {k: v for k, v in Flow.from_config(config).state_dict().items() if "rotation" in k or "order" in k}

    torch.manual_seed(1)
    one = fixed(SMALL["paper"])
    torch.manual_seed(2)
    other = fixed(SMALL["paper"])
    assert len(one) == 4 + 2 + 2
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    assert not torch.equal(one["layers.8.rotation.matrix"], one["layers.11.rotation.matrix"])
