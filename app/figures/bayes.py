"""How class likelihoods become a posterior and a likelihood, with a row for each model (Fig. 2, Eq. 2)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from app.figures.bits_scale import HUGE, number_text
from app.figures.classes import Bars, bars_of, shown_classes, with_number
from app.figures.draft import Draft, number_of
from app.figures.layout import TOOLBAR
from app.figures.text import plotly_texts
from app.palette import ACCENT, BAND_COLOR, NEUTRAL, rgba

ROW, GAP, TOP, BOTTOM = 210, 96, 84, 52  # heights in CSS pixels
BAR = 17  # height of a class's bar if a row has more than a dozen classes
BINS = 40  # bins of the histogram of held-out images
EMPTY = {"showticklabels": False, "showgrid": False, "zeroline": False}  # a vertical axis without ticks
FLOOR = -30.0  # nats; longer bars end here with an arrow, since such classes have no visible posterior
MARKS = (("diamond", "◇"), ("circle", "○"), ("square", "□"), ("triangle-up", "△"))  # for models without a likelihood
COLUMNS = (
    "<b>1</b>  Likelihood<br>log q(x | y)",
    "<b>2</b>  × prior<br>q(x | y) · q(y)",
    "<b>3</b>  ÷ sum<br>posterior q(y | x)",
    "<b>4</b>  The sum is q(x)<br>among other images",
)


class Beside(NamedTuple):
    """A model without a likelihood, drawn as marks on the posteriors of other models."""

    heading: str  # shown in the key above the posteriors
    posterior: np.ndarray  # q(y | x), (K,)


class LikelihoodRow(NamedTuple):
    """The row of a model with a likelihood."""

    heading: str  # the line above the row
    log_likelihood: np.ndarray  # log q(x | y) in nats, (K,), drawn relative to the largest
    prior: np.ndarray  # q(y), (K,), drawn behind the joint
    joint: np.ndarray  # q(x | y) q(y) in units of the largest likelihood, (K,)
    posterior: np.ndarray  # q(y | x), (K,)
    bits: float  # bits/dim of the image
    reference: np.ndarray  # bits/dim of M held-out training images, (M,)
    typical: tuple[float, float]  # lowest and highest bits/dim that pass the typicality test


def bayes_figure(
    rows: Sequence[LikelihoodRow],
    others: Sequence[Beside] = (),
    label: int | None = None,
    *,
    classes: Sequence[str],
) -> go.Figure:
    """Draws Bayes' rule from left to right, a row for each model with a likelihood; the others are marks on posteriors.

    If there are more than twenty classes, the figure shows ten: the most probable under any model, and the true class.

    Arguments:
        rows: the models with a likelihood.
        others: the models without a likelihood.
        label: the true class, starred and in bold; ``None`` if it is unknown.
        classes: names of the K classes.
    """
    classes = plotly_texts(classes)
    shown = shown_classes(np.max([row.posterior for row in (*rows, *others)], axis=0), label)
    bars = bars_of(classes, shown)
    count, height = len(rows), max(ROW, BAR * len(shown))
    inner = count * height + (count - 1) * GAP
    draft = Draft()
    draft.add_panels(count, (0.27, 0.23, 0.23, 0.27), across=0.035, down=GAP / inner)
    floor = max(FLOOR, least_of(rows))
    for number, row in enumerate(rows):
        _add_posterior(draft, number, row.posterior, bars)
        _add_likelihoods(draft, number, row.log_likelihood, floor, bars)
        _add_joint(draft, number, row, classes[int(row.log_likelihood.argmax())], bars)
        _add_strip(draft, number, row.bits, row.reference, row.typical)
        for which, other in enumerate(others):
            _add_marks(draft, number, which, other, bars)
    _name_classes(draft, count, label, bars)
    if len(shown) < len(classes):
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "right", "yanchor": "top"}
        text = {"text": f"{len(shown)} of {len(classes)}<br>classes", "align": "right"}
        draft.annotations.append({**place, **text, "xshift": -4, "yshift": -6, "showarrow": False})
    _add_headings(draft, [row.heading for row in rows], [other.heading for other in others])
    margin = {"l": 8, "r": TOOLBAR, "t": TOP, "b": BOTTOM}
    style = {"bargap": 0.22, "barmode": "overlay", "showlegend": False}
    return draft.finish(TOP + inner + BOTTOM, margin=margin, **style)


def least_of(rows: Sequence[LikelihoodRow]) -> float:
    """The lowest relative log-likelihood of all rows, in nats, zero or negative; :data:`FLOOR` if there are no rows."""
    spans = [float(np.nanmin(row.log_likelihood - row.log_likelihood.max())) for row in rows]
    return min(spans, default=FLOOR)


def digits_of(prior: np.ndarray) -> int:
    """The number of digits after the point of q(x | y) q(y): three, or more if there are many classes."""
    return max(3, 2 + round(-math.log10(prior.max())))


def _number(row: int, col: int) -> str:
    """The number that Plotly gives a panel's axes; rows and columns count from 0."""
    return number_of(len(COLUMNS) * row + col)


