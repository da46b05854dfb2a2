"""Lessons of the playground: each a link, two sentences, and something to try."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from app import state
from app.widgets.share import link_of


class Preset(NamedTuple):
    """A lesson.

    Attributes:
        name: of it.
        words: two sentences.
        task: what to try, as a sentence after "Try:".
        play: the settings of the training, in the form of a link: :mod:`app.play_text`.
        tried: the link with the task done, for a button; empty if only a person can do it.
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
        """The settings of its link."""
        return {state.PLAY.name: self.play}


PRESETS = [Preset(**one) for one in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["presets"]]


def named(name: str) -> Preset:
    """The lesson of that name; ``StopIteration`` if there is none."""
    return next(one for one in PRESETS if one.name == name)


def as_data() -> list[dict[str, Any]]:
    """The presets' data for the element."""
    return [
        {**one._asdict(), "address": link_of("", {name: [text] for name, text in one.query.items()})} for one in PRESETS
    ]
