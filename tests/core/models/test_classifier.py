"""The public contract of GenerativeClassifier."""

import warnings

import numpy as np
import pytest
import torch
from flow_helpers import objective_of, random_model, randomise, seeded, smooth_images
from PIL import Image
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core.models import classifier as module
from ibinn_core.models.architecture import preset
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.kinds import TRAINED_HERE

SHAPE, DIMS, CLASSES = (3, 8, 8), 192, 5
CONFIG = preset("cpu").replace(image_shape=SHAPE, whitening=("cosine",), blocks=(1, 1), widths=(4, 5), fc_width=8)


def build() -> GenerativeClassifier:
    """A fitted model at random parameters, with unequal class weights."""
    model = GenerativeClassifier(CONFIG, CLASSES, learn_weights=True).double()
    model.flow.fit(smooth_images(200, SHAPE, seeded(1)).double())
    return randomise(model, seeded(2)).eval()


@pytest.fixture(scope="module")
def shared() -> GenerativeClassifier:
    return build()


def close(actual: torch.Tensor, expected: torch.Tensor, tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def test_likelihoods_are_the_change_of_variables_and_the_posterior_is_bayes(shared):
    x = smooth_images(6, SHAPE, seeded(3)).double()
    x = x + 0.02 * torch.randn(x.shape, generator=seeded(4), dtype=torch.float64)
    z, log_det = shared(x)
    log_prob, per_class, posterior = shared.log_prob(x), shared.log_prob(x, per_class=True), shared.posterior(x)
    normal = torch.distributions.Normal(shared.class_means, 1.0)
    torch.testing.assert_close(per_class, normal.log_prob(z[:, None]).sum(2) + log_det[:, None], rtol=1e-12, atol=0)
    weights = torch.softmax(shared.mixture.phi, 0)
    assert weights.max() > 1.5 * weights.min()
    log_joint = per_class + weights.log()
    torch.testing.assert_close(log_joint.logsumexp(1), log_prob, rtol=1e-12, atol=0)
    torch.testing.assert_close(posterior, (log_joint - log_prob[:, None]).exp(), rtol=1e-7, atol=1e-12)
    torch.testing.assert_close(posterior.sum(1), torch.ones(6).double(), rtol=1e-12, atol=0)
    assert torch.equal(shared.predict(x), log_joint.argmax(1)) and shared.predict(x).dtype == torch.int64
    _, scores = shared.loss(x, torch.zeros(6, dtype=torch.int64), ib.Objective(gamma=1))
    torch.testing.assert_close(scores.softmax(1), posterior)
    assert not scores.requires_grad and not shared.class_means.requires_grad


@torch.no_grad()
def test_results_do_not_depend_on_the_batch_size(shared, monkeypatch):
    x = smooth_images(7, SHAPE, seeded(6)).double()
    calls = [shared.encode, shared.log_prob, shared.posterior, lambda v: shared.decode(v.flatten(1))]
    whole = [call(x) for call in calls]
    monkeypatch.setattr(module, "BATCH", 3)
    for call, expected in zip(calls, whole, strict=True):
        close(call(x), expected)


@pytest.mark.parametrize("noise", [[[0.0] * DIMS], np.zeros((1, DIMS)), torch.zeros(2, DIMS)])
def test_noise_of_a_sample_is_a_tensor_with_a_row_for_it(shared, noise):
    with pytest.raises(ValueError, match="^the noise must be a tensor of shape"):
        shared.sample([0], noise=noise)


def test_samples_are_decoded_noise_around_the_means_and_leave_the_global_generator_alone(shared):
    state = torch.get_rng_state()
    drawn = shared.sample([0, 3], 0.5, generator=seeded(1))
    assert torch.equal(torch.get_rng_state(), state) and not drawn.requires_grad
    noise = torch.randn(2, DIMS, generator=seeded(1)).double()
    close(drawn, shared.decode(shared.class_means[[0, 3]] + 0.5 * noise))
    assert torch.equal(shared.sample([0, 3], 0.5, noise=noise), drawn)


@pytest.mark.parametrize("form", [list, tuple, lambda classes: np.array(classes[::-1])[::-1], torch.tensor])
def test_classes_come_in_any_form(shared, form):
    close(shared.sample(form([4, 1, 1]), temperature=0), shared.decode(shared.class_means[[4, 1, 1]]))


@torch.no_grad()
def test_a_number_draws_so_many_images_of_classes_by_their_weights():
    model = build()
    model.mixture.phi.copy_(torch.tensor([0.7, 0.3, 1e-9, 1e-9, 1e-9]).log())
    drawn = model.sample(np.int64(400), temperature=0, generator=seeded(1))
    is_first = [(drawn - model.decode(model.class_means[[k]])).abs().flatten(1).amax(1) < 1e-9 for k in (0, 1)]
    assert len(drawn) == 400 and bool((is_first[0] | is_first[1]).all())
    assert is_first[0].double().mean().item() == pytest.approx(0.7, abs=0.08)


@torch.no_grad()
def test_empirical_centres_are_used_where_a_class_has_one():
    model = build()
    with pytest.raises(ValueError, match="no empirical class means"):
        model.sample([0], center="empirical")
    model.empirical_class_means = torch.randn(CLASSES, DIMS, generator=seeded(1))
    model.empirical_class_means[1] = torch.nan  # a class without images
    centers = model.empirical_class_means.double()
    centers[1] = model.class_means[1]
    noise = torch.randn(3, DIMS, generator=seeded(2)).double()
    drawn = model.sample([3, 0, 1], 0.7, center="empirical", noise=noise)
    close(drawn, model.decode(centers[[3, 0, 1]] + 0.7 * noise))


@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 1.75])
def test_guided_samples_are_of_the_weighted_product_of_gaussians(shared, guidance):
    """q(z|y)^w q(z)^(1-w), with q(z) the same Gaussian around the average of the means: its mode, and its deviation."""
    temperature, noise = 0.6, torch.randn(1, DIMS, generator=seeded(1)).double()
    means, drawn = shared.class_means, shared.sample([3], temperature, noise=noise, guidance=guidance)
    z = means.mean(0).clone().requires_grad_()
    classes, average = (torch.distributions.Normal(mean, temperature) for mean in (means[3], means.mean(0)))
    log_density = guidance * classes.log_prob(z).sum() + (1 - guidance) * average.log_prob(z).sum()
    # The logarithm of the density is a parabola: one step of Newton's method finds its middle.
    (slope,) = torch.autograd.grad(log_density, z)
    middle = (z + temperature**2 * slope).detach()
    close(drawn, shared.decode(middle + temperature * noise))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"classes": [CLASSES]}, "0 to 4"),
        ({"classes": "cat"}, "classes must list names or numbers from 0 to 4, or be the number"),
        ({"classes": ["cat"]}, "no class 'cat'; known ones: none"),
        ({"temperature": "0.7"}, "the temperature must be a finite number"),
        ({"generator": 3}, "the generator must be a torch.Generator"),
        ({"guidance": -0.5}, "the guidance must be a finite number, 0 or more, not -0.5"),
    ],
)
def test_impossible_samples_are_refused(shared, arguments, message):
    with pytest.raises(ValueError, match=message):
        shared.sample(**{"classes": [0], **arguments})


