"""Ways to alter an image."""

import numpy as np
import pytest

from app.images.alterations import ALTERATIONS


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_an_image_again_the_same_at_every_call(rng, name):
    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    before = pixels.copy()
    altered = ALTERATIONS[name](pixels)
    assert altered.shape == pixels.shape and altered.dtype == np.uint8
    assert np.array_equal(altered, ALTERATIONS[name](pixels)) and np.array_equal(pixels, before)
    assert np.array_equal(altered, pixels) == (name == "as it is")


def test_blur_keeps_a_flat_image_and_averages_neighbours():
    flat = np.full((32, 32, 3), 77, np.uint8)
    assert np.array_equal(ALTERATIONS["blurred"](flat), flat)
    dot = np.zeros((32, 32, 3), np.uint8)
    dot[5, 5] = 90
    assert (ALTERATIONS["blurred"](dot)[4:7, 4:7] == 10).all()
