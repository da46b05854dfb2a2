"""Text in Markdown: other people's text escaped, numbers and names for sentences, the lesson of a page."""

import re
from collections.abc import Sequence

import streamlit as st

_JOINER = "\u2060"  # no width; keeps apart what would mean something together
#: Punctuation with a meaning within a line, except an underscore within a word. Also the marks of a block at the start
#: of a line, and Streamlit's names, like ``:red[…]`` and ``:material/home:``.
_MARKS = re.compile(r"[\\`*\[\]<>$~&|{}]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|^[-+=#]|(?<=^\d)[.)]|:(?=\w)")
#: Addresses of which Markdown makes links by itself, even where their letters are escaped.
_ADDRESSES = re.compile(r"(?i)(https?:|ftp:|mailto:|xmpp:|www|@)(?=\S)")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def markdown_text(text: str) -> str:
    """Text from a file, such as the name of a class or the reason of a refusal, escaped for Markdown.

    Ordinary names are as they were. A line break becomes a space.
    """
    line = " ".join(text.split())
    return _ADDRESSES.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\g<0>", line))


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


def show_what_to_look_for(short: str, more: str) -> None:
    """The hint at the end of a page: two sentences, and a fold-out with more."""
    st.markdown(f"##### What to look for\n{short}")
    with st.expander("More to try, and why"):
        st.markdown(more)
