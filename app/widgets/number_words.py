"""Numbers and names as a sentence has them."""

from collections.abc import Sequence

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def in_words(number: int) -> str:
    """A whole number as a word up to twelve, else in figures."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def with_article(noun: str) -> str:
    """The noun with "a" or "an" before it: "a cat", "an airplane", "an 8"."""
    return f"{'an' if noun[:1].lower() in 'aeio8' else 'a'} {noun}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names as a sentence lists them: 'a', 'a and b', 'a, b and c'."""
    *rest, last = names
    return f"{', '.join(rest)} {word} {last}" if rest else last
