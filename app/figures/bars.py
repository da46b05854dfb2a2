"""The posterior of one image as bars."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .classes import colors_of, shown_classes
from .layout import finish
from .text import plotly_texts


def posterior_bars(posterior: np.ndarray, label: int | None = None, *, classes: Sequence[str]) -> go.Figure:
    """q(y | x) of one image, ``(K,)``, in the order of ``classes``; the true class, if known, is set in bold.

    Of more than twenty classes the ten most probable are shown, the most probable first.
    """
    shown, classes = shown_classes(posterior, label), plotly_texts(classes)
    colors = colors_of(len(classes), shown)
    names = [f"<b>{classes[k]}</b>" if k == label else classes[k] for k in shown]
    shares = np.asarray(posterior)[shown]
    figure = go.Figure(
        go.Bar(
            uid="bars",
            x=shares,
            y=names,
            orientation="h",
            marker_color=[colors[k] for k in shown],
            text=share_texts(shares),
            textposition="outside",
            cliponaxis=False,
            constraintext="none",  # or letters shrink to the height of a bar
            hovertemplate="%{y} %{x:.2%}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")  # digits are names here
    figure.update_xaxes(range=[0, 1.18], showticklabels=False, showgrid=False)
    return finish(figure, max(230, 18 * len(shown)), bargap=0.25)


def share_texts(shares: np.ndarray) -> list[str]:
    """What is written beside bars; nothing beside those that round to none."""
    return [f"{p:.0%}" if p >= 0.005 else "" for p in shares]
