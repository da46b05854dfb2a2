"""What the PDFs of the app say: their pages and their text, read without a library."""

import re
import zlib
from typing import NamedTuple

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for match in _STREAM.finditer(pdf):
        try:
            found.append(zlib.decompress(match[1]))
        except zlib.error:
            found.append(match[1])
    return found


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points of 1/72 inch."""
    boxes = re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)
    return [tuple(map(float, box.split()[2:])) for box in boxes]


class Piece(NamedTuple):
    """Some text in one font, where it begins, and its size, in the units of what is around it."""

    text: str
    font: str
    size: float
    x: float
    y: float


_PIECE = re.compile(
    rb"/(\w+) ([\d.]+) Tf[^()<>]*?\n([-\d.]+) [-\d.]+ [-\d.]+ [-\d.]+ ([-\d.]+) ([-\d.]+) Tm\n<([0-9a-fA-F]+)> Tj"
)


def text_in(pdf: bytes) -> str:
    """All text of a PDF, a line for each piece."""
    return "\n".join(piece.text for piece in pieces_in(pdf))


def images_in(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height in pixels of each picture."""
    found = [head for head in re.findall(rb"<<[^<>]*/Subtype /Image[^<>]*", pdf) if b"/DeviceRGB" in head]
    return [tuple(int(re.search(rb"/%b (\d+)" % key, head)[1]) for key in (b"Width", b"Height")) for head in found]


def pieces_in(pdf: bytes) -> list[Piece]:
    """The text of a PDF whose fonts name their glyphs alike, without characters that take no place."""
    streams, characters = _streams(pdf), {}
    for stream in streams:
        for table in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
            for glyph, character in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", table):
                characters[int(glyph, 16)] = chr(int(character, 16))
    pieces = []
    for stream in streams:
        for font, size, scale, x, y, codes in _PIECE.findall(stream):
            glyphs = [int(codes[i : i + 4], 16) for i in range(0, len(codes), 4)]
            text = "".join(characters[glyph] for glyph in glyphs).replace("\u200b", "")
            if text:
                pieces.append(Piece(text, font.decode(), float(size) * float(scale), float(x), float(y)))
    return pieces
