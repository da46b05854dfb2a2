"""Files from a server, within limits: what is too large, too slow or broken off is an error in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .files import writing

if TYPE_CHECKING:
    import http.client

TIMEOUT_SECONDS = 30  # without a byte
_LONGEST = 200  # letters of a reason

#: Called with the number of bytes that are there, and how many there will be (``None`` if nobody knows).
Progress = Callable[[int, "int | None"], None]


class Limits(NamedTuple):
    """What a download may take."""

    most_bytes: int
    until: float  # the monotonic time at which it must be done
    seconds: float  # which that was, when it began

    @classmethod
    def starting_now(cls, most_bytes: int, seconds: float) -> Limits:
        """So many seconds from now on."""
        return cls(most_bytes, time.monotonic() + seconds, seconds)

    def check(self, count: int = 0) -> None:
        """Raises an OSError if so many bytes are too many, or it has taken too long."""
        if count > self.most_bytes:
            raise OSError(f"it is larger than {self.most_bytes // 2**20} MiB")
        if time.monotonic() > self.until:
            raise OSError(f"it took more than {self.seconds} seconds")


def fetch(url: str, path: Path, digest: Any, progress: Progress, limits: Limits) -> None:
    """Downloads ``url`` to the file ``path``.

    A server may redirect to another one only from https to https: without encryption anybody on the way could lead to
    an address inside this machine's network.

    Arguments:
        url: of http or https.
        path: the file, which is written as the bytes arrive.
        digest: an object of :mod:`hashlib`, which is given all of them.
        progress: told of each piece.
        limits: of bytes and time.

    Raises:
        OSError: if the server cannot be reached, has no such file, redirects where it may not, sends too much or what
            is no HTTP, takes too long or breaks off.
        WriteError: if ``path`` cannot be written.
    """
    from http.client import HTTPException  # takes a while, and few programs need it

    done = 0
    try:
        with _opened(url, limits) as response, _new_file(path) as file:
            total = response.length
            limits.check(total or 0)
            progress(done, total)
            # What has arrived and no more, so that a server that sends a byte a second cannot hold the clock.
            while chunk := response.read1(2**18):
                done += len(chunk)
                limits.check(done)
                with writing(path):
                    file.write(chunk)
                digest.update(chunk)
                progress(done, total)
    except HTTPException as error:
        raise OSError(reason(error)) from error
    if total is not None and done < total:
        raise OSError(f"the connection broke off after {done} of {total} bytes")


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write; a WriteError where it cannot be made, or not be written to its end."""
    with writing(path):
        file = path.open("wb")
    try:
        yield file
    finally:
        with writing(path):
            file.close()


def _opened(url: str, limits: Limits) -> http.client.HTTPResponse:
    import urllib.request
    from urllib.parse import urlsplit

    class Careful(urllib.request.HTTPRedirectHandler):
        """Follows a redirect only where :func:`fetch` says that it may lead."""

        def redirect_request(self, req, fp, code, msg, headers, newurl):  # noqa: ANN001, ANN202, D102  # as it is called
            before, after = urlsplit(req.full_url), urlsplit(newurl)
            is_same = (before.scheme, before.netloc) == (after.scheme, after.netloc)
            is_encrypted_now = after.scheme == "https" and before.hostname == after.hostname
            if not is_same and not is_encrypted_now and not before.scheme == after.scheme == "https":
                raise OSError(f"it redirects to {after.scheme}://{after.netloc}")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    limits.check()
    request = urllib.request.Request(url, headers={"User-Agent": "ibinn-explorer"})
    timeout = min(TIMEOUT_SECONDS, max(0.01, limits.until - time.monotonic()))
    return urllib.request.build_opener(Careful).open(request, timeout=timeout)


@contextmanager
def shown(progress: Progress | None, title: str) -> Iterator[Progress]:
    """``progress`` itself, or a progress bar on the terminal."""
    if progress is not None:
        yield progress
        return
    from tqdm import tqdm

    with tqdm(desc=title, unit="B", unit_scale=True) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def after(before: int, total: int | None, show: Progress) -> Progress:
    """Shows the progress of one of several files as that of all; ``before`` bytes of them are there already.

    Without a ``total`` it grows as the files are asked for.
    """

    def further(done: int, of: int | None) -> None:
        show(before + done, total if total is not None or of is None else before + of)

    return further


def reason(error: BaseException) -> str:
    """Why a download failed, in one line without a full stop."""
    cause = getattr(error, "reason", None) or error  # urllib wraps what went wrong
    text = " ".join(str(getattr(cause, "strerror", None) or cause).split())  # a stranger's words, perhaps
    return text[:_LONGEST].rstrip(".") or type(error).__name__
