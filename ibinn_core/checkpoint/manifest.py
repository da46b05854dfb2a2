"""The manifest of a checkpoint: the SHA-256 of each of its files, by which damage is told from what was saved.

It is no signature: the person who writes a checkpoint writes its manifest too.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..files import UnreadableError, read_bytes, write_json
from .names import CARD, CONFIG, FILES, HISTORY, LIMITS, MANIFEST, WEIGHTS
from .validation import CheckpointError, id_of, refusal

MANIFEST_FORMAT = 1


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    sha256: dict[
        Literal["config.json", "weights.safetensors", "card.json", "history.csv", "latent.npz", "style.npz"],
        Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")],
    ]


class ChangedError(CheckpointError):
    """A file of a checkpoint is not the one that its manifest names."""


def digest(data: bytes) -> str:
    """The SHA-256 of ``data``, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write_manifest(folder: Path) -> None:
    """Writes the manifest of the checkpoint, or trunk, in ``folder``, replacing an older one.

    Raises:
        CheckpointError: if a file is not what it should be.
        WriteError: if the manifest cannot be written.
    """
    found = {name: digest(read_file(folder, name)) for name in FILES if (folder / name).exists()}
    _store(folder, found)


def renew_entry(folder: Path, name: str) -> None:
    """Puts the file ``name`` into the manifest, if there is one; raises as :func:`write_manifest` does."""
    manifest = read_manifest(folder)
    if manifest is not None:
        _store(folder, {**manifest, name: digest(read_file(folder, name))})


def _store(folder: Path, digests: dict[str, str]) -> None:
    write_json(folder / MANIFEST, {"format": MANIFEST_FORMAT, "sha256": digests})


def read_manifest(folder: Path) -> dict[str, str] | None:
    """The SHA-256 of each file of the checkpoint in ``folder``; ``None`` for one without a manifest.

    Raises:
        CheckpointError: if the manifest is damaged.
    """
    try:
        text = read_bytes(folder / MANIFEST, LIMITS[MANIFEST])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(folder, f"its {MANIFEST} is damaged") from error
    try:
        found = _Manifest.model_validate(json.loads(text)).sha256
    except (ValueError, RecursionError, ValidationError) as error:
        raise refusal(folder, f"its {MANIFEST} is damaged") from error
    missing = [name for name in (CONFIG, WEIGHTS, CARD, HISTORY) if name not in found and (folder / name).exists()]
    if missing:
        raise refusal(folder, f"its {MANIFEST} does not name {' and '.join(missing)}")
    return {str(name): value for name, value in found.items()}


def check_unchanged(folder: Path, name: str, data: bytes, manifest: dict[str, str] | None) -> None:
    """Compares what the file ``name`` holds with the manifest, if there is one.

    Raises:
        ChangedError: if they differ.
    """
    if manifest is None or manifest.get(name) == digest(data):
        return
    remedy = (
        f"fetch or export it again, or accept the change by `python -m ibinn_core manifest --replace {id_of(folder)}`"
    )
    raise ChangedError(str(refusal(folder, f"its {name} is not the one that its {MANIFEST} names", remedy)))


def changed_files(folder: Path, manifest: dict[str, str]) -> list[str]:
    """The files of the checkpoint in ``folder`` that are not those that its manifest names."""
    present = [name for name in FILES if name in manifest or (folder / name).exists()]
    return [name for name in present if manifest.get(name) != _digest_of(folder, name)]


def _digest_of(folder: Path, name: str) -> str | None:
    try:
        return digest(read_file(folder, name))
    except CheckpointError:
        return None


def read_file(folder: Path, name: str) -> bytes:
    """What a file of the checkpoint in ``folder`` holds, if it is a regular file within its limit.

    Raises:
        CheckpointError: if it is missing, something else, or larger.
    """
    try:
        return read_bytes(folder / name, LIMITS[name])
    except FileNotFoundError as error:
        raise refusal(folder, f"it has no {name}") from error
    except UnreadableError as error:
        raise refusal(folder, f"its {name} is damaged: it {error}") from error
    except (OSError, ValueError) as error:
        raise refusal(folder, f"its {name} is damaged and cannot be read") from error
