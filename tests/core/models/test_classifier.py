"""The public contract of GenerativeClassifier."""

import re
import warnings

import numpy as np
import pytest
import torch
from flow_helpers import randomise, seeded, smooth_images
from PIL import Image

import ibinn_core as ib
from ibinn_core.models import classifier as module
from ibinn_core.models.architecture import preset
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.objectives import Objective

SHAPE, DIMS, CLASSES = (3, 8, 8), 192, 5
CONFIG = preset("cpu").replace(image_shape=SHAPE, whitening=("cosine",), blocks=(1, 1), widths=(4, 5), fc_width=8)


def build() -> GenerativeClassifier:
    """A model that has been fitted and then moved away from its start, with unequal class weights."""
    model = GenerativeClassifier(CONFIG, CLASSES, learn_weights=True).double()
    model.flow.fit(smooth_images(200, SHAPE, seeded(1)).double())
    return randomise(model, seeded(2)).eval()


@pytest.fixture(scope="module")
def shared() -> GenerativeClassifier:
    """One float64 model for all tests that only look."""
    return build()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return smooth_images(6, SHAPE, seeded(3)).double()


def test_encode_and_decode_are_inverses(shared, x):
    z = shared.encode(x)
    assert z.shape == (6, DIMS) and z.dtype == torch.float64
    assert (shared.decode(z) - x).abs().max() < 1e-9
    z = torch.randn(4, DIMS, generator=seeded(1), dtype=torch.float64)
    assert shared.decode(z).shape == (4, *SHAPE)
    assert (shared.encode(shared.decode(z)) - z).abs().max() < 1e-8


def test_the_scores_of_training_know_the_class_weights(shared, x):
    with torch.no_grad():
        _, scores = shared.loss(x, torch.zeros(6, dtype=torch.int64), Objective(gamma=1))
    torch.testing.assert_close(scores.softmax(1), shared.posterior(x))
    assert (shared.mixture.log_weights.max() - shared.mixture.log_weights.min()).item() > 0.1


def test_float32_is_the_default_and_agrees_with_float64(x):
    model = build().float()
    with torch.no_grad():
        z, log_prob = model.encode(x.float()), model.log_prob(x.float())
        assert z.dtype == log_prob.dtype == model.posterior(x.float()).dtype == torch.float32
        assert (model.decode(z) - x.float()).abs().max() < 1e-3
        model.double()
        torch.testing.assert_close(model.log_prob(x.float().double()), log_prob.double(), rtol=1e-4, atol=1e-2)
    assert next(GenerativeClassifier(CONFIG, CLASSES).parameters()).dtype == torch.float32


def test_log_prob_is_the_mixture_of_the_classes(shared, x):
    log_prob, per_class = shared.log_prob(x), shared.log_prob(x, per_class=True)
    assert log_prob.shape == (6,) and per_class.shape == (6, CLASSES)
    weights = torch.softmax(shared.mixture.phi, 0)
    assert weights.max() > 1.5 * weights.min()
    torch.testing.assert_close((per_class + weights.log()).logsumexp(1), log_prob, rtol=1e-12, atol=0)


def test_log_prob_per_class_is_the_change_of_variables(shared, x):
    z, log_det = shared(x)
    normal = torch.distributions.Normal(shared.class_means, 1.0)
    expected = normal.log_prob(z[:, None]).sum(2) + log_det[:, None]
    torch.testing.assert_close(shared.log_prob(x, per_class=True), expected, rtol=1e-12, atol=0)


def test_posterior_is_bayes(shared, x):
    x = x + 0.02 * torch.randn(x.shape, generator=seeded(4), dtype=torch.float64)
    posterior = shared.posterior(x)
    weights = torch.softmax(shared.mixture.phi, 0)
    torch.testing.assert_close(posterior.sum(1), torch.ones(6).double(), rtol=1e-12, atol=0)
    log_joint = shared.log_prob(x, per_class=True) + weights.log()
    bayes = (log_joint - shared.log_prob(x)[:, None]).exp()
    torch.testing.assert_close(posterior, bayes, rtol=1e-7, atol=1e-12)
    assert torch.equal(shared.predict(x), log_joint.argmax(1)) and shared.predict(x).dtype == torch.int64


