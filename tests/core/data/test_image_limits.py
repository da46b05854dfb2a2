"""Limits on reading image files: files that are built to exceed them are refused, or read within them."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from checkpoint_helpers import refusal
from grid_helpers import mostly_slow
from PIL import Image
from waiting_helpers import ends

from ibinn_core.data.image_files import ImageLimits, read_image
from ibinn_core.data.images import ImageError

LIMITS = ImageLimits(10 * 2**20, 25_000_000)
MEMORY = 2**30  # bytes, of the process that decodes


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    channels = len(mode)
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (size[1] // 3 + 1, size[0] // 3 + 1, channels), dtype=np.uint8)
    pixels = small.repeat(3, 0).repeat(3, 1)[: size[1], : size[0]]
    return Image.fromarray(pixels if channels > 1 else pixels[..., 0])


#: Files of 25 megapixels or little less: kind, mode, options.
SIDE = 4990
TURNED = Image.Exif()
TURNED[0x0112] = 6
LARGE = {
    "a PNG with opacity that lies on its side": ("PNG", "RGBA", {"exif": TURNED}),
    "a PNG of 16 bits": ("PNG", "I;16", {}),
    "a JPEG": ("JPEG", "RGB", {}),
    "a progressive JPEG in full": ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    "a progressive JPEG in CMYK": ("JPEG", "CMYK", {"progressive": True}),
    "a WebP with opacity": ("WEBP", "RGBA", {}),
    "a GIF": ("GIF", "P", {"transparency": 0}),
}

MEASURED = """
import sys
from ibinn_core.data.image_files import ImageLimits, read_image
read_image(open(sys.argv[1], "rb").read(), 32, 3, ImageLimits(*map(int, sys.argv[2:])))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is counted in kilobytes on Linux")
@pytest.mark.parametrize("name", mostly_slow(LARGE, "a JPEG"))
def test_no_file_takes_more_memory_than_there_is_for_it(name, tmp_path):
    kind, mode, options = LARGE[name]
    large = tmp_path / "large"
    large.write_bytes(saved(Image.new(mode, (SIDE, SIDE)), kind, **options))
    command = [sys.executable, "-c", MEASURED, str(large), *map(str, LIMITS)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) * 1024 < MEMORY


def test_what_is_beyond_a_limit_is_said_with_the_limit():
    large = saved(Image.new("1", (5100, 5000)), "PNG")
    assert read_image(large).shape == (32, 32, 3)  # a program that sets no limits
    refusal(lambda: read_image(large, limits=LIMITS), "more than 25 megapixels", kind=ImageError)
    data = saved(noise("RGB", (4000, 4000)), "JPEG", progressive=True, quality=1)
    place = data.rfind(b"\xff\xda")
    assert read_image(data).shape == (32, 32, 3)
    many = data[:place] + 40 * data[place:-2] + data[-2:]
    refusal(lambda: read_image(many), "many scans", kind=ImageError)


def tiff_directory(entries: int, length: int, size: int) -> bytes:
    """A directory of TIFF tags that all claim the same ``length`` bytes."""
    tags = b"".join(struct.pack("<HHII", 40000 + i, 1, length, 8) for i in range(entries))
    data = b"II*\0" + struct.pack("<IH", 8, entries) + tags + bytes(4)
    return data + bytes(max(0, size - len(data)))


def jpeg_with(exif: bytes) -> bytes:
    """A JPEG with EXIF of any length, in as many segments as it takes."""
    data = saved(Image.new("RGB", (64, 64), "red"), "JPEG")
    parts = [b"Exif\0\0" + exif[i : i + 65000] for i in range(0, len(exif), 65000)]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return data[:2] + segments + data[2:]


def png_with(exif: bytes) -> bytes:
    data = saved(Image.new("RGB", (64, 64), "red"), "PNG")
    chunk = b"eXIf" + exif
    return data[:33] + struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("wrapped", [jpeg_with, png_with])
@pytest.mark.parametrize("exif", [(1000, 9_000_000), (20_000, 60_000), (20_000, 400)])
def test_of_exif_without_end_little_is_read(wrapped, exif, monkeypatch):
    load, read = Image.Exif.load, []
    monkeypatch.setattr(Image.Exif, "load", lambda self, data: (read.append(len(data)), load(self, data)))
    data = wrapped(tiff_directory(*exif, 9_000_000))
    with ends():
        assert read_image(data, limits=LIMITS)[16, 16, 0] > 250  # the pixels are sound
    # Pillow itself looks into a JPEG's for the resolution, once, as it opens it.
    assert len(read) == 1 and (wrapped is jpeg_with or read[0] <= 2**16)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_comment_without_end_is_passed_over():
    data = saved(Image.new("P", (64, 64)), "GIF")
    place = data.index(b"\x2c\0\0\0\0")
    comment = b"\x21\xfe" + (b"\xff" + b"a" * 255) * 40_000 + b"\0"
    with ends():
        assert read_image(data[:place] + comment + data[place:], limits=LIMITS).shape == (32, 32, 3)
