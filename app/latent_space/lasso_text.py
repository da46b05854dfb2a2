"""A set of test images as a short text for the URL: a bit for each image, with runs of zeros coded."""

import base64
import binascii
import zlib

import numpy as np

ORDERS = 16  # of the code, which its first four bits tell


def to_text(chosen: np.ndarray, hashes: np.ndarray, labels: np.ndarray) -> str:
    """The text of the images with the hashes ``chosen`` out of all test images' ``hashes``; ``""`` if there are none.

    The images of a class stand together, since a lasso mostly holds images of few classes. How many others lie between
    two chosen ones is written in the exponential Golomb code of that order which is shortest.
    """
    places = np.flatnonzero(np.isin(_in_order(hashes, labels), chosen))
    if not len(places):
        return ""
    gaps = np.diff(places, prepend=-1) - 1
    codes = ["".join(_code(int(gap), order) for gap in gaps) for order in range(ORDERS)]
    order = min(range(ORDERS), key=lambda n: len(codes[n]))
    bits = f"{order:04b}{codes[order]}"
    bits += "0" * (-len(bits) % 8)  # no code word consists of zeros alone
    packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return base64.urlsafe_b64encode(_sign(hashes) + packed).decode().rstrip("=")


def from_text(text: str, hashes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The hashes that a text of :func:`to_text` stands for; none if it is no such text of these test images."""
    none = np.zeros(0, np.uint64)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return none
    sign, packed = data[:2], data[2:]
    if sign != _sign(hashes) or not packed or len(packed) > len(hashes):
        return none
    bits = "".join(f"{byte:08b}" for byte in packed)
    gaps = _gaps(bits[4:], int(bits[:4], 2))
    places = np.cumsum([gap + 1 for gap in gaps], dtype=np.int64) - 1
    if not len(places) or max(gaps) >= len(hashes) or places[-1] >= len(hashes):
        return none
    return _in_order(hashes, labels)[places]


def _in_order(hashes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return hashes[np.lexsort((hashes, labels))]


def _sign(hashes: np.ndarray) -> bytes:
    """Two bytes by which another test set is known."""
    return (zlib.crc32(np.sort(hashes).tobytes()) & 0xFFFF).to_bytes(2, "big")


def _code(number: int, order: int) -> str:
    """``number`` from 0 on, in bits: as many zeros as it has bits beyond ``order``, then its bits."""
    binary = f"{number + (1 << order):b}"
    return "0" * (len(binary) - order - 1) + binary


def _gaps(bits: str, order: int) -> list[int]:
    numbers, at = [], 0
    while (one := bits.find("1", at)) >= 0:
        end = one + (one - at) + order + 1
        if end > len(bits) or one - at > 32:
            break
        numbers.append(int(bits[one:end], 2) - (1 << order))
        at = end
    return numbers
