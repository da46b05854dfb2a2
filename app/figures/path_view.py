"""The path of a corrupted image among test images: typicality over class odds, or the plane of latents."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..palette import BAND_COLOR, HALO, INK, NEUTRAL, rgba
from .bits_scale import BitsScale, power_of_ten
from .classes import OTHERS
from .draft import Draft
from .latent import mean_marker
from .layout import as_rgb, png_uri

THUMBNAILS = 11
MOST_ODDS = 30  # log10 of the largest odds drawn; a posterior may be 0 in single precision
BAND = rgba(BAND_COLOR, 0.18)
POWERS = (1, 2, 3, 5, 10)  # possible distances between ticks of odds, in powers of ten


class Departure(NamedTuple):
    """Images under one model: bits/dim on the vertical axis, the odds of two classes on the horizontal axis."""

    # Test images, (N, 2): log10 of the posterior odds of the second class against the first, and positions of their
    # bits/dim on the scale
    cloud: np.ndarray
    labels: np.ndarray  # classes of the test images (N,)
    path: np.ndarray  # the corrupted image on the same axes, (T, 2)
    band: tuple[float, float]  # lowest and highest typical bits/dim
    pair: tuple[int, int]  # the numbers of the two classes
    scale: BitsScale = BitsScale()  # scale of the bits/dim; used only if it is logarithmic


class Plane(NamedTuple):
    """Latents of one model in the plane of its class means."""

    cloud: np.ndarray  # test images (N, 2)
    labels: np.ndarray  # classes of the test images (N,)
    path: np.ndarray  # the corrupted image, (T, 2)
    means: np.ndarray  # class means (K, 2)
    shown: str = ""  # a text for users on how much of the path is within the plane; "" for none


PathView = Departure | Plane


def limits(view: PathView) -> tuple[np.ndarray, np.ndarray]:
    """The axes' lower and upper limits, ``(2,)`` each, around the path, the means or band, and 99 % of the cloud."""
    also = view.means if isinstance(view, Plane) else [[np.nan, bits] for bits in view.band]
    inside = np.concatenate([np.quantile(view.cloud, [0.005, 0.995], axis=0), also, view.path])
    low, high = np.nanmin(inside, 0), np.nanmax(inside, 0)
    span = np.maximum(high - low, 1e-6)
    return low - 0.06 * span, high + np.array([0.06, 0.13]) * span  # the small images are above the path


def odds_ticks(low: float, high: float) -> tuple[list[int], list[str]]:
    """The ticks of odds from 10^``low`` to 10^``high``, and labels such as "100 : 1", the first class in front."""
    step = next((step for step in POWERS if (high - low) / step < 5), POWERS[-1])
    powers = [power for power in range(int(np.ceil(low)), int(np.floor(high)) + 1) if power % step == 0]
    return powers, [_odds(power) for power in powers]


def _odds(power: int) -> str:
    many = "≥ " * (abs(power) >= MOST_ODDS) + power_of_ten(abs(power))
    return f"1 : {many}" if power > 0 else f"{many} : 1"


# The panel, which has the first axes of the figure --------------------------------------------------------


def add_view(draft: Draft, view: PathView, images: np.ndarray, classes: Sequence[str], colors: Sequence[str]) -> None:
    """Draws test images, path, small images ``(T, H, W, C)`` and axes; the draft has already placed the axes."""
    low, high = limits(view)
    across, up = ({"range": ends} for ends in np.stack([low, high], axis=1).tolist())
    if isinstance(view, Plane):
        _add_plane(draft, view, classes, colors)
        title = "plane of the class means"
        if view.shown:
            title += f"<br><b>{view.shown}</b> of the image's path lies in it"
        draft.update_axes("", {**across, "showticklabels": False}, {**up, "showticklabels": False, "scaleanchor": "x"})
    else:
        _add_departure(draft, view, classes, colors)
        ticks, texts = odds_ticks(low[0], high[0])
        first, second = (classes[k] for k in view.pair)
        title = f"◀ <b>{first}</b> · <b>{second}</b> ▶<br>posterior odds"
        bits = {"text": "bits/dim; blue: typical", "standoff": 16}
        if view.scale.is_log:
            bits["text"] = "bits/dim, log; blue: typical"
            up["tickvals"], up["ticktext"] = view.scale.ticks(low[1], high[1], 0.08)
        draft.update_axes(
            "",
            {**across, "tickvals": ticks, "ticktext": texts, "tickangle": 0},
            {**up, "title": bits, "automargin": True},
        )
    draft.update_axes("", {"title": {"text": title, "standoff": 4}})
    _add_path(draft, view.path)
    size = high - low
    _add_thumbnails(draft, view.path, images, np.full(2, size.max()) if isinstance(view, Plane) else size)


