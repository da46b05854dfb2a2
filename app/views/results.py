"""Results: the trade-off, the paper's tables, calibration, detection, and where two models disagree."""

from app.page import show_page
from app.panels import calibration, detection, disagreement, tables, tradeoff

show_page(
    "Results",
    [tradeoff.PANEL, tables.PANEL, calibration.PANEL, detection.PANEL, disagreement.PANEL],
)
