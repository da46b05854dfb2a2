"""Curves of the trunks and of the models that branch off them, as a picture: python tools/curves.py docs/curves.png

Drawn from trunks/*/history.csv and checkpoints/*/history.csv, on the held-out training images. Needs Chromium.
"""

import argparse
import csv
import math
import sys
import tempfile
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import screenshots  # noqa: E402

import ibinn_core as ib  # noqa: E402
from app.figures.palette import NEUTRAL, model_colors  # noqa: E402
from ibinn_core.checkpoint import HISTORY  # noqa: E402

PANELS = (("error", "held-out error", (0.1, 1)), ("bits_per_dim", "held-out bits/dim", (3.65, 6)))
TICKS = ((0.1, 0.15, 0.2, 0.3, 0.5, 0.9), (3.7, 3.8, 4, 4.2, 4.5, 5, 6))
SIZE = (1100, 460)


def curve(folder: Path) -> list[dict[str, float]]:
    """The rows of a training's history, a row an epoch."""
    with open(folder / HISTORY, newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def figure(trunks: dict[str, list[dict]], branches: list[tuple[str, str, list[dict]]]) -> go.Figure:
    """Error and bits/dim over epochs on logarithmic scales; a branch goes on where its trunk ends.

    Arguments:
        trunks: histories by name.
        branches: name, name of the trunk, history; in the order of their colours.
    """
    result = make_subplots(1, 2, subplot_titles=[title for _, title, _ in PANELS], horizontal_spacing=0.08)
    colors = model_colors(len(branches))
    for column, (key, _, limits) in enumerate(PANELS, 1):
        for name, rows in trunks.items():
            x, y = [row["epoch"] for row in rows], [row[key] for row in rows]
            style = {"color": NEUTRAL, "dash": "solid" if name == "trunk-labels" else "dot"}
            result.add_scatter(x=x, y=y, name=name, mode="lines", line=style, showlegend=column == 1, row=1, col=column)
        for (name, trunk, rows), color in zip(branches, colors, strict=True):
            last = trunks[trunk][-1]
            x = [last["epoch"], *(last["epoch"] + row["epoch"] for row in rows)]
            y = [last[key], *(row[key] for row in rows)]
            line = {"color": color, "dash": "dot" if trunk == "trunk-likelihood" else "solid"}
            result.add_scatter(x=x, y=y, name=name, mode="lines", line=line, showlegend=column == 1, row=1, col=column)
        ends = [math.log10(value) for value in limits]
        ticks = {"tickvals": TICKS[column - 1], "tickformat": ".0%" if key == "error" else ".3~g"}
        result.update_yaxes(type="log", range=ends, **ticks, row=1, col=column)
        result.update_xaxes(title="epochs", row=1, col=column)
    margin = {"l": 50, "r": 10, "t": 40, "b": 50}
    return result.update_layout(template="plotly_white", width=SIZE[0], height=SIZE[1], margin=margin)


def picture(drawing: go.Figure, target: Path) -> None:
    """Draws a figure in a browser, at twice its size."""
    with tempfile.TemporaryDirectory() as folder, screenshots.browser() as browser:
        path = Path(folder) / "figure.html"
        drawing.write_html(path, include_plotlyjs=True, config={"staticPlot": True})
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, device_scale_factor=2)
        page.goto(path.as_uri())
        page.wait_for_selector(".main-svg")
        page.locator(".js-plotly-plot").screenshot(path=target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--trunks", type=Path, default=ROOT / "trunks")
    options = parser.parse_args()
    trunks = {path.parent.name: curve(path.parent) for path in sorted(options.trunks.glob(f"*/{HISTORY}"))}
    family = [c for c in ib.checkpoints() if c.config["training"]["init"] in trunks]
    branches = [(c.id, c.config["training"]["init"], c.history) for c in family]
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure(trunks, branches), options.target)


if __name__ == "__main__":
    main()
