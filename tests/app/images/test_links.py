"""An image in a link comes back unchanged, and any other text is refused."""

import re

import numpy as np
import pytest
from shape_helpers import every_shape, pixels

from app.images.links import from_url, to_url
from ibinn_core.data.images import ImageError


@every_shape
def test_links_there_and_back(shape):
    channels, height, width = shape
    image = pixels(1, shape)[0]
    text = to_url(image)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text) and text == to_url(image.copy())
    np.testing.assert_array_equal(from_url(text, image.shape), image)
    for other in ((height, width, 4 - channels), (height + 1, width, channels), (height, width - 1, channels)):
        with pytest.raises(ImageError, match="link"):
            from_url(text, other)


def test_nonsense_is_refused():
    text = to_url(pixels(1, (3, 32, 32))[0])
    assert len(text) < 4500
    for nonsense in ("", "A", "hello", "é", "!" + text[1:], text[:-400], text[:5] + " " + text[5:], text * 9):
        with pytest.raises(ImageError, match="link"):
            from_url(nonsense, (32, 32, 3))
