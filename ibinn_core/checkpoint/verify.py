"""Reading the files of a checkpoint by somebody unknown: within limits, undamaged, and those that its manifest names.

The manifest has the SHA-256 of each file. It is no signature: the person who writes a checkpoint writes it too.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json
from safetensors import SafetensorError

from ..files import UnreadableError, read_bytes, write_bytes, write_json
from .format import CONFIG, FILES, HISTORY, LIMITS, MANIFEST, WEIGHTS, CheckpointError, id_of, refusal

Manifest = dict[str, str]  # the SHA-256 of each file by its name


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    sha256: dict[str, Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]]


@contextmanager
def refusing(folder: Path, name: str) -> Iterator[None]:
    """Inside this context, any error in reading the file ``name`` of a checkpoint is a CheckpointError."""
    try:
        yield
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise refusal(folder, f"it has no {name}") from error
    except UnreadableError as error:
        raise refusal(folder, f"its {name} is damaged: it {error}") from error
    except (OSError, ValueError, TypeError, KeyError, csv.Error, SafetensorError) as error:
        raise refusal(folder, f"its {name} is damaged") from error


@contextmanager
def contents(folder: Path, name: str, manifest: Manifest | None) -> Iterator[bytes]:
    """What a file of a checkpoint holds; inside this context it is parsed, and at its end compared with the manifest.

    Raises:
        CheckpointError: if the file is missing, no regular file, too large, raises an error inside the context, or is
            not the one that the manifest names.
    """
    with refusing(folder, name):
        data = read_bytes(folder / name, LIMITS[name])
        yield data
    if manifest is not None and manifest.get(name) != digest(data):
        remedy = (
            "list the checkpoints again if it was replaced, fetch or export it again, or accept the change by "
            f"`python -m ibinn_core manifest --replace {id_of(folder)}`"
        )
        raise refusal(folder, f"its {name} is not the one that its {MANIFEST} names", remedy)


def digest(data: bytes) -> str:
    """The SHA-256 of ``data``, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write_manifest(folder: Path) -> None:
    """Writes the manifest of the checkpoint, or trunk, in ``folder``, replacing an older one.

    Raises:
        CheckpointError: if a file cannot be read.
        WriteError: if the manifest cannot be written.
    """
    digests = {}
    for name in FILES:
        if (folder / name).exists():
            with contents(folder, name, None) as data:
                digests[name] = digest(data)
    _store(folder, digests)


def replace_file(folder: Path, name: str, data: bytes) -> None:
    """Writes the file ``name`` of a checkpoint, and what its manifest says of it.

    Raises:
        CheckpointError: if the manifest is missing or damaged; nothing is written then.
        WriteError: if something cannot be written.
    """
    manifest = read_manifest(folder)
    write_bytes(folder / name, data)
    _store(folder, {**manifest, name: digest(data)})


def _store(folder: Path, digests: Manifest) -> None:
    write_json(folder / MANIFEST, {"format": 1, "sha256": digests})


def read_manifest(folder: Path) -> Manifest:
    """The SHA-256 of each file of the checkpoint in ``folder``.

    Raises:
        CheckpointError: if the manifest is missing, which the message says how to mend, or damaged.
    """
    if (folder / CONFIG).exists() and not (folder / MANIFEST).exists():
        remedy = f"write it by `python -m ibinn_core manifest {id_of(folder)}`"
        raise refusal(folder, f"it has no {MANIFEST}", remedy)
    with contents(folder, MANIFEST, None) as data:
        found = _Manifest.model_validate_json(data).sha256
    if missing := [name for name in (CONFIG, WEIGHTS) if name not in found]:
        raise refusal(folder, f"its {MANIFEST} does not name {' and '.join(missing)}")
    return {name: found[name] for name in FILES if name in found}


def changed_files(folder: Path) -> list[str]:
    """The files of the checkpoint in ``folder`` that are not those that its manifest names."""
    manifest, changed = read_manifest(folder), []
    for name in manifest:
        try:
            with contents(folder, name, manifest):
                pass
        except CheckpointError:
            changed.append(name)
    return changed


def parse_json(folder: Path, name: str, data: bytes) -> dict:
    """The JSON object that the file ``name`` of a checkpoint holds; an error for :func:`contents` if it is damaged."""
    values = from_json(data, allow_inf_nan=False)
    if not isinstance(values, dict):
        raise refusal(folder, f"its {name} is not a JSON object")
    return values


def read_history(folder: Path, manifest: Manifest) -> list[dict[str, float]]:
    """The training curve in ``folder``, row by row; a CheckpointError if it is missing, damaged or changed."""
    with contents(folder, HISTORY, manifest) as data:
        rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
        return [{name: float(value) for name, value in row.items()} for row in rows]  # TypeError: a row too short
