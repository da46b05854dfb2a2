"""What a model makes of what a person writes: likelihoods, the posterior, and bits/dim among those of test images.

The axes stay where they are, so that from stroke to stroke nothing but the bars and the needle moves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures.layout import HIDDEN, finish
from app.palette import ACCENT, CLASS_COLORS, NEUTRAL, rgba

HEIGHT = 350
FLOOR = -12.0  # nats below the most likely class, where a bar ends: its share of the posterior is 6e-6
BAND = "#3f90da"
INK = 13  # size of the text, in CSS pixels


class Written(NamedTuple):
    """An image under a model.

    Attributes:
        log_likelihood: log q(x | y) in nats, ``(K,)``.
        posterior: q(y | x), ``(K,)``.
        bits: bits/dim.
        same_class: bits/dim of the test images that the model takes for the same class.
        typical: lowest and highest bits/dim of what is typical among these.
    """

    log_likelihood: np.ndarray
    posterior: np.ndarray
    bits: float
    same_class: np.ndarray
    typical: tuple[float, float]


def written_figure(written: Written | None, test_bits: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Likelihoods and posterior as bars, and below them the bits/dim.

    Arguments:
        written: the image; ``None`` where there is none, for empty axes.
        test_bits: bits/dim of all test images, ``(N,)``.
        classes: names of the K classes.
    """
    figure = make_subplots(
        rows=2,
        cols=2,
        specs=[[{}, {}], [{"colspan": 2}, None]],
        row_heights=[0.72, 0.28],
        vertical_spacing=0.19,
        horizontal_spacing=0.07,
        subplot_titles=("<b>likelihood</b> log q(x | y)", "<b>posterior</b> q(y | x)", _title(written, classes)),
    )
    _add_likelihoods(figure, written, classes)
    _add_posterior(figure, written, classes)
    _add_strip(figure, written, test_bits, classes)
    figure.update_xaxes(zeroline=False, showgrid=False, tickfont_size=INK)
    figure.update_annotations(font_size=INK)
    margin = {"l": 8, "r": 8, "t": 24, "b": 8}
    return finish(figure, HEIGHT, margin=margin, bargap=0.2, barmode="overlay", showlegend=False)


def _title(written: Written | None, classes: Sequence[str]) -> str:
    """Of the strip; it explains the colours, too."""
    parts = [_inked(NEUTRAL, "all test images")]
    if written is not None:
        top = int(written.posterior.argmax())
        parts += [_inked(CLASS_COLORS[top], f"those taken for {classes[top]}"), _inked(BAND, "typical of them")]
    return "<b>bits/dim</b>: " + ", ".join(parts)


def _inked(color: str, text: str) -> str:
    return f"<span style='color:{color}'>■</span> {text}"


def _add_likelihoods(figure: go.Figure, written: Written | None, classes: Sequence[str]) -> None:
    lengths, text, hover = np.zeros(len(classes)), [""] * len(classes), [""] * len(classes)
    if written is not None:
        relative = written.log_likelihood - written.log_likelihood.max()
        lengths = np.maximum(relative - FLOOR, 0)
        text = ["0" if r == 0 else f"−{-r:.0f}" if r < -9.5 else f"−{-r:.1f}" for r in relative]
        hover = [f"log q(x | {c}) = {v:,.1f} nats" for c, v in zip(classes, written.log_likelihood, strict=True)]
    figure.add_trace(_bars(lengths, classes, FLOOR, text, hover), row=1, col=1)
    ticks = {"tickvals": [-10, -5, 0], "ticktext": ["−10", "−5", "0 nats"]}
    figure.update_xaxes(range=[FLOOR, -0.35 * FLOOR], **ticks, row=1, col=1)
    figure.update_yaxes(**_down(classes), tickfont_size=INK + 1, row=1, col=1)


