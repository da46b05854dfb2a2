"""Files that are small and would keep a decoder busy: counted, and refused before anything is decoded."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import ibinn_core as ib
from ibinn_core.data import image_files
from ibinn_core.data.image_files import MOST_FILLING, MOST_PARTS, check_parts
from ibinn_core.data.images import ImageError

MANY = 3 * MOST_PARTS


def saved(kind: str, size: int = 64, **options: object) -> bytes:
    rng, file = np.random.default_rng(0), io.BytesIO()
    image = Image.fromarray(rng.integers(0, 256, (size // 8, size // 8, 3), dtype=np.uint8)).resize((size, size))
    (image.convert("P") if kind == "GIF" else image).save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def after(data: bytes, place: int, more: bytes) -> bytes:
    return data[:place] + more + data[place:]


def repeated_scans(times: int, size: int = 64) -> bytes:
    """A JPEG whose last scan comes so many times more."""
    data = saved("JPEG", size, progressive=True)
    place = data.rfind(b"\xff\xda")
    return data[:place] + (1 + times) * data[place:-2] + data[-2:]


def palette_end(data: bytes) -> int:
    return 13 + (3 << (data[10] & 7) + 1)


BOMBS = {
    "a JPEG of fill bytes": lambda: after(saved("JPEG"), 2, b"\xff" * 100_000),
    "a JPEG of bytes between its segments": lambda: after(saved("JPEG"), 2, b"\x01" * 100_000),
    "a JPEG of empty segments": lambda: after(saved("JPEG"), 2, MANY * b"\xff\xe5\0\2"),
    "a JPEG in hundreds of scans": lambda: repeated_scans(300),
    "a large JPEG in dozens of scans": lambda: repeated_scans(40, 4000),
    "a PNG of unknown chunks": lambda: after(saved("PNG"), 33, MANY * chunk(b"abCd")),
    "a PNG of texts": lambda: after(saved("PNG"), 33, MANY * chunk(b"tEXt", b"a\0b")),
    "a GIF with a comment in tiny blocks": lambda: after(
        data := saved("GIF"), palette_end(data), b"!\xfe" + MANY * b"\1a" + b"\0"
    ),
    "a GIF of comments": lambda: after(data := saved("GIF"), palette_end(data), MANY * b"!\xfe\1a\0"),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_what_would_take_long_is_refused_before_it_is_opened(bomb, monkeypatch):
    data = bomb()
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(ImageError, match="more parts than cameras and editors write"):
        ib.read_image(data)


@pytest.mark.parametrize(
    "write",
    [
        lambda: saved("JPEG"),
        lambda: saved("JPEG", progressive=True, icc_profile=bytes(300_000)),
        lambda: saved("JPEG", 4000, progressive=True),
        lambda: repeated_scans(20),
        lambda: after(saved("JPEG"), 2, b"\xff" * 9),
        lambda: saved("PNG"),
        lambda: after(saved("PNG"), 33, 5000 * chunk(b"abCd")),
        lambda: saved(
            "GIF", save_all=True, append_images=[Image.new("P", (64, 64), n) for n in range(1, 30)], comment=b"a" * 999
        ),
        lambda: saved("WEBP"),
        lambda: saved("BMP"),
    ],
)
def test_what_cameras_and_editors_write_is_read(write):
    data = write()
    check_parts(data)
    assert ib.read_image(data).shape == (32, 32, 3)


def test_texts_of_an_editor_are_read():
    texts = PngImagePlugin.PngInfo()
    for n in range(200):
        texts.add_text(f"key {n}", "value", zip=bool(n % 2))
    assert ib.read_image(saved("PNG", pnginfo=texts)).shape == (32, 32, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_file_that_is_cut_short_is_left_to_the_decoder(kind):
    data = saved(kind)
    for end in [*range(0, 200), *range(200, len(data), 97)]:
        check_parts(data[:end])


def test_the_counts_are_exact(monkeypatch):
    monkeypatch.setattr(image_files, "MOST_PARTS", 10)
    check_parts(b"\x89PNG\r\n\x1a\n" + 10 * chunk(b"abCd"))
    with pytest.raises(ImageError):
        check_parts(b"\x89PNG\r\n\x1a\n" + 11 * chunk(b"abCd"))
    check_parts(b"\xff\xd8" + 10 * b"\xff\xe5\0\2")
    with pytest.raises(ImageError):
        check_parts(b"\xff\xd8" + 11 * b"\xff\xe5\0\2")
    check_parts(b"\xff\xd8" + (MOST_FILLING + 1) * b"\xff" + b"\xe5\0\2")
    with pytest.raises(ImageError):
        check_parts(b"\xff\xd8" + (MOST_FILLING + 2) * b"\xff" + b"\xe5\0\2")
