"""How much memory Pillow needs to decode an image file, told from its headers before any pixel is decoded."""

from typing import Any

from PIL import Image

#: Bytes a pixel of Pillow's images, by their mode; of all other modes four.
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_ROWS = 16  # of JPEG blocks, and whatever else decoders hold of a few rows, in bytes a pixel of a row
_WEBP = 16  # bytes a pixel: two canvases of the decoder, the copy that leaves it, and the image
_UNROLLED = 2  # bytes a pixel that a GIF or a compressed BMP needs beside the image
# Tags of TIFF files.
_BITS, _COMPRESSION, _ORIENTATION, _ROWS_PER_STRIP, _TILE_WIDTH, _TILE_LENGTH = 258, 259, 274, 278, 322, 323
_UNCOMPRESSED = 1


def decoding_memory(image: Image.Image, data: bytes) -> int:
    """An upper bound of what decoding takes, in bytes, the file among them.

    The image is as ``Image.open`` gives it, not loaded yet; of a JPEG after ``draft``.
    """
    decoded = _area(image.size) * _BYTES.get(image.mode, 4)
    return len(data) + decoded + _ROWS * 4 * max(image.size) + _beside(image, data)


def _beside(image: Any, data: bytes) -> int:  # each format's class has attributes of its own
    """What decoders need beside the image itself, in bytes."""
    area = _area(image.size)
    if image.format == "JPEG":
        return 0 if _is_decoded_in_one_pass(data) else _coefficients(image, data)
    if image.format == "WEBP":
        return (_WEBP - _BYTES.get(image.mode, 4)) * area
    if image.format == "TIFF":
        return _of_tiff(image)
    return _UNROLLED * area if image.format in ("GIF", "BMP") else 0


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _of_tiff(image: Any) -> int:
    """The largest strip or tile, and the copy that is made to turn the image."""
    tags, (width, height) = image.tag_v2, image.size
    turned = _area(image.size) * _BYTES.get(image.mode, 4) if tags.get(_ORIENTATION, 1) != 1 else 0
    if tags.get(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED:
        return turned
    bits = tags.get(_BITS, (8,))
    wide = max(4, sum(bits if isinstance(bits, tuple) else (bits,)) // 8 + 1)
    rows = min(tags.get(_ROWS_PER_STRIP) or height, height)
    tile = (tags.get(_TILE_WIDTH) or 0) * (tags.get(_TILE_LENGTH) or 0)
    return turned + wide * max(width * rows, tile)


# A JPEG that comes in several passes, as a progressive one does, is held as coefficients until the last of them.


def _segments(data: bytes) -> dict[int, bytes]:
    """What the markers of a JPEG carry, by the marker, up to its first pass."""
    found, place = {}, 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # a byte that fills up
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        found[marker] = data[place + 4 : place + 2 + length]
        if marker == 0xDA:
            break
        place += 2 + max(2, length)
    return found


def _is_decoded_in_one_pass(data: bytes) -> bool:
    segments = _segments(data)
    frame = segments.get(0xC0) or segments.get(0xC1)  # sequential ones
    scan = segments.get(0xDA)
    return bool(frame and scan and len(frame) > 5 and frame[5] == scan[0])


def _coefficients(image: Any, data: bytes) -> int:
    """Two bytes for each coefficient of each channel, of which some may have fewer than there are pixels."""
    segments = _segments(data)
    frame = next((segments[marker] for marker in range(0xC0, 0xCF) if marker in segments and marker != 0xC4), b"")
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    samplings = [(across, down) for _, across, down, _ in image.layer]
    widest, highest = (max((pair[axis] for pair in samplings), default=1) or 1 for axis in (0, 1))
    share = sum(across * down for across, down in samplings) / (widest * highest)
    return int(2 * share * (width + 8 * widest) * (height + 8 * highest))
