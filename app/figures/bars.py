"""The posterior of one image as bars."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.figures.layout import finish
from app.palette import CLASS_COLORS


def posterior_bars(posterior: np.ndarray, label: int | None = None, *, classes: Sequence[str]) -> go.Figure:
    """q(y | x) of one image, ``(K,)``, in the order of ``classes``; the true class, if known, is set in bold."""
    names = [f"<b>{name}</b>" if k == label else name for k, name in enumerate(classes)]
    figure = go.Figure(
        go.Bar(
            x=posterior,
            y=names,
            orientation="h",
            marker_color=CLASS_COLORS,
            text=[f"{p:.0%}" if p >= 0.005 else "" for p in posterior],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y} %{x:.2%}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(range=[0, 1.18], showticklabels=False, showgrid=False)
    return finish(figure, 230, bargap=0.25)
