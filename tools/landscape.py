"""The loss over the distance of the class means, as a picture and a table: tools/landscape.py docs/landscape.png

Of the test set's latents as they are stored with the checkpoints (`ib.evaluation.landscape_of`): no image is needed.
The class means of each model move together and apart about their middle. On the left the loss of the training (Eq. 9)
of class-NLL and of the family; on the right class-NLL's alone, enlarged, and that with means fixed on a hyper-sphere.
Prints a Markdown table. Needs Chromium.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from curves import picture  # noqa: E402

import ibinn_core as ib  # noqa: E402
from app.models.names import colors_of, name_of  # noqa: E402
from ibinn_core.checkpoint import Checkpoint, find  # noqa: E402

NLL = ("class-nll", "class-nll-regularized")
FAMILY = ("gamma-0.02", "gamma-0.2", "gamma-1", "gamma-35.65")
SCALES = np.linspace(0, 3, 301)
FARTHEST = 6
SIZE = (1000, 380)


def slope_of(entry: Checkpoint) -> tuple[np.ndarray, np.ndarray, float]:
    """The distance of the means, the loss less that with all in one place, and how many nats of an image it counts."""
    found, dims = ib.evaluation.landscape_of(entry, SCALES), entry.dataset.dims
    gamma = 1 / dims if entry.gamma is None else entry.gamma
    loss = found.loss(gamma, dims)
    return found.distance, loss - loss[0], dims * (1 + gamma) / 2


def figure(entries: list[Checkpoint]) -> go.Figure:
    titles = ("all: the loss of the training", "class-NLL alone: nats an image")
    result = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.1)
    for entry, color in zip(entries, colors_of(entries), strict=True):
        distance, loss, nats = slope_of(entry)
        trained = int(np.abs(SCALES - 1).argmin())
        for column, factor in ((1, 1.0), (2, nats)):
            if column == 2 and entry.id not in NLL:
                continue
            line = {"color": color, "width": 2.5, "dash": "dot" if entry.id == NLL[1] else "solid"}
            common = {"name": name_of(entry), "showlegend": column == 1, "legendgroup": entry.id}
            result.add_scatter(x=distance, y=factor * loss, mode="lines", line=line, row=1, col=column, **common)
            dot = {
                "x": distance[[trained]],
                "y": factor * loss[[trained]],
                "mode": "markers",
                "marker": {"color": color},
            }
            result.add_scatter(**dot, **{**common, "showlegend": False}, marker_size=9, row=1, col=column)
    result.update_xaxes(title="mean distance of two class means, in deviations", range=[0, FARTHEST])
    result.update_yaxes(range=[-4.3, 0.7], title="from all in one place", row=1, col=1)
    result.update_yaxes(range=[-2, 4], row=1, col=2)
    margin = {"l": 60, "r": 10, "t": 40, "b": 50}
    return result.update_layout(template="plotly_white", width=SIZE[0], height=SIZE[1], margin=margin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    entries = [find(name) for name in (*NLL, *FAMILY)]
    print("| model | means apart | at the lowest loss | collapse costs, in the loss | in nats an image |")
    print("| --- " * 5 + "|")
    for entry in entries:
        distance, loss, nats = slope_of(entry)
        trained = int(np.abs(SCALES - 1).argmin())
        cost = -loss[trained]
        print(
            f"| {name_of(entry)} | {distance[trained]:.2f} | {distance[loss.argmin()]:.2f} | {cost:.4f} | "
            f"{nats * cost:,.1f} |"
        )
    picture(figure(entries), options.target)


if __name__ == "__main__":
    main()
