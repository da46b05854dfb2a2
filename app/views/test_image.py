"""Test an image: its likelihoods and the verdict of each model, and what happens as it is corrupted."""

from app.page import show_page
from app.panels import corrupt, judge

show_page("Test an image", [judge.PANEL, corrupt.PANEL])
