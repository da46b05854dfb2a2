"""The app's figures without the app: arrays in, a figure of Plotly out. They need no Streamlit.

    from ibinn_explorer import figures
    figures.latent_figure(points, labels, texts, means, classes=checkpoint.classes).show()

The functions say what they take. ``examples/paper_figures.ipynb`` draws the figures of the paper with them.
"""

from .copies import make_importable

make_importable()

from app.figures.bars import posterior_bars  # noqa: E402
from app.figures.diagrams import reliability_figure, roc_figure  # noqa: E402
from app.figures.family_curve import Mark, Place, curve_figure  # noqa: E402
from app.figures.interpolation import bits_figure, posterior_figure  # noqa: E402
from app.figures.latent import add_pictures, latent_figure, latent_figure_continuous  # noqa: E402
from app.figures.lessons import likelihood_figure  # noqa: E402
from app.figures.tiles import tiles_figure  # noqa: E402
from app.palette import ACCENT, class_colors, model_colors  # noqa: E402

__all__ = [
    "ACCENT",
    "Mark",
    "Place",
    "add_pictures",
    "bits_figure",
    "class_colors",
    "curve_figure",
    "latent_figure",
    "latent_figure_continuous",
    "likelihood_figure",
    "model_colors",
    "posterior_bars",
    "posterior_figure",
    "reliability_figure",
    "roc_figure",
    "tiles_figure",
]