def _bars(x: np.ndarray, base: float, colors: Sequence[str] | str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": x,
        "y": list(range(len(x))),
        "base": base,
        "orientation": "h",
        "marker": {"color": colors},
        "textposition": "outside",
        "textfont": {"size": 11},
        "constraintext": "none",
        "cliponaxis": False,
    }


def _texts(text: Sequence[str] | None, hover: Sequence[str]) -> dict[str, Any]:
    """The texts beside bars and under the pointer, as keys of a trace."""
    return {"text": text, "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>"}


def _add_likelihoods(draft: Draft, row: int, every: np.ndarray, floor: float, bars: Bars) -> None:
    # The likelihoods, near 8,000 nats, differ only by a few nats. So bars show how far each is below the largest.
    absolute = every[bars.shown]
    relative = absolute - absolute.max()
    hover = [f"log q(x | {c}) = {number_text(a, ',.1f')} nats" for c, a in zip(bars.names, absolute, strict=True)]
    text = ["0" if r == 0 else f"{'◀ ' if r < floor else ''}−{number_text(-r, '.1f')}" for r in relative]
    number, best = _number(row, 0), int(absolute.argmax())
    likelihoods = {**_bars(np.maximum(relative, floor), 0, bars.colors), **_texts(text, hover)}
    if relative.min() <= -HUGE:  # beside the bar, powers of ten would cover the class names
        likelihoods["textposition"] = ["inside" if r < floor else "outside" for r in relative]
    draft.add_trace(number, {**likelihoods, "uid": f"likelihood-{row}"})
    title = f"nats below<br><b>{_signed(absolute[best], ',.1f')}</b> for {bars.names[best]}"
    draft.update_axes(number, {**_title(title), "range": [1.42 * floor, -0.1 * floor], "tickvals": _ticks(floor, 0)})


def _title(text: str) -> dict[str, Any]:
    """The title of a horizontal axis, as keys of the axis."""
    return {"title": {"text": text}}


def _ticks(low: float, high: float) -> list[float]:
    """At most five numbers between ``low`` and ``high``, round unless these are far apart."""
    step = next((s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if (high - low) / s <= 4), (high - low) / 4)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _add_joint(draft: Draft, row: int, of_model: LikelihoodRow, best: str, bars: Bars) -> None:
    """Draws the joint q(x | y) q(y) of each class in front of its prior."""
    joint, prior, total = of_model.joint[bars.shown], of_model.prior[bars.shown], of_model.joint.sum()
    number = _number(row, 1)
    draft.add_trace(number, {**_bars(prior, 0, rgba(NEUTRAL, 0.25)), "hoverinfo": "skip", "uid": f"prior-{row}"})
    hover = [f"q(x | {c}) · q({c}) = {j:.2g} q(x | {best})" for c, j in zip(bars.names, joint, strict=True)]
    digits = digits_of(of_model.prior)
    text = [f"{j:.{digits}f}" if j >= 0.5 * 10**-digits else "" for j in joint]
    draft.add_trace(number, {**_bars(joint, 0, bars.colors), **_texts(text, hover), "uid": f"joint-{row}"})
    most = float(prior.max())
    title = f"sum: <b>{total:.{digits}f}</b> q(x | {best})<br>grey: prior"
    # Two significant digits: with a hundred classes, half of a class's prior is 0.005.
    ticks = {"tickvals": [0, most / 2, most], "tickformat": ".2~r"}
    draft.update_axes(number, {**_title(title), **ticks, "range": [0, 1.42 * most]})


