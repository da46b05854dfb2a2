"""Every public method of the models on hostile arguments: a right result, or one sentence of the right error."""

import copy
import functools

import numpy as np
import pytest
import torch
from flow_helpers import random_model
from hostile import TRIED, arrays, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core.models.kinds import TRAINED_HERE

CLASSES = 4
pytestmark = pytest.mark.slow


@functools.cache
def build(kind: str):
    return random_model(kind, LEAST, CLASSES).requires_grad_(False)


def check(result, shape: tuple[int, ...]) -> None:
    assert tuple(result.shape) == shape and np.isfinite(plain(result)).all()


@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_what_a_model_says_of_images(kind):
    model = build(kind)

    @TRIED
    @given(arrays((2, 3, 8, 8)))
    def holds(x):
        seen, is_given = outcome(model.evaluate, x)
        if not is_given:
            return
        count = len(x)
        check(seen["posterior"], (count, CLASSES))
        assert torch.allclose(seen["posterior"].sum(1), torch.ones(count), atol=1e-5)
        if model.has_latents:
            check(seen["latents"], (count, seen["latents"].shape[1]))
        if model.has_likelihood:
            check(seen["log_prob"], (count,))
            check(model.log_prob(x, per_class=True), (count, CLASSES))

    holds()


@TRIED
@given(arrays((2, 192)))
def test_decode(z):
    x, is_given = outcome(build("ib-inn").decode, z)
    if is_given:
        check(x, (len(z), 3, 8, 8))


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


@TRIED
@given(
    st.one_of(st.tuples(st.just("fit"), arrays((2, 3, 8, 8))), st.tuples(st.just("fit_alignment"), arrays((20, 192))))
)
def test_what_is_fitted_stays_finite(case):
    model = copy.deepcopy(build("ib-inn"))
    model.flow = ib.Flow.from_config(LEAST)
    method, values = case
    _, is_given = outcome(getattr(model, method), values)
    if is_given:
        assert all(bool(value.isfinite().all()) for value in model.eval().state_dict().values())
