"""Curves of trunks and the models that branch off them, as a picture: python tools/curves.py docs/curves.png

Drawn from trunks/*/ and checkpoints/*/, history.csv and config.json, on the held-out training images. Of a trunk that
was trained in several parts the last is drawn. Needs Chromium.
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

PANELS = (("error", "held-out error", (0.085, 1)), ("bits_per_dim", "held-out bits/dim", (3.55, 6.2)))
TICKS = ((0.1, 0.12, 0.15, 0.2, 0.3, 0.5, 0.9), (3.6, 3.7, 3.8, 4, 4.2, 4.5, 5, 6))
SIZE = (1100, 480)


def line_of(folder: Path, name: str) -> dict:
    """Of a trunk or a model: its name, the epochs before it, what it started from, and a row for each epoch."""
    config = json.loads((folder / CONFIG).read_text())
    before = sum(step["epochs"] for step in config["ancestry"])
    rows = pd.read_csv(folder / HISTORY).to_dict("records")
    return {"name": name, "before": before, "source": config["training"]["init"], "rows": rows}


def figure(lines: list[dict], trunks: int) -> go.Figure:
    """Error and bits/dim over epochs on logarithmic scales; what starts from another goes on where that ends.

    Arguments:
        lines: as :func:`line_of` gives them, the trunks first.
        trunks: how many of them are trunks.
    """
    result = make_subplots(1, 2, subplot_titles=[title for _, title, _ in PANELS], horizontal_spacing=0.08)
    ends = {line["name"]: line for line in lines}
    dashes = {"trunk-likelihood": "dot"}
    colors = [NEUTRAL] * trunks + model_colors(len(lines) - trunks)
    for column, (key, _, limits) in enumerate(PANELS, 1):
        for line, color in zip(lines, colors, strict=True):
            name, source = line["name"], line["source"]
            x = [line["before"] + row["epoch"] for row in line["rows"]]
            y = [row[key] for row in line["rows"]]
            if source in ends:  # otherwise what came before it is not kept
                x, y = [line["before"], *x], [ends[source]["rows"][-1][key], *y]
            style = {"color": color, "dash": dashes.get(name, dashes.get(source, "solid"))}
            result.add_scatter(x=x, y=y, name=name, mode="lines", line=style, showlegend=column == 1, row=1, col=column)
        limits = [math.log10(value) for value in limits]
        ticks = {"tickvals": TICKS[column - 1], "tickformat": ".0%" if key == "error" else ".3~g"}
        result.update_yaxes(type="log", range=limits, **ticks, row=1, col=column)
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
    options = parser.parse_args()
    trunks = [ROOT / "trunks" / member.id for member in family() if not member.exported]
    trunks = [line_of(folder, folder.name) for folder in trunks if (folder / HISTORY).exists()]
    network = {member.id: member.config.to_dict()["architecture"] for member in family() if member.exported}
    branches = [c for c in ib.checkpoints() if c.config["training"]["init"]]
    models = [line_of(c.path, c.id) for c in branches if network.get(c.id) == c.config["training"]["architecture"]]
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure([*trunks, *models], len(trunks)), options.target)


if __name__ == "__main__":
    main()
