"""Reading the files of a checkpoint by somebody unknown: within limits, undamaged, and those that its manifest names.

The manifest has the SHA-256 of each file. It is no signature: the person who writes a checkpoint writes it too.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError, safe_open

from ..files import UnreadableError, check_regular, read_bytes, write_json
from .format import CARD, CONFIG, FILES, HISTORY, LIMITS, MANIFEST, WEIGHTS, CheckpointError, id_of, refusal

MANIFEST_FORMAT = 1
LONGEST_HEADER = 2**21  # bytes of the header of the weights
MOST_EPOCHS, MOST_COLUMNS = 100_000, 100  # rows and columns of a history

Manifest = dict[str, str]  # the SHA-256 of each file by its name


class ChangedError(CheckpointError):
    """A file of a checkpoint is not the one that its manifest names."""


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    sha256: dict[
        Literal["config.json", "weights.safetensors", "card.json", "history.csv", "latent.npz", "style.npz"],
        Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")],
    ]


@contextmanager
def refusing(folder: Path, name: str, damage: str = "is damaged") -> Iterator[None]:
    """Inside this context, any error in reading the file ``name`` of a checkpoint is a CheckpointError."""
    try:
        yield
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise refusal(folder, f"it has no {name}") from error
    except UnreadableError as error:
        raise refusal(folder, f"its {name} is damaged: it {error}") from error
    except (OSError, ValueError, TypeError, RecursionError, csv.Error, SafetensorError) as error:
        raise refusal(folder, f"its {name} {damage}") from error


@contextmanager
def contents(folder: Path, name: str, manifest: Manifest | None) -> Iterator[bytes]:
    """What a file of a checkpoint holds; inside this context it is parsed, and at its end compared with the manifest.

    Raises:
        CheckpointError: if the file is missing, no regular file, too large, or raises an error inside the context.
        ChangedError: if it is not the one that the manifest names.
    """
    with refusing(folder, name):
        data = read_bytes(folder / name, LIMITS[name])
        yield data
    if manifest is not None and manifest.get(name) != digest(data):
        remedy = (
            "fetch or export it again, or accept the change by "
            f"`python -m ibinn_core manifest --replace {id_of(folder)}`"
        )
        raise ChangedError(str(refusal(folder, f"its {name} is not the one that its {MANIFEST} names", remedy)))


def digest(data: bytes) -> str:
    """The SHA-256 of ``data``, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write_manifest(folder: Path) -> None:
    """Writes the manifest of the checkpoint, or trunk, in ``folder``, replacing an older one.

    Raises:
        CheckpointError: if a file is not what it should be.
        WriteError: if the manifest cannot be written.
    """
    _store(folder, {name: _digest_of(folder, name) for name in FILES if (folder / name).exists()})


def renew_entry(folder: Path, name: str) -> None:
    """Puts the file ``name`` into the manifest, if there is one; raises as :func:`write_manifest` does."""
    manifest = read_manifest(folder)
    if manifest is not None:
        _store(folder, {**manifest, name: _digest_of(folder, name)})


def _store(folder: Path, digests: Manifest) -> None:
    write_json(folder / MANIFEST, {"format": MANIFEST_FORMAT, "sha256": digests})


def _digest_of(folder: Path, name: str) -> str:
    with contents(folder, name, None) as data:
        return digest(data)


def read_manifest(folder: Path) -> Manifest | None:
    """The SHA-256 of each file of the checkpoint in ``folder``; ``None`` for one without a manifest.

    Raises:
        CheckpointError: if the manifest is damaged.
    """
    if not (folder / MANIFEST).exists():
        return None
    with contents(folder, MANIFEST, None) as text:
        found = _Manifest.model_validate(json.loads(text)).sha256
    missing = [name for name in (CONFIG, WEIGHTS, CARD, HISTORY) if name not in found and (folder / name).exists()]
    if missing:
        raise refusal(folder, f"its {MANIFEST} does not name {' and '.join(missing)}")
    return {str(name): value for name, value in found.items()}


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """The files of the checkpoint in ``folder`` that are not those that its manifest names."""
    changed = []
    for name in FILES:
        if name in manifest or (folder / name).exists():
            try:
                with contents(folder, name, manifest):
                    pass
            except CheckpointError:
                changed.append(name)
    return changed


def parse_json(folder: Path, name: str, data: bytes) -> dict:
    """The JSON object that the file ``name`` of a checkpoint holds; an error for :func:`contents` if it is damaged."""
    values = json.loads(data.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    if not isinstance(values, dict):
        raise refusal(folder, f"its {name} is not a JSON object")
    return values


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")  # which Python's parser takes for a number


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), -float("inf")):
        raise ValueError(f"{text} is too large")
    return number


def read_history(folder: Path, manifest: Manifest | None) -> list[dict[str, float]]:
    """The training curve in ``folder``, row by row; a CheckpointError if it is missing, damaged or changed."""
    with contents(folder, HISTORY, manifest) as data:
        lines = csv.DictReader(io.StringIO(data.decode(), newline=""))
        rows = [{name: float(value) for name, value in row.items()} for row in lines]  # TypeError: a row too short
        if len(rows) > MOST_EPOCHS or len(lines.fieldnames or ()) > MOST_COLUMNS:
            raise refusal(folder, f"its {HISTORY} has more than {MOST_EPOCHS} rows or {MOST_COLUMNS} columns")
    return rows


def check_weights(folder: Path) -> None:
    """Checks that the header of the weights in ``folder`` is valid and describes the file to its last byte.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    with refusing(folder, WEIGHTS, "is damaged, cut short or has something appended"):
        check_regular(folder / WEIGHTS, LIMITS[WEIGHTS])
        with open(folder / WEIGHTS, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise UnreadableError(f"is no safetensors file, or has a header of more than {LONGEST_HEADER // 2**20} MiB")
        with safe_open(folder / WEIGHTS, "np"):
            pass
