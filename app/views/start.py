"""Start: what happens to one image."""

from app.page import show_page
from app.panels import start

show_page("Generative or discriminative?", [start.PANEL])
