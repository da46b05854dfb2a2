"""The line drawings of the classes."""

import numpy as np
import pytest

from app.images.drawings import STROKES, drawing
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


def test_every_class_has_a_drawing_of_its_own_in_colour_on_white():
    assert set(STROKES) == set(CLASSES)
    pictures = np.stack([drawing(name) for name in CLASSES])
    assert pictures.shape == (10, 32, 32, 3) and pictures.dtype == np.uint8
    white = (pictures == 255).all(-1).mean((1, 2))
    assert (white > 0.4).all() and (white < 0.9).all()
    assert len(np.unique(pictures.reshape(10, -1), axis=0)) == 10


def test_the_seed_draws_the_colour_and_nothing_else():
    assert np.array_equal(drawing("ship", 3), drawing("ship", 3))
    first, second = drawing("ship", 0), drawing("ship", 1)
    assert not np.array_equal(first, second)
    assert np.array_equal((first == 255).all(-1), (second == 255).all(-1))


def test_nobody_drew_a_unicorn():
    with pytest.raises(ValueError, match="unicorn"):
        drawing("unicorn")
