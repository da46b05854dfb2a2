"""Frees memory of the server when people leave."""

import contextlib
import ctypes
import gc
import logging
import threading
import time
from typing import Any

from streamlit.runtime import Runtime, exists, get_instance

from app.models.asking import DESK

EVERY = 5.0  # seconds between two rounds of housekeeping

_lock, _begun = threading.Lock(), threading.Event()
_left = threading.Event()  # set if the last round removed sessions


def begin() -> None:
    """Starts the rounds, once per process."""
    with _lock:
        if _begun.is_set() or not exists():  # tests of pages have no server
            return
        _begun.set()
    threading.Thread(target=_rounds, name="housekeeping", daemon=True).start()


def _rounds() -> None:
    last = 0.0
    gc.collect()
    gc.freeze()  # imported objects stay, so later collections need not search them
    while True:
        time.sleep(EVERY)
        if _left.is_set():  # the first sessions may have objects among the frozen ones
            _left.clear()
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            _give_back()
        _forget_who_has_left()
        # Streamlit would collect garbage after each run of a page, while people wait. At ten runs per second,
        # it would search the objects of a hundred sessions ten times a second.
        if DESK.last_asked > last:
            last = time.monotonic()
            gc.collect()
            _give_back()


def _forget_who_has_left() -> None:
    """Removes the sessions of people who left longer ago than ``server.disconnectedSessionTTL``.

    Streamlit removes them only when somebody else leaves, so the last sessions would stay. The attributes used here are
    private: if Streamlit renames them, the last sessions stay until somebody else leaves.
    """
    try:
        runtime: Runtime = get_instance()
        loop = runtime._get_async_objs().eventloop
        cache: Any = runtime._session_mgr._session_storage._cache  # type: ignore
        loop.call_soon_threadsafe(lambda: cache.expire() and _left.set())
    except (AttributeError, RuntimeError) as error:
        logging.getLogger(__name__).debug("sessions stay until another person leaves: %s", error)


def _give_back() -> None:
    """Makes the C library return free memory to the system, which each script's thread would otherwise keep."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # only glibc has this function
        ctypes.CDLL(None).malloc_trim(0)
