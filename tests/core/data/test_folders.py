"""A user's folder of images as a data set: its images, and refusals in one sentence."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from folder_helpers import CLASSES, write_folder, write_image, write_split_folder
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


# --- what is made of it -------------------------------------------------------------------------------------


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
    moved.parent.mkdir()
    for path in sorted(folder.rglob("*.png"), reverse=True):
        target = moved / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for (images, labels), (others, other_labels) in zip(both(folder), both(moved), strict=True):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, other_labels)
    assert data.describe(str(moved)) == data.describe(str(folder))


def test_another_image_moves_at_most_one_other(folder):
    before = set(data.pixel_hash(data.load(str(folder), "test")[0]).tolist())
    write_image(folder / "cat" / "new.png", 77)
    after = set(data.pixel_hash(data.load(str(folder), "test")[0]).tolist())
    assert len(before - after) <= 1 and len(after - before) <= 1


def test_the_fingerprint_is_of_the_images_and_their_classes(folder):
    before = data.describe(str(folder))
    assert len(before.fingerprint) == 16
    path = folder / "dog" / "003.png"
    write_image(path, 4321)
    changed = data.describe(str(folder))
    assert changed.fingerprint != before.fingerprint and changed.classes == before.classes
    (folder / "dog").rename(folder / "wolf")
    assert data.describe(str(folder)).fingerprint != changed.fingerprint


def test_folders_train_and_test_are_taken_as_they_are(tmp_path):
    folder = write_split_folder(tmp_path / "pets")
    (train, train_labels), (test, test_labels) = both(folder)
    assert np.bincount(train_labels).tolist() == [12] * 3 and np.bincount(test_labels).tolist() == [5] * 3
    np.testing.assert_array_equal(train[0], read_image(folder / "train" / "cat" / "000.png"))
    np.testing.assert_array_equal(test[-1], read_image(folder / "test" / "stop sign" / "004.png"))


def test_a_class_may_lack_test_images_but_keeps_its_label(tmp_path):
    folder = write_split_folder(tmp_path / "pets")
    shutil.rmtree(folder / "test" / "dog")
    assert set(data.load(str(folder), "test")[1].tolist()) == {0, 2}
    assert data.describe(str(folder)).classes == CLASSES


@pytest.mark.parametrize("side", [8, 20, 64])
def test_images_have_the_side_that_is_asked_for(folder, side):
    images, _ = data.load(str(folder), "test", side)
    assert images.shape == (12, side, side, 3)
    assert data.describe(str(folder), side).image_shape == (3, side, side)


def test_the_largest_centred_square_is_kept(tmp_path):
    folder = write_folder(tmp_path / "pets")
    square = np.random.default_rng(5).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    wide = np.zeros((32, 64, 3), np.uint8)
    wide[:, 16:48] = square
    for path in (folder / "cat").iterdir():
        Image.fromarray(wide).save(path)
    images, labels = data.load(str(folder), "test")
    np.testing.assert_array_equal(images[labels == 0], np.broadcast_to(square, (4, 32, 32, 3)))


def test_grey_files_make_grey_images(tmp_path):
    folder = write_folder(tmp_path / "letters", mode="L")
    found = data.describe(str(folder), 28)
    assert found.image_shape == (1, 28, 28) and len(found.mean) == len(found.std) == 1
    assert not found.flip  # a letter in the mirror is another, or none
    assert data.load(str(folder), "train", 28)[0].shape == (48, 28, 28, 1)
    assert data.load(str(folder), "train", 28, 3)[0].shape == (48, 28, 28, 3)


def test_grey_pixels_in_files_of_colour_make_grey_images(folder):
    for path in folder.rglob("*.png"):
        Image.open(path).convert("L").convert("RGB").save(path)
    assert data.describe(str(folder)).image_shape == (1, 32, 32)


def test_some_grey_files_among_colours_become_rgb(folder):
    for name in CLASSES:
        write_image(folder / name / "000.png", 9, mode="L")
    assert data.describe(str(folder)).image_shape == (3, 32, 32)
    assert data.describe(str(folder), channels=1).image_shape == (1, 32, 32)


def test_classes_come_in_natural_order(tmp_path):
    folder = write_folder(tmp_path / "numbers", classes=("10", "9", "a1"))
    assert data.describe(str(folder)).classes == ("9", "10", "a1")


def test_what_is_no_image_is_passed_by(folder):
    (folder / "cat" / "notes.txt").write_text("no image")
    (folder / "cat" / ".hidden.png").write_bytes(b"no image")
    (folder / ".cache").mkdir()
    (folder / "readme.md").write_text("no class")
    assert data.describe(str(folder)).classes == CLASSES and len(data.load(str(folder), "train")[0]) == 48


def test_a_channel_that_never_changes_can_be_normalised(tmp_path):
    folder = write_folder(tmp_path / "red")
    for path in folder.rglob("*.png"):
        values = np.array(Image.open(path))
        values[..., 1:] = 7
        Image.fromarray(values).save(path)
    assert min(data.describe(str(folder)).std) > 0


def test_a_folder_among_the_data_sets_is_found_by_its_name(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    for name in ("my-pictures-2", "My pictures_2"):
        assert data.find(name) == folder and data.available(name)
        assert data.describe(name) == data.describe(str(folder))


def test_a_relative_path_and_a_link_will_do(folder, tmp_path, monkeypatch):
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


# --- what is refused ----------------------------------------------------------------------------------------


def only_one_class(folder):
    for name in CLASSES[1:]:
        shutil.rmtree(folder / name)


def two_images(folder):
    for name in CLASSES:
        for path in sorted((folder / name).iterdir())[1:]:
            path.unlink()


def a_class_of_two(folder):
    for path in sorted((folder / "dog").iterdir())[2:]:
        path.unlink()


def empty_class(folder):
    for path in (folder / "dog").iterdir():
        path.unlink()


def no_classes(folder):
    shutil.rmtree(folder)
    folder.mkdir()
    write_image(folder / "000.png")


def broken_file(folder):
    path = folder / "dog" / "005.png"
    path.write_bytes(path.read_bytes()[:300])


def text_file(folder):
    (folder / "dog" / "005.png").write_text("Dear diary")


def huge_picture(folder):
    Image.new("1", (10_001, 10_001)).save(folder / "dog" / "005.png")


def many_classes(folder):
    for number in range(198):
        write_image(folder / f"class {number}" / "0.png")


def renamed(new):
    return lambda folder: (folder / "dog").rename(folder / new)


def only_train(folder):
    other = folder.with_name("moved")
    folder.rename(other)
    folder.mkdir()
    other.rename(folder / "train")


def a_class_in_test_alone(folder):
    only_train(folder)
    shutil.copytree(folder / "train", folder / "test")
    (folder / "test" / "dog").rename(folder / "test" / "wolf")


REFUSED = {
    "one class": (only_one_class, "only the class cat", "two classes or more"),
    "no classes": (no_classes, "no folders of classes", "into a folder for each"),
    "two images": (two_images, "images to train on", "add images"),
    "a class of two images": (a_class_of_two, "The class dog", "fewer than 2 images to train on"),
    "an empty class": (empty_class, "dog holds no PNG", "remove the folder"),
    "a broken file": (broken_file, "005.png cannot be used: this file is damaged", "save it again"),
    "a text": (text_file, "005.png cannot be used: this file is damaged, or no PNG", "save it again"),
    "a huge picture": (huge_picture, "005.png cannot be used: this image has more than 100 megapixels", "scale it"),
    "201 classes": (many_classes, "201 classes, more than 200", "leave some out"),
    "a name of signs": (renamed("_-_"), "'_-_'", "rename it"),
    "a name of spaces": (renamed("  "), "'  '", "rename it"),
    "a name with a space in front": (renamed(" dog"), "' dog'", "rename it"),
    "a name of two lines": (renamed("hot\ndog"), "'hot\\ndog'", "rename it"),
    "an endless name": (renamed("d" * 61), "ddd", "60 characters"),
    "no test split": (only_train, "only the class train", "into the folders train and test"),
    "a class in test alone": (a_class_in_test_alone, "wolf is a class without a folder in", "rename it"),
}


@pytest.mark.parametrize("problem", REFUSED)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_data_set_is_refused_in_one_sentence(folder, problem):
    change, *parts = REFUSED[problem]
    change(folder)
    with pytest.raises(DatasetError) as caught:
        data.describe(str(folder))
    one_sentence(caught.value, *parts)
    with pytest.raises(DatasetError) as again:  # one of the splits has what is wrong
        both(folder)
    assert str(again.value) == str(caught.value)


@pytest.mark.parametrize("name", ["cifar10", "MNIST", "sample"])
def test_a_folder_with_the_name_of_a_data_set_is_refused(folder, name):
    target = folder.with_name(name)
    folder.rename(target)
    with pytest.raises(DatasetError) as caught:
        data.describe(str(target))
    one_sentence(caught.value, "is named like the data set", "rename")


def test_a_folder_without_letters_in_its_name_is_refused(folder):
    target = folder.with_name("__")
    folder.rename(target)
    with pytest.raises(DatasetError) as caught:
        data.describe(str(target))
    one_sentence(caught.value, "has no name that a data set can have")


@pytest.mark.parametrize(
    "options, part",
    [({"side": 7}, "from 8 to 64 pixels, not 7"), ({"side": 65}, "not 65"), ({"side": 0}, "not 0")]
    + [({"channels": channels}, f"1 or 3 channels, not {channels}") for channels in (0, 2, -1)],
)
def test_a_side_or_channels_out_of_range_are_refused(folder, options, part):
    for call in (data.load, data.describe):
        with pytest.raises(ValueError, match=part) as caught:
            call(str(folder), **options)
        one_sentence(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "no/such/place", "", "a\0b", "x" * 5000])
def test_what_is_neither_a_name_nor_a_folder(tmp_path, monkeypatch, name):
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    for call in (data.load, data.describe, data.find, data.available):
        with pytest.raises(ValueError, match="There is no data set") as caught:
            call(name)
        one_sentence(caught.value, "or the path of a folder of images")


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "10"])
def test_parts_need_a_number_of_images_held_out(count):
    with pytest.raises(ValueError, match="held_out, by which typicality is measured, must be a whole number from 1 on"):
        data.splits("sample", held_out=count)
