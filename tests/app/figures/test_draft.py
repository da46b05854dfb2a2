"""Figures that are made without Plotly's checks."""

import pytest

from app.figures.draft import Draft, subplots


@pytest.mark.parametrize("wrong", [{"title_text": "of x"}, {"range": (0, 1)}, {"ticklen": "long"}, {"colour": "red"}])
def test_these_tests_have_plotly_check_every_figure(wrong):
    draft = Draft()
    draft.update_axes("", wrong)
    with pytest.raises((AssertionError, ValueError)):
        draft.finish(100)


def test_figures_of_one_grid_have_nothing_in_common():
    first, second = (Draft(subplots(2, 2, vertical_spacing=0.1)) for _ in range(2))
    first.update_axes("4", {"range": [0, 1]}, {"domain": [0, 1]})
    figure, other = first.finish(100), second.finish(200)
    figure.update_xaxes(domain=[0, 0.1])
    assert figure.get_subplot(2, 2).xaxis.range == (0, 1) and other.get_subplot(2, 2).xaxis.range is None
    assert other.layout.yaxis4.domain[1] < 1 and other.get_subplot(1, 1).xaxis.domain[1] > 0.1
