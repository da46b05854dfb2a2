"""Test an image: a digit that a person writes, any other image, and what happens as it is corrupted."""

from app.page import show_page
from app.panels import corrupt, judge, write

show_page("Test an image", [write.PANEL, judge.PANEL, corrupt.PANEL])
