"""Helpers for Markdown: escaped text, nouns with their article, and lists."""

import re
from collections.abc import Sequence

_JOINER = "\u2060"  # zero width; separates characters that together have a meaning
#: Characters with a meaning in Markdown: punctuation within a line, except an underscore within a word; marks of a
#: block at the start of a line; and Streamlit's names, like ``:red[…]`` and ``:material/home:``.
_MARKS = re.compile(r"[\\`*\[\]<>$~&|{}]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|^[-+=#]|(?<=^\d)[.)]|:(?=\w)")
#: Addresses that Markdown turns into links by itself, even if their letters are escaped.
_ADDRESSES = re.compile(r"(?i)(https?:|ftp:|mailto:|xmpp:|www|@)(?=\S)")


def markdown_text(text: str) -> str:
    """Escapes text for Markdown, such as a class name from a file.

    Ordinary names stay unchanged. A line break becomes a space.
    """
    line = " ".join(text.split())
    return _ADDRESSES.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\g<0>", line))


def with_article(noun: str) -> str:
    """Prefixes a noun with "a" or "an": "a cat", "an airplane", "an 8"."""
    return f"{'an' if noun[:1].lower() in 'aeio8' else 'a'} {noun}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Joins names as in a sentence: 'a', 'a and b', 'a, b and c'."""
    *rest, last = names
    return f"{', '.join(rest)} {word} {last}" if rest else last
