"""Copies of data sets, the official download (from a server on this machine), and the embedded images."""

import hashlib
import os
import pickle
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from data_helpers import write_npz
from official_helpers import official_server, tiles
from PIL import Image
from shape_helpers import every_shape, pixels

from ibinn_core import data
from ibinn_core.data import DatasetError, DatasetNotFoundError, DownloadError, copies, datasets

REPOSITORY = Path(__file__).resolve().parents[3]
# Before any fixture changes the environment or the working directory.
REAL_CIFAR10 = data.find("cifar10")
HAS_FOOLBOX = data.available("sample")

needs_cifar10 = pytest.mark.skipif(REAL_CIFAR10 is None, reason="no copy of CIFAR-10 on this machine")
needs_foolbox = pytest.mark.skipif(not HAS_FOOLBOX, reason="foolbox is not installed")


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """An empty folder that IBINN_DATA names, so that no test sees the machine's own copies."""
    folder = tmp_path / "data sets"
    folder.mkdir()
    monkeypatch.setenv("IBINN_DATA", str(folder))
    return folder


def test_importing_needs_no_torch():
    code = "import sys, ibinn_core.data as d; d.available('cifar10'); assert 'foolbox' not in sys.modules"
    check = "; assert 'torch' not in sys.modules"
    stub = "import sys, types; p = types.ModuleType('ibinn_core'); p.__path__ = ['ibinn_core']"
    command = f"{stub}; sys.modules['ibinn_core'] = p; {code}{check}"
    subprocess.run([sys.executable, "-c", command], cwd=REPOSITORY, check=True)


class TestNames:
    def test_classes(self):
        assert data.CLASSES["cifar10"] == data.CLASSES["sample"] == data.CIFAR10_CLASSES
        assert data.CIFAR10_CLASSES[3] == "cat" and len(data.CIFAR10_CLASSES) == 10
        assert len(set(data.CIFAR100_CLASSES)) == 100
        assert list(data.CIFAR100_CLASSES) == sorted(data.CIFAR100_CLASSES)

    @pytest.mark.parametrize("function", [data.load, data.find, data.available, data.download, data.embedded])
    def test_unknown_name(self, function):
        with pytest.raises(ValueError, match="'unheard-of'; choose 'cifar10'") as caught:
            function("unheard-of")
        one_sentence(caught.value)

    def test_unknown_split(self, root):
        write_npz(root / "cifar10.npz")
        with pytest.raises(ValueError, match="'validation'"):
            data.load("cifar10", "validation")


class TestFinding:
    @pytest.mark.parametrize("name", ["cifar10", "cifar100"])
    def test_absent_raises_and_says_where_and_how(self, root, name):
        assert data.find(name) is None and not data.available(name)
        with pytest.raises(DatasetNotFoundError) as caught:
            data.load(name)
        assert isinstance(caught.value, FileNotFoundError)
        one_sentence(caught.value, root, f"python -m ibinn_core data {name}", "IBINN_DATA")

    def test_npz(self, root):
        write_npz(root / "cifar10.npz")
        assert data.find("cifar10") == root / "cifar10.npz" and data.available("cifar10")
        assert not data.available("cifar100")

    def test_working_directory_where_nothing_is_set(self, tmp_path, monkeypatch):
        monkeypatch.delenv("IBINN_DATA", raising=False)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "data").mkdir()
        arrays = write_npz(tmp_path / "data" / "cifar10.npz")
        np.testing.assert_array_equal(data.load("cifar10")[0], arrays["x_test"])

    def test_beside_the_package_after_the_working_directory(self, tmp_path, monkeypatch):
        monkeypatch.delenv("IBINN_DATA", raising=False)
        monkeypatch.chdir(tmp_path)
        assert Path(copies.__file__).resolve().parents[2] / "data" == copies.DATA
        beside = tmp_path / "clone" / "data"
        beside.mkdir(parents=True)
        monkeypatch.setattr(copies, "DATA", beside)
        write_npz(beside / "cifar10.npz")
        assert data.find("cifar10") == beside / "cifar10.npz"
        (tmp_path / "data").mkdir()
        write_npz(tmp_path / "data" / "cifar10.npz")
        assert data.find("cifar10") == tmp_path / "data" / "cifar10.npz"

    def test_a_chosen_folder_hides_the_others(self, root, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "data").mkdir()
        write_npz(tmp_path / "data" / "cifar10.npz")
        assert data.find("cifar10") is None

    def test_a_folder_of_that_name_without_splits_is_no_copy(self, root):
        (root / "cifar10" / "something").mkdir(parents=True)
        assert data.find("cifar10") is None


