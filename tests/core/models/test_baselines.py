"""ResNet, i-RevNet and VIB: their outputs, their refusals, and their training by the same loop."""

import math

import mpmath
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from flow_helpers import jacobian, randomise, seeded, smooth_images
from grid_helpers import mostly_slow
from shape_helpers import SMALL
from torch.distributions import Normal, kl_divergence
from training_helpers import poison, small_trainer, tiny_config, tiny_images, weights, write_data_set

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.layers.subnetwork import Subnetwork
from ibinn_core.models import architecture as architectures
from ibinn_core.models.architecture import FlowConfig, preset
from ibinn_core.models.baselines import VIB, IRevNet, ResidualBlock, ResidualLinear, ResNet
from ibinn_core.models.classifier import Classifier, GenerativeClassifier, UnsupportedError
from ibinn_core.models.kinds import KINDS, OBJECTIVES, OWN, TRAINED_HERE, VIB_LATENT_DIMS
from ibinn_core.models.objectives import Objective, gaussian_kl
from ibinn_core.models.preprocessing import add_noise
from ibinn_core.training import Trainer, TrainingConfig, read_state
from ibinn_core.training import trainer as loop
from ibinn_core.training.state import FILE
from ibinn_core.training.trainer import parameter_groups

CLASSES, SHAPE = 5, (3, 8, 8)
CONFIG = FlowConfig(
    image_shape=SHAPE,
    squeeze_input=True,
    blocks=(1, 2),
    widths=(6, 8),
    downsampling="squeeze",
    fc_blocks=1,
    fc_width=7,
    scaling="actnorm",
)
OBJECTIVE = {
    "vib": Objective("vib", 1.0),
    "resnet": Objective("cross-entropy", None),
    "i-revnet": Objective("cross-entropy", None),
}
BASELINES = list(OBJECTIVE)


def build(kind: str, config: FlowConfig = CONFIG) -> Classifier:
    """A float64 model of this kind in evaluation mode, every parameter away from its start."""
    model = TrainingConfig(model=kind, objective=OBJECTIVE[kind], architecture=config).new_model(CLASSES).double()
    model.fit(smooth_images(100, SHAPE, seeded(1)).double())
    return randomise(model, seeded(2)).eval()


@pytest.fixture(scope="module")
def models() -> dict[str, Classifier]:
    """Float64 models for all tests that do not change them."""
    return {kind: build(kind) for kind in BASELINES}


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return smooth_images(6, SHAPE, seeded(3)).double()


@pytest.fixture(autouse=True)
def on_one_cpu(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    yield


# --- what they compute -----------------------------------------------------------------------------------


@torch.no_grad()
@pytest.mark.parametrize("kind", BASELINES)
def test_posterior_is_a_distribution_of_the_image_alone(models, x, kind):
    model, state = models[kind], torch.get_rng_state()
    posterior = model.posterior(x)
    assert posterior.shape == (6, CLASSES) and posterior.dtype == torch.float64
    torch.testing.assert_close(posterior.sum(1), torch.ones(6).double(), rtol=1e-12, atol=0)
    assert torch.equal(model.predict(x), posterior.argmax(1)) and model.predict(x).dtype == torch.int64
    assert torch.equal(posterior, model.posterior(x)) and torch.equal(state, torch.get_rng_state())
    for row in range(6):
        torch.testing.assert_close(model.posterior(x[row : row + 1])[0], posterior[row], rtol=1e-9, atol=1e-12)
    assert (posterior[0] - posterior[1]).abs().max() > 1e-3
    assert model.posterior(x[:0]).shape == (0, CLASSES)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["ib-inn", *BASELINES])
