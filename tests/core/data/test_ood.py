"""The out-of-distribution sets of Fig. 5: made from images, or read from files that the tests write."""

import math
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import colourful_images, refusal
from official_helpers import write_npz
from PIL import Image
from shape_helpers import every_shape, pixels

from ibinn_core import data
from ibinn_core.data import DatasetError, DatasetNotFoundError, ood
from ibinn_core.exploration import add_gaussian_noise, add_uniform_noise, rotate_rgb, rotation_matrix

COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]


def write_jpeg(path: Path, width: int, height: int, colour: tuple[int, int, int]) -> None:
    """A coloured square in the middle of black, as high as the image."""
    pixels, left = np.zeros((height, width, 3), np.uint8), (width - height) // 2
    pixels[:, left : left + height] = colour
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="JPEG", quality=95)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return pixels(40, (3, 32, 32), seed=3)


def test_the_papers_sets_are_the_test_images_changed_as_the_paper_says(images, monkeypatch):
    monkeypatch.setattr(ood, "_CHUNK", 20)
    deviation = ood.UNIFORM_AMPLITUDE / math.sqrt(3)
    assert ood.GAUSSIAN_SIGMA == pytest.approx(deviation, abs=1e-4) == 0.015
    for name, change in (
        ("rgb-rotation", lambda x, _: rotate_rgb(x, 0.3 * math.pi, ood.ROTATION_AXIS)),
        ("noise", lambda x, seed: add_uniform_noise(x, ood.UNIFORM_AMPLITUDE, seed)),
        ("gaussian-noise", lambda x, seed: add_gaussian_noise(x, 0.015, seed)),
    ):
        expected = [data.images.to_uint8(change(data.images.to_unit(images[s : s + 20]), s)) for s in (0, 20)]
        np.testing.assert_array_equal(ood.load(name, images), np.concatenate(expected))