def _add_posterior(draft: Draft, row: int, every: np.ndarray, bars: Bars) -> None:
    posterior, number = every[bars.shown], _number(row, 2)
    hover = [f"q({c} | x) = {p:.2%}" for c, p in zip(bars.names, posterior, strict=True)]
    text = [f"{p:.0%}" if p >= 0.005 else "" for p in posterior]
    draft.add_trace(number, {**_bars(posterior, 0, bars.colors), **_texts(None, hover), "uid": f"posterior-{row}"})
    beyond = {"x": [1.06] * len(text), "y": list(range(len(text)))}  # right of all marks of other models
    beyond |= {"type": "scatter", "mode": "text", "text": text, "textposition": "middle right", "hoverinfo": "skip"}
    draft.add_trace(number, {**beyond, "textfont": {"size": 11}, "cliponaxis": False, "uid": f"shares-{row}"})
    top = int(posterior.argmax())
    title = f"probability<br>largest: <b>{with_number(bars.names[top], f'{posterior[top]:.0%}')}</b>"
    ticks = {"tickvals": [0, 0.5, 1], "tickformat": ".0%"}
    draft.update_axes(number, {**_title(title), **ticks, "range": [0, 1.35]})


def _add_strip(draft: Draft, row: int, bits: float, reference: np.ndarray, typical: tuple[float, float]) -> None:
    """Draws the reference as a histogram, the typical band behind it, and the image as a vertical line."""
    low, high, heights = histogram(reference)
    edges = np.linspace(low, high, BINS + 1)
    number, top = _number(row, 3), float(heights.max())
    draft.add_trace(
        number,
        {
            "type": "bar",
            "uid": f"strip-{row}",
            "x": (edges[:-1] + edges[1:]) / 2,
            "y": heights,
            "width": np.diff(edges),
            "marker": {"color": NEUTRAL, "opacity": 0.75, "line": {"width": 0}},
            "hovertemplate": "%{x:.2f} bits/dim: %{y} held-out training images<extra></extra>",
        },
    )
    band = {"type": "rect", "fillcolor": rgba(BAND_COLOR, 0.2), "line": {"width": 0}, "layer": "below"}
    band |= {"name": f"band-{row}", "xref": f"x{number}", "x0": typical[0], "x1": typical[1]}
    draft.shapes.append({**band, "yref": f"y{number} domain", "y0": 0, "y1": 1})
    # An image far outside the histogram is drawn at the edge with an arrow, so that the histogram stays visible.
    span = high - low
    shown = float(np.clip(np.nan_to_num(bits, nan=high, posinf=1e9, neginf=-1e9), low - 0.6 * span, high + 0.6 * span))
    far = "" if shown == bits else "◀ " if bits < low else "▶ "
    draft.add_trace(number, {**_needle(shown, top, bits), "uid": f"needle-{row}"})
    draft.annotations.append(
        {
            "name": f"bits-{row}",
            "x": shown,
            "y": 1.24 * top,
            "xref": f"x{number}",
            "yref": f"y{number}",
            "yanchor": "middle",
            "xanchor": "center" if not far else "left" if bits < low else "right",
            "text": f"<b>{far}{_signed(bits, '.2f')}</b>",
            "showarrow": False,
            "font": {"color": ACCENT, "size": 13},
        }
    )
    pad = 0.14 * span
    x_range = [min(low, shown) - pad, max(high, shown) + pad]
    # An image at the edge gets no tick below it, since the number would be wrong.
    ticks = _ticks(low, high) if far else _ticks(*x_range)
    across = {**_title("bits/dim<br>blue: typical"), "range": x_range, "tickvals": ticks}
    draft.update_axes(number, across, {**EMPTY, "range": [0, 1.36 * top]})


