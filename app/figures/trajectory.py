"""An image leaves the distribution while its colours rotate (Fig. 12), as frames that play in the browser."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .latent import mean_marker
from .layout import SIDE, TOOLBAR, finish, hide_axes, png_uri
from .palette import ACCENT, CLASS_COLORS, CLASSES, NEUTRAL, rgba

SCALE = 4
THUMBNAILS = 9
FRAME_MS = 90


def trajectory_figure(
    cloud: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    path: np.ndarray,
    images: np.ndarray,
    degrees: np.ndarray,
    bits: np.ndarray,
    typical: tuple[float, float],
    posteriors: np.ndarray,
) -> go.Figure:
    """Latent plane with the path, the image at each angle, its bits/dim and the posterior's entropy.

    Arguments:
        cloud, labels: test latents in the plane ``(N, 2)`` and their classes ``(N,)``.
        means: class means in the plane, ``(K, 2)``.
        path: the image's latents in the plane, ``(T, 2)``.
        images: uint8 ``(T, 32, 32, 3)``.
        degrees: the angles, ``(T,)``.
        bits: bits/dim at each, ``(T,)``.
        typical: lowest and highest bits/dim that pass the typicality test.
        posteriors: q(y | x) at each angle, ``(T, K)``.
    """
    figure = make_subplots(
        rows=3,
        cols=2,
        column_widths=[0.64, 0.36],
        row_heights=[0.38, 0.31, 0.31],
        specs=[[{"rowspan": 3}, {}], [None, {}], [None, {}]],
        horizontal_spacing=0.1,
        vertical_spacing=0.1,
    )
    entropy = -(posteriors * np.log2(np.maximum(posteriors, 1e-12))).sum(1)
    _add_plane(figure, cloud, labels, means, path)
    _add_thumbnails(figure, path, images, _frame(figure, cloud, means, path))
    _add_curves(figure, degrees, bits, typical, entropy)
    moving = len(figure.data)
    places = ((1, 1), (2, 2), (3, 2))
    for trace, (row, column) in zip(_moving(0, path, degrees, bits, entropy), places, strict=True):
        figure.add_trace(trace, row=row, col=column)
    # All images are one strip and a frame shows its part: a picture replaced at every frame would flicker.
    strip = png_uri(images.reshape(-1, SIDE, 3), SCALE)
    figure.add_trace(go.Image(source=strip, dx=1 / SCALE, dy=1 / SCALE, hoverinfo="skip"), row=1, col=2)
    figure.frames = [
        go.Frame(
            data=_moving(step, path, degrees, bits, entropy),
            traces=list(range(moving, moving + 3)),
            layout={"yaxis2": {"range": _window(step)}},
            name=f"{angle:.0f}",
        )
        for step, angle in enumerate(degrees)
    ]
    hide_axes(figure, row=1, col=2)
    figure.update_yaxes(row=1, col=2, range=_window(0), scaleanchor="x2", constrain="domain", fixedrange=True)
    figure.update_xaxes(row=1, col=2, range=[0, SIDE], constrain="domain", fixedrange=True)
    legend = {"itemsizing": "constant", "orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "title": ""}
    margin = {"l": 8, "r": TOOLBAR, "t": 8, "b": 150}
    return finish(figure, 740, legend=legend, margin=margin, dragmode="pan", **_player(degrees))


def _window(step: int) -> list[int]:
    """The part of the strip's vertical axis that holds the image of a frame, top last."""
    return [(step + 1) * SIDE, step * SIDE]


def _moving(step: int, path, degrees, bits, entropy) -> list:
    """The three dots that change from frame to frame."""
    dot = {"size": 13, "color": ACCENT, "line": {"color": "white", "width": 2}}
    quiet = {"mode": "markers", "marker": dot, "showlegend": False}
    return [
        go.Scatter(x=[path[step, 0]], y=[path[step, 1]], hoverinfo="skip", **quiet),
        go.Scatter(x=[degrees[step]], y=[bits[step]], hovertemplate="%{x:.0f}°: %{y:.2f}<extra></extra>", **quiet),
        go.Scatter(x=[degrees[step]], y=[entropy[step]], hovertemplate="%{x:.0f}°: %{y:.2f}<extra></extra>", **quiet),
    ]


def _add_plane(figure: go.Figure, cloud, labels, means, path) -> None:
    for k, name in enumerate(CLASSES):
        rows = labels == k
        figure.add_trace(
            go.Scattergl(
                x=cloud[rows, 0],
                y=cloud[rows, 1],
                mode="markers",
                name=name,
                legendgroup=name,
                marker={"size": 3.5, "color": CLASS_COLORS[k], "opacity": 0.4},
                hoverinfo="skip",
            ),
            row=1,
            col=1,
        )
    for k, (x, y) in enumerate(means):
        figure.add_trace(mean_marker(x, y, k), row=1, col=1)
    figure.add_trace(
        go.Scatter(
            x=path[:, 0],
            y=path[:, 1],
            mode="lines+markers",
            line={"color": ACCENT, "width": 2},
            marker={"size": 4, "color": ACCENT},
            showlegend=False,
            hoverinfo="skip",
        ),
        row=1,
        col=1,
    )


