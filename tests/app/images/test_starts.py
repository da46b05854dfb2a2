"""What a person can begin with on the canvas."""

import numpy as np

import ibinn_core as ib
from app.images.draw_state import EMPTY, starts
from app.images.handwriting import digit


def test_test_images_of_digits_and_drawings_that_are_none():
    every = starts()
    images, labels = ib.data.embedded("mnist")
    assert next(iter(every)) == EMPTY and every[EMPTY].background is None and not every[EMPTY].strokes
    for k in set(labels.tolist()):
        found = every[str(k)]
        assert f"{k}" in found.name and not found.strokes
        assert any(np.array_equal(found.background, image) for image in images[labels == k])
    drawn = [start for start in every.values() if start.strokes]
    assert len(drawn) == 2 and all(start.background is None and digit(start.strokes).max() == 255 for start in drawn)
    assert len({start.name for start in every.values()}) == len(every)
