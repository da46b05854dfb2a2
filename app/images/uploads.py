"""An image file that a person uploads, decoded in a process of its own, within limits for all sessions together."""

import threading
from collections.abc import Callable
from typing import BinaryIO, TypeVar, TypeVarTuple

import numpy as np

from app.inference.memory import limit_memory
from app.inference.process import EndedError, Process, has_processes, name_of
from app.palette import ACCENT
from ibinn_core.data.image_files import ImageLimits, Preview, preview_image, read_image
from ibinn_core.data.image_scaling import MID_GREY
from ibinn_core.data.images import ImageError

#: What a file may be, and what decoding it may take. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000, memory=150_000_000)
PATIENCE = 10.0  # seconds that a person waits for the images of others
#: What a decoding may take, far above what it takes of a file within the limits: then its process is ended.
SECONDS, MEMORY = 10.0, 2**30
#: What may be behind the transparent parts of an image, the usual one first.
GROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0), "grey": MID_GREY}
WHITE = GROUNDS["white"]
PREVIEWED = 360  # pixels of the longer side of a whole image, at most
LEFT_OUT = 0.3  # opacity of what is not in the square
FRAME = 2  # pixels

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")
_turn = threading.Semaphore(1)  # so that the memory is that of one image, however many people upload one
_process: Process | None = None  # of whoever has the turn


def read_upload(
    file: BinaryIO, side: int, channels: int, place: float = 0.5, ground: tuple[int, int, int] = WHITE
) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    ``place`` is that of the square along the image's longer side, from 0 to 1, and ``ground`` shows through what is
    transparent.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits, or other people's images take too
            long.
    """
    return _in_turn(read_image, _bytes_of(file), side, channels, LIMITS, place, ground)


def preview_upload(file: BinaryIO) -> Preview:
    """The whole image, small; raises an ``ImageError`` as :func:`read_upload` does."""
    return _in_turn(preview_image, _bytes_of(file), PREVIEWED, LIMITS)


def _bytes_of(file: BinaryIO) -> bytes:
    """All of it, or as much as tells that it is too large."""
    file.seek(0)
    return file.read(LIMITS.file_bytes + 1)


def _in_turn(read: Callable[[*_Arguments], _Result], *arguments: *_Arguments) -> _Result:
    if not _turn.acquire(timeout=PATIENCE):
        raise ImageError("Other people's images are being read; choose the file again in a moment.")
    try:
        return _apart(read, *arguments) if has_processes() else read(*arguments)
    finally:
        _turn.release()


def _apart(function: Callable[[*_Arguments], _Result], *arguments: *_Arguments) -> _Result:
    """What a function gives in the process for images, which is ended if that takes too long.

    Raises:
        ImageError: It took too long, or the process has ended.
        Exception: What the function raises.
    """
    global _process
    name = name_of(function)
    if _process is None or not _process.is_running:
        _process = Process(function.__module__)
        _process.call(name_of(limit_memory), MEMORY)
    timer = threading.Timer(SECONDS, _process.stop)
    timer.start()
    try:
        return _process.call(name, *arguments)  # type: ignore[return-value]
    except EndedError as error:
        raise ImageError("This image takes too long to read, or too much memory; save it anew as a PNG.") from error
    finally:
        timer.cancel()


def crop_picture(preview: Preview, place: float, ground: tuple[int, int, int] = WHITE) -> np.ndarray:
    """The whole image, pale outside the square at ``place``, which is framed: uint8 ``(h, w, 3)``."""
    opacity = preview.pixels[..., 3:] / 255
    picture = opacity * preview.pixels[..., :3] + (1 - opacity) * np.array(ground)
    height, width = picture.shape[:2]
    side = min(height, width)
    left, top = round(place * (width - side)), round(place * (height - side))
    pale = LEFT_OUT * picture + (1 - LEFT_OUT) * 255
    box = slice(top, top + side), slice(left, left + side)
    pale[box] = [int(ACCENT[i : i + 2], 16) for i in (1, 3, 5)]
    inner = slice(top + FRAME, top + side - FRAME), slice(left + FRAME, left + side - FRAME)
    pale[inner] = picture[inner]
    return np.round(pale).astype(np.uint8)
