"""Official files: read with their checksums alone, and downloaded whole or not at all."""

import io
import pickle
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import Bomb, refusal
from official_helpers import idx, official_server
from server_helpers import endless, server, silent

from ibinn_core import data
from ibinn_core.data import DatasetError, DownloadError, downloads, official_files


def served(name: str, tmp_path, monkeypatch):
    with official_server(name, tmp_path / "server", monkeypatch) as tiny:
        yield tiny


@pytest.fixture(params=["cifar10", "cifar100", "mnist", "fashion-mnist"])
def official(request, tmp_path, monkeypatch):
    """A tiny data set in the official format, and a server of it."""
    yield from served(request.param, tmp_path, monkeypatch)


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    yield from served("cifar10", tmp_path, monkeypatch)


@pytest.fixture
def digits(tmp_path, monkeypatch):
    yield from served("mnist", tmp_path, monkeypatch)


def check_contents(official) -> None:
    for split, (images, labels) in official.expected.items():
        found, found_labels = data.load(official.name, split)
        assert found_labels.dtype == np.int64
        np.testing.assert_array_equal(found, images, strict=True)
        np.testing.assert_array_equal(found_labels, labels)


def test_official_files_are_read_and_refused_with_another_checksum_or_without_one_of_them(root, official):
    folder = official.write_to(root)
    assert data.find(official.name) == folder
    check_contents(official)
    path = folder / official.test_file
    path.write_bytes(path.read_bytes() + b"\0")
    remedy = f"python -m ibinn_core data {official.name}"
    refusal(lambda: data.load(official.name), folder, "checksum", remedy, kind=DatasetError)
    path.unlink()
    refusal(lambda: data.load(official.name), folder, kind=DatasetError)


def test_a_pickle_without_the_official_checksum_is_not_opened(root, cifar, tmp_path):
    trace, path = tmp_path / "trace", cifar.write_to(root) / cifar.test_file
    path.write_bytes(pickle.dumps(Bomb(trace)))
    refusal(lambda: data.load("cifar10"), kind=DatasetError)
    assert not trace.exists()
    pickle.loads(path.read_bytes())
    assert trace.exists(), "the same bytes do harm in an ordinary unpickler"


def test_official_batches_of_other_contents_are_refused(root, cifar):
    images, labels = cifar.expected["test"]
    cifar.publish({**cifar.files, cifar.test_file: cifar.batch(images, labels + 10)})
    refusal(lambda: data.load("cifar10"), cifar.write_to(root), "labels", kind=DatasetError)


@pytest.mark.parametrize(
    "content, part",
    [
        (b"no idx file", "python -m ibinn_core data"),
        (idx(np.zeros((5, 28, 28), np.uint8))[:-1], "python -m ibinn_core data"),
        (idx(np.zeros((3, 28, 28), np.uint8)), "(3, 28, 28) and uint8 labels of shape (4,)"),
    ],
)
def test_official_digits_of_other_contents_are_refused(root, digits, content, part):
    digits.publish({**digits.contents, "t10k-images-idx3-ubyte.gz": content})
    refusal(lambda: data.load("mnist"), digits.write_to(root), part, kind=DatasetError)


def fetch(official, progress=lambda *_: None) -> Path:
    return data.download(official.name, progress=progress)


