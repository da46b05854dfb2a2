"""Thumbnails of images in the dialog."""

import base64
import io
import re

import numpy as np
from PIL import Image

from app.figures.thumbnails import grid_style, thumbnail_label


def test_a_thumbnail_has_its_pixels_an_alternative_and_a_caption():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    alt, data, text = re.fullmatch(
        r"!\[(.*)\]\(data:.*,(.*)\) (.*)", thumbnail_label(pixels, "a cat", "cat 1")
    ).groups()
    assert (alt, text) == ("a cat", "cat 1")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), pixels.repeat(2, 0).repeat(2, 1))


def test_the_grid_is_never_blurred_and_adapts_to_the_page():
    style = grid_style("here", (12, 8, 4), 96)
    assert "image-rendering: pixelated" in style and "width: 96px" in style
    assert re.findall(r"repeat\((\d+)", style) == ["12", "8", "4"]
    assert all(".st-key-here" in line for line in style.splitlines() if "{" in line)
