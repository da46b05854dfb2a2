"""Texts whose terms explain themselves, by a click, a tap or the Enter key; and the numbers in them."""

import html
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

#: What the terms mean, in a sentence or two that needs no other term, by their names.
TERMS = tomllib.loads((Path(__file__).parents[1] / "glossary.toml").read_text("utf-8"))

_TERM = re.compile(r"\[([^\]|]+)(?:\|([^\]]+))?\]([,.;:)]*)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_SUB = re.compile(r"\b([Lqgz])_([A-Z])\b")


class Prose:
    """The texts of one page in reading order: each term is explained where it first occurs.

    In a text, ``[nat]`` is a term, and ``[nats|nat]`` shows a term as another word. ``**bold**`` is bold, ``L_X`` has a
    subscript, and ``{name}`` stands for a value. A prefix distinguishes the ids of several pages' terms.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._explained: set[str] = set()

    def html(self, text: str, values: Mapping[str, str]) -> str:
        """A text as HTML, with its values filled in.

        Raises:
            KeyError: for a value or a term that does not exist.
        """
        plain = {name: html.escape(value).replace("[", "&#91;") for name, value in values.items()}  # no terms of others
        filled = html.escape(text, quote=False).format_map(plain)
        return _SUB.sub(r"\1<sub>\2</sub>", _BOLD.sub(r"<b>\1</b>", _TERM.sub(self._term, filled)))

    def _term(self, match: re.Match) -> str:
        shown, name, after = match[1], match[2] or match[1], match[3]
        meaning = TERMS[name]
        if name in self._explained:
            return shown + after
        self._explained.add(name)
        place = f"{self._prefix}-term-{len(self._explained)}"
        # The text after a button may begin a line, but a full stop or comma should not.
        label = f"{shown}: what does it mean?"
        return (
            f'<span class="unbroken"><button type="button" class="term" popovertarget="{place}" aria-label="{label}">'
            f'{shown}</button>{after}</span><span popover class="meaning" id="{place}" role="note">'
            f"<b>{name}</b><br>{meaning}</span>"
        )


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{share:.{digits}%}".replace("%", "\u00a0%")


def grouped(number: float) -> str:
    """A whole number with its thousands set apart."""
    return f"{number:,.0f}"


def change(before: float, after: float) -> str:
    """The verb for a change of a number: fall or rise."""
    return "fall" if after < before else "rise"


def compared(scale_guess: int | None, truth: float) -> str:
    """A predicted percentage beside the measured share from 0 to 1."""
    exact = f"**{percent(truth)}**"
    if scale_guess is None:
        return f"It is {exact}."
    distance = abs(scale_guess - 100 * truth)
    praise = "very close" if distance < 5 else "not far off" if distance < 15 else "a surprise"
    return f"You said {scale_guess}\u00a0%, it is {exact}: {praise}."