def test_far_away_images_keep_a_finite_posterior_in_float32():
    model = build().float()
    x = 600 * (smooth_images(3, SHAPE, seeded(3)) - 0.5)  # dark and bright, as no 8-bit pixels are
    with torch.no_grad():
        assert model.encode(x).abs().max() > 1e3
        assert torch.isfinite(model.log_prob(x)).all()
        torch.testing.assert_close(model.posterior(x).sum(1), torch.ones(3))


@torch.no_grad()
@pytest.mark.parametrize("count", [6, 7, 8])
def test_results_do_not_depend_on_the_batch_size(shared, monkeypatch, count):
    x = smooth_images(count, SHAPE, seeded(6)).double()
    calls = [
        shared.encode,
        shared.log_prob,
        shared.posterior,
        shared.predict,
        lambda v: shared.decode(v.flatten(1)),
    ]
    whole = [call(x) for call in calls]
    monkeypatch.setattr(module, "BATCH", 3)
    for call, expected in zip(calls, whole, strict=True):
        assert expected.shape[0] == count
        torch.testing.assert_close(call(x), expected, rtol=1e-9, atol=1e-9)


@torch.no_grad()
def test_more_images_than_a_batch_holds(shared):
    x = smooth_images(module.BATCH + 3, SHAPE, seeded(6)).double()
    z = shared.encode(x)
    torch.testing.assert_close(z[-4:], shared.encode(x[-4:]), rtol=1e-9, atol=1e-9)
    assert (shared.decode(z) - x).abs().max() < 1e-9


def test_no_images_give_no_results(shared):
    empty = torch.zeros(0, *SHAPE, dtype=torch.float64)
    assert shared.encode(empty).shape == (0, DIMS)
    assert shared.decode(shared.encode(empty)).shape == (0, *SHAPE)
    assert shared.log_prob(empty).shape == (0,)
    assert shared.log_prob(empty, per_class=True).shape == (0, CLASSES) == shared.posterior(empty).shape
    assert shared.predict(empty).shape == (0,)
    assert shared.sample(torch.zeros(0, dtype=torch.int64)).shape == (0, *SHAPE)


def test_class_means_are_the_mixtures_without_their_gradient(shared):
    assert torch.equal(shared.class_means, shared.mixture.means) and shared.class_means.shape == (
        CLASSES,
        DIMS,
    )
    assert not shared.class_means.requires_grad


def test_encode_can_be_differentiated(shared, x):
    x = x.clone().requires_grad_()
    gradient = torch.autograd.grad(shared.log_prob(x).sum(), x)[0]
    step = 1e-6 * torch.randn(x.shape, generator=seeded(1), dtype=torch.float64)
    slope = (shared.log_prob(x + step) - shared.log_prob(x - step)).sum() / 2
    assert slope.item() == pytest.approx((gradient * step).sum().item(), rel=1e-3)


# Sampling


def test_sampling_is_repeatable_and_leaves_the_global_generator_alone(shared):
    state = torch.get_rng_state()
    one = shared.sample([0, 3], generator=seeded(1))
    assert torch.equal(torch.get_rng_state(), state)
    assert one.shape == (2, *SHAPE) and not one.requires_grad
    assert torch.equal(one, shared.sample([0, 3], generator=seeded(1)))
    assert not torch.equal(one, shared.sample([0, 3], generator=seeded(2)))