def _add_posterior(figure: go.Figure, written: Written | None, classes: Sequence[str]) -> None:
    shares = np.zeros(len(classes)) if written is None else written.posterior
    text = [f"{p:.0%}" if p >= 0.005 else "" for p in shares]
    hover = [f"q({c} | x) = {p:.2%}" for c, p in zip(classes, shares, strict=True)]
    figure.add_trace(_bars(shares, classes, 0, text, hover), row=1, col=2)
    figure.update_xaxes(range=[0, 1.35], tickvals=[0, 0.5, 1], tickformat=".0%", row=1, col=2)
    figure.update_yaxes(**_down(classes), showticklabels=False, row=1, col=2)


def _down(classes: Sequence[str]) -> dict:
    """What has an axis name all classes, the first at the top; digits are names here, no numbers."""
    return {"type": "category", "range": [len(classes) - 0.5, -0.5], "dtick": 1}


def _bars(
    lengths: np.ndarray, classes: Sequence[str], base: float, text: Sequence[str], hover: Sequence[str]
) -> go.Bar:
    return go.Bar(
        x=lengths,
        y=list(classes),
        base=base,
        orientation="h",
        marker_color=CLASS_COLORS,
        text=text,
        textposition="outside",
        textfont={"size": INK},
        constraintext="none",
        cliponaxis=False,
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _add_strip(figure: go.Figure, written: Written | None, test_bits: np.ndarray, classes: Sequence[str]) -> None:
    low, high = (float(value) for value in np.quantile(test_bits, [0.001, 0.999]))
    span = high - low
    edges = np.linspace(low, high, 61)
    figure.add_trace(_outline(test_bits, edges, NEUTRAL, "test images"), row=2, col=1)
    if written is not None:
        top = int(written.posterior.argmax())
        taken = f"test images taken for {classes[top]}"
        figure.add_trace(_outline(written.same_class, edges, CLASS_COLORS[top], taken), row=2, col=1)
        figure.add_vrect(*written.typical, fillcolor=rgba(BAND, 0.22), line_width=0, layer="below", row=2, col=1)
        _add_needle(figure, written.bits, low - 0.28 * span, high + 0.55 * span)
    figure.update_xaxes(range=[low - 0.35 * span, high + 0.6 * span], nticks=7, row=2, col=1)
    figure.update_yaxes(range=[0, 1.5], **HIDDEN, row=2, col=1)


def _outline(bits: np.ndarray, edges: np.ndarray, color: str, name: str) -> go.Scatter:
    """A histogram as an area, 1 at its highest."""
    counts, _ = np.histogram(bits, edges)
    return go.Scatter(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts / max(1, counts.max()),
        customdata=counts,
        mode="lines",
        line={"color": color, "width": 1.5, "shape": "hvh"},
        fill="tozeroy",
        fillcolor=rgba(color, 0.3),
        hovertemplate=f"%{{x:.2f}} bits/dim: %{{customdata}} {name}<extra></extra>",
    )


def _add_needle(figure: go.Figure, bits: float, low: float, high: float) -> None:
    """Where the image is; at the edge, with an arrow, if that is further out."""
    shown = float(np.clip(np.nan_to_num(bits, nan=high, posinf=high, neginf=low), low, high))
    far = "" if shown == bits else "◀ " if bits < low else " ▶"
    number = f"{bits:.2f}".replace("-", "−")
    figure.add_trace(
        go.Scatter(
            x=[shown, shown],
            y=[0, 1.08],
            mode="lines",
            line={"color": ACCENT, "width": 3},
            hovertemplate=f"what is written: {number} bits/dim<extra></extra>",
        ),
        row=2,
        col=1,
    )
    text = f"<b>{far}{number}</b>" if far.startswith("◀") else f"<b>{number}{far}</b>"
    figure.add_annotation(
        x=shown,
        y=1.1,
        yanchor="bottom",
        text=text,
        showarrow=False,
        font={"color": ACCENT},
        row=2,
        col=1,
    )
