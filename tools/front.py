"""Error over bits/dim of a family, with the models between the trained ones: python tools/front.py docs/front.png

Drawn from the curve that `python -m ibinn_core curve` has measured, beside the paper's γ = 1 and only L_Y, whose
bits/dim are corrected to the common definition (docs/training.md). Prints how far each mixture of two
neighbours lies below the straight line between them.
"""

import argparse
import math
import sys
from pathlib import Path

import plotly.graph_objects as go

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from curves import picture  # noqa: E402

import ibinn_core as ib  # noqa: E402

#: (γ, bits/dim by the common definition, error in %) of the paper's Table 1.
PAPER = (("paper, γ = 1", 5.90, 10.27), ("paper, only L<sub>Y</sub>", 17.92, 8.72))
BLUE, GREY, ORANGE = "#0072B2", "#767676", "#D55E00"


def below_the_line(places: list) -> list[tuple[str, str, float, float]]:
    """Of each mixture: its neighbours, and by how much error (0 to 1) and bits/dim lie below the line between them."""
    trained = [number for number, place in enumerate(places) if place.share == 0]
    found = []
    for low, high in zip(trained[:-1], trained[1:], strict=True):
        for place in places[low + 1 : high]:
            t = place.share
            line = [(1 - t) * getattr(places[low], n) + t * getattr(places[high], n) for n in ("error", "bits_per_dim")]
            found.append((place.left, place.right, line[0] - place.error, line[1] - place.bits_per_dim))
    return found


def figure(places: list) -> go.Figure:
    """The measured places in the plane of bits/dim and error; trained models filled and named, mixtures open."""
    result = go.Figure()
    x, y = [p.bits_per_dim for p in places], [100 * p.error for p in places]
    result.add_scatter(x=x, y=y, mode="lines", line={"color": GREY, "width": 1}, showlegend=False)
    for is_trained, name in ((False, "mixtures"), (True, "trained, with γ")):
        some = [p for p in places if (p.share == 0) == is_trained]
        result.add_scatter(
            x=[p.bits_per_dim for p in some],
            y=[100 * p.error for p in some],
            text=labels(some),
            mode="markers+text" if is_trained else "markers",
            textposition="bottom left",
            marker={"color": BLUE if is_trained else "white", "size": 9, "line": {"color": BLUE, "width": 1.5}},
            name=name,
        )
    for name, bits, error in PAPER:
        marker = {"color": ORANGE, "symbol": "diamond", "size": 9}
        style = {
            "mode": "markers+text",
            "textposition": "bottom right" if bits < 10 else "bottom center",
            "marker": marker,
            "showlegend": False,
        }
        result.add_scatter(x=[bits], y=[error], text=[name], **style)
    ticks = [3.5, 4, 4.5, 5, 6, 8, 12, 18]
    result.update_xaxes(type="log", title="bits/dim", tickvals=ticks, ticktext=[f"{t:g}" for t in ticks])
    limits = [math.log10(7), 2]
    result.update_yaxes(type="log", title="test error, %", tickvals=[10, 15, 20, 30, 50, 90], range=limits)
    margin = {"l": 60, "r": 10, "t": 20, "b": 50}
    legend = {"x": 1, "y": 1, "xanchor": "right"}
    return result.update_layout(template="plotly_white", width=900, height=480, margin=margin, legend=legend)


def labels(places: list) -> list[str]:
    """γ of each place, but nothing where it would run into the last one that is named."""
    texts, last = [], None
    for place in places:
        here = (math.log(place.bits_per_dim), math.log(place.error) / 2)
        is_free = last is None or math.dist(here, last) > 0.07
        texts.append(f"{place.gamma:g}".replace("inf", "∞") if is_free else "")
        last = here if is_free else last
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--data", default="cifar10")
    options = parser.parse_args()
    places = ib.family(options.data).curve
    if not places:
        sys.exit(f"There is no curve of {options.data}: run python -m ibinn_core curve first.")
    for left, right, error, bits in below_the_line(places):
        print(f"between {left} and {right}: error {100 * error:+.2f} points below the line, {bits:+.3f} bits/dim")
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure(places), options.target)


if __name__ == "__main__":
    main()
