"""The images with which panels open."""

import pytest

from app.controls import opening_state
from app.models import asking
from app.panels import corrupt
from app.site.pages import showing


@pytest.mark.parametrize("data", ["cifar10", "cifar100", "mnist"])
def test_the_image_that_is_corrupted_begins_typical_and_leaves_the_band(data):
    with showing(data):
        _, answer = asking.ask_all(corrupt.views(opening_state(corrupt.PANEL.state))[0].needs)
    low, high = answer.typical
    offsets = (answer.bits - (low + high) / 2) / ((high - low) / 2)
    assert abs(offsets[0]) < 0.5 and answer.posterior[0].max() > 0.9
    assert offsets.max() > 2 and (~answer.is_typical).sum() > 0.7 * len(offsets)
