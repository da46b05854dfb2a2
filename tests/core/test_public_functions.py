"""Public functions and methods on hostile arguments: a right result, or one sentence of the right error."""

import copy
import functools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from flow_helpers import random_model
from hostile import TRIED, arrays, is_of_type, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st
from shape_helpers import LEAST, OF_COLOUR, OF_GREY

import ibinn_core as ib
from ibinn_core import exploration
from ibinn_core.data import image_files, images
from ibinn_core.models.kinds import TRAINED_HERE

pytestmark = pytest.mark.slow

IMAGES, POINTS, LATENT = (2, 3, 4, 5), (6, 4), (5,)
SEEDS = st.sampled_from([0, 1, 2**40])
SHARES = st.one_of(st.floats(0, 1), scalars())
STRENGTHS = st.one_of(st.floats(0, 2), scalars())


def whole_numbers(count: int):
    """A class for each latent; sometimes invalid ones."""
    return st.one_of(st.just(np.arange(count) % 3), st.just(torch.arange(count) % 3), st.integers(-1, 4), scalars())


@st.composite
def pixels(draw, shape: tuple[int, ...]):
    """Mostly uint8 of ``shape``, else any other argument."""
    value = draw(arrays(shape))
    if draw(st.booleans()) and isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        with np.errstate(all="ignore"):
            return np.nan_to_num(value.astype(np.float64), nan=0, posinf=0, neginf=0).astype(np.uint8)
    return value


PIXELS = st.sampled_from([(2, 8, 9, 3), (2, 8, 9, 1), (2, 8, 9, 4)]).flatmap(pixels)


def are_units(x, values) -> None:
    assert x.dtype == torch.float32 and x.is_contiguous() and (not len(x) or 0 < x.min() <= x.max() < 1)
    np.testing.assert_array_equal(ib.to_uint8(x), np.asarray(values))


def are_pixels(values, x, missing) -> None:
    exact = plain(x).transpose(0, 2, 3, 1)
    is_finite = np.isfinite(exact)
    expected = np.clip(np.floor(256 * exact[is_finite]), 0, 255)
    assert values.dtype == np.uint8 and values.flags["C_CONTIGUOUS"] and (is_finite.all() or missing is not None)
    assert (np.abs(values[is_finite] - expected) <= 1).all()


def are_scaled(scaled, values, side, channels) -> None:
    assert scaled.shape == (len(values), side, side, channels) and scaled.dtype == np.uint8


def are_hashes(hashes, values) -> None:
    assert hashes.shape == (len(values),) and hashes.dtype == np.uint64
    assert (hashes[ib.data.locate(hashes, values)] == hashes).all()


def is_never_given(*_) -> None:
    raise AssertionError("what is no file was read")


def are_rows(rows, _, values) -> None:
    assert rows.dtype == np.int64 and ((rows >= -1) & (rows < len(values))).all()


def are_images(y, x, *_) -> None:
    assert is_of_type(y, x) and tuple(y.shape) == np.asarray(plain(x)).shape
    values = plain(y)
    assert ((values >= 0) & (values <= 1)).all()
    exact = values * 256 - 0.5  # a pixel's centre, up to the steps of half precision
    assert np.allclose(exact, exact.round(), atol=0.51)


def is_orthonormal(tolerance: float):
    def check(found, first, *rest) -> None:
        if isinstance(found, exploration.Basis):
            rows = found.directions
            assert rows.shape == (rest[0], plain(first).shape[1])
        else:
            assert is_of_type(found, first)
            rows = plain(found)
        np.testing.assert_allclose(rows @ rows.T, np.eye(len(rows)), atol=tolerance)

    return check


def is_like(shape_of):
    """A finite result of the type of the first argument, and of a shape that follows from the arguments."""

    def check(result, *arguments) -> None:
        assert is_of_type(result, arguments[0]) and tuple(result.shape) == tuple(shape_of(*arguments))
        assert np.isfinite(plain(result)).all()

    return check


def are_typicalities(values, log_prob, _) -> None:
    assert is_of_type(values, log_prob) and tuple(values.shape) == plain(log_prob).shape
    assert np.isfinite(plain(values)).all() and (plain(values) >= 0).all()


