"""Curves of trunks and the models that branch off them, as a picture: python tools/curves.py docs/curves.png

Drawn from trunks/grids/*/ and checkpoints/*/, history.csv and config.json, on the held-out training images. Needs
Chromium.
"""

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import screenshots  # noqa: E402

import ibinn_core as ib  # noqa: E402
from app.palette import NEUTRAL, model_colors  # noqa: E402
from ibinn_core.checkpoint import CONFIG, HISTORY  # noqa: E402
from ibinn_core.training.recipe import family  # noqa: E402

PANELS = (("error", "held-out error", (0.085, 1)), ("bits_per_dim", "held-out bits/dim", (3.65, 6.2)))
TICKS = ((0.1, 0.12, 0.15, 0.2, 0.3, 0.5, 0.9), (3.7, 3.8, 4, 4.2, 4.5, 5, 6))
SIZE = (1100, 480)


def curve(folder: Path) -> list[dict]:
    """The rows of a training's history, a row an epoch."""
    return pd.read_csv(folder / HISTORY).to_dict("records")


def start(name: str, folder: Path) -> dict[str, float]:
    """Epoch, error and bits/dim with which what starts from a trunk begins; no epoch where that is not kept."""
    path = folder / name
    if not (path / HISTORY).exists():
        return {"epoch": 0.0}
    last = curve(path)[-1]
    return {**last, "epoch": last["epoch"] + start(parent(path), folder)["epoch"]}


def parent(path: Path) -> str:
    """The name of what a trunk started from."""
    return json.loads((path / CONFIG).read_text())["training"]["init"] or "nothing"


def figure(folder: Path, branches: list[tuple[str, str, list[dict]]]) -> go.Figure:
    """Error and bits/dim over epochs on logarithmic scales; what starts from another goes on where that ends.

    Arguments:
        folder: of the trunks, a folder each.
        branches: name, name of what it starts from, history; in the order of their colours.
    """
    result = make_subplots(1, 2, subplot_titles=[title for _, title, _ in PANELS], horizontal_spacing=0.08)
    dashes = {"trunk-likelihood": "dot"}
    trunks = [path.parent for path in sorted(folder.glob(f"*/{HISTORY}"))]
    colors = [NEUTRAL] * len(trunks) + model_colors(len(branches))
    lines = [(path.name, parent(path), curve(path)) for path in trunks] + branches
    for column, (key, _, limits) in enumerate(PANELS, 1):
        for (name, source, rows), color in zip(lines, colors, strict=True):
            begin = start(source, folder)
            x = [begin["epoch"] + row["epoch"] for row in rows]
            y = [row[key] for row in rows]
            if key in begin:
                x, y = [begin["epoch"], *x], [begin[key], *y]
            line = {"color": color, "dash": dashes.get(name, dashes.get(source, "solid"))}
            result.add_scatter(x=x, y=y, name=name, mode="lines", line=line, showlegend=column == 1, row=1, col=column)
        ends = [math.log10(value) for value in limits]
        ticks = {"tickvals": TICKS[column - 1], "tickformat": ".0%" if key == "error" else ".3~g"}
        result.update_yaxes(type="log", range=ends, **ticks, row=1, col=column)
        result.update_xaxes(title="epochs", row=1, col=column)
    margin = {"l": 50, "r": 10, "t": 40, "b": 50}
    return result.update_layout(template="plotly_white", width=SIZE[0], height=SIZE[1], margin=margin)


def picture(drawing: go.Figure, target: Path) -> None:
    """Draws a figure of a fixed size in a browser, at twice that."""
    with tempfile.TemporaryDirectory() as folder, screenshots.browser() as browser:
        path = Path(folder) / "figure.html"
        drawing.write_html(path, include_plotlyjs=True, config={"staticPlot": True})
        size = {"width": drawing.layout.width, "height": drawing.layout.height}
        page = browser.new_page(viewport=size, device_scale_factor=2)
        page.goto(path.as_uri())
        page.wait_for_selector(".main-svg")
        page.locator(".js-plotly-plot").screenshot(path=target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--trunks", type=Path, default=ROOT / "trunks" / "grids")
    options = parser.parse_args()
    members = {member.id for member in family()}
    branches = [(c.id, c.config["training"]["init"], c.history) for c in ib.checkpoints() if c.id in members]
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure(options.trunks, branches), options.target)


if __name__ == "__main__":
    main()
