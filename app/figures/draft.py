"""A figure while it is drawn: plain dictionaries, out of which Plotly's figure is made once."""

import copy
import functools
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .layout import TEXT_SIZE, of_all_figures


class Grid(NamedTuple):
    """Rows and columns of panels, whose axes are numbered from left to right and from top to bottom."""

    axes: dict[str, dict[str, Any]]  # in the figure's layout
    known: dict[str, Any]  # what the figure finds its panels by


@functools.lru_cache(64)
def subplots(rows: int, cols: int, **options: Any) -> Grid:  # Plotly's
    """The result of ``make_subplots``, shared by all figures with as many panels; it must not be changed."""
    figure = make_subplots(rows, cols, **options)
    axes = {name: axis for name, axis in figure.layout.to_plotly_json().items() if name != "template"}
    return Grid(axes, {"_grid_ref": figure._grid_ref, "_grid_str": figure._grid_str})


def number_of(panel: int) -> str:
    """The number of a panel's axes; panels count from 0."""
    return str(panel + 1) if panel else ""


class Draft:
    """Traces and a layout, unchecked until :meth:`finish`.

    Plotly checks and copies a figure whenever something is set. That takes ten times as long as everything else it
    does. Here it checks nothing. So write names in full, ``{"title": {"text": "a"}}`` rather than ``title_text="a"`` or
    ``title="a"``. Write pairs as lists, and numbers as Python's or as arrays. ``tests/app/figures/conftest.py`` lets
    Plotly check the results.

    Arguments:
        grid: of :func:`subplots`, if there are any.

    Attributes:
        data: the traces.
        layout: the figure's layout, mainly the axes, without annotations, shapes and images.
        annotations, shapes, images: of the layout.
        frames: of an animation.
    """

    def __init__(self, grid: Grid | None = None) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {} if grid is None else copy.deepcopy(grid.axes)
        self.annotations: list[dict[str, Any]] = []
        self.shapes: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self._known = {} if grid is None else grid.known

    def add_trace(self, number: str, trace: dict[str, Any]) -> None:
        """A trace on the axes of a number, which is ``""`` for the first."""
        self.data.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"})

    def update_axes(self, number: str, x: dict[str, Any] | None = None, y: dict[str, Any] | None = None) -> None:
        """Settings of the horizontal and the vertical axis with a number."""
        self.layout.setdefault(f"xaxis{number}", {}).update(x or {})
        self.layout.setdefault(f"yaxis{number}", {}).update(y or {})

    def finish(self, height: int, **layout: Any) -> go.Figure:  # of any part of a layout
        """Plotly's figure, as :func:`app.figures.layout.finish` would leave it."""
        whole = of_all_figures(height, layout) | self.layout
        lists = {"annotations": self.annotations, "shapes": self.shapes, "images": self.images}
        whole |= {name: parts for name, parts in lists.items() if parts}
        for name, axis in self.layout.items():
            if name.startswith(("xaxis", "yaxis")):
                axis["tickfont"] = {"size": TEXT_SIZE}
                axis["title"] = {**axis.get("title", {}), "font": {"size": TEXT_SIZE}}
        plain = {"data": self.data, "layout": whole, "frames": self.frames, **self._known}
        # There is no public way. Plotly builds its templates so; if it loses the argument one day, every test says so.
        figure = go.Figure(plain, _validate=False)
        parts: Any = (figure, figure.layout, *figure.data)
        for part in parts:  # Plotly checks what is set from now on
            part._validate = True
        return figure
