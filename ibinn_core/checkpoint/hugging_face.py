"""Checkpoints of others by the name of their repository on the Hugging Face Hub, ``owner/name``.

The package ``huggingface_hub`` fetches them. Their files are not in the index, so they are read as a stranger's
checkpoint is, within limits; nothing of them is a program.
"""

import re
import shutil
from pathlib import Path
from urllib.parse import quote

from ..files import WriteError, new_folder
from ..models.schema import shown
from ..places import cache
from .hub import FetchError
from .names import CARD, CONFIG, FILES, HISTORY, LIMITS, MANIFEST, WEIGHTS
from .validation import brief

_NEEDED = (CONFIG, WEIGHTS, CARD, HISTORY)


def is_name(text: str) -> bool:
    """Whether this may be the name of a repository there; the path of a file of a checkpoint is none."""
    is_path = text.rpartition("/")[2] in (*FILES, MANIFEST)
    return re.fullmatch(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}", text, re.ASCII) is not None and not is_path


def folder_of(name: str, revision: str | None = None, place: str | Path | None = None) -> Path:
    """Where the checkpoint of a repository lies once it is fetched; its id is the name without the owner.

    Arguments:
        name: ``owner/name``.
        revision: branch, tag or commit, each of which has a folder of its own; the newest of the main branch if
            ``None``.
        place: for all of them, instead of one in the cache.

    Raises:
        FetchError: if there can be no such revision.
    """
    own = cache() / "hugging-face" if place is None else Path(place).expanduser()
    if revision is None:
        return own / name
    if not re.fullmatch(r"\w[\w./-]{0,200}", revision, re.ASCII):
        raise FetchError(f"{shown(revision)} is no revision of {name}: name a branch, a tag or a commit.")
    return own / ".revisions" / quote(revision, safe="") / name  # no owner begins with a dot


def fetch(
    name: str,
    revision: str | None = None,
    place: str | Path | None = None,
    token: str | bool | None = None,
) -> Path:
    """The folder of the checkpoint in a repository, fetched anew, whole or not at all.

    Arguments:
        name: ``owner/name``.
        revision: as for :func:`folder_of`.
        place: likewise.
        token: for a private repository; without it that of ``hf auth login``, if there is one.

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
    into = folder_of(name, revision, place)
    try:
        with new_folder(into) as partial:
            try:
                found = HfApi(token=token).model_info(name, revision=revision, files_metadata=True)
                sizes = {file.rfilename: file.size or 0 for file in found.siblings or []}
                _check(name, sizes)
                for file in (*FILES, MANIFEST):
                    if file in sizes:
                        hf_hub_download(name, file, revision=found.sha, local_dir=partial, token=token)
            except (FetchError, WriteError):
                raise
            except Exception as error:  # which ones it raises has changed from version to version
                raise FetchError(
                    f"There is no folder {name}, and {name} could not be fetched from the Hugging Face Hub "
                    f"({first_sentence(error)}): check the name and the connection."
                ) from error
            shutil.rmtree(partial / ".cache", ignore_errors=True)  # what it has noted for itself
    except WriteError as error:
        said = str(error).rstrip(".")
        raise FetchError(f"{name} could not be put into the cache, where {said}; IBINN_CACHE names another.") from error
    return into


def first_sentence(error: Exception) -> str:
    """Of what the package says of an error, which may be a page, the first sentence without its full stop."""
    return re.split(r"\. | For more information", brief(error), maxsplit=1)[0]


def _check(name: str, sizes: dict[str, int]) -> None:
    missing = [file for file in _NEEDED if file not in sizes]
    if missing:
        raise FetchError(f"{name} on the Hugging Face Hub is no checkpoint of this program: it has no {missing[0]}.")
    large = [file for file in (*FILES, MANIFEST) if sizes.get(file, 0) > LIMITS[file]]
    if large:
        limit = f"{LIMITS[large[0]] // 2**10} KiB"
        raise FetchError(f"{name} on the Hugging Face Hub is refused: its {large[0]} is larger than {limit}.")