def test_a_move_is_along_a_named_direction_or_to_a_named_class():
    model = ib.load("mnist-gamma-1")
    styles, z = model.checkpoint.style, torch.randn(4, 784, generator=seeded(0))
    leaning = model.move(z, slant=torch.tensor(2.0))
    torch.testing.assert_close(leaning - z, 2 * torch.from_numpy(styles.directions[1]).expand(4, -1))
    torch.testing.assert_close(model.mixture.log_posterior(leaning), model.mixture.log_posterior(z), rtol=0, atol=1e-3)
    moved = model.move(z, to="7", width=-1.0)
    assert (model.mixture.log_posterior(moved).argmax(1) == 7).all()
    assert torch.equal(moved, model.move(model.move(z, width=-1.0), to=7))
    for wrong, message in (
        ({"lant": 1.0}, "there is no attribute 'lant'"),
        ({"to": "ship"}, "there is no class 'ship'"),
        ({"slant": "2"}, "the step along 'slant' must be a finite number"),
        ({"slant": float("nan")}, "the step along 'slant' must be a finite number"),
        ({"slant": torch.ones(4)}, "the step along 'slant' must be a finite number"),
    ):
        with pytest.raises(ValueError, match=message):
            model.move(z, **wrong)


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
    assert model.sample(["7", 0], center="empirical").shape == (2, 1, 28, 28)
    change(model)
    for call in (
        lambda: model.move(z, ink=3.0),
        lambda: model.sample([1], center="empirical"),
        lambda: ib.exploration.typicality_p_value(torch.zeros(3), model),
    ):
        with pytest.raises(ValueError, match="no measured attributes|no empirical|no checkpoint"):
            call()
    assert model.move(z, to="7").shape == z.shape  # it still knows its classes


NAN = torch.full((2, *SHAPE), torch.nan, dtype=torch.float64)
PIXELS = torch.randint(0, 256, (2, *SHAPE), generator=seeded(0)).double()
DRAWING = torch.zeros(1, *SHAPE).double()
DRAWING[..., 3:5, 3:5] = 255.0  # mostly black