def test_a_look_is_all_that_the_kind_can(models, x, kind):
    model = models.get(kind) or randomise(GenerativeClassifier(CONFIG, CLASSES).double(), seeded(2)).eval()
    seen, abilities = model.evaluate(x), KINDS[kind]
    expected = {"posterior"} | ({"latents"} if abilities.has_latents else set())
    assert seen.keys() == expected | ({"log_prob"} if abilities.has_likelihood else set())
    assert (model.has_latents, model.is_invertible, model.has_likelihood) == (
        abilities.has_latents,
        abilities.is_invertible,
        abilities.has_likelihood,
    )
    torch.testing.assert_close(seen["posterior"], model.posterior(x))
    if model.has_latents:
        torch.testing.assert_close(seen["latents"], model.encode(x))
    if model.has_likelihood:
        torch.testing.assert_close(seen["log_prob"], model.log_prob(x))


def test_i_revnet_is_the_flow_with_a_projection(models, x):
    model = models["i-revnet"]
    with torch.no_grad():
        z = model.encode(x)
        assert z.shape == (6, 192)
        assert (model.decode(z) - x).abs().max() < 1e-9
        logits = z @ model.head.weight.T + model.head.bias
        torch.testing.assert_close(model.posterior(x), torch.softmax(logits, 1), rtol=1e-12, atol=0)
    forward = jacobian(model.encode, x[:1])
    backward = jacobian(model.decode, model.encode(x[:1]).detach())
    torch.testing.assert_close(forward @ backward, torch.eye(192).double(), rtol=0, atol=1e-7)
    _, log_det = model.flow(x[:1])
    torch.testing.assert_close(torch.linalg.slogdet(forward).logabsdet[None], log_det, rtol=1e-6, atol=1e-9)


def test_an_i_revnet_is_the_flow_of_the_ib_inn():
    same = GenerativeClassifier(CONFIG, CLASSES).flow.state_dict(), IRevNet(CONFIG, CLASSES).flow.state_dict()
    assert {n: v.shape for n, v in same[0].items()} == {n: v.shape for n, v in same[1].items()}


@torch.no_grad()
def test_the_vib_answers_from_its_mean(models, x):
    model = models["vib"]
    z = model.encode(x)
    assert z.shape == (6, VIB_LATENT_DIMS) and torch.equal(z, model(x)[0])
    torch.testing.assert_close(model.posterior(x), torch.softmax(model.head(z), 1), rtol=1e-12, atol=0)


@pytest.mark.slow
def test_the_vib_draws_its_code_in_training(x):
    """By reparametrisation: mean and variance of the drawn logits are those of W z + b under q(z | x)."""
    model, labels = build("vib"), torch.arange(6) % CLASSES
    torch.manual_seed(0)
    with torch.no_grad():
        model.log_std.weight.mul_(0.3)
        drawn = torch.stack([model.loss(x, labels, OBJECTIVE["vib"])[1] for _ in range(3000)])
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
    extra = 1 if config.downsampling == "coupling" else 0  # the paper's downsampling coupling blocks
    first = 16 if config.squeeze_input else 32
    expected = []
    for level, (blocks, width) in enumerate(zip(config.blocks, config.widths, strict=True)):
        side = first // 2**level
        expected += [(width, side, side)] * (blocks + (extra if level else 0))
    assert seen == expected
    assert sum(isinstance(m, ResidualLinear) for m in model.modules()) == config.fc_blocks
    for kind in (ResNet, VIB):
        assert sum(p.numel() for p in kind(config).parameters()) <= 5_000_000


def test_the_cpu_presets_models_are_of_one_size():
    config = preset("cpu")
    sizes = [sum(p.numel() for p in kind(config).parameters()) for kind in (GenerativeClassifier, ResNet, IRevNet, VIB)]
    assert max(sizes) < 1.3 * min(sizes)


def test_a_resolution_without_couplings_is_halved_all_the_same():
    model = ResNet(CONFIG.replace(blocks=(0, 0)), CLASSES).eval()
    assert sum(isinstance(m, ResidualBlock) for m in model.modules()) == 1
    assert model.posterior(torch.rand(2, *SHAPE)).shape == (2, CLASSES)


# --- gradients -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BASELINES)
def test_every_parameter_gets_a_gradient(x, kind):
    model = build(kind).train()
    loss, scores = model.loss(x, torch.arange(6) % CLASSES, OBJECTIVE[kind])
    loss.total.backward()
    assert scores.shape == (6, CLASSES) and not scores.requires_grad
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A bias before a batch normalisation would have none; there is no such bias here.
    assert not without


