"""Explore: samples, and the way between two images."""

from app.page import show_page
from app.panels import sample, walk

show_page("Explore", [walk.PANEL, sample.PANEL])
