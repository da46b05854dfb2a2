"""Damaged image files and strange folders of images give pixels, or an error of the right kind in one sentence."""

import io
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from mutations import CASES, damaged, fuzz, is_sentence, replaced_by_no_file
from PIL import Image

import ibinn_core as ib
from ibinn_core.data.images import ImageError

pytestmark = pytest.mark.slow

SIDE = 8
NAMES = [
    *("cat", "dog", "CAT", "Stop sign", "a" * 61, " cat", "cat\n", "\u202edog", "..cat", "cat.png", "train", "test"),
    *("val", "0", "10", "2", "é", "🐈", "-", "%s", "nul", "mnist"),
]


def originals() -> list[bytes]:
    """An image in every format and mode that the library reads."""
    rgb = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[274] = 6
    saved = [
        (rgb, "PNG", {}),
        (rgb.convert("RGBA"), "PNG", {}),
        (rgb.convert("P"), "PNG", {"transparency": 0}),
        (Image.fromarray(np.full((30, 40), 999, np.uint16)), "PNG", {}),
        (rgb, "JPEG", {"exif": exif}),
        (rgb.convert("L"), "JPEG", {"progressive": True}),
        (rgb.convert("CMYK"), "JPEG", {}),
        (rgb.convert("P"), "GIF", {"save_all": True, "append_images": [rgb.convert("P").rotate(90)]}),
        (rgb, "WEBP", {}),
        (rgb.convert("RGBA"), "WEBP", {"lossless": True}),
        (rgb, "BMP", {}),
    ]
    files = [io.BytesIO() for _ in saved]
    for file, (image, kind, options) in zip(files, saved, strict=True):
        image.save(file, kind, **options)
    return [file.getvalue() for file in files]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_damaged_image_is_pixels_or_a_sentence():
    files = originals()

    def read(rng: random.Random) -> str:
        data = damaged(rng.choice(files), rng)
        for _ in range(rng.choice([0, 0, 3])):
            data = damaged(data, rng)
        side, channels = rng.choice([8, 32, 64]), rng.choice([1, 3])
        try:
            pixels = ib.read_image(data, side, channels)
        except ImageError as error:
            assert is_sentence(error) and str(error).endswith("."), error
            return "refused"
        assert pixels.shape == (side, side, channels) and pixels.dtype == np.uint8
        return "pixels"

    found = fuzz(0, read)
    assert min(found["pixels"], found["refused"]) > CASES / 20


@pytest.fixture(scope="module")
def pets(tmp_path_factory) -> Path:
    """The smallest valid folder of images, with two classes."""
    folder = tmp_path_factory.mktemp("originals") / "pets"
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(26):
            Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(folder / name / f"{number}.bmp")
    return folder


def test_a_strange_folder_of_images_is_a_data_set_or_a_sentence(pets, tmp_path):
    def strange(rng: random.Random) -> str:
        folder = shutil.copytree(pets, tmp_path / "pets", copy_function=os.link)
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            rng.choice(STRANGE)(folder, rng)
        result = use(folder)
        shutil.rmtree(folder)
        return result

    found = fuzz(0, strange)
    assert min(found["a data set"], found["refused"]) > CASES / 20


def use(folder: Path) -> str:
    try:
        described = ib.data.describe(str(folder), SIDE)
        images, labels = ib.data.load(str(folder), "train", SIDE)
    except ValueError as error:  # DatasetError is a ValueError
        assert is_sentence(error) and str(error).endswith("."), error
        return "refused"
    assert images.dtype == np.uint8 and images.shape[1:] == (SIDE, SIDE, described.image_shape[0])
    assert len(images) == len(labels) >= 30 and set(labels) <= set(range(described.num_classes))
    assert all(name.isprintable() for name in described.classes)
    return "a data set"


def a_copy(folder: Path, rng: random.Random) -> Path:
    """Replaces a file in the folder by a copy that is no link to the original. An empty folder gets a new file."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    files = [path for path in found if path.stat().st_size < 2**20]  # leaves out huge sparse files
    path = rng.choice(files) if files else folder / "new.png"
    data = path.read_bytes() if files else b""
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return path


def damaged_file(folder: Path, rng: random.Random) -> None:
    path = a_copy(folder, rng)
    path.write_bytes(damaged(path.read_bytes(), rng))


def no_file(folder: Path, rng: random.Random) -> None:
    replaced_by_no_file(a_copy(folder, rng), rng)


def renamed_class(folder: Path, rng: random.Random) -> None:
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    target = folder / rng.choice(NAMES)
    if inside and not target.exists() and len(target.name.encode()) < 255:
        rng.choice(inside).rename(target)


def renamed_file(folder: Path, rng: random.Random) -> None:
    path = a_copy(folder, rng)
    target = path.with_name(rng.choice([*NAMES, ".png", "x.jpg", "x.webp", "x.txt", "x.gif"]))
    if not target.exists():
        path.rename(target)


def more_folders(folder: Path, rng: random.Random) -> None:
    target = folder / rng.choice(NAMES) / rng.choice([".", "deep", "cat"])
    target.mkdir(parents=True, exist_ok=True)


def link_in_a_circle(folder: Path, rng: random.Random) -> None:
    place = folder / rng.choice(["loop", "cat"])
    if place.is_dir() and not place.is_symlink():
        place = place / "loop.png"
    if not place.exists() and not place.is_symlink():
        place.symlink_to(folder)


STRANGE = [damaged_file, damaged_file, no_file, renamed_class, renamed_file, more_folders, link_in_a_circle]
