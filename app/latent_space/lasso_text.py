"""A set of test images as a short text for the URL: one bit per image, compressed."""

import base64
import binascii
import zlib

import numpy as np


def to_text(chosen: np.ndarray, hashes: np.ndarray, labels: np.ndarray) -> str:
    """The text for the images with the hashes ``chosen`` among all test images' ``hashes``; ``""`` for no images.

    Bits are sorted by class, which compresses well, since a lasso mostly holds images of few classes.
    """
    bits = np.isin(_in_order(hashes, labels), chosen)
    if not bits.any():
        return ""
    packed = _sign(hashes) + zlib.compress(np.packbits(bits).tobytes(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_text(text: str, hashes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The hashes in a text from :func:`to_text`; empty if the text is invalid for these test images."""
    none, size = np.zeros(0, np.uint64), -(-len(hashes) // 8)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        packed = zlib.decompressobj().decompress(data[2:], size + 1)
    except (binascii.Error, ValueError, zlib.error):
        return none
    if data[:2] != _sign(hashes) or len(packed) != size:
        return none
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=len(hashes)).astype(bool)
    return _in_order(hashes, labels)[bits]


def _in_order(hashes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return hashes[np.lexsort((hashes, labels))]


def _sign(hashes: np.ndarray) -> bytes:
    """Two bytes that distinguish this test set from other test sets."""
    return (zlib.crc32(np.sort(hashes).tobytes()) & 0xFFFF).to_bytes(2, "big")