def is_path(z, z0, z1, steps, _) -> None:
    first, last = plain(z0), plain(z1)
    shape = np.broadcast_shapes(first.shape, last.shape)
    assert is_of_type(z, z0) and tuple(z.shape) == (*shape[:-1], steps, shape[-1])
    largest = max(1e-300, np.abs(first).max(initial=0), np.abs(last).max(initial=0))
    np.testing.assert_allclose(plain(z)[..., 0, :], np.broadcast_to(first, shape), atol=1e-2 * largest)
    np.testing.assert_allclose(plain(z)[..., -1, :], np.broadcast_to(last, shape), atol=1e-2 * largest)
    assert np.isfinite(plain(z)).all()


def is_axis(axis, _) -> None:
    assert axis.shape == (3,) and np.isclose(np.linalg.norm(axis), 1)


def is_range(found, *_) -> None:
    low, high = (0.0, found) if isinstance(found, float) else found
    assert isinstance(low, float) and isinstance(high, float) and -np.inf < low <= high < np.inf


def are_attributes(found, images) -> None:
    channels = plain(images).shape[3 if getattr(images, "dtype", None) in (np.uint8, torch.uint8) else 1]
    assert tuple(found) == (OF_COLOUR if channels >= 3 else OF_GREY)
    assert all(np.isfinite(plain(values)).all() for values in found.values())


def is_counterfactual(found, z, _) -> None:
    alpha = plain(found.alpha)
    assert alpha.shape == (len(plain(z)),) and not np.isnan(alpha).any() and (alpha >= 0).all()
    assert is_of_type(found.z, z) and tuple(found.z.shape) == plain(z).shape
    assert (np.isnan(plain(found.z)).any(1) == np.isinf(alpha)).all()


def counterfactual(z, target):
    classes = SimpleNamespace(has_likelihood=True, class_means=np.eye(3, 4), empirical_class_means=None)
    classes.mixture = SimpleNamespace(log_weights=np.arange(3.0))
    return exploration.counterfactual(classes, z, target)


def project(z, origin, directions):
    return exploration.project(z, exploration.Basis(origin, directions))


@functools.cache
def build(kind: str = "ib-inn"):
    return random_model(kind, LEAST, 4).requires_grad_(False)


def evaluate(kind, x):
    return build(kind).evaluate(x)


def decode(z):
    return build().decode(z)


def sample(classes, temperature, center, noise):
    return build().sample(classes, temperature, center, noise=noise)


def fitted(method, values):
    model = copy.deepcopy(build())
    model.flow = ib.Flow.from_config(LEAST)
    getattr(model, method)(values)
    return model.eval()


def are_answers(seen, kind, x) -> None:
    assert all(len(value) == len(x) and np.isfinite(plain(value)).all() for value in seen.values())
    assert seen["posterior"].shape == (len(x), 4)
    np.testing.assert_allclose(plain(seen["posterior"]).sum(1), 1, atol=1e-5)
    if build(kind).has_likelihood:
        per_class = build(kind).log_prob(x, per_class=True)
        assert per_class.shape == (len(x), 4) and per_class.isfinite().all()


def are_decoded(x, first, *_) -> None:
    count = int(plain(first)) if np.ndim(plain(first)) == 0 else len(plain(first))
    assert x.shape == (count, 3, 8, 8) and x.isfinite().all()


def is_finite(model, *_) -> None:
    assert all(bool(value.isfinite().all()) for value in model.state_dict().values())


