"""Numbers that were measured before, kept under a hash of all they depend on, the program's text included."""

import hashlib
import json
import platform
from pathlib import Path
from typing import TypedDict, cast

import numpy as np

from ...files import write_json, writing
from .cells import Cell
from .roc_curves import Curves


class Found(TypedDict):
    """What was measured of one model."""

    cells: dict[str, Cell]
    curves: Curves


def digest(*parts: str | bytes | np.ndarray) -> str:
    """A hash of texts, bytes and arrays."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            part = f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes()
        part = part.encode() if isinstance(part, str) else part
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def file_bytes(path: Path) -> bytes:
    """What a file holds; nothing where there is none."""
    return path.read_bytes() if path.exists() else b""


def program() -> str:
    """A hash of the program's text and of what it runs on."""
    import torch

    sources = sorted(Path(__file__).resolve().parents[2].rglob("*.py"))
    surroundings = (torch.__version__, np.__version__, platform.machine(), str(torch.get_num_threads()))
    return digest(*(path.read_bytes() for path in sources), *surroundings)


def read_cache(folder: Path | None, key: str) -> Found | None:
    """What was measured of a model under this key, if it is there; what is damaged is not, and is measured again."""
    path = folder / f"{key}.json" if folder else None
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else None
    except (OSError, ValueError):
        return None
    is_whole = isinstance(found, dict) and found.keys() == Found.__annotations__.keys()
    return cast(Found, found) if is_whole else None


def write_cache(folder: Path | None, key: str, found: Found) -> None:
    """Keeps what was measured of a model, where there is a folder for it; raises a WriteError if it cannot."""
    if folder:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{key}.json", found)
