"""A person's own files, links, and the conversion of units."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from shape_helpers import every_shape, pixels

from ibinn_core.data.image_files import LIMITS, ImageLimits, read_image
from ibinn_core.data.images import ImageError, scale_images, to_pillow, to_uint8, to_unit

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def encoded(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def png(width: int, height: int, color_type: int, depth: int, row: bytes) -> bytes:
    """A PNG of equal rows, for the kinds that Pillow does not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = zlib.compress((b"\0" + row) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def encode_png(pixels: np.ndarray) -> bytes:
    return encoded(to_pillow(pixels), "PNG")


def left_and_right(left, right, size=(64, 64), mode="RGB") -> Image.Image:
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def noise(seed: int = 0, count: int | None = None) -> np.ndarray:
    shape = (32, 32, 3) if count is None else (count, 32, 32, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def refused(source, limits=LIMITS) -> str:
    with pytest.raises(ImageError) as caught:
        read_image(source, limits=limits)
    message = str(caught.value)
    assert re.fullmatch(r"[A-Z][^\n]*\.", message) and ". " not in message, "one sentence"
    return message


class Chunked(io.BytesIO):
    """A stream that cannot seek, as from a pipe."""

    def seekable(self) -> bool:
        return False


class TestSources:
    def test_an_image_of_the_right_size_is_unchanged(self):
        pixels = noise()
        for format, options in (("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})):
            result = read_image(encoded(Image.fromarray(pixels), format, **options))
            assert result.dtype == np.uint8
            np.testing.assert_array_equal(result, pixels, err_msg=format)

    def test_bytes_path_and_file_give_the_same(self, tmp_path):
        data, path = encode_png(noise()), tmp_path / "image.png"
        path.write_bytes(data)
        for source in (bytearray(data), memoryview(data), path, str(path), io.BytesIO(data), Chunked(data)):
            np.testing.assert_array_equal(read_image(source), noise())

    def test_the_result_can_be_written_to(self):
        assert read_image(encode_png(noise())).flags.writeable

    def test_a_missing_file_and_a_folder(self, tmp_path):
        assert "nothing.png" in refused(tmp_path / "nothing.png")
        assert str(tmp_path) in refused(tmp_path)


class TestGeometry:
    def test_one_pixel(self):
        result = read_image(encoded(Image.new("RGB", (1, 1), (12, 200, 99)), "PNG"))
        assert result.shape == (32, 32, 3)
        assert (result == (12, 200, 99)).all()

    def test_a_whole_factor_is_an_area_average(self):
        large = np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)
        expected = large.reshape(32, 3, 32, 3, 3).mean((1, 3))
        assert np.abs(read_image(encoded(Image.fromarray(large), "PNG")) - expected).max() <= 1

    @pytest.mark.parametrize("size", [(96, 32), (32, 96)])
    def test_the_centre_is_kept(self, size):
        image = Image.new("RGB", size, RED)
        left, top = (size[0] - 32) // 2, (size[1] - 32) // 2
        image.paste(Image.fromarray(noise()), (left, top))
        np.testing.assert_array_equal(read_image(encoded(image, "PNG")), noise())

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_exif_orientation(self, orientation):
        stored = noise()
        upright = {
            1: stored,
            2: stored[:, ::-1],
            3: stored[::-1, ::-1],
            4: stored[::-1],
            5: stored.swapaxes(0, 1),
            6: np.rot90(stored, -1),
            7: stored[::-1, ::-1].swapaxes(0, 1),
            8: np.rot90(stored),
        }[orientation]
        exif = Image.Exif()
        exif[0x0112] = orientation
        np.testing.assert_array_equal(read_image(encoded(Image.fromarray(stored), "PNG", exif=exif)), upright)

    def test_broken_exif_is_ignored(self):
        data = encoded(Image.fromarray(noise()), "PNG", exif=b"garbage, no EXIF")
        np.testing.assert_array_equal(read_image(data), noise())


class TestKinds:
    def test_forty_megapixel_jpeg_is_decoded_reduced(self, monkeypatch):
        data = encoded(left_and_right(RED, BLUE, (8000, 5000)), "JPEG")
        scaled = []
        resize = Image.Image.resize

        def spy(self, *args, **kwargs):
            scaled.append(self.size)
            return resize(self, *args, **kwargs)

        monkeypatch.setattr(Image.Image, "resize", spy)
        result = read_image(data).astype(int)
        assert scaled[0] == (1000, 625)
        assert np.abs(result[:, :15] - RED).max() < 8
        assert np.abs(result[:, 17:] - BLUE).max() < 8

    def test_cmyk_jpeg(self):
        # Cyan ink on the left, yellow ink on the right; Pillow writes them inverted, as Adobe's programs do.
        image = left_and_right((255, 0, 0, 0), (0, 0, 255, 0), mode="CMYK")
        result = read_image(encoded(image, "JPEG", quality=95)).astype(int)
        assert np.abs(result[:, :15] - (0, 255, 255)).max() < 8
        assert np.abs(result[:, 17:] - (255, 255, 0)).max() < 8

    def test_sixteen_bit_grey_png_is_scaled(self):
        levels = np.arange(32) * 2113
        row = b"".join(struct.pack(">H", level) for level in levels)
        result = read_image(png(32, 32, 0, 16, row))
        expected = np.broadcast_to(np.round(levels / 257)[None, :, None], (32, 32, 3))
        np.testing.assert_array_equal(result, expected)

    def test_sixteen_bit_colour_png_is_scaled(self):
        result = read_image(png(32, 32, 2, 16, struct.pack(">HHH", 65535, 32896, 257) * 32))
        assert (result == (255, 128, 1)).all()

    def test_animated_gif_gives_its_first_frame(self):
        frames = [Image.new("RGB", (40, 40), color) for color in (GREEN, RED, BLUE)]
        data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
        assert Image.open(io.BytesIO(data)).n_frames == 3
        assert (read_image(data) == GREEN).all()

    def test_palette(self):
        image = left_and_right(RED, BLUE, (32, 32)).quantize(2)
        assert image.mode == "P"
        result = read_image(encoded(image, "PNG"))
        assert (result[:, :16] == RED).all() and (result[:, 16:] == BLUE).all()

    @pytest.mark.parametrize("mode", ["1", "L"])
    def test_grey(self, mode):
        image = Image.new(mode, (32, 32), 0)
        image.paste(255, (16, 0, 32, 32))
        result = read_image(encoded(image, "PNG"))
        assert (result[:, :16] == 0).all() and (result[:, 16:] == 255).all()

    def test_transparency_lies_over_mid_grey(self):
        image = left_and_right((255, 0, 0, 255), (255, 0, 0, 0), (32, 32), mode="RGBA")
        result = read_image(encoded(image, "PNG"))
        assert (result[:, :16] == RED).all() and (result[:, 16:] == 128).all()

    def test_transparency_lies_over_the_ground_that_is_asked_for(self):
        image = left_and_right((255, 0, 0, 255), (255, 0, 0, 0), (32, 32), mode="RGBA")
        result = read_image(encoded(image, "PNG"), ground=GREEN)
        assert (result[:, :16] == RED).all() and (result[:, 16:] == GREEN).all()

    @pytest.mark.parametrize("wrong", [{"ground": (0, 0, 256)}, {"ground": (0, 0)}])
    def test_a_ground_out_of_range_is_refused(self, wrong):
        with pytest.raises(ValueError, match=r"must be .* not"):
            read_image(encoded(Image.new("RGB", (32, 32)), "PNG"), **wrong)

    def test_the_colour_under_transparent_pixels_does_not_bleed(self):
        image = Image.new("RGBA", (64, 64), (*GREEN, 0))
        for column in range(0, 64, 2):
            image.paste((*RED, 255), (column, 0, column + 1, 64))
        result = read_image(encoded(image, "PNG")).astype(int)
        assert np.abs(result - (192, 64, 64)).max() <= 2

    def test_a_transparent_palette_colour(self):
        image = left_and_right(RED, BLUE, (32, 32)).quantize(2)
        transparent = image.getpixel((31, 0))
        result = read_image(encoded(image, "GIF", transparency=transparent))
        assert (result[:, :16] == RED).all() and (result[:, 16:] == 128).all()


class TestRefusals:
    @pytest.mark.parametrize(
        "data",
        [
            b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
            b"Dear diary, this is no image.",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
            bytes(range(256)) * 4,
            encoded(Image.fromarray(noise()), "ICO"),
            encoded(Image.fromarray(noise()), "TIFF"),
        ],
        ids=["SVG", "text", "HEIC", "bytes", "ICO", "TIFF"],
    )
    def test_other_files_are_refused_in_one_sentence(self, data):
        assert "no PNG, JPEG, WebP, GIF or BMP image" in refused(data)

    @pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
    @pytest.mark.parametrize("kept", [0.02, 0.5])
    def test_truncated(self, format, kept):
        data = encoded(Image.fromarray(np.kron(noise(), np.ones((4, 4, 1), np.uint8))), format)
        assert "damaged" in refused(data[: int(kept * len(data))])

    def test_damaged_in_the_middle(self):
        data = bytearray(encode_png(noise()))
        data[len(data) // 2] ^= 0xFF
        assert "damaged" in refused(bytes(data))

    def test_empty(self):
        assert "damaged" in refused(b"")

    @pytest.mark.parametrize("side", [10_001, 20_000])
    @pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
    def test_decompression_bomb_is_not_decoded(self, side, monkeypatch):
        data = png(1, 1, 0, 1, b"\0")
        header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        data = data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
        assert "more than 100 megapixels" in refused(data)

    def test_too_many_bytes(self, tmp_path):
        data, path = encode_png(noise()), tmp_path / "large.png"
        path.write_bytes(data)
        read_image(path, limits=ImageLimits(len(data)))
        for source in (data, path, io.BytesIO(data)):
            assert "larger than" in refused(source, ImageLimits(len(data) - 1))


class TestUnits:
    def test_round_trip_is_exact_in_other_precisions_too(self):
        every = np.resize(np.arange(256, dtype=np.uint8), (1, 32, 32, 3))
        np.testing.assert_array_equal(to_uint8(to_unit(every).double()), every)
        np.testing.assert_array_equal(to_uint8(to_unit(every).half()), every)

    @pytest.mark.filterwarnings("error")
    def test_numpy_views_and_tensors(self):
        pixels = noise(count=2)
        flipped = pixels[:, :, ::-1]
        np.testing.assert_array_equal(to_uint8(to_unit(flipped)), flipped)
        assert torch.equal(to_unit(torch.from_numpy(pixels)), to_unit(pixels))
        expected = to_unit(pixels)
        pixels.flags.writeable = False
        assert torch.equal(to_unit(pixels), expected)

    def test_the_input_is_left_alone(self):
        pixels, x = noise(count=1), torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
        before, x_before = pixels.copy(), x.clone()
        to_unit(pixels), to_uint8(x.requires_grad_())
        np.testing.assert_array_equal(pixels, before)
        assert torch.equal(x.detach(), x_before)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (-0.1, 0),
            (0.0, 0),
            (0.999 / 256, 0),
            (1 / 256, 1),
            (0.5, 128),
            (1.0, 255),
            (7.0, 255),
            (3e38, 255),
        ],
    )
    def test_quantisation_and_clipping(self, value, expected):
        assert (to_uint8(torch.full((1, 3, 32, 32), value)) == expected).all()

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_not_finite(self, value):
        x = torch.full((1, 3, 32, 32), 0.5)
        x[0, 1, 2, 3] = value
        with pytest.raises(ValueError, match="NaN or infinite"):
            to_uint8(x)

    @pytest.mark.parametrize(
        "wrong",
        [
            np.zeros((1, 32, 32, 3)),
            np.zeros((32, 32, 3), np.uint8),
            np.zeros((1, 3, 32, 32), np.uint8),
            torch.zeros(1, 32, 32, 3),
            [[0]],
        ],
    )
    def test_not_pixels(self, wrong):
        with pytest.raises(ValueError, match=r"Expected uint8 images of shape \(N, H, W, C\) .*, got"):
            to_unit(wrong)

    @pytest.mark.parametrize(
        "wrong",
        [
            torch.zeros(1, 3, 32, 32, dtype=torch.uint8),
            torch.zeros(3, 32, 32),
            torch.zeros(1, 32, 32, 3),
            np.zeros((1, 3, 32, 32), np.float32),
        ],
    )
    def test_not_units(self, wrong):
        with pytest.raises(ValueError, match=r"Expected a floating-point tensor of shape"):
            to_uint8(wrong)


class TestShapes:
    """The same as above for other shapes than 32×32×3."""

    @every_shape
    def test_units_there_and_back(self, shape):
        every = pixels(3, shape)
        every.ravel()[:256] = np.arange(256)
        x = to_unit(every)
        assert x.dtype == torch.float32 and x.shape == (3, *shape) and x.is_contiguous()
        assert x[1, -1, 5, 7].item() == (every[1, 5, 7, -1] + 0.5) / 256
        np.testing.assert_array_equal(to_uint8(x), every)
        assert to_uint8(to_unit(every[:0])).shape == every[:0].shape

    @pytest.mark.parametrize("side", [8, 28, 33, 64])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_a_file_becomes_what_is_asked_for(self, side, channels):
        result = read_image(encoded(left_and_right(RED, BLUE), "PNG"), side, channels)
        assert result.shape == (side, side, channels) and result.dtype == np.uint8
        colours = {1: ([76], [29]), 3: (RED, BLUE)}
        # Away from the edge, next to which Lanczos rings.
        for half, colour in zip((result[:, : side // 4], result[:, -(side // 4) :]), colours[channels], strict=True):
            assert np.abs(half.astype(int) - colour).max() <= 3

    def test_a_grey_image_of_the_right_size_is_unchanged(self):
        digit = pixels(1, (1, 28, 28))[0]
        np.testing.assert_array_equal(read_image(encode_png(digit), 28, 1), digit)
        np.testing.assert_array_equal(read_image(encode_png(digit), 28, 3), digit.repeat(3, -1))

    @pytest.mark.parametrize("options, part", [({"side": 7}, "not 7"), ({"side": 65}, "not 65")])
    def test_a_side_out_of_range(self, options, part):
        with pytest.raises(ValueError, match=part):
            read_image(encode_png(noise()), **options)

    @pytest.mark.parametrize("channels", [0, 2, -1])
    def test_channels_out_of_range(self, channels):
        with pytest.raises(ValueError, match=f"channels, not {channels}"):
            read_image(encode_png(noise()), channels=channels)

    def test_images_are_scaled_as_their_files_would_be(self):
        photographs = noise(count=3)
        files = [read_image(encode_png(image), 28, 1) for image in photographs]
        np.testing.assert_array_equal(scale_images(photographs, 28, 1), files)
        assert scale_images(photographs[:0], 28, 1).shape == (0, 28, 28, 1)
        np.testing.assert_array_equal(scale_images(photographs, 32, 3), photographs)
        with pytest.raises(ValueError, match="uint8 images"):
            scale_images(photographs / 255, 28, 1)
