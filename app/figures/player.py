"""What of a figure with frames its player must know; the player itself is ``app/static/figure/player.js``."""

from typing import NamedTuple


class Frames(NamedTuple):
    """The T frames of a figure, which are named "0", "1", ..."""

    labels: list[str]  # what each shows, T of them
    stops: list[tuple[int, str]]  # frames that have a name of their own, and these, in their order
    milliseconds: int  # that each is shown
    redraw: bool  # whether a frame changes more than traces of Scatter and Bar and the ranges of axes
    first: str = ""  # the stop whose name is there before those of others, if there is not room for all
    follows_clicker: bool = False  # whether Page Up and Page Down go from stop to stop on stage
    about: str = ""  # what the frames go through: another text, and the first one is shown