def _frame(figure: go.Figure, cloud, means, path) -> float:
    """Sets the plane's range around cloud, means and path; returns its width."""
    low = np.minimum(np.quantile(cloud, 0.005, axis=0), np.minimum(means.min(0), path.min(0)))
    high = np.maximum(np.quantile(cloud, 0.995, axis=0), np.maximum(means.max(0), path.max(0)))
    pad = 0.08 * (high - low)
    line = {"zeroline": False, "showticklabels": False, "gridcolor": rgba("#8a93a0", 0.15)}
    title = "plane of the class means"
    figure.update_xaxes(row=1, col=1, range=[low[0] - pad[0], high[0] + pad[0]], title=title, **line)
    figure.update_yaxes(row=1, col=1, range=[low[1] - pad[1], high[1] + pad[1]], scaleanchor="x", **line)
    return float(max(high[0] - low[0], high[1] - low[1]))


def _add_thumbnails(figure: go.Figure, path: np.ndarray, images: np.ndarray, width: float) -> None:
    """Small images beside the path, where they do not hide one another."""
    size = 0.075 * width
    placed: list[np.ndarray] = []
    for step in np.linspace(0, len(path) - 1, THUMBNAILS).round().astype(int):
        if any(np.abs(path[step] - other).max() < size for other in placed):
            continue
        placed.append(path[step])
        figure.add_layout_image(
            source=png_uri(images[step], 2),
            x=path[step, 0],
            y=path[step, 1],
            sizex=size,
            sizey=size,
            xanchor="center",
            yanchor="bottom",
            xref="x",
            yref="y",
            layer="above",
        )


def _add_curves(figure: go.Figure, degrees, bits, typical, entropy) -> None:
    line = {"color": NEUTRAL, "width": 2}
    quiet = {"mode": "lines", "line": line, "showlegend": False, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=degrees, y=bits, **quiet), row=2, col=2)
    figure.add_trace(go.Scatter(x=degrees, y=entropy, **quiet), row=3, col=2)
    figure.add_hrect(*typical, fillcolor=rgba("#3f90da", 0.18), line_width=0, row=2, col=2)
    most = np.log2(len(CLASSES))
    figure.add_hline(most, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=3, col=2)
    undecided = {"text": "all classes alike", "showarrow": False, "font_color": NEUTRAL}
    figure.add_annotation(x=degrees[-1], y=most, xanchor="right", yanchor="top", row=3, col=2, **undecided)
    # The band's edges stay in sight, so that one sees how far the curve is from leaving it.
    low, high = min(typical[0], bits.min()), max(typical[1], bits.max())
    pad = 0.15 * (high - low)
    figure.update_yaxes(title="bits/dim", range=[low - pad, high + pad], row=2, col=2)
    figure.update_yaxes(title="entropy in bits", row=3, col=2, range=[-0.1, np.log2(len(CLASSES)) + 0.1])
    figure.update_xaxes(row=2, col=2, tickvals=np.arange(0, 361, 90), showticklabels=False)
    figure.update_xaxes(row=3, col=2, tickvals=np.arange(0, 361, 90), ticksuffix="°", title="angle of the RGB rotation")


def _player(degrees: np.ndarray) -> dict:
    """A play button, a pause button and a slider over the frames."""
    timing = {"frame": {"duration": FRAME_MS, "redraw": True}, "transition": {"duration": 0}, "mode": "immediate"}
    play = {"label": "▶ Play", "method": "animate", "args": [None, {**timing, "fromcurrent": True}]}
    pause = {"label": "❚❚ Pause", "method": "animate", "args": [[None], {**timing, "frame": {"duration": 0}}]}
    steps = [{"label": f"{angle:.0f}°", "method": "animate", "args": [[f"{angle:.0f}"], timing]} for angle in degrees]
    return {
        "updatemenus": [
            {
                "type": "buttons",
                "direction": "left",
                "buttons": [play, pause],
                "x": 0,
                "xanchor": "left",
                "y": -0.08,
                "yanchor": "top",
                "showactive": False,
            }
        ],
        "sliders": [
            {
                "steps": steps,
                "x": 0,
                "len": 0.58,
                "y": -0.145,
                "yanchor": "top",
                "pad": {"t": 0},
                "currentvalue": {"visible": False},
                "bgcolor": rgba(NEUTRAL, 0.3),
                "activebgcolor": ACCENT,
                "bordercolor": NEUTRAL,
            }
        ],
    }