def test_samples_of_several_classes_can_share_their_noise(shared):
    noise = torch.randn(1, DIMS, generator=seeded(1), dtype=torch.float64)
    z = shared.encode(shared.sample([0, 3], 0.5, noise=noise.repeat(2, 1))).detach()
    torch.testing.assert_close(z - shared.class_means[[0, 3]], 0.5 * noise.repeat(2, 1), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("classes", [[2], (2,), torch.tensor([2]), np.array([2])])
def test_classes_come_in_any_form(shared, classes):
    expected = shared.decode(shared.class_means[2:3])
    torch.testing.assert_close(shared.sample(classes, temperature=0), expected, rtol=1e-9, atol=1e-9)


@torch.no_grad()
@pytest.mark.parametrize("count", [400, np.int64(400)])
def test_a_number_draws_so_many_images_of_classes_by_their_weights(count):
    model = build()
    model.mixture.phi.copy_(torch.tensor([0.7, 0.3, 1e-9, 1e-9, 1e-9]).log())
    drawn = model.sample(count, temperature=0, generator=seeded(1))
    is_first = [(drawn - model.decode(model.class_means[[k]])).abs().flatten(1).amax(1) < 1e-9 for k in (0, 1)]
    assert len(drawn) == 400 and bool((is_first[0] | is_first[1]).all())
    assert is_first[0].double().mean().item() == pytest.approx(0.7, abs=0.08)


def test_temperature_zero_decodes_the_means(shared):
    samples = shared.sample([4, 1, 1], temperature=0.0)
    torch.testing.assert_close(samples, shared.decode(shared.class_means[[4, 1, 1]]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_samples_lie_around_their_mean_at_the_temperature(shared, temperature):
    classes = torch.arange(CLASSES).repeat(40)
    z = shared.encode(shared.sample(classes, temperature, generator=seeded(1))).detach()
    offset = z - shared.class_means[classes]
    assert offset.std().item() == pytest.approx(temperature, rel=0.03)
    assert offset.mean(0).abs().max() < 5 * temperature / 200**0.5


@torch.no_grad()
def test_a_class_without_images_is_sampled_around_its_mean():
    model = build()
    model.empirical_class_means = torch.randn(CLASSES, DIMS, generator=seeded(1))
    model.empirical_class_means[1] = torch.nan
    assert torch.equal(model.sample([1], 0.0, center="empirical"), model.sample([1], 0.0, center="mean"))
    assert model.sample([0, 1, 2], center="empirical").isfinite().all()


def test_empirical_centres_need_a_checkpoint_and_are_then_used():
    model = build()
    with pytest.raises(ValueError, match="no empirical class means"):
        model.sample([0], center="empirical")
    model.empirical_class_means = torch.randn(CLASSES, DIMS, generator=seeded(1))
    expected = model.decode(model.empirical_class_means[[3, 0]].double())
    torch.testing.assert_close(model.sample([3, 0], 0.0, center="empirical"), expected, rtol=1e-9, atol=1e-9)
    warm, cold = (model.sample([3, 0], 1.0, center, seeded(1)) for center in ("empirical", "mean"))
    difference = (model.encode(warm) - model.encode(cold)).detach()
    expected = model.empirical_class_means[[3, 0]].double() - model.class_means[[3, 0]]
    torch.testing.assert_close(difference, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 1.75])
def test_guided_samples_are_of_the_weighted_product_of_gaussians(shared, guidance):
    """q(z|y)^w q(z)^(1-w), with q(z) the same Gaussian around the average of the means: its mode, and its deviation."""
    temperature, noise = 0.6, torch.randn(1, DIMS, generator=seeded(1)).double()
    means, expected = shared.class_means, shared.sample([3], temperature, noise=noise, guidance=guidance)
    z = means.mean(0).clone().requires_grad_()
    classes, average = (torch.distributions.Normal(mean, temperature) for mean in (means[3], means.mean(0)))
    log_density = guidance * classes.log_prob(z).sum() + (1 - guidance) * average.log_prob(z).sum()
    # The logarithm of the density is a parabola: one step of Newton's method finds its middle.
    (slope,) = torch.autograd.grad(log_density, z)
    middle = (z + temperature**2 * slope).detach()
    torch.testing.assert_close(expected, shared.decode(middle + temperature * noise), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"classes": [CLASSES]}, "0 to 4"),
        ({"classes": [0], "noise": torch.zeros(2, DIMS)}, "noise must have the shape"),
        ({"classes": [0, -1]}, "0 to 4"),
        ({"classes": [1.0]}, "0 to 4"),
        ({"classes": -3}, "or how many images to draw"),
        ({"classes": "cat"}, "or how many images to draw"),
        ({"classes": ["cat"]}, "no class 'cat'; known ones: none"),
        ({"classes": True}, "or how many images to draw"),
        ({"classes": torch.tensor([True, False])}, "0 to 4"),
        ({"classes": [0], "temperature": -0.1}, "-0.1"),
        ({"classes": [0], "temperature": float("nan")}, "nan"),
        ({"classes": [0], "temperature": float("inf")}, "inf"),
        ({"classes": [0], "center": "median"}, "'median'"),
        ({"classes": [0], "guidance": -0.5}, "the guidance must be a finite number, 0 or more, not -0.5"),
        ({"classes": [0], "guidance": float("nan")}, "guidance must be a finite number, 0 or more, not nan"),
    ],
)
def test_impossible_samples_are_refused(shared, arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        shared.sample(**arguments)
    one_sentence(caught.value)


# What is no image, and what must not change


def one_sentence(error: BaseException) -> None:
    message = str(error)
    assert 20 < len(message) < 200 and not re.search(r"\n|[.!?]\s+[A-Z]", message), message


def with_value(value: float, *shape: int) -> torch.Tensor:
    result = torch.zeros(2, *shape, dtype=torch.float64)
    result.view(-1)[7] = value
    return result


NO_IMAGES = {
    "uint8": torch.zeros(2, *SHAPE, dtype=torch.uint8),
    "int64": torch.zeros(2, *SHAPE, dtype=torch.int64),
    "bool": torch.zeros(2, *SHAPE, dtype=torch.bool),
    "complex": torch.zeros(2, *SHAPE, dtype=torch.complex128),
    "nan": with_value(float("nan"), *SHAPE),
    "inf": with_value(float("-inf"), *SHAPE),
    "channels last": torch.zeros(2, 8, 8, 3, dtype=torch.float64),
    "one image": torch.zeros(*SHAPE, dtype=torch.float64),
    "other size": torch.zeros(2, 3, 8, 16, dtype=torch.float64),
    "scalar": torch.tensor(0.5, dtype=torch.float64),
    "numpy": np.zeros((2, *SHAPE)),
    "list": [[0.0]],
    "none": None,
    "other precision": torch.zeros(2, *SHAPE, dtype=torch.float32),
    "half precision": torch.zeros(2, *SHAPE, dtype=torch.bfloat16),
}


@pytest.mark.parametrize("method", ["encode", "log_prob", "posterior", "predict"])
@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_image_is_refused_in_one_sentence(shared, method, name):
    with pytest.raises(ValueError, match="^images must ") as caught:
        getattr(shared, method)(NO_IMAGES[name])
    one_sentence(caught.value)


@pytest.mark.parametrize(
    "z",
    [
        torch.zeros(2, DIMS + 1, dtype=torch.float64),
        torch.zeros(DIMS, dtype=torch.float64),
        torch.zeros(2, *SHAPE, dtype=torch.float64),
        torch.zeros(2, DIMS, dtype=torch.int64),
        torch.zeros(2, DIMS),
        with_value(float("nan"), DIMS),
        np.zeros((2, DIMS)),
    ],
)
def test_what_is_no_latent_is_refused_in_one_sentence(shared, z):
    with pytest.raises(ValueError, match="^latents must ") as caught:
        shared.decode(z)
    one_sentence(caught.value)


def test_nothing_that_draws_changes_the_model(x):
    model = build()
    model.empirical_class_means = torch.randn(CLASSES, DIMS, generator=seeded(1), dtype=torch.float64)
    kept, kept_x = {key: value.clone() for key, value in model.state_dict().items()}, x.clone()
    empirical, flags = model.empirical_class_means.clone(), [p.requires_grad for p in model.parameters()]
    z = model.encode(x)
    kept_z = z.clone()
    model.decode(z)
    model.log_prob(x), model.log_prob(x, per_class=True), model.posterior(x), model.predict(x)
    for center in ("mean", "empirical"):
        model.sample([0, 1], 0.7, center)
    with pytest.raises(ValueError):
        model.encode(NO_IMAGES["nan"])
    state = model.state_dict()
    assert state.keys() == kept.keys() and all(torch.equal(state[key], value) for key, value in kept.items())
    assert not any(part.training for part in model.modules())
    assert [p.requires_grad for p in model.parameters()] == flags
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(x, kept_x) and torch.equal(z, kept_z) and torch.equal(model.empirical_class_means, empirical)


def test_the_same_config_gives_the_same_untrained_model_but_for_its_subnetworks():
    def drawn(seed: int) -> list[torch.Tensor]:
        torch.manual_seed(seed)
        model = GenerativeClassifier(CONFIG, CLASSES)
        return [model.class_means, *(value for key, value in model.state_dict().items() if "rotation" in key)]

    assert all(torch.equal(a, b) for a, b in zip(drawn(1), drawn(2), strict=True))


def test_misleading_mistakes_are_told_from_one_another(shared):
    model, shape = shared, shared.config.image_shape
    with pytest.raises(ValueError, match="not torch.uint8 .*: convert 8-bit pixels with to_unit"):
        model.log_prob(torch.zeros(2, *shape[1:], shape[0], dtype=torch.uint8))
    with pytest.raises(ValueError) as latents:
        model.decode(torch.zeros(2, model.config.dims, dtype=torch.int64))
    assert "to_unit" not in str(latents.value)
    for option in ({"temperature": "0.7"}, {"guidance": None}):
        with pytest.raises(ValueError, match=f"the {next(iter(option))} must be a finite number"):
            model.sample([0], **option)
    with pytest.raises(ValueError, match="at least one image"):
        model.loss(torch.zeros(0, *shape).double(), torch.zeros(0, dtype=torch.long), Objective())


def test_one_call_goes_from_pixels_to_what_the_model_takes():
    model = GenerativeClassifier(CONFIG, CLASSES).double()
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    wanted = ib.dequantize(ib.to_unit(images).double(), "uniform")
    pictures = [Image.fromarray(image) for image in images]
    for given in (images, torch.from_numpy(images), list(images), pictures):
        assert torch.equal(model.preprocess(given), wanted)
    assert torch.equal(model.preprocess(pictures[1].convert("RGBA")), wanted[1:2])
    model.noise = 0.001
    assert torch.equal(model.preprocess(images[2]), ib.to_unit(images[2:]).double())
    flipped = images.transpose(0, 3, 1, 2)
    for wrong, hint in (
        (images / 255, "8-bit"),
        (images[:, :4], "read_image"),
        (images[..., :1], ""),
        (flipped, "permute"),
    ):
        with pytest.raises(ValueError, match=f"images must be uint8.*{hint}"):
            model.preprocess(wrong)
    for wrong in (Image.new("I;16", (8, 8), 20000), Image.new("F", (8, 8)), Image.new("RGBA", (8, 8))):
        with pytest.raises(ValueError, match="more than 8 bits, or with transparent"):
            model.preprocess([pictures[0], wrong])


def test_pixels_without_noise_are_warned_of_and_others_are_not(shared, recwarn):
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    shared.log_prob(shared.preprocess(images))
    shared.posterior(ib.to_unit(images).double())
    assert not recwarn.list
    with pytest.warns(UserWarning, match="8-bit pixels without noise"):
        shared.log_prob(ib.to_unit(images).double())


def test_a_move_is_along_a_named_direction_or_to_a_named_class():
    model = ib.load("mnist-gamma-1")
    styles, z = model.checkpoint.style, torch.randn(4, 784, generator=seeded(0))
    leaning = model.move(z, slant=2.0)
    torch.testing.assert_close(leaning - z, 2 * torch.from_numpy(styles.directions[1]).expand(4, -1))
    torch.testing.assert_close(model.mixture.log_posterior(leaning), model.mixture.log_posterior(z), rtol=0, atol=1e-3)
    moved = model.move(z, to="7", width=-1.0)
    assert (model.mixture.log_posterior(moved).argmax(1) == 7).all()
    assert torch.equal(moved, model.move(model.move(z, width=-1.0), to=7))
    with pytest.raises(ValueError, match="there is no attribute 'lant'"):
        model.move(z, lant=1.0)
    with pytest.raises(ValueError, match="there is no class 'ship'"):
        model.move(z, to="ship")
    with pytest.raises(ValueError, match="of this model nothing was"):
        GenerativeClassifier(CONFIG, CLASSES).move(torch.zeros(1, DIMS), slant=1.0)
    for step in ("2", float("nan"), torch.ones(4)):
        with pytest.raises(ValueError, match="the step along 'slant' must be a finite number"):
            model.move(z, slant=step)
    assert torch.equal(model.move(z, slant=torch.tensor(2.0)), leaning)


def test_a_sample_refuses_what_is_no_number(shared):
    with pytest.raises(ValueError, match="the temperature must be"):
        shared.sample([1], temperature=torch.tensor([0.1, 0.2]))


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.train().eval(),
        lambda model: model.requires_grad_(True),
        lambda model: model.load_state_dict(model.state_dict()),
        lambda model: model.fit_alignment(torch.randn(50, 784, generator=seeded(0))),
    ],
)
def test_a_model_that_is_trained_on_has_no_numbers_of_its_checkpoint(change):
    model, z = ib.load("mnist-gamma-1"), torch.zeros(1, 784)
    assert model.sample(["7", 0], center="empirical").shape == (2, 1, 28, 28) and model.sample(0).shape[0] == 0
    change(model)
    for call in (
        lambda: model.move(z, ink=3.0),
        lambda: model.sample([1], center="empirical"),
        lambda: ib.exploration.typicality_p_value(torch.zeros(3), model),
    ):
        with pytest.raises(ValueError, match="nothing was|no empirical|no checkpoint"):
            call()
    assert model.move(z, to="7").shape == z.shape  # it still knows its classes


