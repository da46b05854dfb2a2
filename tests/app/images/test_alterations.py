"""What is done to pixels without a model."""

import numpy as np

from app.images.alterations import blurred


def test_a_blurred_pixel_is_the_mean_of_its_neighbourhood():
    flat = np.full((10, 10, 3), 77, np.uint8)
    assert np.array_equal(blurred(flat), flat)
    dot = np.zeros((11, 11, 1), np.uint8)
    dot[5, 5] = 90
    assert (blurred(dot)[4:7, 4:7] == 10).all()
