"""How many parts an image file is made of: counted from its headers, before anything is decoded.

A file of a few hundred kilobytes can keep a decoder busy for a minute: a JPEG that comes in hundreds of scans, each of
which goes over all pixels; a million empty segments, chunks or comments, each of which a reader looks at. Cameras and
editors write none of these.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

#: The most parts of a file: segments of a JPEG, chunks of a PNG, blocks of a GIF. A PNG of 60 MB has some 8,000 chunks
#: as editors write them.
MOST_PARTS = 50_000
MOST_SCANS = 100  # of a JPEG; editors write up to 15
MOST_SCANNED = 500_000_000  # pixels of all scans of a JPEG together
MOST_FILLING = 2**12  # bytes between the segments of a JPEG, which mean nothing

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # of a segment; within a scan others mean data
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # which have the image's size
_SCAN, _END, _ALONE = 0xDA, 0xD9, {0x01, 0xD8}  # the last have no length


class TooManyParts(ValueError):
    """A file is made of more parts than any camera or editor writes."""


def check_parts(data: bytes) -> None:
    """Raises a TooManyParts for a PNG, JPEG or GIF file, ``data``, of more parts than any camera or editor writes.

    Others have few parts that a reader looks at one by one. What is cut short or no such file is left to the decoder.
    """
    if data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        _count(_png_chunks(data))
    elif data.startswith(b"GIF8"):
        _count(_gif_blocks(data))


def _count(parts: Iterator[int]) -> None:
    for number, _ in enumerate(parts, 1):
        if number > MOST_PARTS:
            raise TooManyParts(f"the file has more than {MOST_PARTS} parts")


def _check_jpeg(data: bytes) -> None:
    place, parts, scans, pixels, filling = 2, 0, 0, 0, 0
    while (found := _MARKER.search(data, place)) and data[found.end() - 1] != _END:
        marker, parts = data[found.end() - 1], parts + 1
        filling += len(found[0]) - 2 if scans else found.end() - 2 - place  # between scans lie their data
        if parts > MOST_PARTS:
            raise TooManyParts(f"the file has more than {MOST_PARTS} parts")
        if filling > MOST_FILLING:
            raise TooManyParts(f"the file has more than {MOST_FILLING} bytes between its parts")
        place = found.end()
        if marker in _ALONE:
            continue
        segment = data[place : place + 7]
        if len(segment) < 2:
            return
        if marker in _FRAMES and len(segment) == 7:
            height, width = struct.unpack(">HH", segment[3:])
            pixels = max(pixels, height * width)
        if marker == _SCAN:
            scans += 1
            if scans > MOST_SCANS or scans * pixels > MOST_SCANNED:
                raise TooManyParts(f"the image comes in {scans} passes or more")
        place += struct.unpack(">H", segment[:2])[0]


def _png_chunks(data: bytes) -> Iterator[int]:
    place = 8
    while place + 8 <= len(data):
        yield place
        (length,) = struct.unpack(">I", data[place : place + 4])
        place += length + 12


def _gif_blocks(data: bytes) -> Iterator[int]:
    """Up to the first image, which is all that is read."""
    if len(data) < 13:
        return
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)
    while data[place : place + 1] == b"!":
        place += 2
        while place < len(data):
            yield place
            size = data[place]
            place += size + 1
            if not size:
                break
