"""Errors at run time: a listed checkpoint or a data set that cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app import state
from app.models import registry
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import CheckpointError
from ibinn_core.data import DatasetError
from ibinn_core.weight_space import FamilyError

RETRIES = 2


@contextmanager
def quiet_faults() -> Iterator[None]:
    """A context in which an unreadable file ends the page with a warning of one line.

    If the checkpoints have changed since they were listed, the page restarts instead, at most twice in a row.
    Streamlit's signals to stop or rerun a page pass through, since they do not derive from ``Exception``.
    """
    try:
        yield
    except (CheckpointError, FamilyError, DatasetError, ImportError, OSError) as error:
        retried = state.get(state.RETRIED)
        if registry.list_again() and retried < RETRIES:
            state.put(state.RETRIED, retried + 1)
            st.rerun()
        st.warning(sentence(error), icon=":material/block:")
    state.take(state.RETRIED)


def say_missing(what: str, instead: str) -> None:
    """Shows a line: a link names something that does not exist on this machine, and the page shows a substitute."""
    st.info(f"The link names {what} that does not exist here. {instead} takes its place.")


def sentence(error: Exception) -> str:
    """The message of an error, in Markdown."""
    if isinstance(error, OSError) and error.strerror:
        text = (
            f"The file {error.filename or ''} cannot be read ({error.strerror}). Restore it, then open the page again."
        )
    else:
        text = str(error) or type(error).__name__
    return markdown_text(text[:1].upper() + text[1:])