class TestNpz:
    def test_contents(self, root):
        arrays = write_npz(root / "cifar10.npz", y_train=np.array([0, 9, 1, 2, 3, 4], np.uint8))
        for split in ("train", "test"):
            images, labels = data.load("cifar10", split)
            assert images.dtype == np.uint8 and labels.dtype == np.int64
            np.testing.assert_array_equal(images, arrays[f"x_{split}"])
            np.testing.assert_array_equal(labels, arrays[f"y_{split}"])

    def test_a_copy_of_one_part(self, root):
        write_npz(root / "cifar100.npz", x_train=None, y_train=None)
        assert len(data.load("cifar100", "test")[0]) == 4
        with pytest.raises(DatasetError) as caught:
            data.load("cifar100", "train")
        one_sentence(caught.value, root / "cifar100.npz", "no x_train and no y_train")

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"x_test": tiles(4)[0].transpose(0, 3, 1, 2)}, "(4, 3, 32, 32)"),
            ({"x_test": tiles(4)[0].reshape(4, 3072)}, "(4, 3072)"),
            ({"x_test": tiles(4)[0] / 255}, "float64"),
            ({"x_test": tiles(0)[0], "y_test": tiles(0)[1]}, "(0, 32, 32, 3)"),
            ({"y_test": tiles(5)[1]}, "(5,)"),
            ({"y_test": np.zeros((4, 1), int)}, "(4, 1)"),
            ({"y_test": np.zeros(4)}, "float64"),
            ({"y_test": np.array([0, 1, 2, 10])}, "labels from 0 to 9"),
            ({"y_test": np.array([0, -1, 2, 9])}, "labels from 0 to 9"),
            ({"y_test": None}, "no y_test"),
        ],
    )
    def test_wrong_contents(self, root, changes, part):
        write_npz(root / "cifar10.npz", **changes)
        with pytest.raises(DatasetError) as caught:
            data.load("cifar10")
        assert isinstance(caught.value, ValueError)
        one_sentence(caught.value, root / "cifar10.npz", part)

    def test_truncated(self, root):
        path = root / "cifar10.npz"
        write_npz(path)
        path.write_bytes(path.read_bytes()[:20_000])
        with pytest.raises(DatasetError) as caught:
            data.load("cifar10")
        one_sentence(caught.value, path)

    def test_pickled_objects_are_refused(self, root, tmp_path):
        write_npz(root / "cifar10.npz", y_test=np.array([Evil(tmp_path / "trace")] * 4, dtype=object))
        with pytest.raises(DatasetError):
            data.load("cifar10")
        assert not (tmp_path / "trace").exists()


class Evil:
    """Unpickling it by the ordinary way creates a folder."""

    def __init__(self, trace: Path):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


@pytest.fixture(params=["cifar10", "cifar100"])
def official(request, tmp_path, monkeypatch):
    with official_server(request.param, tmp_path / "server", monkeypatch) as tiny:
        yield tiny


