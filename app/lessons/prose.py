"""Formats numbers, and texts with terms. A click, a tap or the Enter key on a term opens its definition."""

import html
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

#: Definitions by term.
TERMS = tomllib.loads((Path(__file__).parents[1] / "glossary.toml").read_text("utf-8"))

_TERM = re.compile(r"\[([^\]|]+)(?:\|([^\]]+))?\]([,.;:)]*)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Prose:
    """The texts of one page, in reading order. A term gets its definition where it occurs first.

    In a text, ``[nat]`` is a term, and ``[nats|nat]`` shows the term nat as "nats". ``**bold**`` is bold, and
    ``{name}`` stands for a value. A prefix keeps the ids of terms on different pages apart.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._explained: set[str] = set()

    def html(self, text: str, values: Mapping[str, str]) -> str:
        """Converts a text to HTML and fills in its values.

        Raises:
            KeyError: a value or a term does not exist.
        """
        plain = {name: html.escape(value).replace("[", "&#91;") for name, value in values.items()}  # without terms
        filled = html.escape(text, quote=False).format_map(plain)
        return _BOLD.sub(r"<b>\1</b>", _TERM.sub(self._term, filled))

    def _term(self, match: re.Match) -> str:
        shown, name, after = match[1], match[2] or match[1], match[3]
        meaning = TERMS[name]
        if name in self._explained:
            return shown + after
        self._explained.add(name)
        place = f"{self._prefix}-term-{len(self._explained)}"
        # A line may break after a button. The outer span keeps punctuation attached to the button.
        label = f"{shown}: what does it mean?"
        return (
            f'<span class="unbroken"><button type="button" class="term" popovertarget="{place}" aria-label="{label}">'
            f'{shown}</button>{after}</span><span popover class="meaning" id="{place}" role="note">'
            f"<b>{name}</b><br>{meaning}</span>"
        )


def percent(share: float, digits: int = 0) -> str:
    """Formats a share from 0 to 1 as a percentage."""
    return f"{share:.{digits}%}".replace("%", "\u00a0%")


def grouped(number: float) -> str:
    """Formats a whole number with separated thousands."""
    return f"{number:,.0f}"


def change(before: float, after: float) -> str:
    """Returns the verb for the change of a number: fall or rise."""
    return "fall" if after < before else "rise"


def compared(scale_guess: int | None, truth: float) -> str:
    """Compares a predicted percentage with the measured share from 0 to 1."""
    exact = f"**{percent(truth)}**"
    if scale_guess is None:
        return f"It is {exact}."
    distance = abs(scale_guess - 100 * truth)
    praise = "very close" if distance < 5 else "not far off" if distance < 15 else "a surprise"
    return f"You said {scale_guess}\u00a0%, it is {exact}: {praise}."
