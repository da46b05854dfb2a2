"""Figures that are made without Plotly's checks."""

import pytest

from app.figures.draft import Draft


@pytest.mark.parametrize("wrong", [{"title_text": "of x"}, {"range": (0, 1)}, {"ticklen": "long"}, {"colour": "red"}])
def test_these_tests_have_plotly_check_every_figure(wrong):
    draft = Draft()
    draft.update_axes("", wrong)
    with pytest.raises((AssertionError, ValueError)):
        draft.finish(100)
