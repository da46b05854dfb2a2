"""Results of a build of the site, kept for the next one: an interrupted build continues."""

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
    """Files in a folder, each named by a digest of its inputs.

    Arguments:
        folder: where they lie, by default in :func:`ibinn_core.places.home`. Files that no build has used for 30 days
            are removed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "site"
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            for file in self.folder.iterdir():
                if time.time() - file.stat().st_mtime > _UNUSED:
                    file.unlink()

    def __call__(self, key: bytes, compute: Callable[[], bytes]) -> bytes:
        """What ``compute`` returns, from an earlier build where one had the same ``key``."""
        file = self.folder / hashlib.sha256(key).hexdigest()
        with suppress(OSError):
            data = file.read_bytes()
            with suppress(OSError):  # a folder that is only read
                os.utime(file)
            return data
        data = compute()
        with suppress(OSError):  # a full disk, or a folder that others own
            own = file.with_suffix(f".{os.getpid()}")  # no two builds write one file
            write_bytes(own, data)
            own.replace(file)
        return data