class TestOfficialBatches:
    def test_names_agree_with_torchvision(self):
        import torchvision

        for official in filter(None, (dataset.official for dataset in datasets.DATASETS.values())):
            one = object.__new__(getattr(torchvision.datasets, official.source))  # without looking for files
            one.root = ""
            folder = one.base_folder if hasattr(one, "base_folder") else Path(one.raw_folder).as_posix()
            assert official.folder == folder

    def test_contents(self, root, official):
        folder = official.write_to(root)
        assert data.find(official.name) == folder
        for split, batches in official.expected.items():
            images, labels = data.load(official.name, split)
            assert images.dtype == np.uint8 and labels.dtype == np.int64
            np.testing.assert_array_equal(images, np.concatenate([images for images, _ in batches]))
            np.testing.assert_array_equal(labels, np.concatenate([labels for _, labels in batches]))

    def test_wrong_checksum(self, root, official):
        path = official.write_to(root) / official.official.test_list[0][0]
        path.write_bytes(path.read_bytes() + b"\0")
        with pytest.raises(DatasetError) as caught:
            data.load(official.name)
        one_sentence(caught.value, path.parent, "checksum", f"python -m ibinn_core data {official.name}")

    def test_missing_batch(self, root, official):
        path = official.write_to(root) / official.official.test_list[0][0]
        path.unlink()
        with pytest.raises(DatasetError) as caught:
            data.load(official.name)
        one_sentence(caught.value, path.parent)

    def test_a_pickle_without_the_official_checksum_is_not_opened(self, root, official, tmp_path):
        trace = tmp_path / "trace"
        path = official.write_to(root) / official.official.test_list[0][0]
        path.write_bytes(pickle.dumps(Evil(trace)))
        with pytest.raises(DatasetError):
            data.load(official.name)
        assert not trace.exists()
        pickle.loads(path.read_bytes())
        assert trace.exists(), "the same bytes do harm in an ordinary unpickler"

    def test_wrong_contents(self, root, official):
        images, labels = official.expected["test"][0]
        official.replace_test_batch(official.batch(images, labels + official.classes))
        folder = official.write_to(root)
        with pytest.raises(DatasetError) as caught:
            data.load(official.name)
        one_sentence(caught.value, folder, "labels")


class TestDownload:
    def test_then_load(self, root, official):
        seen = []
        target = data.download(official.name, progress=lambda done, total: seen.append((done, total)))
        assert target == root / official.official.base_folder
        assert seen[0] == (0, official.size) and seen[-1] == (official.size, official.size)
        for split, batches in official.expected.items():
            images, labels = data.load(official.name, split)
            np.testing.assert_array_equal(images, np.concatenate([images for images, _ in batches]))
            np.testing.assert_array_equal(labels, np.concatenate([labels for _, labels in batches]))
        assert {path.name for path in target.iterdir()} == set(official.files)
        assert [path.name for path in root.iterdir()] == [target.name]

    def test_progress_bar_by_default(self, official, tmp_path, capsys):
        data.download(official.name, tmp_path / "a" / "b")
        assert "100%" in capsys.readouterr().err
        assert (tmp_path / "a" / "b" / official.official.base_folder).is_dir()

    def test_an_intact_copy_is_left_alone_and_a_damaged_one_replaced(self, root, official):
        folder = official.write_to(root)
        path = folder / official.official.test_list[0][0]
        data.download(official.name, progress=lambda *_: pytest.fail("fetched again"))
        path.write_bytes(b"damaged")
        data.download(official.name, progress=lambda *_: None)
        np.testing.assert_array_equal(data.load(official.name)[0], official.expected["test"][0][0])
        assert [path.name for path in root.iterdir()] == [folder.name]

    def test_wrong_checksum_leaves_nothing_behind(self, root, official, monkeypatch):
        monkeypatch.setattr(official.official, "tgz_md5", "0" * 32)
        with pytest.raises(DownloadError) as caught:
            data.download(official.name, progress=lambda *_: None)
        one_sentence(caught.value, official.official.url, "checksum")
        assert not list(root.iterdir()) and not data.available(official.name)

    def test_failure_keeps_the_old_copy(self, root, official, monkeypatch):
        folder = official.write_to(root)
        (folder / "mine.txt").write_text("keep")
        (folder / official.official.meta["filename"]).write_bytes(b"damaged")
        monkeypatch.setattr(official.official, "tgz_md5", "0" * 32)
        with pytest.raises(DownloadError):
            data.download(official.name, progress=lambda *_: None)
        assert (folder / "mine.txt").read_text() == "keep"

    def test_interruption_leaves_nothing_behind(self, root, official):
        def interrupt(done, total):
            if done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            data.download(official.name, progress=interrupt)
        assert not list(root.iterdir())

    def test_file_not_on_the_server(self, root, official):
        (official.folder / official.official.filename).unlink()
        with pytest.raises(DownloadError) as caught:
            data.download(official.name, progress=lambda *_: None)
        one_sentence(caught.value, official.official.url)
        assert not list(root.iterdir())

    def test_unreachable_server(self, root, official):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound but not listening: a connection is refused
            official.serve_at(unused.getsockname()[1])
            with pytest.raises(DownloadError) as caught:
                data.download(official.name, progress=lambda *_: None)
        one_sentence(caught.value, official.official.url, root)
        assert "Errno" not in str(caught.value)
        assert not list(root.iterdir())

    def test_connection_that_breaks_off(self, root, official):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer():
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")

            thread = threading.Thread(target=answer)
            thread.start()
            official.serve_at(server.getsockname()[1])
            with pytest.raises(DownloadError) as caught:
                data.download(official.name, progress=lambda *_: None)
            thread.join()
        one_sentence(caught.value, "ended the connection too early")
        assert not list(root.iterdir())

    def test_folder_that_is_a_file(self, official, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(DownloadError) as caught:
            data.download(official.name, tmp_path / "file", progress=lambda *_: None)
        one_sentence(caught.value, tmp_path / "file")


class TestEmbedded:
    @needs_foolbox
    def test_sample(self):
        images, labels = data.load("sample")
        assert images.shape == (20, 32, 32, 3) and images.dtype == np.uint8 and labels.dtype == np.int64
        assert labels.tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1, 0, 9, 5, 7, 9, 8, 5, 7, 8, 6]
        assert not {"bird", "deer"} & {data.CIFAR10_CLASSES[label] for label in labels}
        with Image.open(data.find("sample") / "cifar10_13_7.png") as image:
            np.testing.assert_array_equal(images[13], np.array(image))

    @needs_foolbox
    def test_cifar100(self):
        images, labels = data.embedded("cifar100")
        assert images.shape == (20, 32, 32, 3)
        names = [data.CIFAR100_CLASSES[label] for label in labels]
        assert names[:10] == "mountain forest seal mushroom sea tulip camel butterfly cloud apple".split()

    def test_only_one_split(self):
        with pytest.raises(ValueError, match="no training part"):
            data.load("sample", "train")

    def test_without_foolbox(self, monkeypatch):
        monkeypatch.setattr(copies.importlib.util, "find_spec", lambda name: None)
        assert data.find("sample") is None and not data.available("sample")
        with pytest.raises(DatasetNotFoundError) as caught:
            data.load("sample")
        one_sentence(caught.value, "pip install foolbox")

    @needs_cifar10
    @needs_foolbox
    def test_all_twenty_are_in_the_test_set_with_their_labels(self):
        images, labels = data.load("cifar10", "test")
        embedded, embedded_labels = data.sample()
        rows = data.locate(data.pixel_hash(embedded), images)
        assert (rows >= 0).all() and len(set(rows)) == 20
        np.testing.assert_array_equal(images[rows], embedded)
        np.testing.assert_array_equal(labels[rows], embedded_labels)


