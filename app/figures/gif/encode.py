"""Frames as a GIF."""

import io

import numpy as np
from PIL import Image


def gif_bytes(frames: np.ndarray, milliseconds: int) -> bytes:
    """An animation that loops, from uint8 ``(T, H, W, 3)``."""
    buffer = io.BytesIO()
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return buffer.getvalue()
