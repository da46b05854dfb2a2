"""Start: what happens to one image."""

from app.page import show_page
from app.panels import start

show_page("One network, and a number γ that makes it generative or discriminative", [start.PANEL])
