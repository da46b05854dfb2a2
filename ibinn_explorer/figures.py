"""The app's figures without the app and without Streamlit: functions of arrays that return Plotly figures.

    from ibinn_explorer import figures
    figures.posterior_bars(posterior, classes=checkpoint.classes).show()

The docstrings describe the arguments. ``examples/paper_figures.ipynb`` draws the paper's figures with these functions.
"""

# pyright: reportMissingImports=false
# In a clone, the app is next to this package, which finds it at run time: see __init__.py.

from .app.figures.bars import likelihood_figure, posterior_bars
from .app.figures.diagrams import reliability_figure, roc_figure
from .app.figures.family_curve import CurvePoint, Mark, curve_figure
from .app.figures.interpolation import bits_figure, posterior_figure
from .app.palette import ACCENT, class_colors, model_colors

__all__ = [
    "ACCENT",
    "Mark",
    "CurvePoint",
    "bits_figure",
    "class_colors",
    "curve_figure",
    "likelihood_figure",
    "model_colors",
    "posterior_bars",
    "posterior_figure",
    "reliability_figure",
    "roc_figure",
]
