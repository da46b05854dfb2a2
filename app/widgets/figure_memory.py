"""What a person made of a figure, such as where they have zoomed: kept in the URL as long as the figure is the same."""

import streamlit as st

from app.widgets.url import came_by_history, put_into_url


def take(name: str, about: str) -> str:
    """What is known of a figure, from the URL at first; nothing, if what was known is about another figure.

    Arguments:
        name: of the URL's parameter.
        about: what the figure shows; another text, another figure.
    """
    known: tuple[str, str] | None = st.session_state.get(_key(name))
    if known is None or came_by_history():
        text = st.query_params.get(name, "")
    else:
        text = known[1] if known[0] == about else ""
    keep(name, about, text)
    return text


def keep(name: str, about: str, text: str) -> None:
    """Keeps what a script has put into the URL, or ``""``."""
    st.session_state[_key(name)] = (about, text)
    put_into_url(name, text, "")


def _key(name: str) -> str:
    return f"{name}-of-figure"
