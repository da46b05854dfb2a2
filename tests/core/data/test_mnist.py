"""MNIST and Fashion-MNIST: official files, copies, embedded images; grey throughout, uint8 (N, 28, 28, 1)."""

import socket
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from official_helpers import OfficialDigits, idx, official_server
from PIL import Image

from ibinn_core import data
from ibinn_core.data import DatasetError, DatasetNotFoundError, DownloadError

REAL_MNIST = data.find("mnist")
needs_mnist = pytest.mark.skipif(REAL_MNIST is None, reason="no copy of MNIST on this machine")
needs_foolbox = pytest.mark.skipif(not data.available("sample"), reason="foolbox is not installed")


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """An empty folder that IBINN_DATA names, so that no test sees the machine's own copies."""
    folder = tmp_path / "data sets"
    folder.mkdir()
    monkeypatch.setenv("IBINN_DATA", str(folder))
    return folder


@pytest.fixture(params=["mnist", "fashion-mnist"])
def official(request, tmp_path, monkeypatch):
    with official_server(request.param, tmp_path / "server", monkeypatch) as tiny:
        yield tiny


def check_contents(official: OfficialDigits) -> None:
    for split, name in (("train", "train"), ("test", "t10k")):
        images, labels = data.load(official.name, split)
        assert images.dtype == np.uint8 and labels.dtype == np.int64
        np.testing.assert_array_equal(images, official.expected[name][0])
        np.testing.assert_array_equal(labels, official.expected[name][1])


# --- copies -------------------------------------------------------------------------------------------------


def test_what_it_is():
    found = data.describe("mnist")
    assert (found.title, found.image_shape, found.num_classes) == ("MNIST", (1, 28, 28), 10)
    assert found.classes == data.MNIST_CLASSES == data.CLASSES["mnist"] == tuple("0123456789")
    assert found.id_prefix == "mnist-" and not found.flip  # a 2 in the mirror is no digit


def test_what_fashion_mnist_is():
    found = data.describe("fashion-mnist")
    assert (found.title, found.image_shape, found.num_classes) == ("Fashion-MNIST", (1, 28, 28), 10)
    assert found.classes == data.FASHION_MNIST_CLASSES and found.classes[9] == "ankle boot"
    assert found.id_prefix == "fashion-mnist-" and found.flip
    assert not any("/" in name for name in found.classes)  # each can be a folder


def test_absent(root):
    with pytest.raises(DatasetNotFoundError) as caught:
        data.load("mnist")
    one_sentence(caught.value, root, "python -m ibinn_core data mnist")


@pytest.mark.parametrize("axis", [False, True])
def test_an_archive_with_and_without_an_axis_for_the_channel(root, axis):
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    np.savez(root / "mnist.npz", x_test=images[..., None] if axis else images, y_test=np.arange(5, dtype=np.uint8))
    found, labels = data.load("mnist")
    np.testing.assert_array_equal(found, images[..., None])
    assert labels.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("shape", [(5, 32, 32, 3), (5, 784), (5, 28, 28, 3), (5, 32, 32)])
def test_images_of_another_shape_are_refused(root, shape):
    np.savez(root / "mnist.npz", x_test=np.zeros(shape, np.uint8), y_test=np.zeros(5, int))
    with pytest.raises(DatasetError) as caught:
        data.load("mnist")
    one_sentence(caught.value, root / "mnist.npz", "must hold uint8 images (N, 28, 28, 1)")


# --- official files -----------------------------------------------------------------------------------------


def test_official_files(root, official):
    assert official.write_to(root) == data.find(official.name)
    check_contents(official)


def test_wrong_checksum(root, official):
    path = official.write_to(root) / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DatasetError) as caught:
        data.load(official.name)
    one_sentence(caught.value, path.parent, "checksum", f"python -m ibinn_core data {official.name}")


def test_missing_file(root, official):
    path = official.write_to(root) / "train-images-idx3-ubyte.gz"
    path.unlink()
    with pytest.raises(DatasetError) as caught:
        data.load(official.name, "train")
    one_sentence(caught.value, path.parent)