PATHS = st.sampled_from(["linear", "spherical", "round", None, ["linear"]])
AXES = st.one_of(st.just((1.0, 1.0, 1.0)), arrays((3,)), scalars())
COUNTS = st.one_of(st.integers(-1, 6), scalars())
#: Of each public function: what is right, and its arguments.
CASES = {
    exploration.add_uniform_noise: (are_images, arrays(IMAGES), STRENGTHS, SEEDS),
    exploration.add_gaussian_noise: (are_images, arrays(IMAGES), STRENGTHS, SEEDS),
    exploration.blend: (are_images, arrays(IMAGES), arrays(IMAGES), SHARES),
    exploration.rotate_rgb: (are_images, arrays(IMAGES), STRENGTHS, AXES),
    exploration.rotate_in_plane: (are_images, arrays(IMAGES), STRENGTHS, SHARES),
    exploration.rotation_matrix: (is_orthonormal(1e-6), STRENGTHS, st.one_of(arrays((3,)), scalars())),
    exploration.random_axis: (is_axis, st.one_of(st.integers(0, 2**70), scalars())),
    exploration.interpolate: (is_path, arrays(LATENT), arrays(LATENT), COUNTS, PATHS),
    exploration.principal_components: (is_orthonormal(1e-3), arrays(POINTS), COUNTS),
    exploration.plane_of_means: (is_orthonormal(1e-3), arrays(POINTS), COUNTS),
    project: (is_like(lambda z, _, rows: (len(z), len(rows))), arrays(POINTS), arrays((4,)), arrays((2, 4))),
    exploration.align: (is_orthonormal(0.05), arrays(POINTS), arrays(POINTS)),
    exploration.typicality: (are_typicalities, arrays(LATENT), arrays((9,))),
    exploration.typicality_p_value: (are_typicalities, arrays(LATENT), arrays((9,))),
    exploration.typicality_threshold: (is_range, arrays((9,)), SHARES),
    exploration.typical_range: (is_range, arrays((9,)), SHARES),
    exploration.class_span: (is_orthonormal(0.05), arrays(POINTS)),
    exploration.style_direction: (
        is_like(lambda z, *_: plain(z).shape[1:]),
        *(arrays((12, 4)), arrays((12,)), arrays((3, 4)), st.one_of(st.none(), whole_numbers(12))),
    ),
    exploration.style_components: (
        is_like(lambda z, labels, means, dims: (dims, 4)),
        *(arrays((12, 4)), whole_numbers(12), arrays((3, 4)), COUNTS),
    ),
    exploration.transplant: (
        is_like(lambda z, *_: plain(z).shape),
        *(arrays(POINTS), st.one_of(arrays(POINTS), arrays((4,))), arrays((3, 4))),
    ),
    counterfactual: (is_counterfactual, arrays(POINTS), whole_numbers(6)),
    exploration.attributes: (are_attributes, arrays(IMAGES)),
    evaluate: (are_answers, st.sampled_from(TRAINED_HERE), arrays((2, 3, 8, 8))),
    decode: (are_decoded, arrays((2, 192))),
    sample: (
        are_decoded,
        st.one_of(st.lists(st.integers(-1, 5), max_size=4), arrays((3,)), scalars()),
        st.one_of(st.floats(0, 2), scalars()),
        *(st.sampled_from(["mean", "empirical", None, 3]), st.one_of(st.none(), arrays((3, 192)))),
    ),
    fitted: (is_finite, st.sampled_from(["fit", "fit_alignment"]), st.one_of(arrays((2, 3, 8, 8)), arrays((20, 192)))),
    images.to_unit: (are_units, PIXELS),
    images.to_uint8: (are_pixels, arrays((2, 3, 8, 9)), st.one_of(st.none(), SHARES)),
    images.scale_images: (are_scaled, PIXELS, st.one_of(st.integers(7, 65), scalars()), COUNTS),
    image_files.read_image: (is_never_given, st.one_of(st.binary(max_size=200), scalars()), st.just(32), COUNTS),
    ib.data.pixel_hash: (are_hashes, PIXELS),
    ib.data.locate: (are_rows, st.one_of(arrays((5,)), st.just(np.arange(5, dtype=np.uint64))), PIXELS),
}


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
@TRIED
@given(st.data())
def test_a_right_result_or_one_sentence(function, data):
    is_right, *strategies = CASES[function]
    arguments = [data.draw(some) for some in strategies]
    result, is_given = outcome(function, *arguments)
    if is_given:
        is_right(result, *arguments)


def test_every_public_function_is_tried():
    others = {"Basis", "Counterfactual", "Styles", "ImageError", "ImageLimits"}
    public = [getattr(module, name) for module in (exploration, images, image_files) for name in module.__all__]
    assert {one.__name__ for one in public if callable(one)} <= {function.__name__ for function in CASES} | others
