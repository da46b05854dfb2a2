"""What the PDFs of the app say: their pages and their text, read without a library."""

import re
import zlib

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


def text_in(pdf: bytes) -> str:
    """All text of a PDF whose fonts name their glyphs alike, a line for each piece."""
    streams, characters = _streams(pdf), {}
    for stream in streams:
        for table in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
            for glyph, character in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", table):
                characters[int(glyph, 16)] = chr(int(character, 16))
    pieces = []
    for stream in streams:
        if b"BT" in stream and b"Tj" in stream:
            for codes in re.findall(rb"<([0-9a-fA-F]+)> Tj", stream):
                glyphs = [int(codes[i : i + 4], 16) for i in range(0, len(codes), 4)]
                pieces.append("".join(characters[glyph] for glyph in glyphs))
    return "\n".join(pieces)