@pytest.mark.parametrize("kind", BASELINES)
def test_gradients_are_those_of_differences(x, kind):
    model, labels = build(kind), torch.arange(6) % CLASSES

    def value() -> torch.Tensor:
        torch.manual_seed(0)  # the VIB's draw
        return model.loss(x, labels, OBJECTIVE[kind])[0].total

    value().backward()
    for name, parameter in model.named_parameters():
        step = torch.randn(parameter.shape, generator=seeded(4), dtype=torch.float64)
        step *= 1e-5 / step.norm()
        with torch.no_grad():
            parameter += step
            above = value()
            parameter -= 2 * step
            slope = (above - value()) / 2
            parameter += step
            expected = (parameter.grad * step).sum()
        assert abs(slope - expected) < 1e-3 * abs(expected) + 1e-9, name


# --- objectives ------------------------------------------------------------------------------------------


def logits_and_labels() -> tuple[torch.Tensor, torch.Tensor]:
    return 3 * torch.randn(7, CLASSES, generator=seeded(1), dtype=torch.float64), torch.arange(7) % CLASSES


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_cross_entropy_is_pytorchs(smoothing):
    logits, labels = logits_and_labels()
    loss = Objective("cross-entropy", None, smoothing).of_logits(logits, labels)
    assert loss.l_x is None and loss.kl is None and loss.l_y == -loss.total
    torch.testing.assert_close(loss.total, F.cross_entropy(logits, labels, label_smoothing=smoothing))


def test_the_kl_of_gaussians_is_pytorchs_and_the_integral():
    mean, log_std = (torch.randn(4, 3, generator=seeded(i), dtype=torch.float64) for i in (1, 2))
    expected = kl_divergence(Normal(mean, log_std.exp()), Normal(0, 1)).sum(1)
    torch.testing.assert_close(gaussian_kl(mean, log_std), expected, rtol=1e-12, atol=0)
    assert gaussian_kl(torch.zeros(1, 3), torch.zeros(1, 3)) == 0
    assert torch.autograd.gradcheck(gaussian_kl, (mean.requires_grad_(), log_std.requires_grad_()))
    m, s = mean[0, 0].item(), log_std[0, 0].exp().item()
    integral = mpmath.quad(
        lambda z: mpmath.npdf(z, m, s) * mpmath.log(mpmath.npdf(z, m, s) / mpmath.npdf(z)), [m - 12 * s, m, m + 12 * s]
    )
    assert gaussian_kl(mean[:1, :1], log_std[:1, :1]).item() == pytest.approx(float(integral), rel=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.2, 1.0, 35.65, math.inf])
def test_the_vib_loss_is_the_ib_loss_with_kl_for_l_x(gamma):
    logits, labels = logits_and_labels()
    kl = 500 * torch.rand(7, generator=seeded(2), dtype=torch.float64)
    loss = Objective("vib", gamma).of_logits(logits, labels, kl, 3072)
    entropy = F.cross_entropy(logits, labels, label_smoothing=0.05)
    expected = 2 * entropy if math.isinf(gamma) else 2 / (1 + gamma) * (kl.mean() / 3072 + gamma * entropy)
    torch.testing.assert_close(loss.total, expected)
    torch.testing.assert_close(loss.kl, kl.mean())
    torch.testing.assert_close(loss.l_y, -entropy)
    if 0 < gamma < math.inf:  # Alemi et al.'s own form, up to a constant factor
        torch.testing.assert_close(loss.total * (1 + gamma) / (2 * gamma), entropy + kl.mean() / (gamma * 3072))


