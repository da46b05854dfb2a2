"""Checkpoints of others by the name of their repository on the Hugging Face Hub, ``owner/name``.

The package ``huggingface_hub`` fetches them. Their files are not in the index, so they are read as a stranger's
checkpoint is, within limits; nothing of them is a program.
"""

import re
import shutil
from pathlib import Path

from ..files import WriteError, new_folder
from ..places import cache
from .hub import FetchError
from .names import CARD, CONFIG, FILES, HISTORY, LIMITS, MANIFEST, WEIGHTS
from .validation import brief

_NEEDED = (CONFIG, WEIGHTS, CARD, HISTORY)


def is_name(text: str) -> bool:
    """Whether this may be the name of a repository there; the path of a file of a checkpoint is none."""
    is_path = text.rpartition("/")[2] in (*FILES, MANIFEST)
    return re.fullmatch(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}", text, re.ASCII) is not None and not is_path


def folder_of(name: str) -> Path:
    """Where the checkpoint of a repository lies once it is fetched; its id is the name without the owner."""
    return cache() / "hugging-face" / name


def fetch(name: str) -> Path:
    """The folder of the checkpoint in a repository, fetched anew, whole or not at all.

    Raises:
        FetchError: if it cannot be fetched or kept, has not the files of a checkpoint, or one that is too large.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_download
    except ImportError as error:
        raise FetchError(
            f"There is no folder {name}, and to fetch {name} from the Hugging Face Hub the package huggingface_hub is "
            "needed: pip install huggingface_hub."
        ) from error
    place = folder_of(name)
    try:
        with new_folder(place) as partial:
            try:
                found = HfApi().model_info(name, files_metadata=True)
                sizes = {file.rfilename: file.size or 0 for file in found.siblings or []}
                _check(name, sizes)
                for file in (*FILES, MANIFEST):
                    if file in sizes:
                        hf_hub_download(name, file, revision=found.sha, local_dir=partial)
            except (FetchError, WriteError):
                raise
            except Exception as error:  # which ones it raises has changed from version to version
                raise FetchError(
                    f"There is no folder {name}, and {name} could not be fetched from the Hugging Face Hub "
                    f"({brief(error)}): check the name and the connection."
                ) from error
            shutil.rmtree(partial / ".cache", ignore_errors=True)  # what it has noted for itself
    except WriteError as error:
        said = str(error).rstrip(".")
        raise FetchError(f"{name} could not be put into the cache, where {said}; IBINN_CACHE names another.") from error
    return place


def _check(name: str, sizes: dict[str, int]) -> None:
    missing = [file for file in _NEEDED if file not in sizes]
    if missing:
        raise FetchError(f"{name} on the Hugging Face Hub is no checkpoint of this program: it has no {missing[0]}.")
    large = [file for file in (*FILES, MANIFEST) if sizes.get(file, 0) > LIMITS[file]]
    if large:
        limit = f"{LIMITS[large[0]] // 2**10} KiB"
        raise FetchError(f"{name} on the Hugging Face Hub is refused: its {large[0]} is larger than {limit}.")
