"""A user's folder of images as a data set: its images, and refusals in one sentence."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import refusal
from folder_helpers import CLASSES, write_folder, write_image
from PIL import Image

from ibinn_core import data
from ibinn_core.data import DatasetError
from ibinn_core.data.image_files import read_image


@pytest.fixture
def folder(tmp_path) -> Path:
    """Twenty colour images of each of three classes."""
    return write_folder(tmp_path / "My pictures_2")


def both(folder: Path, **options) -> list[tuple[np.ndarray, np.ndarray]]:
    return [data.load(str(folder), split, **options) for split in ("train", "test")]


def repaint(folder: Path, change) -> None:
    """Replaces the pixels of each image."""
    for path in folder.rglob("*.png"):
        Image.fromarray(change(np.array(Image.open(path)))).save(path)


def test_what_a_folder_is(folder):
    found = data.describe(str(folder))
    assert (found.name, found.title, found.classes) == ("my-pictures-2", "My pictures_2", CLASSES)
    assert found.image_shape == (3, 32, 32) and found.num_classes == 3 and found.dims == 3072
    assert found.id_prefix == "my-pictures-2-" and found.flip and not found.embedded
    images, _ = data.load(str(folder), "train")
    np.testing.assert_allclose(found.mean, images.mean((0, 1, 2)) / 255, atol=1e-4)
    np.testing.assert_allclose(found.std, images.std((0, 1, 2)) / 255, atol=1e-4)


def test_a_fifth_of_each_class_is_for_the_test(folder):
    (train, train_labels), (test, test_labels) = both(folder)
    assert train.dtype == test.dtype == np.uint8 and train.shape == (48, 32, 32, 3)
    assert train_labels.dtype == np.int64
    assert np.bincount(train_labels).tolist() == [16] * 3 and np.bincount(test_labels).tolist() == [4] * 3
    hashes = np.concatenate([data.pixel_hash(train), data.pixel_hash(test)])
    files = sorted(folder.rglob("*.png"))
    assert sorted(hashes) == sorted(data.pixel_hash(np.stack([read_image(path) for path in files])))


def test_the_split_does_not_depend_on_where_the_folder_lies_or_how_it_is_listed(folder, tmp_path):
    moved = tmp_path / "elsewhere" / folder.name
    for path in sorted(folder.rglob("*.png"), reverse=True):
        target = moved / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for (images, labels), (others, other_labels) in zip(both(folder), both(moved), strict=True):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, other_labels)
    assert data.describe(str(moved)) == data.describe(str(folder))


def test_another_image_moves_at_most_one_other(folder):
    def hashes() -> set[int]:
        return set(data.pixel_hash(data.load(str(folder), "test")[0]).tolist())

    before = hashes()
    write_image(folder / "cat" / "new.png", 77)
    assert len(before - hashes()) <= 1 and len(hashes() - before) <= 1


def test_the_fingerprint_is_of_the_images_and_their_classes(folder):
    before = data.describe(str(folder))
    assert len(before.fingerprint) == 16
    write_image(folder / "dog" / "003.png", 4321)
    changed = data.describe(str(folder))
    assert changed.fingerprint != before.fingerprint and changed.classes == before.classes
    (folder / "dog").rename(folder / "wolf")
    assert data.describe(str(folder)).fingerprint != changed.fingerprint


def test_folders_train_and_test_are_taken_as_they_are_and_a_class_may_lack_test_images(tmp_path):
    folder = tmp_path / "pets"
    write_folder(folder / "train", (12, 12, 12))
    write_folder(folder / "test", (5, 5, 5), seed=500)
    (train, train_labels), (test, test_labels) = both(folder)
    assert np.bincount(train_labels).tolist() == [12] * 3 and np.bincount(test_labels).tolist() == [5] * 3
    np.testing.assert_array_equal(train[0], read_image(folder / "train" / "cat" / "000.png"))
    np.testing.assert_array_equal(test[-1], read_image(folder / "test" / "stop sign" / "004.png"))
    shutil.rmtree(folder / "test" / "dog")
    assert set(data.load(str(folder), "test")[1].tolist()) == {0, 2}
    assert data.describe(str(folder)).classes == CLASSES


def test_grey_files_or_grey_pixels_make_grey_images_and_classes_come_in_natural_order(tmp_path, folder):
    letters = write_folder(tmp_path / "letters", classes=("10", "9", "a1"), mode="L")
    assert data.describe(str(letters)).classes == ("9", "10", "a1")
    found = data.describe(str(letters), 28)
    assert found.image_shape == (1, 28, 28) and len(found.mean) == len(found.std) == 1
    assert not found.flip  # a letter in the mirror is another, or none
    assert data.load(str(letters), "train", 28, 3)[0].shape == (48, 28, 28, 3)
    for name in CLASSES:
        write_image(folder / name / "000.png", 9, mode="L")  # some among colours become RGB
    assert data.describe(str(folder)).image_shape == (3, 32, 32)
    assert data.describe(str(folder), channels=1).image_shape == (1, 32, 32)
    repaint(folder, lambda pixels: np.broadcast_to(pixels.reshape(*pixels.shape[:2], -1)[..., :1], (30, 40, 3)).copy())
    assert data.describe(str(folder)).image_shape == (1, 32, 32)


def test_what_is_no_image_is_passed_by(folder):
    (folder / "cat" / "notes.txt").write_text("no image")
    (folder / "cat" / ".hidden.png").write_bytes(b"no image")
    (folder / ".cache").mkdir()
    (folder / "readme.md").write_text("no class")
    assert data.describe(str(folder)).classes == CLASSES and len(data.load(str(folder), "train")[0]) == 48


def test_a_channel_that_never_changes_can_be_normalised(folder):
    repaint(folder, lambda pixels: pixels * np.uint8([1, 0, 0]))
    assert min(data.describe(str(folder)).std) > 0


def test_a_folder_is_found_by_its_name_among_the_data_sets_by_a_relative_path_or_a_link(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    for name in ("my-pictures-2", "My pictures_2"):
        assert data.find(name) == folder and data.available(name)
        assert data.describe(name) == data.describe(str(folder))
    monkeypatch.delenv("IBINN_DATA")
    monkeypatch.chdir(tmp_path)
    assert data.find("My pictures_2") == folder
    (tmp_path / "link").symlink_to(folder)
    assert data.describe("link").name == "link"
    assert data.describe("link").fingerprint == data.describe("./My pictures_2").fingerprint


def test_a_changed_image_is_read_again_and_nobody_elses_array_is_changed(folder):
    first, _ = data.load(str(folder), "train")
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(data.load(str(folder), "train")[0], kept)
    for path in (folder / "cat").iterdir():
        write_image(path, 1, size=(33, 33), level=200)
    assert not np.array_equal(data.load(str(folder), "train")[0], kept)


def only(count: int, *classes: str):
    """A damage that leaves so many images of each of the classes."""

    def change(folder):
        for name in classes:
            for path in sorted((folder / name).iterdir())[count:]:
                path.unlink()

    return change


def without(*classes: str):
    return lambda folder: [shutil.rmtree(folder / name) for name in classes]


def huge_picture(folder):
    Image.new("1", (10_001, 10_001)).save(folder / "dog" / "005.png")


def many_classes(folder):
    for number in range(198):
        write_image(folder / f"class {number}" / "0.png")


def renamed(new: str):
    return lambda folder: (folder / "dog").rename(folder / new)


def only_train(folder):
    shutil.copytree(folder, folder / "train")
    without(*CLASSES)(folder)


def a_class_in_test_alone(folder):
    only_train(folder)
    shutil.copytree(folder / "train", folder / "test")
    (folder / "test" / "dog").rename(folder / "test" / "wolf")


REFUSED = [
    (without(*CLASSES[1:]), "only the class 'cat'", "two or more classes"),
    (only(3, *CLASSES), "holds 6 images to train on and 3 to test on", "30 and 10 are needed", "add images"),
    (only(2, "dog"), "The class dog", "fewer than 2 images to train on"),
    (only(0, "dog"), "dog holds no PNG", "remove the folder"),
    (
        lambda folder: os.truncate(folder / "dog" / "005.png", 300),
        "005.png cannot be used: this file is damaged",
        "save it again",
    ),
    (huge_picture, "005.png cannot be used: this image has more than 100 megapixels", "scale it"),
    (many_classes, "201 classes, more than 200", "leave some out"),
    *((renamed(name), repr(name), "rename it") for name in ("_-_", "  ", " dog", "hot\ndog")),
    (renamed("d" * 61), "ddd", "60 characters"),
    (only_train, "only the class 'train'", "into the folders train and test"),
    (a_class_in_test_alone, "wolf is a class without a folder in", "rename a folder"),
]


@pytest.mark.parametrize("change, parts", [(change, parts) for change, *parts in REFUSED])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_data_set_is_refused_in_one_sentence(folder, change, parts):
    change(folder)
    said = refusal(lambda: data.describe(str(folder)), *parts, kind=DatasetError)
    assert refusal(lambda: both(folder), kind=DatasetError) == said  # one of the splits has what is wrong


@pytest.mark.parametrize(
    "name, part",
    [
        *((name, "is named like the data set") for name in ("MNIST", "sample")),
        ("__", "has no name that a data set can have"),
    ],
)
def test_a_folder_with_the_name_of_a_data_set_or_without_letters_is_refused(folder, name, part):
    target = folder.rename(folder.with_name(name))
    refusal(lambda: data.describe(str(target)), part, "rename", kind=DatasetError)


@pytest.mark.parametrize("name", ["nowhere", Path("no/such/place"), "", "a\0b", "x" * 5000, 3, ["a"]])
def test_what_is_neither_a_name_nor_a_folder(tmp_path, monkeypatch, name):
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    parts = "There is no data set", "or the path of a folder of images"
    for call in (data.load, data.describe, data.find, data.available):
        refusal(lambda call=call: call(name), *parts, kind=ValueError)
