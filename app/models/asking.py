"""How pages ask for what is computed for all people: by the queue, and kept for whoever asks for the same.

What stands here is one for the process. Streamlit's own caches do not do: they copy what they hold at each look, and
each person would compute in a thread of their own.
"""

import functools
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.inference.queue import FullError, Queue, Request
from app.inference.results import MISSING, Results, digest

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = 192 * 2**20  # bytes of results: some four thousand states of pages, of which most people share a few
PATIENCE = 1.0  # seconds of waiting before the page says how many people are before one
RESULTS = Results(MEMORY)
#: One thread a core, unless several servers share the cores: then ``IBINN_WORKERS`` says how many are this one's.
QUEUE = Queue(RESULTS, int(os.environ.get("IBINN_WORKERS") or 0) or None)


def ask(request: Request[T]) -> T:
    """The answer to a request; the page says how many people are before, and ends if they are too many."""
    try:
        return QUEUE.ask(person(), request, _Waiting())
    except FullError as error:
        st.warning(
            f"**{error.people} people are before you**, more than this computer can serve at once. Please try again in "
            "a minute.",
            icon=":material/groups:",
        )
        st.button("Try again", icon=":material/refresh:", key="ask-again")
        st.stop()


def prepare(requests: Iterable[Request]) -> None:
    """Has requests answered in advance, while nobody is here; ``IBINN_WARMING=0`` forbids it."""
    if os.environ.get("IBINN_WARMING") != "0":
        QUEUE.prepare(requests)


def person() -> Hashable:
    """Who asks: the session, or outside of one the thread."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else threading.get_ident()


class _Waiting:
    """What happens while a page waits: it says how long, and ends when its person goes elsewhere."""

    def __init__(self) -> None:
        self._begin, self._said = time.monotonic(), None
        self._message: Any = None

    def __call__(self, before: int) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None:
            return
        context.yield_check()  # raises, if the person has left or done something else
        if before and before != self._said and time.monotonic() - self._begin > PATIENCE:
            self._said = before
            who = "1 person is" if before == 1 else f"{before} people are"
            # A toast has a place of its own: an element that comes and goes would move those that follow.
            show = st.toast if self._message is None else self._message.toast
            self._message = show(f"{who} before you", icon=":material/groups:")


# How what models compute is declared --------------------------------------------------------------------


def together(compute: Callable[[str, np.ndarray], dict[str, np.ndarray]]) -> Callable[[str, np.ndarray], dict]:
    """Makes of a function of a model's id and arrays ``(N, ...)`` one that pages call.

    What it gives has N rows, each of one row of the arrays alone: so what several people ask of the same model is
    computed in one pass.
    """
    name = f"{compute.__module__}.{compute.__qualname__}"

    def for_all(checkpoint_id: str, items: list[np.ndarray]) -> Sequence[dict[str, np.ndarray]]:
        found = compute(checkpoint_id, np.concatenate(items))
        ends = np.cumsum([len(item) for item in items])
        # Copies, since a view would keep the rows of all the others.
        return [
            {key: values[end - len(item) : end].copy() for key, values in found.items()}
            for item, end in zip(items, ends, strict=True)
        ]

    @functools.wraps(compute)
    def asked(checkpoint_id: str, values: np.ndarray) -> dict[str, np.ndarray]:
        key = (name, checkpoint_id, digest(values))
        # Images of other sizes are of another data set, and so of another model: one kind has one shape.
        kind = (name, checkpoint_id, values.shape[1:], values.dtype)
        return ask(Request(key, functools.partial(for_all, checkpoint_id), values, kind, len(values)))

    return asked


def alone(compute: Callable[P, T]) -> Callable[P, T]:
    """Makes of a function that runs a model one that pages call: it is computed by itself."""
    name = f"{compute.__module__}.{compute.__qualname__}"

    @functools.wraps(compute)
    def asked(*arguments: P.args, **options: P.kwargs) -> T:
        key = (name, digest(arguments, options))
        return ask(Request(key, lambda _: [compute(*arguments, **options)]))

    return asked


def kept(compute: Callable[P, T], size: Callable[[T], int] | None = None) -> Callable[P, T]:
    """Keeps for everybody what a page makes of such answers by itself.

    Arguments:
        compute: what makes it.
        size: of a result in bytes, where the arrays in it do not tell.
    """
    name = f"{compute.__module__}.{compute.__qualname__}"

    @functools.wraps(compute)
    def asked(*arguments: P.args, **options: P.kwargs) -> T:
        key, generation = (name, digest(arguments, options)), RESULTS.generation
        found = RESULTS.get(key)
        if found is MISSING:
            found = compute(*arguments, **options)
            RESULTS.put(key, found, generation, size(found) if size else None)
        return cast(T, found)

    return asked
