"""Play, pause and the slider of a figure with frames, in one look."""

from collections.abc import Sequence

from app.palette import ACCENT, NEUTRAL, rgba


def player(labels: Sequence[str], milliseconds: int, redraw: bool, buttons: dict, slider: dict) -> dict:
    """What a figure's layout needs to play its frames, which are named "0", "1", ...

    Arguments:
        labels: of the T frames.
        milliseconds: that each is shown.
        redraw: whether a frame changes more than traces of ``Scatter`` and ``Bar`` and the ranges of axes.
        buttons: where the buttons are, and whatever else belongs to this figure's own.
        slider: the same of the slider.
    """
    timing = {"frame": {"duration": milliseconds, "redraw": redraw}, "transition": {"duration": 0}, "mode": "immediate"}
    play = {"label": "▶ Play", "method": "animate", "args": [None, {**timing, "fromcurrent": True}]}
    pause = {"label": "❚❚ Pause", "method": "animate", "args": [[None], {**timing, "frame": {"duration": 0}}]}
    steps = [
        {"label": label, "method": "animate", "args": [[str(index)], timing], "value": str(index)}
        for index, label in enumerate(labels)
    ]
    look = {
        "ticklen": 0,
        "minorticklen": 0,
        "bgcolor": rgba(NEUTRAL, 0.3),
        "activebgcolor": ACCENT,
        "bordercolor": NEUTRAL,
        "yanchor": "top",
        "transition": {"duration": 0},  # or the handle lags behind what is said and shown
    }
    menu = {"type": "buttons", "direction": "left", "buttons": [play, pause], "showactive": False}
    place = {"x": 0, "xanchor": "left", "yanchor": "top"}
    return {"updatemenus": [{**menu, **place, **buttons}], "sliders": [{"steps": steps, **look, **slider}]}
