"""A cache of results between builds of the site, so that interrupted builds continue."""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ibinn_core.files import write_bytes
from ibinn_core.places import home

_UNUSED = 30 * 24 * 3600  # seconds


class Kept:
    """A cache: files in a folder, each named by a digest of its inputs.

    Arguments:
        folder: folder of the cache, by default in :func:`ibinn_core.places.home`. Files that no build has used for
            30 days are removed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "site"
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            for file in self.folder.iterdir():
                if time.time() - file.stat().st_mtime > _UNUSED:
                    file.unlink()

    def __call__(self, key: bytes, compute: Callable[[], bytes]) -> bytes:
        """Returns the result of ``compute``, or the stored result of an earlier build with the same ``key``."""
        file = self.folder / hashlib.sha256(key).hexdigest()
        with suppress(OSError):
            data = file.read_bytes()
            with suppress(OSError):  # the folder may be read-only
                os.utime(file)
            return data
        data = compute()
        with suppress(OSError):  # the disk may be full, or the folder may belong to others
            own = file.with_suffix(f".{os.getpid()}")  # so that no two builds write the same file
            write_bytes(own, data)
            own.replace(file)
        return data
