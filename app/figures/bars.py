"""The likelihoods and the posterior of one image as bars."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .classes import colors_of, shown_classes
from .layout import finish
from .text import plotly_texts


def posterior_bars(posterior: np.ndarray, label: int | None = None, *, classes: Sequence[str]) -> go.Figure:
    """Draws q(y | x) of one image, ``(K,)``, in the order of ``classes``, with the true class, if known, in bold.

    If there are more than twenty classes, the figure shows ten: the most probable first, and always the true class.
    """
    shown, classes = shown_classes(posterior, label), plotly_texts(classes)
    colors = colors_of(len(classes), shown)
    names = [f"<b>{classes[k]}</b>" if k == label else classes[k] for k in shown]
    shares = np.asarray(posterior)[shown]
    texts = [f"{p:.0%}" if p >= 0.005 else "" for p in shares]  # none for a share that rounds to zero
    figure = _bars(shares, names, [colors[k] for k in shown], texts, "%{y} %{x:.2%}<extra></extra>")
    figure.update_xaxes(range=[0, 1.18])
    return figure


def likelihood_figure(relative: np.ndarray, *, classes: Sequence[str]) -> go.Figure:
    """Draws how far log-likelihoods ``(K,)`` are below the largest, in nats, in the order of ``classes``.

    Log-likelihoods are thousands of nats; only their differences matter. So bars show the distance to the best class.
    """
    classes, text = plotly_texts(classes), ["0" if r == 0 else f"{-r:.1f}" for r in relative]
    figure = _bars(relative, classes, colors_of(len(classes), list(range(len(classes)))), text, "%{y}<extra></extra>")
    figure.update_xaxes(range=[min(1.5 * float(relative.min()), -1e-3), 0])
    return figure.update_layout(title={"text": "nats below the best", "font": {"size": 15}}, margin_t=28)


def _bars(lengths: np.ndarray, names: list[str], colors: list[str], text: list[str], hover: str) -> go.Figure:
    """Draws K bars from top to bottom, with their numbers beside them."""
    figure = go.Figure(
        go.Bar(
            uid="bars",
            x=lengths,
            y=names,
            orientation="h",
            marker_color=colors,
            text=text,
            textposition="outside",
            cliponaxis=False,
            constraintext="none",  # otherwise Plotly shrinks the letters to a bar's height
            hovertemplate=hover,
        )
    )
    figure.update_yaxes(autorange="reversed", type="category", dtick=1, showgrid=False)  # class names may be numbers
    figure.update_xaxes(showticklabels=False, showgrid=False)
    return finish(figure, max(230, 18 * len(names)), bargap=0.25)
