"""A server of this machine, and answers with which servers misbehave."""

import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


def endless(handler, over) -> None:
    """Sends more and more."""
    handler.send_response(200)
    handler.end_headers()
    while not over.is_set():
        handler.wfile.write(bytes(2**16))


def silent(handler, over) -> None:
    """Takes the question, and never answers."""
    over.wait(PATIENCE)