def test_the_matrix_is_the_authors():
    """Rx(a) Ry(b) with a = 0.2 π 0.35^0.7 and b = π 0.35^1.2 in their code."""
    a, b = 0.2 * math.pi * 0.35**0.7, math.pi * 0.35**1.2
    x = [[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]
    y = [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
    np.testing.assert_allclose(np.array(x) @ y, rotation_matrix(0.3 * math.pi, ood.ROTATION_AXIS), atol=0.006)


@every_shape
def test_turns_and_negatives_of_every_shape(shape):
    images = pixels(5, shape)
    np.testing.assert_array_equal(ood.load("inverted", images), 255 - images)
    np.testing.assert_array_equal(ood.load("rotation-180", images), images[:, ::-1, ::-1])


OWN_GREY = data.Dataset("letters", "Letters", ("a", "b"), (1, 20, 20), (0.5,), (0.2,), fingerprint="0" * 16)
OWN_COLOUR = data.Dataset("pets", "Pets", ("a", "b"), (3, 20, 20), (0.5,) * 3, (0.2,) * 3, fingerprint="0" * 16)


def test_which_sets_belong_to_a_data_set():
    of_cifar10 = set(ood.sets_of(data.describe("cifar10")))
    assert set(ood.PAPER_SETS) < of_cifar10
    assert set(ood.sets_of(data.describe("cifar100"))) == of_cifar10 - {"cifar100"} | {"cifar10"}
    digits, clothes = (set(ood.sets_of(data.describe(name))) for name in ("mnist", "fashion-mnist"))
    assert {"fashion-mnist", "rotation-90", "inverted", "noise", "cifar10-grey"} <= digits
    assert clothes == digits - {"fashion-mnist"} | {"mnist"}
    assert "rgb-rotation" in ood.sets_of(OWN_COLOUR) and "rotation-90" in ood.sets_of(OWN_GREY)
    for dataset in (*data.DATASETS.values(), OWN_GREY, OWN_COLOUR):
        colors = [ood.EVERY[name].color for name in ood.sets_of(dataset)]
        assert len(set(colors)) == len(colors)


@pytest.mark.skipif(not data.available("sample"), reason="foolbox is not installed")
@pytest.mark.parametrize(
    "dataset", [*(data.DATASETS[name] for name in ("cifar10", "mnist", "fashion-mnist")), OWN_GREY, OWN_COLOUR]
)
def test_each_set_has_images_of_the_shape_of_the_data_set(root, dataset):
    for name in ("cifar10", "cifar100"):
        write_npz(root / f"{name}.npz")
    written = colourful_images(45, seed=5)[0]
    for name in ("drawings", "imagenet"):
        np.savez(root / f"{name}32.npz", x_test=written)
    channels, *sides = dataset.image_shape
    found = {name: ood.load(name, pixels(4, dataset.image_shape)) for name in ood.sets_of(dataset)}
    assert all(len(one) and one.dtype == np.uint8 and one.shape[1:] == (*sides, channels) for one in found.values())
    if dataset.name == "cifar10":
        np.testing.assert_array_equal(found["cifar100"], data.load("cifar100", "test")[0])
        np.testing.assert_array_equal(found["imagenet"], written)
        np.testing.assert_array_equal(ood.load("cifar10", written), data.load("cifar10", "test")[0])
    if dataset.name == "mnist":
        np.testing.assert_array_equal(found["fashion-mnist"], data.embedded("fashion-mnist")[0])
        assert len(found["cifar10-grey"]) == 4  # the test split of the copy that was written


@pytest.mark.parametrize("folders", [("", "", ""), ("n02", "n01", "n01")], ids=["flat", "in classes"])
def test_photographs_are_cropped_and_scaled_down_in_the_order_of_names(root, images, folders):
    for number, (folder, colour) in enumerate(zip(folders, COLOURS, strict=True), 1):
        name = f"ILSVRC2012_val_0000000{number}.JPEG"
        write_jpeg(root / "imagenet" / folder / name, 500, 320, colour)
    (root / "imagenet" / "LOC_val_solution.csv").write_text("no image")
    found = ood.load("imagenet", images)
    assert found.shape == (3, 32, 32, 3) and found.dtype == np.uint8
    for image, colour in zip(found, COLOURS, strict=True):
        # Centre crop: nothing of the black sides but what JPEG bleeds into the outer columns.
        assert abs(image[:, 3:-3].astype(int) - colour).max() <= 3 and image.max(-1).min() > 100


def archive(**arrays):
    return lambda root: np.savez(root / "imagenet32.npz", **arrays)


def half_a_photograph(root):
    write_jpeg(root / "imagenet" / "a.JPEG", 64, 64, COLOURS[0])
    (root / "imagenet" / "b.JPEG").write_bytes(b"\xff\xd8\xff\xe0 no more")


REFUSED = [
    (lambda root: (root / "imagenet32.npz").write_bytes(b"PK, but no archive"), "imagenet32.npz", DatasetError),
    (archive(x_train=np.zeros((2, 32, 32, 3), np.uint8)), "imagenet32.npz", DatasetError),
    (half_a_photograph, "b.JPEG cannot be used", DatasetError),
    (lambda root: (root / "imagenet").mkdir(), "imagenet32.npz or a folder imagenet", DatasetNotFoundError),
]


@pytest.mark.parametrize("put, part, kind", REFUSED)
def test_bad_files_of_a_set_are_refused(root, images, put, part, kind):
    put(root)
    refusal(lambda: ood.load("imagenet", images), root, part, kind=kind)


def test_nothing_is_replaced_by_anything(root, images):
    for name, shown, why, kind in (
        ("svhn", images, "no out-of-distribution set 'svhn'", ValueError),
        ("cifar100", images, "CIFAR-100", DatasetNotFoundError),
        ("cifar10-grey", pixels(4, (1, 28, 28)), "CIFAR-10", DatasetNotFoundError),
        ("rgb-rotation", pixels(4, (1, 28, 28)), "RGB rotation needs images", ValueError),
        ("noise", images.astype(np.float32), "uint8 images of shape", ValueError),
    ):
        with pytest.raises(kind, match=why):
            ood.load(name, shown)
