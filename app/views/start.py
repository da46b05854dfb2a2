"""Start: one image on its way through the model."""

from app.page import show_page
from app.panels import start

show_page("Generative or discriminative?", [start.PANEL])
