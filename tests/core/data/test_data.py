"""Data sets: their descriptions, the copies on this machine, the embedded images, and the hashes of pixels."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import colourful_images, refusal
from official_helpers import write_npz
from PIL import Image
from shape_helpers import every_shape, pixels

from ibinn_core import data
from ibinn_core.data import DatasetError, DatasetNotFoundError, copies

needs_foolbox = pytest.mark.skipif(not data.available("sample"), reason="foolbox is not installed")


def test_the_classes_are_those_of_the_labels():
    assert data.describe("sample") is data.DATASETS["cifar10"]
    assert data.CLASSES["cifar10"] == data.CLASSES["sample"] == data.CIFAR10_CLASSES
    assert data.CIFAR10_CLASSES[3] == "cat" and len(data.CIFAR10_CLASSES) == 10
    assert data.CLASSES["mnist"] == tuple("0123456789") and data.FASHION_MNIST_CLASSES[9] == "ankle boot"
    hundred = data.describe("cifar100")
    assert len(hundred.superclasses) == 20 and {len(names) for names in hundred.superclasses.values()} == {5}
    shared = sorted(name for names in hundred.superclasses.values() for name in names)
    assert shared == list(hundred.classes) and len(set(shared)) == 100


@pytest.mark.parametrize(
    "path, name",
    [
        *(("/a/My Pictures", "my-pictures"), ("My Pictures/", "my-pictures")),
        *(("Äpfel & Birnen_2", "apfel-birnen-2"), ("--", ""), ("日本", "")),
    ],
)
def test_the_name_of_a_folder_is_fit_for_files_and_commands(path, name):
    assert copies.name_of(path) == name


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "mnist"])
def test_an_absent_copy_is_said_with_where_and_how(root, name):
    (root / name / "something").mkdir(parents=True)  # a folder without its files is no copy
    assert data.find(name) is None and not data.available(name)
    parts = root, f"python -m ibinn_core data {name}", "IBINN_DATA"
    refusal(lambda: data.load(name), *parts, kind=DatasetNotFoundError)
    assert issubclass(DatasetNotFoundError, FileNotFoundError)


def test_copies_lie_in_the_working_directory_or_beside_the_package_or_in_the_chosen_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("IBINN_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Path(copies.__file__).resolve().parents[2] / "data" == copies.DATA
    here, beside = tmp_path / "data", tmp_path / "clone" / "data"
    monkeypatch.setattr(copies, "DATA", beside)
    for folder in (beside, here):
        folder.mkdir(parents=True)
        write_npz(folder / "cifar10.npz")
        assert data.find("cifar10") == folder / "cifar10.npz"
    monkeypatch.setenv("IBINN_DATA", str(tmp_path / "clone"))
    assert data.find("cifar10") is None


def test_an_archive_is_read_split_by_split(root):
    arrays = write_npz(root / "cifar10.npz", y_train=np.array([0, 9, 1, 2, 3, 4], np.uint8))
    for split in ("train", "test"):
        images, labels = data.load("cifar10", split)
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(images, arrays[f"x_{split}"], strict=True)
        np.testing.assert_array_equal(labels, arrays[f"y_{split}"])
    refusal(lambda: data.load("cifar10", "validation"), "'validation'", kind=ValueError)
    refusal(lambda: data.load("sample", "train"), "no training part; ask for its split 'test'", kind=ValueError)
    for function in (data.load, data.find, data.available, data.download, data.embedded):
        refusal(lambda function=function: function("unheard-of"), "'unheard-of'; choose 'cifar10'", kind=ValueError)


def test_a_copy_may_lack_a_part(root):
    write_npz(root / "cifar100.npz", x_train=None, y_train=None)
    assert len(data.load("cifar100", "test")[0]) == 4
    parts = root / "cifar100.npz", "no x_train and no y_train"
    refusal(lambda: data.load("cifar100", "train"), *parts, kind=DatasetError)


@pytest.mark.parametrize("axis", [False, True])
def test_grey_images_may_lack_the_axis_of_the_channel(root, axis):
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    np.savez(root / "mnist.npz", x_test=images[..., None] if axis else images, y_test=np.arange(5, dtype=np.uint8))
    found, labels = data.load("mnist")
    np.testing.assert_array_equal(found, images[..., None])
    assert labels.tolist() == [0, 1, 2, 3, 4]


IMAGES, LABELS = colourful_images(4)
REFUSED = [
    ("cifar10", {"x_test": IMAGES.transpose(0, 3, 1, 2)}, "(4, 3, 32, 32)"),
    ("cifar10", {"x_test": IMAGES / 255}, "float64"),
    ("cifar10", {"x_test": IMAGES[:0], "y_test": LABELS[:0]}, "(0, 32, 32, 3)"),
    ("cifar10", {"y_test": np.zeros(5, int)}, "(5,)"),
    ("cifar10", {"y_test": np.zeros(4)}, "float64"),
    ("cifar10", {"y_test": np.array([0, 1, 2, 10])}, "labels from 0 to 9"),
    ("cifar10", {"y_test": np.array([0, -1, 2, 9])}, "labels from 0 to 9"),
    ("cifar10", {"y_test": None}, "no y_test"),
    ("mnist", {"x_test": IMAGES[..., 0]}, "must hold uint8 images (N, 28, 28, 1)"),
]


@pytest.mark.parametrize("name, changes, part", REFUSED)
def test_what_is_no_copy_is_refused_in_one_sentence(root, name, changes, part):
    write_npz(root / f"{name}.npz", **changes)
    refusal(lambda: data.load(name), root / f"{name}.npz", part, kind=DatasetError)
    assert issubclass(DatasetError, ValueError)


EMBEDDED = {
    "cifar10": ((20, 32, 32, 3), [3, 8, 8, 0, 6, 6, 1, 6, 3, 1, 0, 9, 5, 7, 9, 8, 5, 7, 8, 6], 13),
    "mnist": ((20, 28, 28, 1), [7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6, 9, 0, 1, 5, 9, 7, 3, 4], 3),
}


@needs_foolbox
@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_images(name):
    shape, expected, row = EMBEDDED[name]
    images, labels = data.embedded(name)
    assert images.shape == shape and images.dtype == np.uint8 and labels.dtype == np.int64
    assert labels.tolist() == expected
    with Image.open(data.find("sample") / f"{name}_{row:02}_{expected[row]}.png") as image:
        np.testing.assert_array_equal(images[row].squeeze(), np.array(image))


def test_without_foolbox(monkeypatch):
    monkeypatch.setattr(copies.importlib.util, "find_spec", lambda name: None)
    assert data.find("sample") is None and not data.available("sample")
    refusal(lambda: data.load("sample"), "pip install foolbox", kind=DatasetNotFoundError)


@pytest.mark.parametrize("count", [0, 1.5, True])
def test_parts_need_a_number_of_images_held_out(count):
    with pytest.raises(ValueError, match="held_out, by which typicality is measured, must be a whole number from 1 on"):
        data.splits("sample", held_out=count)


@every_shape
def test_every_shape_has_hashes_whatever_its_layout_in_memory(shape):
    images = pixels(40, shape)
    order = np.random.default_rng(1).permutation(40)
    np.testing.assert_array_equal(data.locate(data.pixel_hash(images)[order], images), order)
    np.testing.assert_array_equal(data.pixel_hash(np.asfortranarray(images)), data.pixel_hash(images))
    digest = hashlib.blake2b(images[1].tobytes(), digest_size=8).digest()
    assert int(data.pixel_hash(images)[1]) == int.from_bytes(digest, "little")


def test_absent_and_repeated_images_and_nothing_at_all():
    images, _ = colourful_images(300)
    changed = images[:1].copy()
    changed[0, 31, 31, 2] ^= 1
    wanted = data.pixel_hash(np.concatenate([images[3:4], changed]))
    rows = data.locate(wanted, np.concatenate([images, images]))
    assert rows.dtype == np.int64 and rows.tolist() == [3, -1]
    assert data.locate(wanted, images[:0]).tolist() == [-1, -1]
    assert data.locate(wanted[:0], images).shape == (0,)
