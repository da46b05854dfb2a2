"""Downloads files up to a largest size, and until a deadline that no server can extend."""

import socket
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO
from urllib.error import HTTPError

from ..files import reason

SILENCE = 30  # longest pause between bytes, in seconds
#: Called with the number of bytes so far, and with the total if it is known.
Progress = Callable[[int, "int | None"], None]


def copy_address(
    address: str, file: BinaryIO, most_bytes: int, seconds: float, show: Progress = lambda done, total: None
) -> None:
    """Downloads ``address`` into a file.

    Arguments:
        address: ``http://`` or ``https://``; redirects are followed.
        file: a file that is open for binary writing.
        most_bytes: largest size of the answer.
        seconds: time limit from the request to the last byte.
        show: called after each part of the answer.

    Raises:
        OSError: the server cannot be reached, refuses, or sends too much, too slowly, or less than announced.
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
    """Closes the connections, so that pending reads return."""
    is_late.set()
    for one in sockets:
        with suppress(OSError):  # the connection may have ended already
            one.shutdown(socket.SHUT_RDWR)


def _opener(sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
    """Returns an opener that adds a second handle of each connection to a list before any data is sent."""

    class Recorded(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock.dup())

    class Plain(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> Any:  # signature of the base class
            return self.do_open(Recorded, req)

    class Encrypted(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> Any:  # signature of the base class
            # HTTPSConnection first calls ``connect`` of the next base class, ``Recorded``, and then encrypts.
            connection = type("RecordedEncrypted", (HTTPSConnection, Recorded), {})
            return self.do_open(connection, req)

    return urllib.request.build_opener(Plain, Encrypted)
