"""The figures of the lessons: few marks, and no text below 14 pixels, so that a room can read them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..palette import ACCENT, BAND_COLOR, CLASS_COLORS, NEUTRAL, rgba
from .layout import HIDDEN, finish
from .text import plotly_texts

TEXT = 15  # pixels
GUESS = {"color": ACCENT, "width": 3, "dash": "dot"}


class Promise(NamedTuple):
    """How often a model is right, by how sure it is, in B bins."""

    name: str  # of the model
    color: str  # of its line
    expected: np.ndarray  # how sure it is on average in each bin, (B,)
    observed: np.ndarray  # the share of right answers, (B,)
    # The number of answers, (B,)
    count: np.ndarray  # pyright: ignore[reportIncompatibleMethodOverride]  # hides tuple.count, which nobody needs


class Mark(NamedTuple):
    """An image on a scale of bits/dim."""

    label: str  # a few characters
    bits: float  # where it stands
    color: str  # of its line
    name: str  # for the hover text


class Slope(NamedTuple):
    """The loss of a model over the distance of its class means."""

    name: str  # of the model
    color: str  # of its line
    distance: np.ndarray  # in standard deviations, from 0, with all means in one place, (S,)
    loss: np.ndarray  # (S,)
    trained: tuple[float, float]  # distance and loss as trained


def _finish(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    figure.update_xaxes(tickfont_size=TEXT, title_font_size=TEXT, zeroline=False)
    figure.update_yaxes(tickfont_size=TEXT, title_font_size=TEXT, zeroline=False)
    figure.update_annotations(font_size=TEXT)
    still = {"font_size": TEXT, "dragmode": False, "showlegend": False, "hoverlabel": {"font_size": TEXT}}
    return finish(figure, height, **{**still, **layout})


def likelihood_figure(
    relative: np.ndarray, posterior: np.ndarray | None, guess: int | None, *, classes: Sequence[str]
) -> go.Figure:
    """How far log-likelihoods ``(K,)`` lie below the best one, in nats, as bars, and beside them the posterior.

    ``guess`` is what was predicted for the best class, in percent.
    """
    columns = 1 if posterior is None else 2
    titles = ["log-likelihood: nats below the best", "posterior"][:columns]
    figure = make_subplots(1, columns, horizontal_spacing=0.06, shared_yaxes=True, subplot_titles=titles)
    rows = list(range(len(classes)))
    bars = {"y": rows, "orientation": "h", "marker_color": CLASS_COLORS, "textposition": "outside", "cliponaxis": False}
    # All are near to thousands of nats, and only differences between them count: so the bars begin at the best class.
    text = ["0" if r == 0 else f"{-r:.1f}" for r in relative]
    figure.add_trace(go.Bar(x=relative, text=text, hoverinfo="skip", **bars), row=1, col=1)
    figure.update_xaxes(range=[min(1.5 * float(relative.min()), -1e-3), 0], row=1, col=1)
    if posterior is not None:
        text = [f"{p:.0%}" if p >= 0.005 else "" for p in posterior]
        figure.add_trace(go.Bar(x=posterior, text=text, hoverinfo="skip", **bars), row=1, col=2)
        figure.update_xaxes(range=[0, 1.2], row=1, col=2)
        if guess is not None:
            best = int(posterior.argmax())
            line = {"x": [guess / 100] * 2, "y": [best - 0.5, best + 0.5], "mode": "lines", "line": GUESS}
            figure.add_trace(go.Scatter(hovertemplate="your guess<extra></extra>", **line), row=1, col=2)
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(tickvals=rows, ticktext=plotly_texts(classes), range=[len(classes) - 0.4, -0.6], showgrid=False)
    figure.update_traces(textfont_size=TEXT, selector={"type": "bar"})
    return _finish(figure, 330, bargap=0.25, margin={"l": 8, "r": 8, "t": 28, "b": 4})


def plane_figure(
    points: np.ndarray,
    labels: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    height: int,
    *,
    classes: Sequence[str],
) -> go.Figure:
    """Latents ``(N, 2)`` in a plane, by class, without axes, between the lowest and highest ``bounds``."""
    # One trace: of several, the last would lie on top, and its class would seem to stand out.
    count = len(classes)
    scale = [[(k + end) / count, CLASS_COLORS[k]] for k in range(count) for end in (0, 1)]
    figure = go.Figure(
        go.Scattergl(
            uid="latents",
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            marker={
                "size": 5,
                "color": np.asarray(labels),
                "colorscale": scale,
                "cmin": -0.5,
                "cmax": count - 0.5,
                "opacity": 0.75,
            },
            text=np.asarray(plotly_texts(classes))[labels],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    (left, bottom), (right, top) = bounds
    figure.update_xaxes(range=[left, right], **HIDDEN)
    figure.update_yaxes(range=[bottom, top], scaleanchor="x", **HIDDEN)
    return _finish(figure, height, margin={"l": 0, "r": 0, "t": 0, "b": 0})


def promise_figure(promises: Sequence[Promise], asked: tuple[float, float], guess: int | None) -> go.Figure:
    """How often models are right over how sure they are.

    A person is asked about the range ``asked`` of "how sure", and has predicted the share of right answers there,
    ``guess`` in percent.
    """
    figure = go.Figure()
    line = {"color": NEUTRAL, "dash": "dash", "width": 2}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    figure.add_vrect(*asked, fillcolor=rgba(BAND_COLOR, 0.18), line_width=0, layer="below")
    total = sum(one.count.sum() for one in promises) or 1
    for one in promises:
        texts = [
            f"{one.name}<br>{e:.0%} sure on average<br>{o:.0%} of {n:,} answers right"
            for e, o, n in zip(one.expected, one.observed, one.count, strict=True)
        ]
        figure.add_scatter(
            x=one.expected,
            y=one.observed,
            name=one.name,
            mode="lines+markers",
            line={"color": one.color, "width": 2},
            marker={"size": 8 + 18 * np.sqrt(one.count / total), "color": one.color},
            text=texts,
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
            showlegend=True,
        )
    if guess is not None:
        figure.add_scatter(
            x=[sum(asked) / 2],
            y=[guess / 100],
            name="your guess",
            mode="markers",
            marker={"size": 18, "symbol": "diamond-open", "color": ACCENT, "line_width": 4},
            hovertemplate=f"your guess: {guess} %<extra></extra>",
            cliponaxis=False,
            showlegend=True,
        )
    axis = {"tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1], "gridcolor": rgba(NEUTRAL, 0.25)}
    figure.update_xaxes(title="how sure the model is", range=[0, 1.02], **axis)
    figure.update_yaxes(title="how often it is right", range=[0, 1.04], **axis)
    legend = {"x": 0.02, "y": 0.98, "font_size": TEXT, "title": "", "bgcolor": "rgba(0,0,0,0)"}
    legend["itemsizing"] = "constant"
    shown = bool(promises) or guess is not None
    return _finish(figure, 390, margin={"l": 8, "r": 16, "t": 8, "b": 8}, showlegend=shown, legend=legend)


def strip_figure(marks: Sequence[Mark], reference: np.ndarray, typical: tuple[float, float]) -> go.Figure:
    """Images as lines on a histogram of the bits/dim ``reference``; ``typical`` is the range of typical ones."""
    edges = np.linspace(reference.min(), reference.max(), 41)
    heights, _ = np.histogram(reference, edges)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=heights,
            width=np.diff(edges),
            marker={"color": NEUTRAL, "opacity": 0.7, "line_width": 0},
            hovertemplate="%{x:.2f} bits/dim: %{y} photographs<extra></extra>",
        )
    )
    figure.add_vrect(*typical, fillcolor=rgba(BAND_COLOR, 0.18), line_width=0, layer="below")
    most = float(heights.max())
    top = 1.12 * most
    low, high = (f(float(f(reference)), *(mark.bits for mark in marks)) for f in (min, max))
    near: list[list[Mark]] = []  # marks that stand too close for a label each, and share one
    for mark in sorted(marks, key=lambda mark: mark.bits):
        if near and mark.bits - near[-1][-1].bits <= 0.03 * (high - low):
            near[-1].append(mark)
        else:
            near.append([mark])
        figure.add_scatter(
            x=[mark.bits] * 2,
            y=[0, top],
            mode="lines",
            line={"color": mark.color, "width": 3},
            hovertemplate=f"{mark.name}: {mark.bits:.2f} bits/dim<extra></extra>",
        )
    for group in near:
        label = f"<b>{', '.join(mark.label for mark in group)}</b>"
        middle = (group[0].bits + group[-1].bits) / 2
        figure.add_annotation(x=middle, y=top, text=label, showarrow=False, yanchor="bottom")
    pad = 0.05 * (high - low)
    title = "bits/dim; grey: photographs like the training's<br>◀ simpler than usual · more complicated ▶"
    figure.update_xaxes(range=[low - pad, high + pad], title=title, showgrid=False)
    figure.update_yaxes(range=[0, 1.55 * most], **HIDDEN)
    return _finish(figure, 190, margin={"l": 8, "r": 8, "t": 4, "b": 8}, bargap=0)


def bits_figure(image: float, label: float) -> go.Figure:
    """The bits that describe an image as a bar, and the part of them that its class may save.

    That part is drawn to scale, but never thinner than a line.
    """
    figure = go.Figure(
        go.Bar(x=[image], y=[0], orientation="h", marker={"color": NEUTRAL, "opacity": 0.6}, hoverinfo="skip")
    )
    figure.add_shape(type="rect", x0=0, x1=label, y0=-0.5, y1=0.5, line={"color": ACCENT, "width": 2}, fillcolor=ACCENT)
    figure.add_annotation(
        x=0, y=0.5, text=f"<b>the class: {label:.1f} bits</b>", showarrow=False, xanchor="left", yanchor="bottom"
    )
    figure.add_annotation(
        x=image, y=0.5, text=f"the whole image: {image:,.0f} bits", showarrow=False, xanchor="right", yanchor="bottom"
    )
    figure.update_xaxes(range=[-0.002 * image, image], **HIDDEN)
    figure.update_yaxes(range=[-0.5, 1.3], **HIDDEN)
    return _finish(figure, 92, margin={"l": 8, "r": 8, "t": 0, "b": 0}, bargap=0)


def landscape_figure(slopes: Sequence[Slope], height: int, farthest: float) -> go.Figure:
    """The losses of models over the distance of their class means, from that with all means in one place.

    Each has a dot where its means are. ``farthest`` is the largest distance that is shown.
    """
    figure = go.Figure()
    figure.add_hline(0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    for number, one in enumerate(slopes):
        name, loss = plotly_texts([one.name])[0], one.loss - one.loss[0]
        end = int(np.searchsorted(one.distance, farthest, side="right")) - 1
        figure.add_scatter(
            uid=f"slope-{number}",
            x=one.distance,
            y=loss,
            name=name,
            mode="lines",
            line={"color": one.color, "width": 3},
            hovertemplate=f"{name}, means %{{x:.1f}} apart:<br>the loss is %{{y:+.4f}}<extra></extra>",
        )
        place = one.trained[1] - one.loss[0]
        figure.add_scatter(
            x=[one.trained[0]],
            y=[place],
            name=name,
            mode="markers",
            marker={"size": 11, "color": one.color},
            hovertemplate=f"{name}, as trained: {one.trained[0]:.1f} apart<br>{place:+.4f}<extra></extra>",
        )
        figure.add_annotation(
            x=farthest, y=float(loss[end]), text=f"<b>{name}</b>", showarrow=False, xanchor="right", yanchor="bottom"
        )
    lowest = min((float((one.loss - one.loss[0]).min()) for one in slopes), default=-1.0)
    figure.update_xaxes(title="distance of the means", range=[0, farthest], dtick=2, showgrid=False)
    figure.update_yaxes(range=[1.12 * lowest, -0.55 * lowest], nticks=4, gridcolor=rgba(NEUTRAL, 0.25))
    return _finish(figure, height, margin={"l": 8, "r": 12, "t": 4, "b": 8})
