"""A server of this machine, and answers with which servers misbehave."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from waiting_helpers import PATIENCE

#: Writes what a server sends to who asked; the event is set when the test is over.
Answer = Callable[[BaseHTTPRequestHandler, threading.Event], None]


@contextmanager
def server(answer: Answer):
    """The address of a server, without a slash at its end."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            with suppress(OSError):  # who asked has hung up
                answer(self, over)

        do_HEAD = do_POST = do_GET

        def log_message(self, *arguments):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def files_of(folder: Path, asked: list[str] | None = None) -> Answer:
    """Sends the files in a folder, as it should; ``asked`` collects the paths."""

    def answer(handler, over) -> None:
        if asked is not None:
            asked.append(handler.path)
        path = folder / handler.path.lstrip("/")
        if not path.is_file():
            handler.send_error(404)
            return
        send(handler, path.read_bytes())

    return answer


def send(handler, data: bytes) -> None:
    """Sends ``data``."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def endless(handler, over) -> None:
    """Sends more and more."""
    handler.send_response(200)
    handler.end_headers()
    while not over.is_set():
        handler.wfile.write(bytes(2**16))


def silent(handler, over) -> None:
    """Takes the question, and never answers."""
    over.wait(PATIENCE)


def send_of_commit(handler, data: bytes, revision: str) -> None:
    """The Hub's answer for a file, with its commit; only the headers for a HEAD request."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.send_header("X-Repo-Commit", revision)
    handler.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(data)
