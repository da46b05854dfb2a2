"""A server that sends too much, or too slowly, or nothing at all: given up in a sentence, nothing left behind."""

import io
import time

import pytest
from checkpoint_helpers import one_sentence
from server_helpers import endless, server, silent

from ibinn_core import data
from ibinn_core.data import downloads, official_files


def test_a_download_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    from torchvision import datasets  # here, because its import takes seconds

    monkeypatch.setattr(official_files, "MAX_BYTES", 2**20)
    counted = []
    with server(endless) as address:
        monkeypatch.setattr(datasets.CIFAR10, "url", f"{address}/cifar.tar.gz")
        with pytest.raises(data.DownloadError) as caught:
            data.download("cifar10", tmp_path, lambda done, total: counted.append(done))
    one_sentence(caught.value, "CIFAR-10 could not be fetched", "it is larger than 1 MiB")
    assert max(counted) <= 2**21 and list(tmp_path.iterdir()) == []


def trickle(*begin: bytes, again: bytes):
    """Sends a beginning, and then the same bytes again and again, each before the reader's patience ends."""

    def answer(handler, over) -> None:
        handler.wfile.write(b"".join(begin))
        while not over.wait(0.02):
            handler.wfile.write(again)

    return answer


OK, CHUNKED = b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        silent,
        trickle(OK, again=b"a"),
        trickle(again=b"HTTP/1.1 100 Continue\r\n\r\n"),
        trickle(OK, b"\r\n", again=b"a"),
        trickle(OK, CHUNKED, b"5;", again=b"a"),
        trickle(OK, CHUNKED, b"0\r\n", again=b"a: b\r\n"),
    ],
    ids=["nothing", "header", "100-continue", "body", "chunk-extension", "trailer"],
)
def test_no_server_puts_off_the_deadline(answer):
    begin = time.monotonic()
    with server(answer) as address, pytest.raises(OSError, match="it takes longer than 0.5 seconds"):
        downloads.copy_address(address, io.BytesIO(), 2**20, seconds=0.5)
    assert time.monotonic() - begin < downloads.SILENCE


def test_a_server_that_says_nothing_is_given_up_before_the_deadline(monkeypatch):
    monkeypatch.setattr(downloads, "SILENCE", 0.2)
    with server(silent) as address, pytest.raises(OSError, match="timed out"):
        downloads.copy_address(address, io.BytesIO(), 2**20, seconds=60)


def test_the_limits_leave_room_for_the_official_files():
    assert official_files.MAX_BYTES > 1.4 * 170_498_071
