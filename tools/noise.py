"""What the noise of the training does to the losses (Fig. 10), as a picture: python tools/noise.py docs/sigma.png

Drawn from the CSV file that "python -m ibinn_core sigma" writes. Needs Chromium.
"""

import argparse
import math
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from curves import ROOT, picture
from plotly.subplots import make_subplots

from app.palette import NEUTRAL, model_colors
from ibinn_core.models.flow import PRESETS

DIMS = PRESETS["cpu"].dims
PANELS = {
    "l_x": "L<sub>X</sub>, nats a dimension",
    "l_y": "L<sub>Y</sub>, nats",
    "error": "test error, %",
    "cross_information": "CI(X, Z<sub>E</sub>), nats a dimension",
}
THRESHOLD = 1 / 256 / 4  # below which the paper's losses do not depend on σ (Appendix D.1)


def studies(path: Path) -> pd.DataFrame:
    """The CSV file's rows of those models that were trained with Gaussian noise, in the units of :data:`PANELS`."""
    table = pd.read_csv(path).query("sigma != 'uniform'")[["sigma", *PANELS]].astype(float)
    table[["l_x", "cross_information"]] /= DIMS
    table["error"] *= 100
    return table


def figure(columns: pd.DataFrame) -> go.Figure:
    """A panel each over σ; the last with the known slope of the mutual information, drawn from the smallest σ on."""
    result = make_subplots(1, len(PANELS), subplot_titles=list(PANELS.values()), horizontal_spacing=0.06)
    (color,) = model_colors(1)
    sigma = columns["sigma"]
    for number, key in enumerate(PANELS, 1):
        style = {"mode": "lines+markers", "line": {"color": color}, "showlegend": False}
        result.add_scatter(x=sigma, y=columns[key], **style, row=1, col=number)
        result.add_vline(x=THRESHOLD, line={"color": NEUTRAL, "dash": "dot"}, row=1, col=number)
    first = columns["cross_information"].iloc[0]
    slope = [first - math.log(value / sigma.iloc[0]) for value in sigma]
    style = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash"}, "name": "slope of I(X, Z<sub>E</sub>)"}
    result.add_scatter(x=sigma, y=slope, **style, row=1, col=len(PANELS))
    result.update_xaxes(type="log", title="σ", dtick=1, exponentformat="power")
    margin = {"l": 50, "r": 10, "t": 40, "b": 50}
    legend = {"x": 1, "y": 1, "xanchor": "right", "yanchor": "top"}
    return result.update_layout(template="plotly_white", width=1300, height=360, margin=margin, legend=legend)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--csv", type=Path, default=ROOT / "docs" / "sigma.csv")
    options = parser.parse_args()
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure(studies(options.csv)), options.target)


if __name__ == "__main__":
    main()