def test_an_objective_of_the_other_sort_is_refused():
    logits, labels = logits_and_labels()
    with pytest.raises(ValueError, match="'ib' is none that such logits"):
        Objective("ib", 1.0).of_logits(logits, labels)
    mixture = GenerativeClassifier(CONFIG, CLASSES).mixture
    for objective in set(OBJECTIVE.values()):
        with pytest.raises(ValueError, match="is none that a mixture"):
            objective(mixture, torch.zeros(7, 192), torch.zeros(7), labels)
    for wrong in (("cross-entropy", 1.0), ("vib", -1.0), ("vib", math.nan)):
        with pytest.raises(ValueError, match="gamma"):
            Objective(*wrong)


# --- refusals --------------------------------------------------------------------------------------------

CALLS = {
    "encode": lambda m: m.encode(torch.zeros(1, *SHAPE)),
    "decode": lambda m: m.decode(torch.zeros(1, VIB_LATENT_DIMS)),
    "log_prob": lambda m: m.log_prob(torch.zeros(1, *SHAPE)),
    "log_prob of a class": lambda m: m.log_prob(torch.zeros(1, *SHAPE), per_class=True),
    "sample": lambda m: m.sample([0], temperature=0.7),
    "move": lambda m: m.move(torch.zeros(1, VIB_LATENT_DIMS), to=1),
}
REFUSED = {
    "resnet": {"encode": "A ResNet has no latents: ", "decode": "A ResNet cannot decode: "},
    "vib": {"decode": "A VIB cannot decode: "},
    "i-revnet": {},
}
NO_LIKELIHOOD = {
    "log_prob": "has no likelihood: it models q(y | x), not the images.",
    "log_prob of a class": "has no likelihood: ",
    "sample": "cannot sample: ",
    "move": "cannot move latents: ",
}


@pytest.mark.parametrize("kind", BASELINES)
def test_what_a_model_cannot_do_is_refused_in_one_sentence(models, kind):
    article = {"resnet": "A ResNet ", "vib": "A VIB ", "i-revnet": "An i-RevNet "}[kind]
    expected = {name: article + text for name, text in NO_LIKELIHOOD.items()} | REFUSED[kind]
    for name, start in expected.items():
        with pytest.raises(UnsupportedError) as caught:
            CALLS[name](models[kind])
        text = str(caught.value)
        assert text.startswith(start) and text.endswith(".") and "\n" not in text, text
        assert isinstance(caught.value, NotImplementedError) and ib.UnsupportedError is UnsupportedError
    assert not hasattr(models[kind], "class_means")


@pytest.mark.parametrize("kind", BASELINES)
@pytest.mark.parametrize(
    "wrong, part",
    [
        (np.zeros((1, *SHAPE)), "not ndarray"),
        (torch.zeros(1, 3, 9, 9).double(), "shape"),
        (torch.zeros(1, *SHAPE, dtype=torch.uint8), "to_unit"),
        (torch.zeros(1, *SHAPE), "must be torch.float64 .*, not torch.float32"),
        (torch.full((1, *SHAPE), math.nan).double(), "finite"),
    ],
)
def test_bad_images_are_refused_as_everywhere(models, kind, wrong, part):
    with pytest.raises(ValueError, match=part):
        models[kind].posterior(wrong)


@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_a_config_refuses_an_objective_of_another_kind(kind):
    for name in OBJECTIVES:
        objective = Objective(name, 1.0 if name in ("ib", "vib") else None)
        if name in (*KINDS[kind].objectives, OWN):
            assert TrainingConfig(model=kind, objective=objective).model == kind
        else:
            with pytest.raises(ValueError, match=f"{KINDS[kind].name} is trained with the objective"):
                TrainingConfig(model=kind, objective=objective)
    with pytest.raises(ValueError, match="'gan'"):
        TrainingConfig(model="gan")


# --- training --------------------------------------------------------------------------------------------


def trainer_of(kind: str, folder, **changes) -> Trainer:
    return small_trainer(folder, model=kind, objective=OBJECTIVE[kind], **changes)


COLUMNS = {
    "resnet": set(),
    "vib": set(),
    "i-revnet": {"reconstruction"},
    "ib-inn": {"bits_per_dim", "reconstruction"},
}
ALWAYS = {"epoch", "step", "learning_rate", "train_loss", "train_error", "error", "skipped_steps", "seconds"}


