"""A user's image files: reading them as pixels for a model, limits of the files, and the conversion of units."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch
from checkpoint_helpers import refusal
from grid_helpers import mostly_slow
from PIL import Image
from shape_helpers import every_shape, pixels
from waiting_helpers import ends

from ibinn_core.data.image_files import LIMITS, ImageLimits, read_image
from ibinn_core.data.images import ImageError, scale_images, to_uint8, to_unit

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
NOISE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, color_type: int, depth: int, row: bytes) -> bytes:
    """A PNG of 32 equal rows, for the kinds that Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = zlib.compress((b"\0" + row) * 32)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def left_and_right(left, right, size=(64, 64), mode="RGB") -> Image.Image:
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


class Chunked(io.BytesIO):
    """A stream that cannot seek, as from a pipe."""

    def seekable(self) -> bool:
        return False


def test_an_image_of_the_right_size_is_unchanged_whatever_it_is_read_from(tmp_path):
    data, path = encoded(Image.fromarray(NOISE)), tmp_path / "image.png"
    path.write_bytes(data)
    others = [encoded(Image.fromarray(NOISE), "BMP"), encoded(Image.fromarray(NOISE), "WEBP", lossless=True)]
    for source in (data, *others, bytearray(data), memoryview(data), path, str(path), io.BytesIO(data), Chunked(data)):
        found = read_image(source)
        np.testing.assert_array_equal(found, NOISE, strict=True)
        assert found.flags.writeable


def test_a_whole_factor_is_an_area_average():
    large = np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    expected = large.reshape(32, 3, 32, 3, 3).mean((1, 3))
    assert np.abs(read_image(encoded(Image.fromarray(large))) - expected).max() <= 1
    assert (read_image(encoded(Image.new("RGB", (1, 1), (12, 200, 99)))) == (12, 200, 99)).all()


