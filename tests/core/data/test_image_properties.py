"""Every public function of images on hostile arguments: a right result, or one sentence of the right error."""

import numpy as np
import pytest
import torch
from hostile import TRIED, arrays, outcome, plain, scalars
from hypothesis import given
from hypothesis import strategies as st

import ibinn_core as ib
from ibinn_core.data import image_files, images
from ibinn_core.data.images import scale_images

pytestmark = pytest.mark.slow


@st.composite
def pixels(draw, shape: tuple[int, ...]):
    """Mostly uint8 of ``shape``, else any other argument."""
    value = draw(arrays(shape))
    if draw(st.booleans()) and isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        with np.errstate(all="ignore"):
            return np.nan_to_num(value.astype(np.float64), nan=0, posinf=0, neginf=0).astype(np.uint8)
    return value


PIXELS = st.sampled_from([(2, 8, 9, 3), (2, 8, 9, 1), (2, 8, 9, 4)]).flatmap(pixels)
UNITS = st.sampled_from([(2, 3, 8, 9), (2, 1, 8, 9), (2, 4, 8, 9)]).flatmap(arrays)


@TRIED
@given(PIXELS)
def test_units_there_and_back(values):
    x, is_given = outcome(ib.to_unit, values)
    if is_given:
        assert x.dtype == torch.float32 and x.is_contiguous() and 0 < x.min() <= x.max() < 1 or not len(x)
        np.testing.assert_array_equal(ib.to_uint8(x), np.asarray(values))


@TRIED
@given(UNITS, st.one_of(st.none(), st.floats(0, 1), scalars()))
def test_to_uint8(x, missing):
    values, is_given = outcome(ib.to_uint8, x, missing)
    if is_given:
        expected = np.clip(np.floor(256 * plain(x).transpose(0, 2, 3, 1)), 0, 255)
        finite = np.isfinite(plain(x).transpose(0, 2, 3, 1))
        assert values.dtype == np.uint8 and values.flags["C_CONTIGUOUS"]
        assert (np.abs(values[finite] - expected[finite]) <= 1).all() and (finite.all() or missing is not None)


@TRIED
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=40), scalars()),
    st.one_of(st.just(32), st.integers(-1, 70), scalars()),
    st.one_of(st.just(3), st.integers(-1, 5), scalars()),
)
def test_files_of_anything(source, side, channels):
    assert not outcome(ib.read_image, source, side, channels)[1]


@TRIED
@given(PIXELS, st.one_of(st.integers(7, 65), scalars()), st.one_of(st.integers(0, 5), scalars()))
def test_scale_images(values, side, channels):
    scaled, is_given = outcome(scale_images, values, side, channels)
    if is_given:
        assert scaled.shape == (len(values), side, side, channels) and scaled.dtype == np.uint8


@TRIED
@given(st.one_of(arrays((5,)), st.just(np.arange(5, dtype=np.uint64))), PIXELS)
def test_hashes(wanted, values):
    hashes, is_given = outcome(ib.data.pixel_hash, values)
    if is_given:
        assert hashes.shape == (len(values),) and hashes.dtype == np.uint64
        found = ib.data.locate(hashes, values)
        assert (ib.data.pixel_hash(values)[found] == hashes).all() if len(values) else not len(found)
    rows, is_given = outcome(ib.data.locate, wanted, values)
    if is_given:
        assert rows.dtype == np.int64 and ((rows >= -1) & (rows < len(values))).all()


def test_every_public_function_is_tried():
    tried = {"read_image", "scale_images", "to_uint8", "to_unit"}
    public = {getattr(module, name) for module in (image_files, images) for name in module.__all__}
    assert {one.__name__ for one in public if not isinstance(one, type)} == tried
