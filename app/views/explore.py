"""Explore: the test images in latent space, moves of an image, interpolation of two images, and samples."""

from app.page import show_page
from app.panels import look, move, sample, walk

show_page("Explore", [look.PANEL, move.PANEL, walk.PANEL, sample.PANEL])
