"""Keeps the server's memory small while many people come and go."""

import contextlib
import ctypes
import gc
import logging
import threading
import time
from typing import Any

from streamlit.runtime import Runtime, exists, get_instance

from app.models.asking import DESK

EVERY = 5.0  # seconds between rounds

_lock, _begun = threading.Lock(), threading.Event()
_left = threading.Event()  # whether sessions were forgotten in the last round


def begin() -> None:
    """Begins the rounds, once in the process."""
    with _lock:
        if _begun.is_set() or not exists():  # there is no server in tests of pages
            return
        _begun.set()
    threading.Thread(target=_rounds, name="housekeeping", daemon=True).start()


def _rounds() -> None:
    last = 0.0
    gc.collect()
    gc.freeze()  # imported modules stay: later collections need not scan them
    while True:
        time.sleep(EVERY)
        if _left.is_set():  # frozen objects may belong to sessions that have ended, such as the first
            _left.clear()
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            _give_back()
        _forget_who_has_left()
        # Streamlit would collect after each run of a page, when waiting people need the time. With ten runs a second,
        # it would search the objects of a hundred sessions ten times a second.
        if DESK.last_asked > last:
            last = time.monotonic()
            gc.collect()
            _give_back()


def _forget_who_has_left() -> None:
    """Frees the sessions of people who left longer ago than ``server.disconnectedSessionTTL``.

    Streamlit forgets them when the next person leaves: the last ones to leave would stay. What forgets them here has no
    public name; if it is called otherwise one day, they stay as they did.
    """
    try:
        runtime: Runtime = get_instance()
        loop = runtime._get_async_objs().eventloop
        cache: Any = runtime._session_mgr._session_storage._cache  # type: ignore
        loop.call_soon_threadsafe(lambda: cache.expire() and _left.set())
    except (AttributeError, RuntimeError) as error:
        logging.getLogger(__name__).debug("sessions stay until another person leaves: %s", error)


def _give_back() -> None:
    """Has the C library give back to the system what is free; each script's thread would keep some."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
