"""Fingerprints of images: hashes of their pixels, by which an image is found in any copy of its data set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from .images import check_pixels


def pixel_hash(images: np.ndarray) -> np.ndarray:
    """Hash each image's pixels, so that an image can be found in any copy of its data set (`locate`).

    Arguments:
        images: uint8 ``(N, H, W, C)``.

    Returns:
        uint64 ``(N,)``: BLAKE2b of 8 bytes, little-endian, of the image's bytes by row, column and channel.

    Raises:
        ValueError: `images` has another shape or type.
    """
    check_pixels(images)
    digests = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def locate(hashes: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Find the images that belong to the given hashes.

    Arguments:
        hashes: uint64 ``(M,)``, from `pixel_hash`.
        images: uint8 ``(N, H, W, C)``, in any order.

    Returns:
        int64 ``(M,)``: for each hash the index of its image, the first if an image occurs twice, -1 if there is none.

    Raises:
        ValueError: An argument has another shape or type.
    """
    if not isinstance(hashes, np.ndarray) or hashes.dtype != np.uint64 or hashes.ndim != 1:
        raise ValueError("Expected hashes of type uint64 and shape (M,), as pixel_hash returns them.")
    return rows_of(pixel_hash(images), hashes)


def rows_of(hashes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of the ``wanted`` hashes, ``(M,)``, is first among ``hashes``, ``(N,)``; -1 if it is not."""
    if not len(hashes):
        return np.full(len(wanted), -1)
    order = np.argsort(hashes, kind="stable")
    rows = order[np.searchsorted(hashes, wanted, sorter=order).clip(max=len(hashes) - 1)]
    return np.where(hashes[rows] == wanted, rows, -1)


def fingerprint(classes: Sequence[str], *splits: tuple[np.ndarray, np.ndarray]) -> str:
    """16 hexadecimal digits for what a data set holds, the same wherever it lies and in whatever order.

    Each split has images, uint8 ``(N, H, W, C)``, and labels, integers ``(N,)``; a ValueError for others.
    """
    digest = hashlib.sha256(repr(tuple(classes)).encode())
    for images, labels in splits:
        rows = np.stack([pixel_hash(images), np.asarray(labels).astype(np.uint64)], 1).astype("<u8")
        digest.update(repr(images.shape).encode() + rows[np.lexsort(rows.T)].tobytes())
    return digest.hexdigest()[:16]
