"""A figure under construction: plain dictionaries, from which Plotly's figure is made once."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from .layout import TEXT_SIZE, of_all_figures


def number_of(panel: int) -> str:
    """The number that Plotly gives a panel's axes; panels count from 0."""
    return str(panel + 1) if panel else ""


class Draft:
    """Traces and a layout, unchecked until :meth:`finish`.

    Plotly checks and copies a figure whenever something is set. The check takes ten times as long as the rest of
    Plotly's work. A draft checks nothing. So write names in full: ``{"title": {"text": "a"}}``, neither
    ``title_text="a"`` nor ``title="a"``. Write pairs as lists, and numbers as Python numbers or as arrays. In tests,
    ``tests/app/figures/conftest.py`` lets Plotly check the results.

    Attributes:
        data: the traces.
        layout: the figure's layout, mainly the axes, without annotations, shapes and images.
        annotations, shapes, images: lists of the layout.
        frames: the frames of an animation.
    """

    def __init__(self) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {}
        self.annotations: list[dict[str, Any]] = []
        self.shapes: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []

    def add_trace(self, number: str, trace: dict[str, Any]) -> None:
        """Adds a trace on the axes with this number, which is ``""`` for the first axes."""
        self.data.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"})

    def add_panels(self, rows: int, widths: Sequence[float], across: float, down: float) -> None:
        """Places panels from left to right and from top to bottom, with gaps ``across`` and ``down`` between them.

        Gaps are shares of the figure, and ``widths`` are shares of the width that the gaps leave.
        """
        width, height = 1 - across * (len(widths) - 1), (1 + down) / rows - down
        for panel in range(rows * len(widths)):
            row, column = divmod(panel, len(widths))
            left, bottom = width * sum(widths[:column]) + across * column, (rows - 1 - row) * (height + down)
            self.update_axes(
                number := number_of(panel),
                {"anchor": f"y{number}", "domain": [left, left + width * widths[column]]},
                {"anchor": f"x{number}", "domain": [bottom, bottom + height]},
            )

    def update_axes(self, number: str, x: dict[str, Any] | None = None, y: dict[str, Any] | None = None) -> None:
        """Updates the settings of the horizontal and the vertical axis with this number."""
        self.layout.setdefault(f"xaxis{number}", {}).update(x or {})
        self.layout.setdefault(f"yaxis{number}", {}).update(y or {})

    def finish(self, height: int, **layout: Any) -> go.Figure:  # Any: the values of a layout have many types
        """Returns the Plotly figure, finished as by :func:`app.figures.layout.finish`."""
        whole = of_all_figures(height, layout) | self.layout
        lists = {"annotations": self.annotations, "shapes": self.shapes, "images": self.images}
        whole |= {name: parts for name, parts in lists.items() if parts}
        for name, axis in self.layout.items():
            if name.startswith(("xaxis", "yaxis")):
                axis["tickfont"] = {"size": TEXT_SIZE}
                axis["title"] = {**axis.get("title", {}), "font": {"size": TEXT_SIZE}}
        plain = {"data": self.data, "layout": whole, "frames": self.frames}
        # Plotly has no public way to skip its checks. If a version drops this argument, every test fails.
        figure = go.Figure(plain, _validate=False)
        parts: Any = (figure, figure.layout, *figure.data)
        for part in parts:  # from now on Plotly checks what is set
            part._validate = True
        return figure