@pytest.mark.parametrize("size", [(96, 32), (32, 96)])
def test_the_centre_is_kept(size):
    image = Image.new("RGB", size, RED)
    image.paste(Image.fromarray(NOISE), ((size[0] - 32) // 2, (size[1] - 32) // 2))
    np.testing.assert_array_equal(read_image(encoded(image)), NOISE)


def test_exif_orientation_is_applied_unless_it_is_broken():
    turned = NOISE.swapaxes(0, 1)
    upright = [NOISE, NOISE[:, ::-1], NOISE[::-1, ::-1], NOISE[::-1], turned, np.rot90(NOISE, -1)]
    upright += [NOISE[::-1, ::-1].swapaxes(0, 1), np.rot90(NOISE)]
    for orientation, expected in enumerate(upright, 1):
        exif = Image.Exif()
        exif[0x0112] = orientation
        np.testing.assert_array_equal(read_image(encoded(Image.fromarray(NOISE), exif=exif)), expected)
    np.testing.assert_array_equal(read_image(encoded(Image.fromarray(NOISE), exif=b"garbage, no EXIF")), NOISE)


@pytest.mark.parametrize("side", [8, 28, 33, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_file_becomes_what_is_asked_for(side, channels):
    result = read_image(encoded(left_and_right(RED, BLUE)), side, channels)
    assert result.shape == (side, side, channels) and result.dtype == np.uint8
    colours = {1: ([76], [29]), 3: (RED, BLUE)}
    # Away from the edge, next to which Lanczos rings.
    for half, colour in zip((result[:, : side // 4], result[:, -(side // 4) :]), colours[channels], strict=True):
        assert np.abs(half.astype(int) - colour).max() <= 3


def test_images_are_scaled_as_their_files_would_be():
    photographs = pixels(3, (3, 32, 32))
    files = [read_image(encoded(Image.fromarray(image)), 28, 1) for image in photographs]
    np.testing.assert_array_equal(scale_images(photographs, 28, 1), files)
    assert scale_images(photographs[:0], 28, 1).shape == (0, 28, 28, 1)
    np.testing.assert_array_equal(scale_images(photographs, 32, 3), photographs)


def test_a_jpeg_of_forty_megapixels_is_decoded_reduced(monkeypatch):
    data = encoded(left_and_right(RED, BLUE, (8000, 5000)), "JPEG")
    scaled = []
    resize = Image.Image.resize

    def spy(self, *args, **kwargs):
        scaled.append(self.size)
        return resize(self, *args, **kwargs)

    monkeypatch.setattr(Image.Image, "resize", spy)
    read_image(data)
    assert scaled[0] == (1000, 625)


SIXTEEN = np.arange(32) * 2113
TRANSPARENT = left_and_right((*RED, 255), (*RED, 0), (32, 32), mode="RGBA")
PALETTE = left_and_right(RED, BLUE, (32, 32)).quantize(2)
FRAMES = [Image.new("RGB", (40, 40), color) for color in (GREEN, RED, BLUE)]
#: A file of each kind, the colours of its left and right halves, and the tolerance for these colours.
KINDS = {
    "JPEG": (encoded(left_and_right(RED, BLUE, (800, 500)), "JPEG"), RED, BLUE, 8),
    # Cyan and yellow ink. Pillow inverts the values in the file, as Adobe's programs do.
    "CMYK": (
        encoded(left_and_right((255, 0, 0, 0), (0, 0, 255, 0), mode="CMYK"), "JPEG", quality=95),
        (0, 255, 255),
        (255, 255, 0),
        8,
    ),
    "16-bit colour": (png(32, 32, 2, 16, struct.pack(">HHH", 65535, 32896, 257) * 32), (255, 128, 1), (255, 128, 1), 0),
    "animation": (encoded(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:]), GREEN, GREEN, 0),
    "palette": (encoded(PALETTE), RED, BLUE, 0),
    "transparent palette": (encoded(PALETTE, "GIF", transparency=PALETTE.getpixel((31, 0))), RED, GREY, 0),
    "grey": (encoded(left_and_right(0, 255, mode="L")), (0, 0, 0), (255,) * 3, 0),
    "transparent": (encoded(TRANSPARENT), RED, GREY, 0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_has_its_colours(kind):
    data, left, right, tolerance = KINDS[kind]
    found = read_image(data).astype(int)
    # Scaling mixes both colours in the columns at the edge between the halves.
    assert np.abs(found[:, :13] - left).max() <= tolerance and np.abs(found[:, 19:] - right).max() <= tolerance


def test_sixteen_bit_grey_is_scaled():
    row = b"".join(struct.pack(">H", level) for level in SIXTEEN)
    expected = np.broadcast_to(np.round(SIXTEEN / 257)[None, :, None], (32, 32, 3))
    np.testing.assert_array_equal(read_image(png(32, 32, 0, 16, row)), expected)


def test_transparency_lies_over_the_ground_that_is_asked_for():
    result = read_image(encoded(TRANSPARENT), ground=GREEN)
    assert (result[:, :16] == RED).all() and (result[:, 16:] == GREEN).all()


def test_the_colour_under_transparent_pixels_does_not_bleed():
    image = Image.new("RGBA", (64, 64), (*GREEN, 0))
    for column in range(0, 64, 2):
        image.paste((*RED, 255), (column, 0, column + 1, 64))
    assert np.abs(read_image(encoded(image)).astype(int) - (192, 64, 64)).max() <= 2


PNG = encoded(Image.fromarray(NOISE))
LARGE = Image.fromarray(NOISE.repeat(4, 0).repeat(4, 1))
REFUSED = [
    *((data, "not a PNG, JPEG, WebP, GIF or BMP image") for data in (b"<svg/>", b"")),
    (encoded(Image.fromarray(NOISE), "TIFF"), "not a PNG, JPEG, WebP"),
    *((encoded(LARGE, kind)[:place], "damaged") for kind in ("PNG", "JPEG", "GIF", "WEBP") for place in (70, 2000)),
    (PNG[:999] + bytes([PNG[999] ^ 0xFF]) + PNG[1000:], "damaged"),
    ("/tmp", "'/tmp' cannot be read"),
    ("a\0b", "cannot be read"),
]


@pytest.mark.parametrize("source, part", REFUSED)
def test_other_files_are_refused_in_one_sentence(source, part):
    refusal(lambda: read_image(source), part, kind=ImageError)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_001, 20_000])
def test_a_decompression_bomb_is_not_decoded(side, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    refusal(lambda: read_image(png(side, side, 0, 1, b"\0")), "more than 100 megapixels", kind=ImageError)


def test_too_many_bytes(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(PNG)
    read_image(path, limits=ImageLimits(len(PNG)))
    limits = LIMITS._replace(file_bytes=len(PNG) - 1)
    for source in (PNG, path, io.BytesIO(PNG)):
        refusal(lambda source=source: read_image(source, limits=limits), "larger than", kind=ImageError)


@pytest.mark.parametrize(
    "options, part",
    [
        *(({"side": side}, f"from 8 to 64 pixels, not {side}") for side in (7, 65)),
        *(({"channels": channels}, f"1 or 3 channels, not {channels}") for channels in (0, 2, -1)),
        *(({"ground": ground}, "three values from 0 to 255") for ground in ((0, 0, 256), (0, -1, 0), (0, 0))),
    ],
)
def test_options_out_of_range_are_refused(options, part):
    refusal(lambda: read_image(PNG, **options), part, kind=ValueError)


@every_shape
@pytest.mark.filterwarnings("error")
def test_units_there_and_back(shape):
    every = pixels(3, shape)
    every.ravel()[:256] = np.arange(256)
    x = to_unit(every)
    assert x.dtype == torch.float32 and x.shape == (3, *shape) and x.is_contiguous()
    assert x[1, -1, 5, 7].item() == (every[1, 5, 7, -1] + 0.5) / 256
    assert to_uint8(torch.tensor([-0.1, 0.999 / 256, 1 / 256, 1.0, 3e38]).view(1, 1, 1, 5)).ravel().tolist() == [
        *(0, 0, 1, 255, 255)
    ]
    for precise in (x, x.double(), x.half(), x.requires_grad_()):
        np.testing.assert_array_equal(to_uint8(precise), every)
    assert to_uint8(to_unit(every[:0])).shape == every[:0].shape
    flipped = every[:, :, ::-1]
    np.testing.assert_array_equal(to_uint8(to_unit(flipped)), flipped)
    assert torch.equal(to_unit(torch.from_numpy(every)), x)
    every.flags.writeable = False
    assert torch.equal(to_unit(every), x)


def test_what_is_not_finite_is_refused_or_replaced():
    for value in (float("nan"), float("inf"), float("-inf")):
        x = torch.full((1, 3, 32, 32), 0.5)
        x[0, 1, 2, 3] = value
        with pytest.raises(ValueError, match="NaN or infinite"):
            to_uint8(x)
        assert to_uint8(x, missing=0.25)[0, 2, 3, 1] == 64


UPLOADS = ImageLimits(10 * 2**20, 25_000_000)
#: Files of nearly 25 megapixels: kind, mode, options.
SIDE = 4990
TURNED = Image.Exif()
TURNED[0x0112] = 6
HEAVY = {
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
@pytest.mark.parametrize("name", mostly_slow(HEAVY, "a JPEG"))
def test_no_file_takes_more_memory_than_there_is_for_it(name, tmp_path):
    kind, mode, options = HEAVY[name]
    large = tmp_path / "large"
    large.write_bytes(encoded(Image.new(mode, (SIDE, SIDE)), kind, **options))
    command = [sys.executable, "-c", MEASURED, str(large), *map(str, UPLOADS)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 2**20  # kilobytes of the process that decodes the file


def test_what_is_beyond_a_limit_is_said_with_the_limit():
    large = encoded(Image.new("1", (5100, 5000)), "PNG")
    assert read_image(large).shape == (32, 32, 3)  # without limits
    refusal(lambda: read_image(large, limits=UPLOADS), "more than 25 megapixels", kind=ImageError)
    data = encoded(Image.fromarray(np.tile(NOISE, (125, 125, 1))), "JPEG", progressive=True, quality=1)
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
    """A JPEG with EXIF data of any length, in as many segments as the data need."""
    data = encoded(Image.new("RGB", (64, 64), "red"), "JPEG")
    parts = [b"Exif\0\0" + exif[i : i + 65000] for i in range(0, len(exif), 65000)]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return data[:2] + segments + data[2:]


def png_with(exif: bytes) -> bytes:
    data = encoded(Image.new("RGB", (64, 64), "red"), "PNG")
    return data[:33] + chunk(b"eXIf", exif) + data[33:]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("wrapped", [jpeg_with, png_with])
@pytest.mark.parametrize("exif", [(1000, 9_000_000), (20_000, 60_000), (20_000, 400)])
def test_of_exif_without_end_little_is_read(wrapped, exif, monkeypatch):
    load, read = Image.Exif.load, []
    monkeypatch.setattr(Image.Exif, "load", lambda self, data: (read.append(len(data)), load(self, data)))
    data = wrapped(tiff_directory(*exif, 9_000_000))
    with ends():
        assert read_image(data, limits=UPLOADS)[16, 16, 0] > 250  # the pixels are right
    # When Pillow opens a JPEG, Pillow itself reads the EXIF data once, for the resolution.
    assert len(read) == 1 and (wrapped is jpeg_with or read[0] <= 2**16)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_comment_without_end_is_passed_over():
    data = encoded(Image.new("P", (64, 64)), "GIF")
    place = data.index(b"\x2c\0\0\0\0")
    comment = b"\x21\xfe" + (b"\xff" + b"a" * 255) * 40_000 + b"\0"
    with ends():
        assert read_image(data[:place] + comment + data[place:], limits=UPLOADS).shape == (32, 32, 3)