@pytest.mark.parametrize("wrong", [[], "x.png", [np.zeros((2, 2), np.uint8), np.zeros((3, 3), np.uint8)], None])
def test_what_is_no_array_of_images_is_refused(shared, wrong):
    with pytest.raises(ValueError, match="^images must be uint8 of the shape .*, not a "):
        shared.preprocess(wrong)


def test_a_model_needs_a_config_and_more_than_bfloat16():
    with pytest.raises(TypeError, match="FlowConfig such as ib.preset"):
        GenerativeClassifier("cpu")
    model = GenerativeClassifier(CONFIG, CLASSES).bfloat16()
    with pytest.raises(ValueError, match="bfloat16 is too coarse"):
        model.posterior(torch.rand(2, *CONFIG.image_shape).bfloat16())


def test_a_loss_warns_of_layers_that_no_data_has_set():
    model, x = GenerativeClassifier(preset("cpu").replace(image_shape=SHAPE), 5), torch.rand(40, *SHAPE)
    with pytest.warns(UserWarning, match=r"call model\.fit\(x\) first"):
        model.loss(x, torch.arange(40) % 5, ib.Objective())
    model.fit(x)
    with warnings.catch_warnings(action="error"):
        model.loss(x, torch.arange(40) % 5, ib.Objective())


def test_a_loss_needs_an_objective(shared):
    with pytest.raises(TypeError, match=r"Objective\(gamma=1.0\)"):
        shared.loss(torch.rand(2, *CONFIG.image_shape), torch.tensor([0, 1]), 1.0)
    with pytest.raises(ValueError, match=r"gamma is given by name"):
        ib.Objective(0.2)


@pytest.mark.parametrize("count", [0, -1, "2", 2.5, True])
def test_the_number_of_classes_is_a_positive_whole_number(count):
    with pytest.raises(ValueError, match="num_classes must be a whole number from 1 on"):
        GenerativeClassifier(CONFIG, count)
