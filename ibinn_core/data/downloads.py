"""Downloads that end: each has a largest size, and a deadline that no server can put off."""

import socket
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO
from urllib.error import HTTPError

from ..files import reason

SILENCE = 30  # seconds without a byte
#: Called with the number of bytes so far, and that of all if it is known.
Progress = Callable[[int, "int | None"], None]


def copy_address(
    address: str, file: BinaryIO, most_bytes: int, seconds: float, show: Progress = lambda done, total: None
) -> None:
    """Writes what a server sends for ``address`` into a file.

    Arguments:
        address: ``http://`` or ``https://``; redirections are followed.
        file: open for binary writing.
        most_bytes: of the answer.
        seconds: until the connection is closed, from the first question to the last byte.
        show: called after each piece.

    Raises:
        OSError: if the server cannot be reached, refuses, or sends too much, too slowly or less than it has announced.
    """
    sockets: list[socket.socket] = []
    is_late = threading.Event()
    timer = threading.Timer(seconds, _end, (sockets, is_late))
    timer.daemon = True
    timer.start()
    try:
        with _opener(sockets).open(address, timeout=SILENCE) as response:
            done, total = 0, response.length
            show(done, total)
            while piece := response.read1(2**18):
                done += file.write(piece)
                if done > most_bytes:
                    raise OSError(f"it is larger than {most_bytes / 2**20:.3g} MiB")
                show(done, total)
        if is_late.is_set() or (total is not None and done < total):
            raise OSError("the server has ended the connection too early")
    except HTTPError as error:
        raise OSError(f"the server answers {error.code} ({error.reason})") from error
    except (OSError, HTTPException) as error:
        raise OSError(f"it takes longer than {seconds:g} seconds" if is_late.is_set() else reason(error)) from error
    finally:
        timer.cancel()
        for one in sockets:
            one.close()


def _end(sockets: list[socket.socket], is_late: threading.Event) -> None:
    """Ends the connections, so that what waits for them goes on."""
    is_late.set()
    for one in sockets:
        with suppress(OSError):  # it has ended by itself
            one.shutdown(socket.SHUT_RDWR)


def _opener(sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
    """Opens addresses. It adds a second handle of each connection to a list before any data is sent."""

    class Recorded(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock.dup())

    class Plain(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> Any:  # as its base class
            return self.do_open(Recorded, req)

    class Encrypted(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> Any:  # as its base class
            # HTTPSConnection connects as its base class does, which comes second here, and then encrypts.
            connection = type("RecordedEncrypted", (HTTPSConnection, Recorded), {})
            return self.do_open(connection, req)

    return urllib.request.build_opener(Plain, Encrypted)
