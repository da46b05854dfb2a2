"""Damages and hostile changes of files. They are seeded, so that a case is the same on every machine."""

import json
import os
import random
import resource
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from waiting_helpers import ends

#: Cases of each fuzzer: 300 in ``make test-all``, 10,000 in ``make fuzz``.
CASES = int(os.environ.get("FUZZ_CASES", 300))
SEED = int(os.environ.get("FUZZ_SEED", 0))  # another seed gives other cases
MEGABYTES = 700  # the most memory that all cases together may add

HOSTILE = [
    *(None, True, False, "", "1", "NaN", "../../etc/passwd", "a\nb", "<script>", "x" * 1000, "\u202e"),
    *("![](http://a.b/c)", 0, -1, 1, 3, 0.5, -3.5, 1e308, -1e308, 1e-320, 2**31, 2**63, 2**64, 10**400),
    *(float("nan"), float("inf"), [], {}, [None], [[]], [1, 2, 3], ["a", "a"], {"a": 1}, {"gamma": "inf"}),
    *([3000, 1], [2**64]),
]


def fuzz(seed: int, use: Callable[[random.Random], str]) -> Counter:
    """Counts the results of ``use`` over all cases. No case may raise or hang, and memory must not run out."""
    found = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first = seed + 10**8 * SEED  # so that two seeds never share a case
    for case in range(first, first + CASES):
        try:
            with ends():
                found[use(random.Random(case))] += 1
        except Exception as error:
            raise AssertionError(f"case {case} raises {type(error).__name__}: {error}") from error
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # kilobytes on Linux
    assert grown < MEGABYTES * (1 if os.uname().sysname == "Linux" else 1024), f"{grown:.0f} MB more"
    print(dict(found))
    return found


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A copy of the data with one damage: flipped, overwritten, missing, added, zero or repeated bytes."""
    kind = rng.choice(["flip", "flip", "flip", "overwrite", "cut", "append", "insert", "zero", "repeat"])
    values, size = bytearray(data), max(1, len(data))
    place = rng.randrange(size)
    length = min(size - place, rng.choice([1, 2, 8, 64, 1024]))
    if kind == "flip":
        for _ in range(rng.choice([1, 1, 2, 16])):
            bit = rng.randrange(8 * size)
            if values:
                values[bit // 8] ^= 1 << bit % 8
    elif kind == "overwrite":
        values[place : place + length] = rng.randbytes(length)
    elif kind == "cut":
        del values[place:]
    elif kind == "append":
        values += rng.randbytes(rng.choice([1, 16, 4096]))
    elif kind == "insert":
        values[place:place] = rng.randbytes(length)
    elif kind == "zero":
        values[place : place + length] = bytes(length)
    else:
        values[place:place] = values[place : place + length]
    return bytes(values)


def rewritten(values: Any, rng: random.Random) -> Any:
    """The JSON values with one value replaced, removed, added, or multiplied."""
    holder, key = rng.choice(list(_places(values)))
    kind = rng.choice(["replace"] * 6 + ["remove", "add", "nudge"])
    if kind == "remove":
        del holder[key]
    elif kind == "add" and isinstance(holder, dict):
        holder["more"] = rng.choice(HOSTILE)
    elif kind == "nudge" and isinstance(holder[key], int | float):
        holder[key] = rng.choice([-1, 2, 10, 1000]) * holder[key]
    else:
        holder[key] = rng.choice(HOSTILE)
    return values


def _places(values: Any):
    """Every value in JSON values, as the list or dict that holds it, and its key there."""
    items = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in items:
        yield values, key
        yield from _places(value)


def rewrite_json(path: Path, rng: random.Random) -> None:
    path.write_text(json.dumps(rewritten(json.loads(path.read_text()), rng)))


def rewrite_arrays(path: Path, rng: random.Random) -> None:
    """Rewrites an ``.npz``: one array gets another type, shape, size, or other numbers, or is missing."""
    with np.load(path) as file:
        arrays = dict(file)
    name = rng.choice(list(arrays))
    array = arrays[name]
    kind = rng.choice(["type", "shape", "value", "value", "scale", "drop", "big", "cut", "pad", "order"])
    if kind == "type":
        arrays[name] = array.astype(rng.choice(["u1", "i8", ">f4", ">u8", "f2", "f8", "c8", "U8", "S4", "?", "g"]))
    elif kind == "shape":
        arrays[name] = rng.choice([array[..., None], array[None], array.ravel(), array.reshape(-1)[:1], array.T])
    elif kind == "value":
        filled = array.astype(np.float64 if array.dtype.kind == "f" else array.dtype)
        value = rng.choice([np.nan, np.inf, -1, 0, 1e30, 1e308, 255])
        filled.reshape(-1)[: rng.choice([1, filled.size])] = np.array(value).astype(filled.dtype)
        arrays[name] = rng.choice([filled, filled.astype(array.dtype)])
    elif kind == "scale" and array.dtype.kind in "uif":
        arrays[name] = array * array.dtype.type(rng.choice([0, 2, 3]))
    elif kind == "drop":
        del arrays[name]
    elif kind == "big":
        arrays[rng.choice([name, "unknown"])] = np.zeros(2**24, np.uint8)
    elif kind == "cut" and array.ndim:
        arrays[name] = array[: rng.randrange(len(array))]
    elif kind == "pad" and array.ndim:
        axis = rng.randrange(array.ndim)
        arrays[name] = np.concatenate([array, array.take([0], axis)], axis)
    else:
        arrays[name] = np.asfortranarray(array)
    np.savez_compressed(path, **arrays)


def replaced_by_no_file(path: Path, rng: random.Random) -> None:
    """Replaces a file by a pipe, a device, a folder, a link to itself, an empty or huge sparse file, or nothing."""
    size = path.stat().st_size
    path.unlink()
    kind = rng.choice(["pipe", "device", "folder", "circle", "nothing", "sparse", "empty"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to(rng.choice(["/dev/zero", "/dev/null", "/dev/random"]))
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to(path.name)
    elif kind != "nothing":
        path.touch()
        os.truncate(path, rng.choice([size, 2**30, 2**40]) if kind == "sparse" else 0)


def is_sentence(error: BaseException) -> bool:
    """Whether an error's message is one line of readable length."""
    text = str(error)
    return 0 < len(text) < 500 and "\n" not in text and "Traceback" not in text
