"""A tiny data set in the official format, on a server of this machine."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from server_helpers import server
from shape_helpers import SMALL, labelled

from ibinn_core import data


def write_npz(path: Path, **changes) -> dict[str, np.ndarray]:
    """Writes a data set as small as can be, with other arrays where ``changes`` say so, and none for ``None``."""
    parts = labelled(6, SMALL.image_shape, seed=1), labelled(4, SMALL.image_shape, seed=2)
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*parts[0], *parts[1]), strict=True)) | changes
    arrays = {key: value for key, value in arrays.items() if value is not None}
    np.savez(path, **arrays)
    return arrays


def python2_pickle(key: str, labels: list[int], planes: np.ndarray) -> bytes:
    """``{key: labels, "data": planes}`` as Python 2 and its NumPy wrote it, which made the official files."""

    def text(value: bytes) -> bytes:
        return pickle.BINSTRING + struct.pack("<i", len(value)) + value

    def integer(value: int) -> bytes:
        return pickle.BININT + struct.pack("<i", value)

    def name(module: bytes, attribute: bytes) -> bytes:
        return pickle.GLOBAL + module + b"\n" + attribute + b"\n"

    def group(*items: bytes) -> bytes:
        return pickle.MARK + b"".join(items) + pickle.TUPLE

    def call(function: bytes, *arguments: bytes) -> bytes:
        return function + group(*arguments) + pickle.REDUCE

    dtype = call(name(b"numpy", b"dtype"), text(b"u1"), integer(0), integer(1))
    dtype += group(integer(3), text(b"|"), *[pickle.NONE] * 3, integer(-1), integer(-1), integer(0)) + pickle.BUILD
    reconstruct, ndarray = name(b"numpy.core.multiarray", b"_reconstruct"), name(b"numpy", b"ndarray")
    array = call(reconstruct, ndarray, group(integer(0)), text(b"b"))
    shape = group(*map(integer, planes.shape))
    array += group(integer(1), shape, dtype, pickle.NEWFALSE, text(planes.tobytes())) + pickle.BUILD
    numbers = pickle.EMPTY_LIST + pickle.MARK + b"".join(map(integer, labels)) + pickle.APPENDS
    items = text(key.encode()) + numbers + text(b"data") + array
    return pickle.PROTO + b"\x02" + pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS + pickle.STOP


class Official:
    """A tiny data set in the official format, served on this machine under torchvision's addresses."""

    per_batch = 3

    def __init__(self, name: str, folder: Path, monkeypatch):
        from torchvision import datasets

        self.name, self.folder, self.monkeypatch = name, folder, monkeypatch
        self.official = {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100}[name]
        self.classes = len(data.CLASSES[name])
        self.key = {"cifar10": "labels", "cifar100": "fine_labels"}[name]
        self.place, self.test_file = Path(self.official.base_folder), self.official.test_list[0][0]
        self.expected, files = {}, {}
        for split, members in (("train", self.official.train_list), ("test", self.official.test_list)):
            seeds = range(len(files), len(files) + len(members))
            parts = [labelled(self.per_batch, SMALL.image_shape, self.classes, seed) for seed in seeds]
            files |= {member: self.batch(*part) for (member, _), part in zip(members, parts, strict=True)}
            self.expected[split] = tuple(map(np.concatenate, zip(*parts, strict=True)))
        files[self.official.meta["filename"]] = pickle.dumps({self.official.meta["key"]: ["a", "b"]}, 2)
        self.publish(files)

    def batch(self, images: np.ndarray, labels: np.ndarray) -> bytes:
        planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
        return python2_pickle(self.key, labels.tolist(), planes)

    def publish(self, files: dict[str, bytes]) -> None:
        self.files = files
        checksum = {member: hashlib.md5(content).hexdigest() for member, content in files.items()}
        for attribute in ("train_list", "test_list"):
            members = [[member, checksum[member]] for member, _ in getattr(self.official, attribute)]
            self.monkeypatch.setattr(self.official, attribute, members)
        meta = {**self.official.meta, "md5": checksum[self.official.meta["filename"]]}
        self.monkeypatch.setattr(self.official, "meta", meta)
        archive = self.folder / self.official.filename
        with tarfile.open(archive, "w:gz") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(f"{self.official.base_folder}/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        self.size = archive.stat().st_size
        self.monkeypatch.setattr(self.official, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())

    def serve_at(self, port: int) -> None:
        self.monkeypatch.setattr(self.official, "url", f"http://127.0.0.1:{port}/{self.official.filename}")

    def write_to(self, root: Path) -> Path:
        folder = root / self.place
        folder.mkdir()
        for member, content in self.files.items():
            (folder / member).write_bytes(content)
        return folder


class OfficialDigits:
    """A tiny MNIST or Fashion-MNIST in the official format, served on this machine in the place of their servers."""

    counts = {"train": ("train", 7), "test": ("t10k", 4)}

    def __init__(self, name: str, folder: Path, monkeypatch):
        from torchvision import datasets

        self.name, self.folder, self.monkeypatch = name, folder, monkeypatch
        self.official = {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST}[name]
        self.place = Path(self.official.__name__) / "raw"  # where torchvision puts it
        self.test_file = "t10k-labels-idx1-ubyte.gz"
        self.expected, files = {}, {}
        for seed, (split, (begin, count)) in enumerate(self.counts.items()):
            generator = np.random.default_rng(seed)
            images = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
            labels = generator.integers(0, 10, count, dtype=np.uint8)
            self.expected[split] = images[..., None], labels
            files |= {f"{begin}-images-idx3-ubyte.gz": idx(images), f"{begin}-labels-idx1-ubyte.gz": idx(labels)}
        self.publish(files)

    def publish(self, contents: dict[str, bytes]) -> None:
        """Serves idx files with these contents, compressed, as the official ones."""
        self.files = {name: gzip.compress(content, mtime=0) for name, content in contents.items()}
        self.contents, self.size = contents, sum(map(len, self.files.values()))
        for name, file in self.files.items():
            (self.folder / name).write_bytes(file)
        resources = [(name, hashlib.md5(file).hexdigest()) for name, file in self.files.items()]
        self.monkeypatch.setattr(self.official, "resources", resources)

    def serve_at(self, *ports: int) -> None:
        self.monkeypatch.setattr(self.official, "mirrors", [f"http://127.0.0.1:{port}/" for port in ports])

    def write_to(self, root: Path) -> Path:
        folder = root / self.place
        folder.mkdir(parents=True)
        for name, file in self.files.items():
            (folder / name).write_bytes(file)
        return folder


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    """An array of bytes in the format idx."""
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@contextmanager
def official_server(name: str, folder: Path, monkeypatch):
    """An `Official`, or for grey images an `OfficialDigits`, whose files are served from ``folder``."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder.mkdir()
    tiny = (OfficialDigits if name.endswith("mnist") else Official)(name, folder, monkeypatch)

    def answer(handler, _) -> None:
        file = folder / handler.path.strip("/")
        if not file.is_file():
            handler.send_error(404)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(file.stat().st_size))
        handler.end_headers()
        handler.wfile.write(file.read_bytes())

    with server(answer) as address:
        tiny.serve_at(int(address.rpartition(":")[2]))
        yield tiny
