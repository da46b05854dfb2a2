"""Lessons of the playground: each has a link, two sentences, and something to try."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from app import state
from app.widgets.share import link_of


class Preset(NamedTuple):
    """A lesson of the playground.

    Attributes:
        name: name of the lesson.
        words: two sentences about it.
        task: what to try, as a sentence after "Try:".
        play: settings of the training, in the form of a link: :mod:`app.play_text`.
        tried: link of the button that does the task; empty if users must act themselves.
        restarts: whether the network restarts with new weights.
    """

    name: str
    words: str
    task: str
    play: str
    tried: str = ""
    restarts: bool = True

    @property
    def query(self) -> dict[str, str]:
        """Returns the settings as the query of a link."""
        return {state.PLAY.name: self.play}


PRESETS = [Preset(**one) for one in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["presets"]]


def named(name: str) -> Preset:
    """Returns the lesson with this name; ``StopIteration`` if there is none."""
    return next(one for one in PRESETS if one.name == name)


def as_data() -> list[dict[str, Any]]:
    """Returns the presets' data for the element."""
    return [
        {**one._asdict(), "address": link_of("", {name: [text] for name, text in one.query.items()})} for one in PRESETS
    ]
