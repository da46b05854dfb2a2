"""What was computed, kept once for everybody."""

import dataclasses
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping

import numpy as np

MISSING = object()
_PLAIN = frozenset({str, int, float, bool, type(None)})
_OVERHEAD = 64  # bytes of any object beside its contents


class Results:
    """A store of bounded size: what was asked for longest ago goes first.

    All people share what it gives them, without a copy, so arrays are made read-only when they are stored.

    Arguments:
        limit: of what it holds, in bytes.

    Example:
        >>> results = Results(limit=10_000)
        >>> results.put("zeros", np.zeros(1000))
        >>> results.get("zeros").sum(), results.size, results.get("ones") is MISSING
        (np.float64(0.0), 8064, True)
        >>> results.put("ones", np.ones(1000))
        >>> results.get("zeros") is MISSING
        True
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._generation = 0

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._size

    @property
    def generation(self) -> int:
        """How often it was cleared: what was begun before that is out of date."""
        return self._generation

    def get(self, key: Hashable) -> object:
        """The result, or ``MISSING``."""
        with self._lock:
            if key not in self._kept:
                return MISSING
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: object, generation: int | None = None, size: int | None = None) -> None:
        """Stores a result; arrays in it become read-only.

        If the computation began in an earlier ``generation`` of the store, its result is not kept. ``size`` is that of
        the value in bytes, where :func:`freeze` does not know it.
        """
        size = freeze(value) if size is None else size
        with self._lock:
            if generation not in (None, self._generation) or size > self._limit:
                return
            if key in self._kept:
                self._size -= self._kept.pop(key)[1]
            self._kept[key] = value, size
            self._size += size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0
            self._generation += 1


def freeze(value: object) -> int:
    """Makes the arrays in a value, or in containers and dataclasses, read-only; returns how many bytes it takes."""
    if isinstance(value, (str, bytes)):
        return len(value) + _OVERHEAD
    if type(value) in _PLAIN:  # before what takes longer to ask
        return _OVERHEAD
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
        return value.nbytes + _OVERHEAD
    if isinstance(value, (dict, Mapping)):
        return _OVERHEAD + sum(freeze(key) + freeze(one) for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return _OVERHEAD + sum(map(freeze, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _OVERHEAD + sum(freeze(getattr(value, field.name)) for field in dataclasses.fields(value))
    return _OVERHEAD


def digest(*values: object) -> bytes:
    """16 bytes that are the same for equal values, and differ for others.

    Arguments:
        values: as :func:`freeze` takes them; of anything else, what ``repr`` gives counts.

    Example:
        >>> digest(np.zeros(3), "a") == digest(np.zeros(3), "a"), digest(np.zeros(3)) == digest(np.zeros((3, 1)))
        (True, False)
    """
    state = hashlib.blake2b(digest_size=16)
    _feed(state, values)
    return state.digest()


def _feed(state: hashlib.blake2b, value: object) -> None:
    """Adds a value, and before it what it is and how long, so that no two values look alike."""
    if isinstance(value, np.ndarray):
        state.update(f"array {value.dtype} {value.shape};".encode())
        state.update(np.ascontiguousarray(value).data)
    elif isinstance(value, Mapping):
        state.update(f"mapping {len(value)};".encode())
        for pair in value.items():
            _feed(state, pair)
    elif isinstance(value, (tuple, list)) and _PLAIN.issuperset(map(type, value)):
        state.update(f"{type(value).__name__} of plain {len(value)};{value!r}".encode())  # ten thousand texts at once
    elif isinstance(value, (tuple, list)):
        state.update(f"{type(value).__name__} {len(value)};".encode())
        for one in value:
            _feed(state, one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        state.update(f"{type(value).__name__};".encode())
        for field in dataclasses.fields(value):
            _feed(state, getattr(value, field.name))
    else:
        text = repr(value).encode()
        state.update(f"{type(value).__name__} {len(text)};".encode())
        state.update(text)
