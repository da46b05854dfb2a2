"""Reads the files of untrusted checkpoints, if they are within limits, undamaged, and match the manifest.

The manifest has the SHA-256 of each file. The manifest is not a signature.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json
from safetensors import SafetensorError

from ..files import UnreadableError, read_bytes, write_bytes, write_json
from ..models.fields import first_problem
from .format import CONFIG, FILES, LIMITS, MANIFEST, WEIGHTS, CheckpointError, refusal

Manifest = dict[str, str]  # the SHA-256 of each file by its name
_Schema = TypeVar("_Schema", bound=BaseModel)


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    sha256: dict[str, Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]]


@contextmanager
def refusing(folder: Path, name: str) -> Iterator[None]:
    """Turns errors from reading a file in this context into a CheckpointError."""
    try:
        yield
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise refusal(folder, f"it has no {name}") from error
    except UnreadableError as error:
        raise refusal(folder, f"its {name} is damaged: it {error}") from error
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise refusal(folder, f"its {name} is damaged") from error


def read_file(folder: Path, name: str, manifest: Manifest | None = None) -> bytes:
    """Reads a file; raises a CheckpointError if the file is missing, too large, or differs from the manifest."""
    with refusing(folder, name):
        data = read_bytes(folder / name, LIMITS[name])
    if manifest is not None and manifest.get(name) != hashlib.sha256(data).hexdigest():
        remedy = (
            "list the checkpoints again if this one was replaced, fetch or export it again, or accept the change with "
            f"`python -m ibinn_core manifest --replace {quote(str(folder))}`"
        )
        raise refusal(folder, f"its {name} does not match its {MANIFEST}", remedy)
    return data


def read_json(folder: Path, name: str, manifest: Manifest, schema: type[_Schema]) -> tuple[dict, _Schema]:
    """Reads a file as a JSON object and as a value of the schema; raises the errors of :func:`read_file`."""
    with refusing(folder, name):
        values = from_json(read_file(folder, name, manifest), allow_inf_nan=False)
    try:
        return values, schema.model_validate(values)
    except ValidationError as error:
        why = f"its {name} is not valid: {first_problem(error).strip()}"
        raise refusal(folder, why, "update this program, or fetch or export the checkpoint again") from error


def write_files(folder: Path, files: Mapping[str, bytes], known: Mapping[str, str] | None = None) -> None:
    """Writes files by name, and a manifest that lists these and the ``known`` files."""
    for name, data in files.items():
        write_bytes(folder / name, data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    write_json(folder / MANIFEST, {"format": 1, "sha256": {**(known or {}), **digests}})


def write_manifest(folder: Path) -> None:
    """Writes a new manifest; raises a CheckpointError if a file cannot be read."""
    there = (name for name in FILES if (folder / name).exists())
    write_files(folder, {}, {name: hashlib.sha256(read_file(folder, name)).hexdigest() for name in there})


def read_manifest(folder: Path) -> Manifest:
    """Reads the SHA-256 of each file; raises a CheckpointError if the manifest is missing or damaged."""
    if (folder / CONFIG).exists() and not (folder / MANIFEST).exists():
        remedy = f"write it with `python -m ibinn_core manifest {quote(str(folder))}`"
        raise refusal(folder, f"it has no {MANIFEST}", remedy)
    with refusing(folder, MANIFEST):
        found = _Manifest.model_validate_json(read_file(folder, MANIFEST)).sha256
    if missing := [name for name in (CONFIG, WEIGHTS) if name not in found]:
        raise refusal(folder, f"its {MANIFEST} does not name {' and '.join(missing)}")
    return {name: found[name] for name in FILES if name in found}


def changed_files(folder: Path) -> list[str]:
    """Lists the files that differ from the manifest."""
    manifest, changed = read_manifest(folder), []
    for name in manifest:
        try:
            read_file(folder, name, manifest)
        except CheckpointError:
            changed.append(name)
    return changed