def histogram(reference: np.ndarray) -> tuple[float, float, np.ndarray]:
    """The smallest and largest of the given bits/dim, and the counts in :data:`BINS` equal bins between them."""
    low, high = float(reference.min()), float(reference.max())
    return low, high, np.histogram(reference, np.linspace(low, high, BINS + 1))[0]


def _add_marks(draft: Draft, row: int, which: int, other: Beside, bars: Bars) -> None:
    """Draws the posterior of another model as one mark for each class."""
    shares = other.posterior[bars.shown]
    hover = [f"{other.heading}<br>q({c} | x) = {p:.2%}" for c, p in zip(bars.names, shares, strict=True)]
    symbol, _ = MARKS[which % len(MARKS)]
    style = {"symbol": f"{symbol}-open", "size": 8, "color": NEUTRAL, "opacity": 1, "line": {"width": 2}}
    marks = {"type": "scatter", "uid": f"beside-{row}-{which}", "mode": "markers", "marker": style, "cliponaxis": False}
    marks |= {
        "x": shares,
        "y": list(range(len(shares))),
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    draft.add_trace(_number(row, 2), marks)


def _needle(x: float, height: float, bits: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x, x],
        "y": [0, 1.1 * height],
        "mode": "lines+markers",
        "line": {"color": ACCENT, "width": 3},
        "marker": {"size": [0, 9], "symbol": "triangle-down", "color": ACCENT, "opacity": 1},
        "hovertemplate": f"this image: {_signed(bits, '.2f')} bits/dim<extra></extra>",
    }


def _name_classes(draft: Draft, count: int, label: int | None, bars: Bars) -> None:
    """Writes the class names beside each of ``count`` rows."""
    names = [f"★ <b>{name}</b>" if k == label else name for k, name in zip(bars.shown, bars.names, strict=True)]
    quiet = {"showgrid": False, "zeroline": False, "range": [len(names) - 0.4, -0.6]}
    quiet |= {"tickvals": list(range(len(names))), "ticktext": names}
    for row in range(count):
        for col in (0, 1, 2):
            draft.update_axes(_number(row, col), y={**quiet, "showticklabels": col == 0})
    for name, axis in draft.layout.items():
        if name.startswith("xaxis"):
            axis |= {"zeroline": False, "title": {**axis.get("title", {}), "standoff": 6}}


def _add_headings(draft: Draft, headings: Sequence[str], others: Sequence[str]) -> None:
    plain = {"showarrow": False, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    starts = [draft.layout[f"xaxis{_number(0, col)}"]["domain"][0] for col in range(len(COLUMNS))]
    for start, text in zip(starts, COLUMNS, strict=True):
        draft.annotations.append({**plain, "text": text, "x": start, "y": 1, "yshift": 30, "align": "left"})
    key = "   ".join(f"{MARKS[n % len(MARKS)][1]} {heading}" for n, heading in enumerate(others))
    for row, text in enumerate(headings):
        top = draft.layout[f"yaxis{_number(row, 0)}"]["domain"][1]
        for x, name, line in ((0, f"heading-{row}", text), (starts[2], f"beside-{row}", key)):
            draft.annotations.append(
                {**plain, "name": name, "text": line, "x": x, "y": top, "yshift": 4, "font": {"size": 14}}
            )


def _signed(value: float, form: str) -> str:
    """A formatted number with the minus sign U+2212 in place of a hyphen."""
    return number_text(value, form).replace("-", "−")