@pytest.mark.parametrize("kind", mostly_slow(["ib-inn", *BASELINES], "resnet"))
def test_a_training_lowers_the_loss_and_records_only_what_there_is(tmp_path, kind, capfd):
    trainer = small_trainer(tmp_path, model=kind, objective=OBJECTIVE.get(kind, Objective()), epochs=8)
    model = trainer.run()
    assert model.kind == kind and not model.training
    history = trainer.progress.history
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert all(row.keys() == ALWAYS | COLUMNS[kind] for row in history)
    assert all(math.isfinite(value) for row in history for value in row.values())
    out, err = capfd.readouterr()
    assert ("bits_per_dim" in out) == (kind == "ib-inn") and "train_loss" in err
    assert ("reconstruction" in out) == KINDS[kind].is_invertible and "nan" not in out
    x = add_noise(
        torch.from_numpy((trainer.images[trainer.held_out] + 0.5) / 256).permute(0, 3, 1, 2).float(),
        "uniform",
        torch.Generator().manual_seed(0),
    )
    wrong = model.predict(x) != trainer.labels[trainer.held_out]
    assert history[-1]["error"] == pytest.approx(wrong.float().mean().item())


@pytest.mark.parametrize("kind", BASELINES)
@pytest.mark.slow
def test_a_baseline_learns_what_is_easy(tmp_path, kind):
    """Brightness tells the class of these images; by chance nine of ten would be wrong."""
    config = tiny_config(model=kind, objective=OBJECTIVE[kind], epochs=30, learning_rate=1e-2, batch_size=16)
    trainer = Trainer(config, *tiny_images(216), tmp_path, "fp32")
    trainer.run()
    assert trainer.progress.history[-1]["train_error"] < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", mostly_slow(BASELINES, "resnet"))
def test_interrupted_and_resumed_ends_as_never_interrupted(tmp_path, kind):
    whole = trainer_of(kind, tmp_path / "whole")
    whole.run()
    broken = trainer_of(kind, tmp_path / "broken")
    step = broken._step

    def dying(*arguments):
        if broken.progress.step == 10:
            raise KeyboardInterrupt
        step(*arguments)

    broken._step = dying
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    assert read_state(tmp_path / "broken")[1].step == 8
    again = trainer_of(kind, tmp_path / "broken")
    again.resume()
    again.run()
    (left, done, _), (right, redone, _) = read_state(tmp_path / "whole"), read_state(tmp_path / "broken")
    assert left.keys() == right.keys() and not [name for name in left if not torch.equal(left[name], right[name])]
    timeless = [[{**row, "seconds": 0} for row in progress.history] for progress in (done, redone)]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize("kind", BASELINES)
def test_a_step_on_bad_images_changes_nothing(tmp_path, kind, monkeypatch):
    trainer = trainer_of(kind, tmp_path, epochs=1)
    monkeypatch.setattr(loop, "make_batch", loop.make_batch)  # restores what poison() puts there
    poison(trainer, {2, 5})
    trainer.run()
    assert trainer.progress.skipped == 2
    assert all(value.isfinite().all() for value in weights(trainer).values())


@pytest.mark.parametrize("kind", BASELINES)
def test_every_parameter_is_in_one_group(kind):
    model = build(kind)
    groups = parameter_groups(model, tiny_config(model=kind, objective=OBJECTIVE[kind], weight_decay=0.1))
    grouped = [p for group in groups for p in group["params"]]
    assert {id(p) for p in grouped} == {id(p) for p in model.parameters()} and len(grouped) == len({*map(id, grouped)})
    assert not groups[2]["params"] and all(p.ndim > 1 for p in groups[0]["params"])


