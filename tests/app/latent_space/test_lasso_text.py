"""A lassoed set of test images as a text for the URL."""

import base64
import zlib

import numpy as np
import pytest

from app.latent_space.lasso_text import from_text, to_text

HASHES = np.random.default_rng(0).permutation(np.unique(np.random.default_rng(1).integers(0, 2**63, 9000, np.uint64)))
LABELS = np.random.default_rng(2).integers(0, 10, len(HASHES))


@pytest.mark.parametrize("count", [0, 1, 40, 700, len(HASHES)])
def test_the_text_brings_exactly_the_same_images_back(count):
    chosen = np.random.default_rng(3).permutation(HASHES)[:count]
    text = to_text(chosen, HASHES, LABELS)
    assert bool(text) == bool(count)
    assert sorted(from_text(text, HASHES, LABELS)) == sorted(chosen)
    # In whichever order a model's file has the images.
    order = np.random.default_rng(4).permutation(len(HASHES))
    assert sorted(from_text(text, HASHES[order], LABELS[order])) == sorted(chosen)


def test_a_text_of_another_test_set_or_of_none_names_no_image():
    text = to_text(HASHES[:50], HASHES, LABELS)
    assert len(from_text(text, HASHES[1:], LABELS[1:])) == 0
    for wrong in ("banana!", "é", "A", "____", text[:3], "A" * 40_000):
        assert len(from_text(wrong, HASHES, LABELS)) == 0


def test_no_bytes_behind_the_sign_name_images_that_are_not_there():
    sign = base64.urlsafe_b64decode(to_text(HASHES[:1], HASHES, LABELS) + "==")[:2]
    for bits in (b"\xff" * 10**7, b"\xff" * 1000, b""):  # too many, too few, none
        text = base64.urlsafe_b64encode(sign + zlib.compress(bits)).decode().rstrip("=")
        assert len(from_text(text, HASHES, LABELS)) == 0
