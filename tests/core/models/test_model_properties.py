"""Every public method of the models on hostile arguments: a right result, or one sentence of the right error."""

import copy
import functools

import numpy as np
import pytest
import torch
from hostile import TRIED, arrays, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.objectives import Objective

OBJECTIVES = {
    "ib-inn": Objective(),
    "vib": Objective("vib", 1.0),
    "resnet": Objective("cross-entropy", None),
    "i-revnet": Objective("cross-entropy", None),
}
CLASSES = 4


@functools.cache
def build(kind: str):
    torch.manual_seed(0)
    config = TrainingConfig(model=kind, objective=OBJECTIVES[kind], architecture=LEAST)
    model = config.new_model(CLASSES).eval().requires_grad_(False)
    model.fit(torch.rand(20, 3, 8, 8))
    return model


pytestmark = pytest.mark.slow


def images():
    return arrays((2, 3, 8, 8))


def check(result, shape: tuple[int, ...]) -> None:
    assert tuple(result.shape) == shape and np.isfinite(plain(result)).all()


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_what_a_model_says_of_images(kind):
    model = build(kind)

    @TRIED
    @given(images())
    def holds(x):
        seen, is_given = outcome(model.evaluate, x)
        if not is_given:
            for method in (model.posterior, model.predict):
                assert not outcome(method, x)[1]
            return
        count = len(x)
        check(seen["posterior"], (count, CLASSES))
        assert torch.allclose(seen["posterior"].sum(1), torch.ones(count), atol=1e-5)
        check(model.posterior(x), (count, CLASSES))
        check(model.predict(x), (count,))
        if model.has_latents:
            check(model.encode(x), tuple(seen["latents"].shape))
        if model.has_likelihood:
            check(model.log_prob(x), (count,))
            check(model.log_prob(x, per_class=True), (count, CLASSES))

    holds()


@pytest.mark.parametrize("kind", ["ib-inn", "i-revnet"])
def test_decode(kind):
    model = build(kind)

    @TRIED
    @given(arrays((2, 192)))
    def holds(z):
        x, is_given = outcome(model.decode, z)
        if is_given:
            check(x, (len(z), 3, 8, 8))

    holds()


@TRIED
@given(
    st.one_of(st.lists(st.integers(-1, 5), max_size=4), arrays((3,)), scalars()),
    st.one_of(st.floats(0, 2), scalars()),
    st.sampled_from(["mean", "empirical", None, 3]),
    st.one_of(st.none(), arrays((3, 192))),
)
def test_sample(classes, temperature, center, noise):
    x, is_given = outcome(build("ib-inn").sample, classes, temperature, center, noise=noise)
    if is_given:
        is_count = np.ndim(plain(classes)) == 0
        check(x, (int(plain(classes)) if is_count else np.size(plain(classes)), 3, 8, 8))


def test_no_classes_are_no_samples():
    assert build("ib-inn").sample([]).shape == (0, 3, 8, 8)
    assert build("ib-inn").sample(torch.tensor([], dtype=torch.int64)).shape == (0, 3, 8, 8)


@TRIED
@given(images())
def test_fit(x):
    model = copy.deepcopy(build("ib-inn"))
    model.flow = ib.Flow.from_config(LEAST)
    _, is_given = outcome(model.fit, x)
    if is_given:
        assert all(bool(value.isfinite().all()) for value in model.eval().state_dict().values())


@TRIED
@given(arrays((20, 192)))
def test_align(z):
    model = copy.deepcopy(build("ib-inn"))
    _, is_given = outcome(model.fit_alignment, z)
    if is_given:
        assert all(bool(value.isfinite().all()) for value in model.state_dict().values())


@TRIED
@given(
    st.one_of(arrays((5,)), scalars(), st.floats(-1e5, 1e5)),
    st.one_of(st.integers(-2, 4000), scalars(), st.floats(0, 10)),
    st.one_of(st.just("uniform"), st.floats(1e-4, 1), scalars()),
)
def test_bits_per_dim(log_prob, dims, noise):
    bits, is_given = outcome(ib.bits_per_dim, log_prob, dims, noise)
    if is_given:
        assert dims >= 1 and np.shape(plain(bits)) == np.shape(plain(log_prob))
        if dims <= 10**6 and np.isfinite(plain(log_prob)).all() and np.abs(plain(log_prob)).max(initial=0) < 1e4:
            assert np.isfinite(plain(bits)).all()


@pytest.mark.parametrize("dims", [0, -1, float("nan"), float("inf"), 0.5, True, None])
def test_dimensions_that_are_none_are_refused(dims):
    with pytest.raises(ValueError, match="dims must be a whole number from 1 on"):
        ib.bits_per_dim(-100.0, dims)


@pytest.mark.parametrize("log_prob", [None, "1"])
def test_log_densities_that_are_no_numbers_are_refused(log_prob):
    with pytest.raises(TypeError):
        ib.bits_per_dim(log_prob, 3072)


@pytest.mark.parametrize("log_prob", [np.array([5], np.uint8), torch.tensor([5])])
def test_log_densities_may_be_whole_numbers(log_prob):
    assert float(ib.bits_per_dim(log_prob, 3072)[0]) == pytest.approx(8 - 5 / (3072 * np.log(2)))


@pytest.mark.parametrize("kind", OBJECTIVES)
@pytest.mark.parametrize("images", [0, 1])
def test_8_bit_values_are_not_taken_for_pixels(kind, images):
    pixels = torch.randint(0, 256, (3, 3, 8, 8), generator=torch.Generator().manual_seed(images)).float()
    drawing = torch.zeros(1, 3, 8, 8)
    drawing[..., 3:5, 3:5] = 255.0  # mostly black
    for x in (pixels, pixels + 0.5, drawing):
        with pytest.raises(ValueError, match="looks like 8-bit pixels: use to_unit"):
            build(kind).posterior(x)
    build(kind).posterior(pixels / 256)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_images_beyond_measure_are_refused(kind):
    with pytest.raises(ValueError, match=r"about \[0, 1\], not 1e\+30"):
        build(kind).evaluate(torch.full((1, 3, 8, 8), -1e30))


def test_what_is_decoded_can_be_encoded_again():
    model = build("ib-inn")
    x = model.sample([0, 1, 2], temperature=3.0, generator=torch.Generator().manual_seed(0))
    assert x.min() < -0.5 and x.max() > 1.5  # far out of [0, 1], but not as 8-bit values are
    model.evaluate(x)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_a_loss_is_of_images_and_labels_of_the_model(kind):
    model, x, labels = build(kind), torch.rand(3, 3, 8, 8), torch.arange(3)
    objective = OBJECTIVES[kind]
    with pytest.raises(ValueError, match="looks like 8-bit pixels: use to_unit"):
        model.loss(256 * x, labels, objective)
    with pytest.raises(ValueError, match="as many labels as images, not 2 for 3"):
        model.loss(x, labels[:2], objective)
    for wrong in (labels + 99, labels - 1):
        with pytest.raises(ValueError, match="labels must be from 0 to"):
            model.loss(x, wrong, objective)
    with pytest.raises(ValueError, match="labels must be whole numbers"):
        model.loss(x, labels.float(), objective)
    assert torch.isfinite(model.loss(x, labels.int(), objective)[0].total)
