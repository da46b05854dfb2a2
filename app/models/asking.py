"""Pages' questions to :mod:`app.desk`, asked for a user who may leave, about the checkpoints of this run."""

import functools
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import joblib
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime import exists
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import state
from app.desk import BusyError, Desk, EndedError, Question
from app.inference import computations, models, tables

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = 192 * 2**20  # bytes of stored answers
PATIENCE = 1.0  # seconds of waiting before the page says how many users are ahead


def cores() -> int:
    """The number of processes: ``IBINN_WORKERS``, or else the number of cores."""
    return int(os.environ.get("IBINN_WORKERS") or 0) or joblib.cpu_count()


#: The only desk. In programs, and with ``IBINN_PROCESSES=0``, the asking thread computes the answers.
DESK = Desk(cores() if exists() and os.environ.get("IBINN_PROCESSES") != "0" else 0, MEMORY, computations.IMPORTED)


def current_models() -> models.Models:
    """The checkpoints that the page sees, which do not change while it runs."""
    if get_script_run_ctx(suppress_warning=True) is not None and (found := state.get(state.FOUND)):
        return found
    return models.current()


def version() -> Hashable:
    """A version of all files that answers depend on, which changes when a file changes."""
    return current_models().version, tables.stamp()


def ask(question: Question[T]) -> T:
    """The answer to one question: see :func:`ask_all`."""
    return ask_all([question])[0]


def ask_all(questions: Sequence[Question[T]]) -> list[T]:
    """The answers to questions, computed in parallel.

    Meanwhile the page says how many users are ahead. The page ends if too many users wait, or if there is no answer.
    """
    with _explained():
        return DESK.ask(questions, person(), version(), _Waiting())


@contextmanager
def asked(questions: Sequence[Question]) -> Iterator[Callable[[Question[T]], T]]:
    """A context with questions that are answered while its block runs: see :meth:`app.desk.Desk.asked`."""
    # Streamlit puts toasts and styles into one container: a toast would take the slot of the page's next style.
    waiting = _Waiting(st.html("<style></style>"))
    with _explained(), DESK.asked(questions, person(), version(), waiting) as answer:
        yield answer


@contextmanager
def _explained() -> Iterator[None]:
    """A context that ends the page with a sentence and a button if there is no answer."""
    try:
        yield
        return
    except BusyError as error:
        st.warning(f"**Server busy**: {error.people} waiting. Please try again in a minute.", icon=":material/groups:")
    except EndedError as error:
        st.warning(f"{error} Please try again.", icon=":material/hourglass_disabled:")
    st.button("Try again", icon=":material/refresh:", key="ask-again")
    st.stop()


def person() -> Hashable:
    """The user who asks, identified by the session, or without a session by the thread."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else threading.get_ident()


class _Waiting:
    """A callback for a waiting page: it says how many users are ahead, and ends the wait if its user leaves."""

    def __init__(self, place: DeltaGenerator | None = None) -> None:
        self._begin, self._said = time.monotonic(), None
        self._message: Any = place

    def __call__(self, before: int) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None:
            return
        context.yield_check()  # raises an exception if the user has left or clicked elsewhere
        if before and before != self._said and time.monotonic() - self._begin > PATIENCE:
            self._said = before
            show = st.toast if self._message is None else self._message.toast
            self._message = show(f"Server busy: {before} waiting.", icon=":material/groups:")


def kept(compute: Callable[P, T]) -> Callable[P, T]:
    """Caches the results of a function that computes something from answers, for all users."""
    name = f"{compute.__module__}.{compute.__qualname__}"

    @functools.wraps(compute)
    def asked(*arguments: P.args, **options: P.kwargs) -> T:
        key = joblib.hash((name, arguments, options)), version()
        return DESK.keep(key, lambda: compute(*arguments, **options))

    return asked
