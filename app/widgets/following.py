"""Figures that follow γ in the browser while a person drags its slider, from what is sent once."""

from app.figures.following import Following, as_data
from app.widgets.component import own_module


def follow_gamma(key: str, following: Following) -> None:
    """Lets the figure with this key follow the slider; when that is released, the page runs and draws it anew."""
    data = {"key": key, **as_data(following)}
    own_module("following", "figure/follow.js", "component")(key=f"following-{key}", data=data, height=1)