@pytest.mark.parametrize(
    "wrong, part",
    [
        (torch.zeros(2, 8, 8, 3, dtype=torch.uint8), "not torch.uint8 .*: convert 8-bit pixels with to_unit"),
        (NAN, "finite"),
        (torch.zeros(2, *SHAPE), r"torch.float64 .* not torch.float32 .*: convert them with .to\(torch.float64\)"),
        (torch.zeros(2, 3, 8, 9).double(), r"\(2, 3, 8, 9\)$"),
        (PIXELS, "looks like 8-bit pixels: use to_unit"),
        (DRAWING, "looks like 8-bit pixels: use to_unit"),
        (torch.full((1, *SHAPE), -1e30).double(), r"about \[0, 1\], not 1e\+30"),
    ],
)
def test_what_is_no_image_is_refused(shared, wrong, part):
    for method in (shared.posterior, shared.log_prob):
        with pytest.raises(ValueError, match=f"^images .*{part}"):
            method(wrong)


def test_what_is_no_latent_is_refused(shared):
    for z in (torch.zeros(2, DIMS + 1).double(), torch.full((2, DIMS), -2e12).double()):
        with pytest.raises(ValueError, match="^latents must "):
            shared.decode(z)


def test_what_is_decoded_can_be_encoded_again():
    model = random_model("ib-inn", LEAST, 4)
    x = model.sample([0, 1, 2], temperature=3.0, generator=seeded(0))
    assert x.min() < -0.5 and x.max() > 1.5  # far out of [0, 1], but not as 8-bit values are
    model.evaluate(x)


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


ONE = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (ONE / 255, "images must be uint8.*8-bit"),
        (ONE[:4], "images must be uint8.*read_image"),
        (np.zeros((5, 8, 8), np.uint8), r"not uint8 of the shape \(5, 8, 8\)"),
        (ONE.transpose(2, 0, 1), "images must be uint8.*moveaxis.* of a tensor"),
        ([Image.new("I;16", (8, 8), 20000)], "more than 8 bits, and transparent"),
        ([Image.fromarray(ONE), Image.new("RGBA", (8, 8))], "more than 8 bits, and transparent"),
        ("x.png", "^images must be uint8 of the shape .*, not a str.*read_image"),
        ([np.zeros((2, 2), np.uint8), np.zeros((3, 3), np.uint8)], "all of one size"),
    ],
)
def test_what_is_no_array_of_pixels_is_refused(shared, wrong, message):
    with pytest.raises(ValueError, match=message):
        shared.preprocess(wrong)


def test_pixels_without_noise_are_warned_of_and_others_are_not(shared, recwarn):
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    shared.log_prob(shared.preprocess(images))
    shared.posterior(ib.to_unit(images).double())
    assert not recwarn.list
    with pytest.warns(UserWarning, match="8-bit pixels without noise"):
        shared.log_prob(ib.to_unit(images).double())


def test_a_model_needs_a_config_classes_and_more_than_bfloat16():
    with pytest.raises(TypeError, match="FlowConfig such as ib.preset"):
        GenerativeClassifier("cpu")
    for count in (0, -1, "2", 2.5, True):
        with pytest.raises(ValueError, match="num_classes must be a whole number from 1 on"):
            GenerativeClassifier(CONFIG, count)
    model = GenerativeClassifier(CONFIG, CLASSES).bfloat16()
    with pytest.raises(ValueError, match="bfloat16 is too coarse"):
        model.posterior(torch.rand(2, *CONFIG.image_shape).bfloat16())


def test_a_loss_warns_of_layers_that_no_data_has_set():
    model, x = GenerativeClassifier(CONFIG, 5), torch.rand(40, *SHAPE)
    with pytest.warns(UserWarning, match=r"call model\.fit\(x\) first"):
        model.loss(x, torch.arange(40) % 5, ib.Objective())
    model.fit(x)
    with warnings.catch_warnings(action="error"):
        model.loss(x, torch.arange(40) % 5, ib.Objective())


@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_a_loss_is_of_images_and_labels_of_the_model(kind):
    model, x, labels = random_model(kind, LEAST, 4), torch.rand(3, *SHAPE), torch.arange(3)
    objective = objective_of(kind)
    for images, classes, message in (
        (256 * x, labels, "looks like 8-bit pixels: use to_unit"),
        (x[:0], labels[:0], "at least one image"),
        (x, labels[:2], "one label for each image, not 2 for 3"),
        (x, labels + 99, "labels must be from 0 to"),
        (x, labels.float(), "labels must be whole numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            model.loss(images, classes, objective)
    with pytest.raises(TypeError, match=r"Objective\(gamma=1.0\)"):
        model.loss(x, labels, 1.0)
    assert torch.isfinite(model.loss(x, labels.int(), objective)[0].total)