@pytest.mark.parametrize(
    "content, part",
    [
        (b"no idx file", "python -m ibinn_core data"),
        (idx(np.zeros((5, 28, 28), np.uint8))[:-1], "python -m ibinn_core data"),
        (idx(np.zeros((3, 28, 28), np.uint8)), "(3, 28, 28) and uint8 labels of shape (4,)"),
    ],
)
def test_official_files_of_other_contents(root, official, content, part):
    official.publish({**official.contents, "t10k-images-idx3-ubyte.gz": content})
    folder = official.write_to(root)
    with pytest.raises(DatasetError) as caught:
        data.load(official.name)
    one_sentence(caught.value, folder, part)


# --- download -----------------------------------------------------------------------------------------------


def test_download_then_load(root, official):
    seen = []
    target = data.download(official.name, progress=lambda done, total: seen.append((done, total)))
    assert target == root / official.official.__name__ / "raw"
    assert seen[0][0] == 0 and seen[-1] == (official.size, official.size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {path.name for path in target.iterdir()} == set(official.files)
    assert [path.name for path in root.iterdir()] == [official.official.__name__]
    check_contents(official)


def test_an_intact_copy_is_left_alone_and_a_damaged_one_replaced(root, official):
    path = official.write_to(root) / "t10k-images-idx3-ubyte.gz"
    data.download(official.name, progress=lambda *_: pytest.fail("fetched again"))
    path.write_bytes(b"damaged")
    data.download(official.name, progress=lambda *_: None)
    check_contents(official)


def unused_port() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # bound but not listening: a connection is refused
    return taken


def test_another_server_is_asked_where_the_first_does_not_answer(root, official):
    port = int(official.official.mirrors[0].rsplit(":", 1)[1].strip("/"))
    with unused_port() as taken:
        official.serve_at(taken.getsockname()[1], port)
        data.download(official.name, progress=lambda *_: None)
    check_contents(official)


def test_unreachable_servers(root, official):
    with unused_port() as taken:
        official.serve_at(taken.getsockname()[1])
        with pytest.raises(DownloadError) as caught:
            data.download(official.name, progress=lambda *_: None)
    one_sentence(
        caught.value, f"{data.DATASETS[official.name].title} could not be fetched into", "http://127.0.0.1", root
    )
    assert not list(root.iterdir())


def test_what_is_not_official_leaves_nothing_behind(root, official):
    (official.folder / "train-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(DownloadError) as caught:
        data.download(official.name, progress=lambda *_: None)
    one_sentence(caught.value, "train-labels-idx1-ubyte.gz", "checksum")
    assert not list(root.iterdir()) and not data.available(official.name)


# --- embedded images ----------------------------------------------------------------------------------------


@needs_foolbox
def test_embedded_digits():
    images, labels = data.embedded("mnist")
    assert images.shape == (20, 28, 28, 1) and images.dtype == np.uint8 and labels.dtype == np.int64
    assert labels.tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6, 9, 0, 1, 5, 9, 7, 3, 4]
    with Image.open(data.find("sample") / "mnist_03_0.png") as image:
        np.testing.assert_array_equal(images[3, ..., 0], np.array(image))


@needs_foolbox
def test_embedded_clothes():
    images, labels = data.embedded("fashion-mnist")
    assert images.shape == (20, 28, 28, 1) and set(labels.tolist()) <= set(range(10))
    assert not np.array_equal(images, data.embedded("mnist")[0])
    assert [data.FASHION_MNIST_CLASSES[label] for label in labels[[0, 13, 18]]] == ["ankle boot", "dress", "bag"]


@needs_foolbox
@needs_mnist
def test_the_embedded_digits_are_the_first_of_the_test_set():
    images, labels = data.load("mnist")
    embedded, embedded_labels = data.embedded("mnist")
    np.testing.assert_array_equal(images[:20], embedded)
    np.testing.assert_array_equal(labels[:20], embedded_labels)


@needs_mnist
def test_the_real_one_is_whole_and_its_normalisation_right():
    images, labels = data.load("mnist", "train")
    assert images.shape == (60_000, 28, 28, 1) and np.bincount(labels).min() > 5000
    found = data.describe("mnist")
    levels, counts = np.arange(256) / 255, np.bincount(images.ravel(), minlength=256)
    mean = np.average(levels, weights=counts)
    assert mean == pytest.approx(found.mean[0], abs=1e-4)
    assert np.average((levels - mean) ** 2, weights=counts) ** 0.5 == pytest.approx(found.std[0], abs=1e-4)
