"""Results of a build of the site, kept for the next one: an interrupted build continues."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ibinn_core.files import write_bytes
from ibinn_core.places import home

_DIGEST = 32  # bytes of a SHA-256, which stands before the data
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
            content = file.read_bytes()
            if content == _with_digest(data := content[_DIGEST:]):  # else two builds wrote it at once
                with suppress(OSError):  # a folder that is only read
                    file.touch()
                return data
        data = compute()
        with suppress(OSError):  # a full disk, or a folder that others own
            write_bytes(file, _with_digest(data))
        return data


def _with_digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest() + data
