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
        uint64 ``(N,)``: BLAKE2b with a digest of 8 bytes, read as little-endian, of the image's bytes in
        the order row, column, channel.

    Raises:
        ValueError: `images` has another shape or type.

    Example:
        >>> images, labels = ib.data.sample()
        >>> hashes = ib.data.pixel_hash(images)
        >>> hashes.dtype, len(set(hashes.tolist()))
        (dtype('uint64'), 20)
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

    Example:
        >>> images, labels = ib.data.sample()
        >>> hashes = ib.data.pixel_hash(images[[7, 3]])
        >>> ib.data.locate(hashes, images).tolist(), ib.data.locate(hashes, images[:5]).tolist()
        ([7, 3], [-1, 3])
    """
    if not isinstance(hashes, np.ndarray) or hashes.dtype != np.uint64 or hashes.ndim != 1:
        raise ValueError("Expected hashes of type uint64 and shape (M,), as pixel_hash returns them.")
    present = pixel_hash(images)
    if not len(present):
        return np.full(len(hashes), -1, dtype=np.int64)
    order = np.argsort(present, kind="stable")
    slots = np.minimum(np.searchsorted(present, hashes, sorter=order), len(present) - 1)
    indices = order[slots]
    return np.where(present[indices] == hashes, indices, -1).astype(np.int64)


def fingerprint(classes: Sequence[str], *splits: tuple[np.ndarray, np.ndarray]) -> str:
    """16 hexadecimal digits for what a data set holds, the same wherever it lies and in whatever order.

    Each split has images, uint8 ``(N, H, W, C)``, and labels, integers ``(N,)``.

    Raises:
        ValueError: Images have another shape or type.
    """
    digest = hashlib.sha256(repr(tuple(classes)).encode())
    for images, labels in splits:
        rows = np.stack([pixel_hash(images), np.asarray(labels).astype(np.uint64)], 1).astype("<u8")
        digest.update(repr(images.shape).encode() + rows[np.lexsort(rows.T)].tobytes())
    return digest.hexdigest()[:16]