def test_bfloat16_stays_within_the_sub_networks(tmp_path):
    trainer = small_trainer(tmp_path, "bf16", model="vib", objective=OBJECTIVE["vib"], epochs=1 / 7)
    found = [m.autocast_dtype for m in trainer.model.modules() if isinstance(m, Subnetwork)]
    assert found == [torch.bfloat16]
    trainer.model.fit(torch.rand(4, 3, 8, 8))
    assert all(out.dtype == torch.float32 for out in trainer.model(torch.rand(4, 3, 8, 8)))
    trainer.run()


def test_a_state_that_names_no_kind_is_an_ib_inns(tmp_path, monkeypatch):
    """For example, trainings that began before other kinds existed, and go on now."""
    to_dict = TrainingConfig.to_dict
    trainer = small_trainer(tmp_path, epochs=1)
    monkeypatch.setattr(
        TrainingConfig, "to_dict", lambda self: {k: v for k, v in to_dict(self).items() if k != "model"}
    )
    trainer.run()
    monkeypatch.undo()
    values = read_state(tmp_path)[2]
    assert "model" not in values and TrainingConfig.from_dict(values) == tiny_config(epochs=1)
    small_trainer(tmp_path, epochs=1).resume()
    with pytest.raises(ValueError, match=r"differs in objective .*, model \(ib-inn, not i-revnet\)"):
        trainer_of("i-revnet", tmp_path, epochs=1).resume()


def warm_started(folder, source: str, target: str, **changes) -> Trainer:
    """A trainer of one kind that starts from a short training of another, both in ``folder``."""

    def options(kind: str) -> dict:
        return {"model": kind, "objective": OBJECTIVE.get(kind, Objective())}

    small_trainer(folder / "source", epochs=1 / 7, **options(source)).run()
    config = tiny_config(**options(target), init=str(folder / "source"), **changes)
    return Trainer(config, *tiny_images(), folder / "target", "fp32")


@pytest.mark.parametrize("source, target", [("ib-inn", "resnet"), ("ib-inn", "vib"), ("vib", "ib-inn")])
def test_a_warm_start_from_another_kind_is_refused(tmp_path, source, target):
    with pytest.raises(ValueError, match="another kind of model") as caught:
        warm_started(tmp_path, source, target).run()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source, target", [("resnet", "vib"), ("vib", "resnet")])
def test_resnet_and_vib_give_each_other_their_body_and_nothing_else(tmp_path, source, target):
    trainer = warm_started(tmp_path, source, target)
    before = weights(trainer)
    trainer._initialise()
    given, after = read_state(tmp_path / "source")[0], weights(trainer)
    for name, value in after.items():
        assert torch.equal(value, given[f"model.{name}"] if name.startswith("body.") else before[name]), name
    assert any(not torch.equal(before[name], value) for name, value in after.items())


@pytest.mark.parametrize("kind, body", [("resnet", "body."), ("vib", "body."), ("i-revnet", "flow.")])
def test_a_body_is_taken_over_for_other_classes(tmp_path, kind, body):
    trainer = warm_started(tmp_path, kind, kind)
    other = Trainer(trainer.config, *tiny_images(), tmp_path / "other", "fp32", num_classes=13)
    before = weights(other)
    other._initialise()
    given, after = read_state(tmp_path / "source")[0], weights(other)
    for name, value in after.items():
        assert torch.equal(value, given[f"model.{name}"] if name.startswith(body) else before[name]), name


@pytest.mark.parametrize("source, target", [("ib-inn", "i-revnet"), ("i-revnet", "ib-inn")])
def test_an_i_revnet_and_an_ib_inn_give_each_other_their_flow(tmp_path, source, target):
    trainer = warm_started(tmp_path, source, target)
    before = weights(trainer)
    trainer._initialise()
    given, after = read_state(tmp_path / "source")[0], weights(trainer)
    for name, value in after.items():
        if name == "mixture.means":  # which start at the centres of the images
            continue
        assert torch.equal(value, given[f"model.{name}"] if name.startswith("flow.") else before[name]), name


@pytest.mark.parametrize("changes", [{"blocks": (2, 1)}, {"widths": (8, 12)}, {"fc_blocks": 0}])
def test_a_body_of_another_architecture_is_refused(tmp_path, changes):
    with pytest.raises(ValueError, match="another architecture"):
        warm_started(tmp_path, "resnet", "vib", architecture=tiny_config().architecture.replace(**changes)).run()