def _add_dots(draft: Draft, points: np.ndarray, name: str, color: str) -> None:
    # WebGL would be faster. But in frames Plotly draws WebGL dots twice, so that pale dots become dark. It also
    # always draws them above the path.
    style: dict[str, Any] = {"type": "scatter", "mode": "markers", "name": name, "hoverinfo": "skip"}
    style["showlegend"] = False  # the bars of the posterior are the legend of the classes
    marker = {"size": 3.5, "color": color, "opacity": 0.4}
    draft.add_trace("", {**style, "marker": marker, "x": points[:, 0], "y": points[:, 1]})


def _add_plane(draft: Draft, plane: Plane, classes: Sequence[str], colors: Sequence[str]) -> None:
    for k, name in enumerate(classes):
        _add_dots(draft, plane.cloud[plane.labels == k], name, colors[k])
    for k, (x, y) in enumerate(plane.means):
        draft.add_trace("", mean_marker(x, y, colors[k], classes[k]))


def _add_departure(draft: Draft, view: Departure, classes: Sequence[str], colors: Sequence[str]) -> None:
    _add_dots(draft, view.cloud[~np.isin(view.labels, view.pair)], OTHERS, NEUTRAL)
    for k in view.pair:
        _add_dots(draft, view.cloud[view.labels == k], classes[k], colors[k])
    low, high = view.band
    across = {"xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": low, "y1": high, "layer": "below"}
    even = {"xref": "x", "yref": "y domain", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "layer": "below"}
    draft.shapes += [
        {"type": "rect", "fillcolor": BAND, "line": {"width": 0}, **across},
        {"type": "line", "line": {"color": NEUTRAL, "dash": "dot", "width": 1}, **even},
    ]


def _add_path(draft: Draft, path: np.ndarray) -> None:
    line = {"type": "scatter", "x": path[:, 0], "y": path[:, 1], "mode": "lines+markers"}
    for color, width, size in ((HALO, 4.5, 6.5), (INK, 2, 4)):
        style = {"line": {"color": color, "width": width}, "marker": {"size": size, "color": color, "opacity": 1}}
        draft.add_trace("", {**line, **style, "showlegend": False, "hoverinfo": "skip"})


def _add_thumbnails(draft: Draft, path: np.ndarray, images: np.ndarray, span: np.ndarray) -> None:
    """Adds small images ``(T, H, W, C)`` above the path, first at its ends, without overlaps."""
    width, height = (0.075 * span).tolist()
    placed: list[np.ndarray] = []
    order = np.linspace(0, len(path) - 1, THUMBNAILS).round().astype(int)
    for step in (order[0], order[-1], *order[1:-1]):
        if any((np.abs(path[step] - other) / (width, height)).max() < 1 for other in placed):
            continue
        placed.append(path[step])
        x, y = path[step].tolist()
        draft.images.append(
            {
                "source": png_uri(as_rgb(images[step]), 2),
                "x": x,
                "y": y + 0.2 * height,  # keeps the head of the path visible
                "sizex": width,
                "sizey": height,
                "xanchor": "center",
                "yanchor": "bottom",
                "xref": "x",
                "yref": "y",
                "layer": "above",
            }
        )
