"""Checkpoints in repositories of the Hugging Face Hub, by the name ``hf://owner/name``.

The package ``huggingface_hub`` (the extra ``hub``) downloads them into its own cache. They are read like any checkpoint
of a stranger.
"""

from contextlib import suppress
from functools import partial
from pathlib import Path

from ..models.schema import shown
from .names import LIMITS
from .validation import CheckpointError, brief

PREFIX = "hf://"


def fetch(name: str) -> Path:
    """Downloads the files of a checkpoint, and returns the folder that holds them.

    Arguments:
        name: ``"hf://owner/name"``.

    Raises:
        ImportError: if the package ``huggingface_hub`` is not installed.
        CheckpointError: if the repository cannot be downloaded, or one of its files is larger than it may be.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise ImportError(
            f"{shown(name)} needs the package huggingface_hub: pip install 'ibinn-explorer[hub]'."
        ) from error
    get = partial(snapshot_download, name.removeprefix(PREFIX), allow_patterns=list(LIMITS))
    try:
        with suppress(OSError):  # without a connection only what is in the cache can be had, and was measured before
            for file in get(dry_run=True):
                _check_size(name, file.filename, file.file_size or 0)
        return Path(get())
    except CheckpointError:
        raise
    except Exception as error:  # which ones it raises differs from version to version
        raise CheckpointError(
            f"{shown(name)} cannot be downloaded ({brief(error)}): check the name and the connection."
        ) from error


def _check_size(name: str, file: str, size: int) -> None:
    limit = LIMITS[file]
    if size > limit:
        raise CheckpointError(f"{shown(name)} is refused: its {file} is larger than {limit // 2**10} KiB.")
