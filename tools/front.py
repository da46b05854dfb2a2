"""Draws error over bits/dim of a family, with mixed models between trained ones: python tools/front.py docs/front.png

It draws the figure of the tab Trade-off from the curve measured by `python -m ibinn_core curve`. It adds the paper's
models, with bits/dim corrected to the common definition (docs/how-trained.md). It prints how far each mixed model is
below the straight line between its two neighbours.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from app.figures.family_curve import curve_figure  # noqa: E402
from app.models.names import is_on_the_way, unique_names  # noqa: E402
from app.palette import model_colors  # noqa: E402
from app.results.marks import color_of, kind_of, levels_of, marks_of, paper_marks, places_of  # noqa: E402
from ibinn_core.data.datasets import DEFAULT  # noqa: E402
from ibinn_core.evaluation.results.paper import TABLES  # noqa: E402
from tools.screenshots import browser  # noqa: E402

SIZE = (1000, 480)


def below_the_line(places: list) -> list[tuple[str, str, float, float]]:
    """Returns each mixed model's neighbours, and its distance below their line in error (0 to 1) and bits/dim."""
    trained = [number for number, place in enumerate(places) if place.share == 0]
    found = []
    for low, high in zip(trained[:-1], trained[1:], strict=True):
        for place in places[low + 1 : high]:
            ends = np.array([(places[end].bits_per_dim, places[end].error) for end in (low, high)])
            error = np.interp(place.bits_per_dim, *ends.T) - place.error
            bits = np.interp(place.error, *ends[::-1, ::-1].T) - place.bits_per_dim
            found.append((place.left, place.right, float(error), float(bits)))
    return found


def figure(data: str, places: list) -> go.Figure:
    """Draws the curve with the models of a data set, and with the paper's models if a table of the paper covers it.

    Arguments:
        data: name of the data set.
        places: points of the family's curve.
    """
    models = [c for c in ib.checkpoints() if c.dataset.name == data]
    names, family = unique_names(models), [c.id for c in models if is_on_the_way(c)]
    colors = {c.id: color_of(kind_of(c)) for c in models}
    colors |= dict(zip(family, model_colors(len(family)), strict=True))
    marks = marks_of(models, names, colors)
    if data in TABLES:
        marks += paper_marks(TABLES[data])
    drawn = curve_figure(places_of(places, models, names), marks, levels_of(models, names), None)
    return drawn.update_layout(template="plotly_white", width=SIZE[0], height=SIZE[1], title_font_color="black")


def picture(drawing: go.Figure, target: Path) -> None:
    """Renders a figure in a browser at a fixed size and twice the resolution."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        path = Path(folder) / "figure.html"
        drawing.write_html(path, include_plotlyjs=True, config={"staticPlot": True})
        size = {"width": drawing.layout.width, "height": drawing.layout.height}
        page = chromium.new_page(viewport=size, device_scale_factor=2)
        page.goto(path.as_uri())
        page.wait_for_selector(".main-svg")
        page.locator(".js-plotly-plot").screenshot(path=target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--data", default=DEFAULT)
    options = parser.parse_args()
    places = ib.family(options.data).curve
    if not places:
        sys.exit(f"There is no curve of {options.data}: run python -m ibinn_core curve first.")
    for left, right, error, bits in below_the_line(places):
        print(f"{left} to {right}: {100 * error:.2f} points of error or {bits:.3f} bits/dim below the line")
    options.target.parent.mkdir(parents=True, exist_ok=True)
    picture(figure(options.data, places), options.target)


if __name__ == "__main__":
    main()
