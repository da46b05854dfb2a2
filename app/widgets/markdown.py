"""Text of others in Markdown: what a file says is shown letter by letter, whatever it would mean there."""

import re

_JOINER = "\u2060"  # no width; keeps apart what would mean something together
#: Punctuation that means something within a line, of which an underscore within a word does not; what begins a
#: block at the start of a line; and names of Streamlit's own, like ``:red[…]`` and ``:material/home:``.
_MARKS = re.compile(r"[\\`*\[\]<>$~&|{}]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|^[-+=#]|(?<=^\d)[.)]|:(?=\w)")
#: Addresses of which Markdown makes links by itself, even where their letters are escaped.
_ADDRESSES = re.compile(r"(?i)(https?:|ftp:|mailto:|xmpp:|www|@)(?=\S)")


def markdown_text(text: str) -> str:
    """Text that came out of a file, such as the name of a class or the reason of a refusal, for any Markdown.

    Ordinary names are as they were. A line break becomes a space.
    """
    line = " ".join(text.split())
    return _ADDRESSES.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\g<0>", line))
