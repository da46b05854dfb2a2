"""What of a figure follows γ, as a browser gets it once: ``app/static/figure/follow.js``."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

LARGEST = 2**15 - 1
LISTS = ("annotations", "shapes", "images")  # of a layout, whose parts have a ``name``; traces have a ``uid``
#: What a mouse asks for, one figure at a time: it is not sent for each place.
QUIET = ("customdata", "hoverinfo", "hovertemplate", "hovertext", "uid", "name")


class Following(NamedTuple):
    """What of a figure moves with γ.

    Parts go by the names of traces, annotations, shapes and images; ``"layout"`` is the layout itself. Attributes may
    be paths such as ``"marker.color"``.
    """

    # By parts, then by attributes, an array (P, n), or (P,) for a number: a row for each measured place of the
    # family's curve, between which the browser interpolates
    moving: Mapping[str, Mapping[str, np.ndarray]]
    fixed: Mapping[str, Mapping[str, Any]]  # by the same names, what else the parts have meanwhile
    # By parts, then by attributes, P values of any kind, of which the nearest place's is shown
    stepped: Mapping[str, Mapping[str, Sequence[Any]]] = {}


def as_data(following: Following) -> dict[str, Any]:
    """What the browser gets, without the figure's key."""
    return {
        "places": next((len(v) for part in following.moving.values() for v in part.values()), 0),
        "moving": {
            name: {attribute: _packed(values) for attribute, values in arrays.items()}
            for name, arrays in following.moving.items()
        },
        "fixed": following.fixed,
        "stepped": following.stepped,
    }


def _packed(values: np.ndarray) -> dict[str, Any]:
    """The array in 16 bits."""
    scale = float(np.abs(values).max(initial=0)) / LARGEST or 1.0
    whole = np.round(values / scale).astype("<i2")
    packed = {"scale": scale, "values": {"dtype": "i2", "bdata": base64.b64encode(whole.tobytes()).decode()}}
    return {**packed, "single": True} if values.ndim == 1 else packed


# What follows, from the figures of all places -----------------------------------------------------------


def differences(choices: Sequence[Sequence[go.Figure]]) -> tuple[Following, list[Following]]:
    """What differs between figures that a function has drawn of several things, each at all P places of a curve.

    They have the same parts in the same order; those without a name get one. The first figure of all is the one that is
    shown first. Returns what all things have in common, and what belongs to each alone.

    Raises:
        ValueError: if some figure has another number of parts.
    """
    figures = [[_parts(figure) for figure in places] for places in choices]
    first = figures[0][0]
    if any(parts.keys() != first.keys() for places in figures for parts in places):
        raise ValueError("The figures of a curve need the same parts at all places.")
    everywhere, each = Following({}, {}, {}), [Following({}, {}, {}) for _ in choices]
    for name in first:
        attributes = dict.fromkeys(a for places in figures for parts in places for a in parts[name])
        for attribute in attributes:
            every = [[parts[name].get(attribute) for parts in places] for places in figures]
            if all(_same(value, every[0][0]) for values in every for value in values):
                continue
            is_common = all(_same(a, b) for values in every[1:] for a, b in zip(values, every[0], strict=True))
            for following, values in [(everywhere, every[0])] if is_common else zip(each, every, strict=True):
                _add(following, name, attribute, values)
    return everywhere, each


def _add(following: Following, name: str, attribute: str, values: list) -> None:
    array = _numbers(values)
    if all(_same(value, values[0]) for value in values):
        kind, found = following.fixed, values[0]
    elif array is not None:
        kind, found = following.moving, array
    else:
        kind, found = following.stepped, values
    kind.setdefault(name, {})[attribute] = found  # pyright: ignore[reportAttributeAccessIssue]  # of differences


def _numbers(values: list) -> np.ndarray | None:
    """The values as one array, if they are finite numbers, or as many of them at each place."""
    if any(value is None or isinstance(value, str | bool) for value in values):
        return None
    try:
        arrays = [np.asarray(value) for value in values]
    except ValueError:  # of unlike parts
        return None
    if any(a.dtype.kind not in "fiu" or a.shape != arrays[0].shape or a.ndim > 1 for a in arrays):
        return None
    array = np.stack(arrays).astype(float)
    return array if array.size and np.isfinite(array).all() else None


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return one == other


def _parts(figure: go.Figure) -> dict[str, dict[str, Any]]:
    """The attributes of a figure's parts, by their names, as paths; parts without a name get one."""
    layout: Any = figure.layout
    traces: Any = figure.data
    parts: dict[str, dict[str, Any]] = {}
    for number, trace in enumerate(traces):
        trace.uid = trace.uid or f"trace-{number}"
        parts[trace.uid] = _flat(trace.to_plotly_json())
    for kind in LISTS:
        for number, part in enumerate(layout[kind]):
            part.name = part.name or f"{kind}-{number}"
            parts[part.name] = _flat(part.to_plotly_json())
    whole = {name: part for name, part in layout.to_plotly_json().items() if name not in (*LISTS, "template")}
    return {**parts, "layout": _flat(whole)}


def _flat(part: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found = {}
    for name, value in part.items():
        if name not in QUIET:
            found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found
