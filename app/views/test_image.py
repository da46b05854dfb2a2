"""Test an image: a handwritten digit, any other image, and corrupted images."""

from app.page import show_page
from app.panels import corrupt, judge, write

show_page("Test an image", [write.PANEL, judge.PANEL, corrupt.PANEL])