class TestHashes:
    @every_shape
    def test_every_shape_has_hashes(self, shape):
        images = pixels(40, shape)
        order = np.random.default_rng(1).permutation(40)
        np.testing.assert_array_equal(data.locate(data.pixel_hash(images)[order], images), order)
        digest = hashlib.blake2b(images[1].tobytes(), digest_size=8).digest()
        assert int(data.pixel_hash(images)[1]) == int.from_bytes(digest, "little")

    def test_layout_in_memory_does_not_matter(self):
        images, _ = tiles(3)
        np.testing.assert_array_equal(data.pixel_hash(np.asfortranarray(images)), data.pixel_hash(images))

    def test_absent_and_repeated(self):
        images, _ = tiles(300)
        changed = images[:1].copy()
        changed[0, 31, 31, 2] ^= 1
        wanted = data.pixel_hash(np.concatenate([images[3:4], changed]))
        rows = data.locate(wanted, np.concatenate([images, images]))
        assert rows.dtype == np.int64 and rows.tolist() == [3, -1]

    def test_nothing_to_find_and_nowhere_to_look(self):
        images, _ = tiles(2)
        assert data.locate(data.pixel_hash(images), images[:0]).tolist() == [-1, -1]
        assert data.locate(data.pixel_hash(images[:0]), images).shape == (0,)

    def test_wrong_types(self):
        images, _ = tiles(2)
        for wrong in (images / 255, images[0], images.tolist()):
            with pytest.raises(ValueError, match="uint8 images"):
                data.pixel_hash(wrong)
        with pytest.raises(ValueError, match="uint64"):
            data.locate(np.array([1, 2]), images)
