"""An image file that a person uploads, decoded in a process of its own, within limits for all sessions together."""

import threading
from collections.abc import Callable
from typing import BinaryIO, TypeVar, TypeVarTuple

import numpy as np

from app.inference.memory import limit_memory
from app.inference.process import EndedError, Process, has_processes, name_of
from ibinn_core.data.image_files import ImageLimits, read_image
from ibinn_core.data.images import ImageError

#: What a file may be. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000)
PATIENCE = 10.0  # seconds that a person waits for the images of others
#: What a decoding may take, far above what it takes of a file within the limits: then its process is ended.
SECONDS, MEMORY = 10.0, 2**30
WHITE = (255, 255, 255)

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")
_turn = threading.Semaphore(1)  # so that the memory is that of one image, however many people upload one
_process: Process | None = None  # of whoever has the turn


def read_upload(file: BinaryIO, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    What is transparent is laid on white.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits, or other people's images take too
            long.
    """
    file.seek(0)
    data = file.read(LIMITS.file_bytes + 1)  # all of it, or as much as tells that it is too large
    return _in_turn(read_image, data, side, channels, LIMITS, WHITE)


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