# --- class-NLL with fixed means --------------------------------------------------------------------------


def on_a_hyper_sphere(means: torch.Tensor) -> None:
    torch.testing.assert_close(means.norm(dim=1), torch.full((10,), 5 / math.sqrt(2)), rtol=1e-5, atol=0)
    distances = torch.cdist(means, means)[~torch.eye(10, dtype=torch.bool)]
    torch.testing.assert_close(distances, torch.full((90,), 5.0), rtol=1e-4, atol=0)


@pytest.mark.parametrize("warm", mostly_slow([False, True]))
def test_the_means_of_class_nll_regularized_stay_on_their_hyper_sphere(tmp_path, warm):
    init = None
    if warm:  # from a training whose means have moved
        small_trainer(tmp_path / "trunk", epochs=1, learning_rate=0.1).run()
        init = str(tmp_path / "trunk")
    config = tiny_config(objective=Objective("class-nll-regularized", None), epochs=4, init=init)
    trainer = Trainer(config, *tiny_images(), tmp_path / "run", "fp32")
    fresh = trainer.model.class_means
    on_a_hyper_sphere(fresh)
    trainer._initialise()
    if warm:
        trunk = read_state(tmp_path / "trunk")[0]
        assert not torch.equal(trunk["model.mixture.means"], fresh)
        kept = [n for n, v in weights(trainer).items() if torch.equal(v, trunk[f"model.{n}"])]
        assert set(weights(trainer)) - set(kept) == {"mixture.means"}
    model = trainer.run()
    assert torch.equal(model.class_means, fresh)
    history = trainer.progress.history
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert all(math.isfinite(history[-1][name]) for name in COLUMNS["ib-inn"])


# --- the family and the command line ---------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Exit status, stdout and stderr of a small training in this process."""
    write_data_set(tmp_path, train=120, test=20)
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.setitem(architectures.PRESETS, "small", SMALL.replace(whitening=()))

    def run(*arguments: str) -> tuple[int, str, str]:
        defaults = "--preset small --batch-size 16 --epochs 0.5 --precision fp32 --out".split()
        capfd.readouterr()
        return __main__.main(["train", *defaults, str(tmp_path / "run"), *arguments]), *capfd.readouterr()

    return run


@pytest.mark.parametrize(
    "arguments, model, objective",
    [
        (["--model", "resnet"], "resnet", ("cross-entropy", None)),
        (["--model", "i-revnet"], "i-revnet", ("cross-entropy", None)),
        (["--model", "vib"], "vib", ("vib", 1.0)),
        (["--model", "vib", "--gamma", "0.2"], "vib", ("vib", 0.2)),
        (["--model", "ib-inn", "--gamma", "0"], "ib-inn", ("ib", 0.0)),
        ([], "ib-inn", ("ib", 1.0)),
        (["--objective", "class-nll-regularized"], "ib-inn", ("class-nll-regularized", None)),
    ],
)
def test_the_command_trains_every_kind(tmp_path, command, arguments, model, objective):
    status, _, err = command(*arguments)
    assert status == 0, err
    config = TrainingConfig.from_dict(read_state(tmp_path / "run")[2])
    assert config.model == model and config.objective == Objective(*objective)


@pytest.mark.parametrize(
    "arguments, part",
    [
        (["--model", "resnet", "--gamma", "1"], "gamma"),
        (["--model", "i-revnet", "--objective", "class-nll"], "an i-RevNet is trained with"),
        (["--model", "vib", "--gamma", "-1"], "gamma"),
        (["--model", "vit"], "vit"),
        (["--model", "resnet", "--learn-weights"], "class weights"),
    ],
)
def test_the_command_refuses_in_one_sentence(tmp_path, command, arguments, part):
    status, out, err = command(*arguments)
    assert status not in (0, None) and out == "" and part in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1 and not (tmp_path / "run" / FILE).exists()
