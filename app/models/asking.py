"""How pages ask for what is computed for all people: by the queue, and kept for whoever asks for the same.

What stands here is one for the process. Streamlit's own caches do not do: they copy what they hold at each look, and
each person would compute in a thread of their own.
"""

import functools
import os
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, ParamSpec, TypeVar, TypeVarTuple, cast

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.inference import computations, models, process
from app.inference.queue import FullError, Queue, Request
from app.inference.results import MISSING, Results, digest

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MEMORY = 192 * 2**20  # bytes of results: some four thousand states of pages, of which most people share a few
PART = 8  # images that are worth a pass of their own, where a core has nothing else to do
PATIENCE = 1.0  # seconds of waiting before the page says how many people are before one
RESULTS = Results(MEMORY)
#: One thread a core, unless several servers share the cores: then ``IBINN_WORKERS`` says how many are this one's. Each
#: thread waits for a process of its own, which uses one core: two passes of one core are done sooner than two of two
#: cores after each other, since the steps of a pass are too small to share.
QUEUE = Queue(
    RESULTS, int(os.environ.get("IBINN_WORKERS") or 0) or None, begin=lambda: process.begin(*computations.IMPORTED)
)
models.WHEN_CHANGED.append(RESULTS.clear)


def ask(request: Request[T]) -> T:
    """The answer to one request: see :func:`ask_all`."""
    return ask_all([request])[0]


def ask_all(requests: Sequence[Request[T]]) -> list[T]:
    """The answers to requests, which the cores share.

    The page says how many people are before this one, and ends if they are too many.
    """
    try:
        return QUEUE.ask_all(person(), requests, _Waiting())
    except FullError as error:
        st.warning(
            f"**{error.people} people are before you**, more than this computer can serve at once. Please try again in "
            "a minute.",
            icon=":material/groups:",
        )
        st.button("Try again", icon=":material/refresh:", key="ask-again")
        st.stop()


def person() -> Hashable:
    """Who asks: the session, or outside of one the thread."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else threading.get_ident()


#: What must hold for a result to be kept: that a page sees the checkpoints that are there now
#: (:mod:`app.models.registry`), and not those from when its run began.
CONDITIONS: list[Callable[[], bool]] = []


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
            # A toast has a place of its own: an element that comes and goes would move those that follow.
            show = st.toast if self._message is None else self._message.toast
            self._message = show(who_is_before(before), icon=":material/groups:")


def who_is_before(count: int) -> str:
    """How many people wait in front of one."""
    return "1 person is before you" if count == 1 else f"{count} people are before you"


# How what models compute is declared --------------------------------------------------------------------


class Together:
    """Makes of a computation of a model's id and arrays ``(N, ...)`` a function that pages call.

    What it gives has N rows, each of one row of the arrays alone: so what several people ask of the same model is
    computed in one pass, and what one asks for is shared by the cores.
    """

    def __init__(self, compute: Callable[[str, np.ndarray], dict[str, np.ndarray]]) -> None:
        functools.update_wrapper(self, compute)
        self._compute, self._name = compute, f"{compute.__module__}.{compute.__qualname__}"

    def __call__(self, checkpoint_id: str, values: np.ndarray) -> dict[str, np.ndarray]:
        """What the function gives, as soon as it is there."""
        parts = ask_all(self.requests(checkpoint_id, values))
        if len(parts) == 1:
            return parts[0]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def requests(self, checkpoint_id: str, values: np.ndarray) -> list[Request[dict[str, np.ndarray]]]:
        """What a call asks for, so that :func:`ask_all` can have several calls computed at once before."""
        parts = np.array_split(values, max(1, min(QUEUE.workers, len(values) // PART)))
        # Images of other sizes are of another data set, and so of another model: one kind has one shape.
        kind = (self._name, checkpoint_id, values.shape[1:], values.dtype)
        compute = functools.partial(self._for_all, checkpoint_id)
        return [Request((self._name, checkpoint_id, digest(part)), compute, part, kind, len(part)) for part in parts]

    def _for_all(self, checkpoint_id: str, items: list[np.ndarray]) -> Sequence[dict[str, np.ndarray]]:
        found = process.compute(self._compute, checkpoint_id, np.concatenate(items))
        ends = np.cumsum([len(item) for item in items])
        # Copies, since a view would keep the rows of all the others.
        return [
            {key: values[end - len(item) : end].copy() for key, values in found.items()}
            for item, end in zip(items, ends, strict=True)
        ]


def request_for(compute: Callable[[*Ts], T], *arguments: *Ts) -> Request[T]:
    """The request for what a computation gives of such arguments, see :func:`app.inference.process.compute`."""
    key = (f"{compute.__module__}.{compute.__qualname__}", digest(arguments))
    return Request(key, lambda _: [process.compute(compute, *arguments)])


def kept(compute: Callable[P, T], size: Callable[[T], int] | None = None) -> Callable[P, T]:
    """Keeps for everybody what a page makes of such answers by itself.

    A run that began before the checkpoints changed computes for itself: its models are others than those of the rest.
    ``size`` tells that of a result in bytes, where the arrays in it do not.
    """
    name = f"{compute.__module__}.{compute.__qualname__}"

    @functools.wraps(compute)
    def asked(*arguments: P.args, **options: P.kwargs) -> T:
        if not all(is_met() for is_met in CONDITIONS):
            return compute(*arguments, **options)
        key, generation = (name, digest(arguments, options)), RESULTS.generation
        found = RESULTS.get(key)
        if found is MISSING:
            found = compute(*arguments, **options)
            RESULTS.put(key, found, generation, size(found) if size else None)
        return cast(T, found)

    return asked
