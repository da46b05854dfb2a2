"""A button in a figure that nobody sees, by which the app's scripts call Plotly: Streamlit keeps it to itself."""

from typing import Any


def remote() -> dict[str, Any]:
    """What a figure's layout needs for ``app/widgets/plotly.js``; nothing of it is seen."""
    clear = "rgba(0,0,0,0)"
    button = {"label": "", "method": "skip", "args": []}
    look = {"bgcolor": clear, "bordercolor": clear, "borderwidth": 0, "font": {"size": 1, "color": clear}}
    place = {"x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "pad": {"l": 0, "r": 0, "t": 0, "b": 0}}
    return {"updatemenus": [{"type": "buttons", "showactive": False, "buttons": [button], **look, **place}]}
