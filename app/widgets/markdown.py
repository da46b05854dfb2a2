"""Helpers for Markdown: escaped text, numbers and lists in words, and a page's hints."""

import re
from collections.abc import Sequence

import streamlit as st

_JOINER = "\u2060"  # zero width; separates characters that together have a meaning
#: Characters with a meaning in Markdown: punctuation within a line, except an underscore within a word; marks of a
#: block at the start of a line; and Streamlit's names, like ``:red[…]`` and ``:material/home:``.
_MARKS = re.compile(r"[\\`*\[\]<>$~&|{}]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|^[-+=#]|(?<=^\d)[.)]|:(?=\w)")
#: Addresses that Markdown turns into links by itself, even if their letters are escaped.
_ADDRESSES = re.compile(r"(?i)(https?:|ftp:|mailto:|xmpp:|www|@)(?=\S)")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def markdown_text(text: str) -> str:
    """Escapes text for Markdown, such as a class name from a file.

    Ordinary names stay unchanged. A line break becomes a space.
    """
    line = " ".join(text.split())
    return _ADDRESSES.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\g<0>", line))


def in_words(number: int) -> str:
    """Spells out an integer up to twelve; writes larger integers in digits."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def with_article(noun: str) -> str:
    """Prefixes a noun with "a" or "an": "a cat", "an airplane", "an 8"."""
    return f"{'an' if noun[:1].lower() in 'aeio8' else 'a'} {noun}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Joins names as in a sentence: 'a', 'a and b', 'a, b and c'."""
    *rest, last = names
    return f"{', '.join(rest)} {word} {last}" if rest else last


def show_what_to_look_for(short: str, more: str) -> None:
    """Shows the hint at the end of a page, and further text to unfold."""
    st.markdown(f"##### What to look for\n{short}")
    with st.expander("More to try, and why"):
        st.markdown(more)
