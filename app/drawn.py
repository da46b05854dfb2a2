"""The figures of pages, each drawn once for everybody.

To draw one takes Plotly longer than all else that a page does, and Python draws one at a time. Most people look at the
same: what several of them ask for is drawn once. Nobody may change what they get.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

import plotly.graph_objects as go

from app.desk import freeze
from app.figures import latent, morph
from app.models import asking

P = ParamSpec("P")


def _once(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    @functools.wraps(draw)
    def finished(*arguments: P.args, **options: P.kwargs) -> go.Figure:
        figure = draw(*arguments, **options)
        as_sent = figure.to_dict()  # a copy of everything, which Plotly would make again for each person
        vars(figure)["to_dict"] = lambda: as_sent
        return figure

    # The figure and the copy; Plotly's objects are some ten times as large as the JSON of them.
    return asking.kept(finished, size=lambda figure: 2 * freeze(figure.to_dict()))


def _small_latent_figure(height: int, *arguments: Any, **options: Any) -> go.Figure:  # handed on
    figure = latent.latent_figure(*arguments, **options)
    return figure.update_layout(height=height, showlegend=False)


latent_figure = _once(latent.latent_figure)
morph_figure = _once(morph.morph_figure)
panels_figure = _once(morph.panels_figure)
#: :func:`app.figures.latent.latent_figure` of a height, which comes first, and without a legend.
small_latent_figure = _once(_small_latent_figure)
