"""A server that sends too much, too slowly, or nothing at all: given up in a sentence, nothing left behind."""

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from checkpoint_helpers import one_sentence
from torchvision import datasets
from waiting_helpers import PATIENCE

from ibinn_core import data
from ibinn_core.data import official


@contextmanager
def server(answer):
    """A server of this machine; ``answer(handler)`` writes what it sends."""
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
        yield f"http://127.0.0.1:{httpd.server_port}/cifar.tar.gz"
    finally:
        over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def endless(handler, over) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not over.is_set():
        handler.wfile.write(bytes(2**16))


def announced(handler, over) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()
    over.wait(PATIENCE)


def dripping(handler, over) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not over.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def silent(handler, over) -> None:
    over.wait(PATIENCE)


@pytest.mark.parametrize(
    "answer, reason",
    [
        (endless, "it is larger than 1 MiB"),
        (announced, "it is larger than 1 MiB"),
        (dripping, "it took more than 1 seconds"),
        (silent, "timed out"),
    ],
)
def test_what_is_too_much_or_too_slow_is_given_up(tmp_path, monkeypatch, answer, reason):
    monkeypatch.setattr(official, "MOST_BYTES", 2**20)
    monkeypatch.setattr(official, "MOST_SECONDS", 1)
    counted = []
    with server(answer) as url:
        monkeypatch.setattr(datasets.CIFAR10, "url", url)
        with pytest.raises(data.DownloadError) as caught:
            data.download("cifar10", tmp_path, lambda done, total: counted.append(done))
    one_sentence(caught.value, "CIFAR-10 could not be fetched", reason)
    assert max(counted, default=0) <= 2**20 and list(tmp_path.iterdir()) == []


def test_the_limits_leave_room_for_the_official_files():
    assert official.MOST_BYTES > 1.4 * 170_498_071 and official.MOST_SECONDS >= 1800