def test_download_then_load(root, official, capsys):
    seen = []
    target = fetch(official, lambda *counts: seen.append(counts))
    assert target == root / official.place
    assert seen[0][0] == 0 and seen[-1] == (official.size, official.size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    check_contents(official)
    assert {path.name for path in target.iterdir()} == set(official.files)
    assert [path.name for path in root.iterdir()] == [official.place.parts[0]]
    data.download(official.name, root / "a" / "b")
    assert "100%" in capsys.readouterr().err  # a progress bar
    assert (root / "a" / "b" / official.place).is_dir()


def test_an_intact_copy_is_left_alone_and_a_damaged_one_replaced(root, official):
    path = official.write_to(root) / official.test_file
    fetch(official, lambda *_: pytest.fail("fetched again"))
    path.write_bytes(b"damaged")
    fetch(official)
    check_contents(official)
    assert [path.name for path in root.iterdir()] == [official.place.parts[0]]


def wrong_checksum(official):
    official.monkeypatch.setattr(official.official, "tgz_md5", "0" * 32)


def unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def no_server(official):
    official.serve_at(unused_port())


@pytest.mark.parametrize(
    "name, damage, part",
    [
        ("cifar", wrong_checksum, "checksum"),
        ("cifar", lambda it: (it.folder / it.official.filename).unlink(), "the server answers 404"),
        ("cifar", no_server, "CIFAR-10 could not be fetched into"),
        ("digits", lambda it: (it.folder / it.test_file).write_bytes(b"something else"), "t10k-labels-idx1-ubyte.gz"),
        ("digits", no_server, "MNIST could not be fetched into"),
    ],
)
def test_a_download_that_fails_leaves_nothing_behind(root, request, name, damage, part):
    official = request.getfixturevalue(name)
    damage(official)
    said = refusal(lambda: fetch(official), part, "http://127.0.0.1", root, kind=DownloadError)
    assert "Errno" not in said and not list(root.iterdir()) and not data.available(official.name)


def test_a_failure_keeps_the_old_copy(root, cifar, tmp_path):
    folder = cifar.write_to(root)
    (folder / "mine.txt").write_text("keep")
    (folder / cifar.official.meta["filename"]).write_bytes(b"damaged")
    wrong_checksum(cifar)
    refusal(lambda: fetch(cifar), kind=DownloadError)
    assert (folder / "mine.txt").read_text() == "keep"
    (tmp_path / "file").write_text("in the way")
    refusal(lambda: data.download("cifar10", tmp_path / "file"), tmp_path / "file", kind=DownloadError)


def test_another_server_is_asked_where_the_first_does_not_answer(root, digits):
    port = int(digits.official.mirrors[0].rsplit(":", 1)[1].strip("/"))
    digits.serve_at(unused_port(), port)
    fetch(digits)
    check_contents(digits)


def trickle(*begin: bytes, again: bytes):
    """Sends a beginning, and then the same bytes again and again, each before the reader's patience ends."""

    def answer(handler, over) -> None:
        handler.wfile.write(b"".join(begin))
        while not over.wait(0.02):
            handler.wfile.write(again)

    return answer


OK, CHUNKED = b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n"
LATE = "it takes longer than 0.5 seconds"


@pytest.mark.parametrize(
    "answer, part",
    [
        (
            lambda handler, _: handler.wfile.write(OK + b"Content-Length: 1000\r\n\r\nonly this"),
            "ended the connection too early",
        ),
        (endless, "it is larger than 1 MiB"),
        (silent, LATE),
        (trickle(OK, again=b"a"), LATE),
        (trickle(again=b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
        (trickle(OK, CHUNKED, b"5;", again=b"a"), LATE),
    ],
)
def test_a_server_that_misbehaves_is_given_up_and_none_puts_off_the_deadline(answer, part):
    begin, file = time.monotonic(), io.BytesIO()
    with server(answer) as address, pytest.raises(OSError, match=part):
        downloads.copy_address(address, file, 2**20, seconds=0.5 if part == LATE else 60)
    assert time.monotonic() - begin < downloads.SILENCE and len(file.getvalue()) <= 2**21


def test_a_server_that_says_nothing_is_given_up_before_the_deadline(monkeypatch):
    monkeypatch.setattr(downloads, "SILENCE", 0.2)
    with server(silent) as address, pytest.raises(OSError, match="timed out"):
        downloads.copy_address(address, io.BytesIO(), 2**20, seconds=60)


def test_a_download_has_a_limit_which_the_official_files_keep(root, cifar, monkeypatch):
    assert official_files.MAX_BYTES > 1.4 * 170_498_071  # CIFAR-10's
    monkeypatch.setattr(official_files, "MAX_BYTES", 1000)
    refusal(lambda: fetch(cifar), "it is larger than", kind=DownloadError)
