"""Figures that are made without Plotly's checks: it would take them as they are."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.bayes import LikelihoodRow, PosteriorRow, bayes_figure
from app.figures.draft import Draft, subplots
from ibinn_core.data import CIFAR10_CLASSES as CLASSES

RNG = np.random.default_rng(0)
POSTERIOR = RNG.dirichlet(np.ones(10))


def rows_of_bayes(bits: float = 3.5) -> list[LikelihoodRow]:
    prior, reference = np.full(10, 0.1), RNG.normal(3.5, 0.2, 100)
    return [LikelihoodRow("first", np.log(POSTERIOR), prior, prior * POSTERIOR, POSTERIOR, bits, reference, (3.0, 4.0))]


FIGURES = {
    "bayes": lambda: bayes_figure(rows_of_bayes(), [PosteriorRow("second", POSTERIOR)], 3, classes=CLASSES),
    "bayes, far": lambda: bayes_figure(rows_of_bayes(np.inf), classes=CLASSES),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_takes_the_figure_and_changes_nothing_in_it(name):
    figure = FIGURES[name]()
    assert json.loads(go.Figure(figure.to_dict()).to_json()) == json.loads(figure.to_json())


def test_what_is_set_after_a_figure_is_finished_is_checked():
    draft = Draft()
    draft.add_trace("", {"type": "bar", "x": [1], "y": [2]})
    figure = draft.finish(100)
    for change in (
        lambda: figure.update_layout(barmode="sideways"),
        lambda: figure.update_xaxes(range="long"),
        lambda: figure.update_traces(opacity="much"),
    ):
        with pytest.raises(ValueError, match="Invalid value"):
            change()
    assert figure.update_layout(title="a").layout.title.to_plotly_json() == {"text": "a"}


def test_figures_of_one_grid_have_nothing_in_common():
    first, second = (Draft(subplots(2, 2, vertical_spacing=0.1)) for _ in range(2))
    first.update_axes("4", {"range": [0, 1]}, {"domain": [0, 1]})
    figure, other = first.finish(100), second.finish(200)
    figure.update_xaxes(domain=[0, 0.1])
    assert figure.get_subplot(2, 2).xaxis.range == (0, 1) and other.get_subplot(2, 2).xaxis.range is None
    assert other.layout.yaxis4.domain[1] < 1 and other.get_subplot(1, 1).xaxis.domain[1] > 0.1
