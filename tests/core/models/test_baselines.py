"""ResNet, i-RevNet and VIB: their outputs, their refusals, their losses, and what they give to other trainings."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from flow_helpers import objective_of, random_model, seeded, smooth_images
from grid_helpers import mostly_slow
from shape_helpers import LEAST, every_shape, small_flow
from torch.distributions import Normal, kl_divergence
from training_helpers import small_trainer

from ibinn_core import __main__
from ibinn_core.models.architecture import preset
from ibinn_core.models.baselines import VIB, ResidualBlock, ResNet
from ibinn_core.models.classifier import Classifier, UnsupportedError
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.kinds import KINDS, OBJECTIVES, OWN, TRAINED_HERE, VIB_LATENT_DIMS
from ibinn_core.models.objectives import Objective
from ibinn_core.training.warm_start import warm_start

CLASSES, SHAPE = 5, (3, 8, 8)
CONFIG = LEAST.replace(whitening=(), blocks=(1, 2), widths=(6, 8), fc_width=7)
BASELINES = ("vib", "resnet", "i-revnet")
every_baseline = pytest.mark.parametrize("kind", BASELINES)


def build(kind: str) -> Classifier:
    return random_model(kind, CONFIG, CLASSES, torch.float64)


@pytest.fixture(scope="module")
def models() -> dict[str, Classifier]:
    return {kind: build(kind) for kind in TRAINED_HERE}


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return smooth_images(6, SHAPE, seeded(3)).double()


@every_shape
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_every_kind_looks_at_every_shape(kind, shape):
    model, x = random_model(kind, small_flow(shape), 7), smooth_images(5, shape, seeded(1))
    model.requires_grad_(False)
    posterior = model.posterior(x)
    assert posterior.shape == (5, 7)
    torch.testing.assert_close(posterior.sum(1), torch.ones(5))
    if model.is_invertible:
        z = model.encode(x)
        assert z.shape == (5, math.prod(shape)) and (model.decode(z) - x).abs().max() < 1e-3
    if model.has_likelihood:
        assert model.log_prob(x, per_class=True).shape == (5, 7)
        assert model.sample([7 - 1] * 2, generator=seeded(0)).shape == (2, *shape)


@torch.no_grad()
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_every_kind_can_be_asked_image_by_image_with_vmap(models, x, kind):
    model = models[kind]
    asked = [(model.posterior, x)]
    if model.has_likelihood:
        asked += [(model.encode, x), (partial(model.log_prob, per_class=True), x)]
    if model.is_invertible:
        asked.append((model.decode, torch.randn(5, model.config.dims, generator=seeded(3), dtype=torch.float64)))
    for ask, values in asked:
        one_by_one = torch.func.vmap(lambda value, ask=ask: ask(value[None]))(values)
        torch.testing.assert_close(one_by_one.squeeze(1), ask(values), rtol=1e-9, atol=1e-9)
    if model.has_likelihood:
        loss = torch.func.vmap(lambda value: model.loss(value[None], torch.tensor([1]), Objective())[0].total)(x)
        torch.testing.assert_close(loss.mean(), model.loss(x, torch.tensor([1] * len(x)), Objective())[0].total)


@torch.no_grad()
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_evaluate_gives_all_that_the_kind_can(models, x, kind):
    model, abilities = models[kind], KINDS[kind]
    seen = model.evaluate(x)
    assert (model.has_latents, model.is_invertible, model.has_likelihood) == abilities[2:]
    wanted = {"posterior": model.posterior}
    wanted |= {"latents": model.encode} if abilities.has_latents else {}
    wanted |= {"log_prob": model.log_prob} if abilities.has_likelihood else {}
    assert seen.keys() == wanted.keys()
    for name, method in wanted.items():
        torch.testing.assert_close(seen[name], method(x))


@torch.no_grad()
def test_the_posterior_is_a_projection_of_the_flows_latents_or_of_the_vibs_means(models, x):
    for kind, latents in (("i-revnet", models["i-revnet"].flow(x)[0]), ("vib", models["vib"](x)[0])):
        model = models[kind]
        assert torch.equal(model.encode(x), latents)
        logits = latents @ model.head.weight.T + model.head.bias
        torch.testing.assert_close(model.posterior(x), torch.softmax(logits, 1), rtol=1e-12, atol=0)
    assert (models["i-revnet"].decode(models["i-revnet"].encode(x)) - x).abs().max() < 1e-9


@pytest.mark.slow
@torch.no_grad()
def test_the_vib_draws_its_code_in_training(x):
    """By reparametrisation: mean and variance of the drawn logits are those of W z + b under q(z | x)."""
    model, labels = build("vib"), torch.arange(6) % CLASSES
    torch.manual_seed(0)
    model.log_std.weight.mul_(0.3)
    drawn = torch.stack([model.loss(x, labels, Objective("vib"))[1] for _ in range(3000)])
    mean, log_std = model(x)
    variance = (2 * log_std).exp() @ model.head.weight.square().T
    deviation = (variance / len(drawn)).sqrt()
    assert ((drawn.mean(0) - model.head(mean)) / deviation).abs().max() < 5
    torch.testing.assert_close(drawn.var(0), variance, rtol=0.15, atol=0)


@pytest.mark.parametrize("name", ["cpu", "paper"])
def test_the_resnet_is_the_presets_counterpart(name):
    config = preset(name)
    model, seen = ResNet(config).eval(), []
    for block in (m for m in model.modules() if isinstance(m, ResidualBlock)):
        block.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape[1:])))
    assert model.posterior(torch.rand(1, 3, 32, 32)).shape == (1, 10)
    wanted = {
        "cpu": [(48, 16, 16)] * 20 + [(112, 8, 8)] * 4 + [(192, 4, 4)],
        "paper": [(16, 32, 32)] * 8 + [(32, 16, 16)] * 26 + [(64, 8, 8)] * 26,  # with a downsampling block each
    }
    assert seen == wanted[name]
    assert all(sum(p.numel() for p in kind(config).parameters()) <= 5_000_000 for kind in (ResNet, VIB))


def test_a_resolution_without_couplings_is_halved_all_the_same():
    model = ResNet(CONFIG.replace(blocks=(0, 0)), CLASSES).eval()
    assert model.posterior(torch.rand(2, *SHAPE)).shape == (2, CLASSES)


@every_baseline
def test_a_loss_reaches_every_parameter(x, kind):
    model, labels = build(kind), torch.arange(6) % CLASSES
    loss, scores = model.loss(x, labels, objective_of(kind))
    assert scores.shape == (6, CLASSES) and not scores.requires_grad
    loss.total.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


LOGITS = 3 * torch.randn(7, CLASSES, generator=seeded(1), dtype=torch.float64)


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_cross_entropy_is_pytorchs(smoothing):
    logits, labels = LOGITS, torch.arange(7) % CLASSES
    loss = Objective("cross-entropy", None, smoothing).of_logits(logits, labels)
    assert loss.l_x is None and loss.kl is None and loss.l_y == -loss.total
    torch.testing.assert_close(loss.total, F.cross_entropy(logits, labels, label_smoothing=smoothing))


def test_the_kl_of_gaussians_is_pytorchs():
    model, x = build("vib").eval(), torch.rand(4, *SHAPE, generator=seeded(1), dtype=torch.float64)
    mean, log_std = model(x)
    loss, _ = model.loss(x, torch.arange(4), Objective("vib", 1.0))
    torch.testing.assert_close(loss.kl, kl_divergence(Normal(mean, log_std.exp()), Normal(0, 1)).sum(1).mean())


@pytest.mark.parametrize("gamma", [0.0, 0.2, 35.65, math.inf])
def test_the_vib_loss_is_the_ib_loss_with_kl_for_l_x(gamma):
    logits, labels = LOGITS, torch.arange(7) % CLASSES
    kl = 500 * torch.rand(7, generator=seeded(2), dtype=torch.float64)
    loss = Objective("vib", gamma).of_logits(logits, labels, kl, 3072)
    entropy = F.cross_entropy(logits, labels, label_smoothing=0.05)
    expected = 2 * entropy if math.isinf(gamma) else 2 / (1 + gamma) * (kl.mean() / 3072 + gamma * entropy)
    torch.testing.assert_close(loss.total, expected)
    torch.testing.assert_close(loss.kl, kl.mean())
    torch.testing.assert_close(loss.l_y, -entropy)


@pytest.mark.parametrize(
    "kinds, call",
    [
        ("resnet", lambda m: m.encode(torch.zeros(1, *SHAPE))),
        ("resnet vib", lambda m: m.decode(torch.zeros(1, VIB_LATENT_DIMS))),
        ("resnet vib i-revnet", lambda m: m.log_prob(torch.zeros(1, *SHAPE))),
        ("resnet vib i-revnet", lambda m: m.sample([0], temperature=0.7)),
        ("resnet vib i-revnet", lambda m: m.move(torch.zeros(1, VIB_LATENT_DIMS), to=1)),
    ],
)
def test_what_a_model_cannot_do_is_refused(models, kinds, call):
    for kind in kinds.split():
        with pytest.raises(UnsupportedError, match=f"^(?i:{KINDS[kind].name}) "):
            call(models[kind])


@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_a_config_and_a_loss_refuse_an_objective_of_another_kind(x, kind):
    for name in {*OBJECTIVES} - {*KINDS[kind].objectives, OWN}:
        with pytest.raises(ValueError, match=f"{KINDS[kind].name} is trained with the objective"):
            TrainingConfig(model=kind, objective=Objective(name))
        with pytest.raises(ValueError, match="cannot be trained with"):
            build(kind).loss(x, torch.arange(6) % CLASSES, Objective(name))


@pytest.mark.parametrize("kind", mostly_slow(TRAINED_HERE, "resnet"))
def test_a_training_lowers_the_loss_and_records_only_what_there_is(tmp_path, kind, capfd):
    trainer = small_trainer(tmp_path, model=kind, objective=objective_of(kind), epochs=8)
    assert not trainer.run().training
    history, out = trainer.progress.history, capfd.readouterr().out
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert all(math.isfinite(value) for row in history for value in row.values())
    for name, has in (("bits_per_dim", "has_likelihood"), ("reconstruction", "is_invertible")):
        assert (name in history[0]) == (name in out) == getattr(KINDS[kind], has)


def warm_started(monkeypatch, source: str, target: str, classes: int = CLASSES, **changes) -> tuple[dict, dict, dict]:
    """The weights of a model, and those of a new one before and after it starts from them."""
    given, model = build(source).float().state_dict(), random_model(target, CONFIG.replace(**changes), classes, seed=3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    monkeypatch.setattr("ibinn_core.training.warm_start.weights_of", lambda _: given)
    assert warm_start("source", model)  # which says that the parts of classes are new
    return given, before, model.state_dict()


@pytest.mark.parametrize(
    "source, target, changes",
    [
        ("ib-inn", "resnet", {}),
        ("vib", "ib-inn", {}),
        ("resnet", "vib", {"blocks": (2, 1)}),
        ("resnet", "vib", {"widths": (8, 12)}),
        ("ib-inn", "ib-inn", {"scaling": "fixed"}),
    ],
)
def test_a_body_of_another_kind_or_architecture_is_refused(monkeypatch, source, target, changes):
    with pytest.raises(ValueError, match="of another kind of model, or of another architecture"):
        warm_started(monkeypatch, source, target, **changes)


@pytest.mark.parametrize(
    "source, target, classes",
    [
        ("resnet", "vib", CLASSES),
        ("vib", "resnet", CLASSES),
        ("ib-inn", "i-revnet", CLASSES),
        ("i-revnet", "ib-inn", CLASSES),
        ("ib-inn", "ib-inn", 13),
        ("vib", "vib", 13),
        ("i-revnet", "i-revnet", 13),
    ],
)
def test_a_new_training_takes_the_body_of_another_and_nothing_else(monkeypatch, source, target, classes):
    given, before, after = warm_started(monkeypatch, source, target, classes)
    for name, value in after.items():
        assert torch.equal(value, given[name] if name.startswith(("body.", "flow.")) else before[name]), name


def test_fixed_means_stay_where_they_are_and_fixed_weights_of_classes_equal_in_a_warm_start(monkeypatch):
    source = random_model("ib-inn", CONFIG, CLASSES).state_dict()
    config = TrainingConfig(objective=Objective("class-nll-regularized"), architecture=CONFIG)
    model = config.new_model(CLASSES)
    fresh = model.class_means
    monkeypatch.setattr("ibinn_core.training.warm_start.weights_of", lambda _: source)
    assert not warm_start("source", model)
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, source[name])}
    assert torch.equal(model.class_means, fresh) and changed == {"mixture.means", "mixture.phi"}
    assert not model.mixture.phi.any()
    warm_start("source", learning := TrainingConfig(architecture=CONFIG, learn_weights=True).new_model(CLASSES))
    assert torch.equal(learning.mixture.phi, source["mixture.phi"])


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        ("--model resnet", ("resnet", "cross-entropy", None)),
        ("--model vib", ("vib", "vib", 1.0)),
        ("--model vib --gamma 0.2", ("vib", "vib", 0.2)),
        ("", ("ib-inn", "ib", 1.0)),
        ("--objective class-nll-regularized", ("ib-inn", "class-nll-regularized", None)),
    ],
)
def test_the_command_trains_every_kind(tmp_path, monkeypatch, arguments, wanted):
    configs = []
    monkeypatch.setattr("ibinn_core.training.trainer.train", lambda config, *_: configs.append(config))
    assert __main__.main(["train", "--out", str(tmp_path / "run"), *arguments.split()]) == 0
    assert [(one.model, one.objective.kind, one.objective.gamma) for one in configs] == [wanted]
