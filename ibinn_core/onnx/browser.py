"""Writes the files of a family for browsers, which mix the model at any γ themselves (``app/static/flow``).

``<data set>.browser.zip`` beside the checkpoints contains the graphs, which take a minute to trace. :func:`publish`
adds weights and class centres, in a folder for a web server.
"""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter
from pydantic_core import from_json
from safetensors.numpy import load

from ..archives import read_members
from ..checkpoint import LATENT, WEIGHTS
from ..checkpoint.format import ALIGNED
from ..checkpoint.verify import read_file, refusing
from ..files import UnreadableError, check_regular, new_folder, write_bytes, write_json
from ..models.fields import STORED, Count, Text, Whole, checked
from ..weight_space import ALIGNMENT, Family, FamilyError, plain_gamma, why_not

if TYPE_CHECKING:
    from ..models.classifier import GenerativeClassifier

ARCHIVE = ".browser.zip"
MANIFEST = "family.json"
FORMAT = 1
MAX_BYTES, MAX_MANIFEST = 2**27, 2**20  # limits for reading an archive and its manifest


@dataclass(frozen=True)
class _File:
    """A file of the archive; its name must not be that of a path, page or script."""

    __pydantic_config__ = STORED

    file: Annotated[str, Field(pattern=r"^[a-z]+\.[0-9a-f]{8}\.(onnx|bin)$")]
    bytes: Whole
    crc32: Annotated[int, Field(strict=True, ge=0, lt=2**32)]


@dataclass(frozen=True)
class _Manifest:
    """The manifest of the archive. Archives of earlier versions have more values, which the checkpoints also have."""

    graphs: Annotated[dict[Literal["encode", "decode"], _File], Field(min_length=2)]
    inputs: dict[Text, list[Count]]  # shapes of the weights
    check: _File
    check_of: Text  # id of the member that computed ``check``
    fingerprints: dict[Text, Text]
    format: Literal[1] = FORMAT


_MANIFEST = TypeAdapter(_Manifest)


def archive_path(family: Family) -> Path:
    """Returns the path of a family's archive, beside its checkpoints."""
    last = family.members[-1]
    return last.path.parent / f"{last.dataset.name}{ARCHIVE}"


def write_archive(family: Family) -> Path:
    """Writes the archive at :func:`archive_path`: the files for browsers that are not in the checkpoints.

    The flow is the same graph at all γ, with its weights as inputs. ``encode`` maps ``x`` ``(N, C, H, W)`` to ``u``
    ``(N, D)`` and ``log_det`` ``(N,)``. ``decode`` maps ``u`` back. Alignment and mixture follow outside the graph.
    The archive also has one image with its latent and likelihoods, with which a browser checks its results.

    Raises:
        ImportError: a package for writing graphs is missing.
        FamilyError: the models have different networks.
        WriteError: the file cannot be written.
    """
    from .graphs import check_packages, flow_graphs

    check_packages()
    first = family.members[0]
    for member in family.members:
        if (member.model, member.training.architecture) != (first.model, first.training.architecture):
            raise FamilyError(f"{member.id} and {first.id} have different networks")
    # Pages open at γ = 1: browsers check their results there.
    opening = min(range(len(family.members)), key=lambda at: abs(math.log2(max(family.gammas[at], 1e-9))))
    model = family.at(family.gammas[opening])
    files: dict[str, bytes] = {}
    graphs, inputs = flow_graphs(model)
    manifest = {
        "format": FORMAT,
        "graphs": {name: _add(files, f"{name}.onnx", graph) for name, graph in graphs.items()},
        "inputs": inputs,
        "check": _add(files, "check.bin", example_of(model)),
        "check_of": family.members[opening].id,
        "fingerprints": family.fingerprints,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: json.dumps(manifest, indent=1).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # without a time stamp
    path = archive_path(family)
    write_bytes(path, buffer.getvalue())
    return path


def publish(family: Family, path: str | Path) -> Path:
    """Writes the files of a family to a folder for a web server: the archive's files, weights and class centres.

    ``family.json`` lists all files with their sizes and CRC-32. It has the members in order of γ, the positions of the
    curve's points and the alignment at each point. This function replaces and returns the folder. It imports no torch.

    Raises:
        FamilyError: the archive is missing, damaged, or was written from other checkpoints.
        CheckpointError: a checkpoint cannot be read.
        WriteError: the folder cannot be written.
    """
    stored, files = _read_archive(family)
    first = family.members[0]
    members = []
    for member, gamma in zip(family.members, family.gammas, strict=True):
        with refusing(member.path, WEIGHTS):
            weights = read_file(member.path, WEIGHTS, member.manifest)
            is_aligned = ALIGNED in load(weights)
        entry: dict[str, Any] = {"id": member.id, "gamma": plain_gamma(gamma), "aligned": is_aligned}
        entry |= {"weights": _add(files, f"{member.id}.safetensors", weights), "centers": None, "spread": None}
        if (member.path / LATENT).exists():  # the mean latent of each class, (K, D)
            entry["centers"] = _add(files, f"{member.id}-centers.bin", _floats([member.latent["empirical_means"]]))
            entry["spread"] = float(member.latent["spread"])
        members.append(entry)
    manifest = {
        **asdict(stored),
        "data": first.dataset.name,
        "classes": list(first.classes),
        "image_shape": list(first.dataset.image_shape),
        "dims": first.dataset.dims,
        "members": members,
        "mixes": [why_not(*pair) is None for pair in zip(family.members[:-1], family.members[1:], strict=True)],
        "places": _places(files, family),
    }
    with new_folder(Path(path)) as folder:
        for name, data in files.items():
            write_bytes(folder / name, data)
        write_json(folder / MANIFEST, manifest)
    return Path(path)


def _read_archive(family: Family) -> tuple[_Manifest, dict[str, bytes]]:
    """Reads the archive of a family; see :func:`publish` for errors."""
    source = archive_path(family)
    remedy = f"write it with python -m ibinn_core onnx {family.members[-1].dataset.name} --family"
    if not source.exists():
        raise FamilyError(f"there is no {source.name} for a browser: {remedy}")
    try:
        check_regular(source, MAX_BYTES)
        with open(source, "rb") as archive:
            values = read_members(archive, [MANIFEST], MAX_MANIFEST)
            stored = checked(_MANIFEST, from_json(values.get(MANIFEST, b"")))
            entries = [*stored.graphs.values(), stored.check]
            files = read_members(archive, [entry.file for entry in entries], MAX_BYTES)
        for entry in entries:
            if (len(files[entry.file]), zlib.crc32(files[entry.file])) != (entry.bytes, entry.crc32):
                raise ValueError(f"{entry.file} does not match the manifest")
    except (ValueError, KeyError, UnreadableError) as error:
        raise FamilyError(f"{source.name} is damaged ({error}): {remedy}") from error
    if stored.fingerprints != family.fingerprints or stored.check_of not in stored.fingerprints:
        raise FamilyError(f"{source.name} was written from other checkpoints: {remedy}")
    return stored, files


def _places(files: dict[str, bytes], family: Family) -> dict[str, Any] | None:
    """Returns the positions of the measured points, and the file of their alignments."""
    names = [f"alignment_{name}" for name in ALIGNMENT]
    if not family.curve or any(name not in family.arrays for name in names):
        return None
    arrays = [family.arrays[name] for name in names]
    return {
        "positions": [family.position(point.gamma) for point in family.curve],
        "sizes": {name: math.prod(a.shape[1:]) for name, a in zip(ALIGNMENT, arrays, strict=True)},
        "alignments": _add(files, "alignments.bin", _floats(arrays)),
    }


def example_of(model: "GenerativeClassifier") -> bytes:
    """Serialises a latent of a model (D), its image (C·H·W) and log q(x | y) (K)."""
    import torch

    noise = torch.randn(1, model.config.dims, generator=torch.Generator().manual_seed(0))
    z = model.class_means[:1] + 0.5 * noise
    with torch.no_grad():
        x = model.decode(z).clamp(0, 1)
        parts = [model.encode(x), x, model.log_prob(x, per_class=True)]
    return _floats([part.flatten().numpy() for part in parts])


def _floats(arrays: Iterable[np.ndarray]) -> bytes:
    return b"".join(np.ascontiguousarray(a, "<f4").tobytes() for a in arrays)


def _add(files: dict[str, bytes], name: str, data: bytes) -> dict[str, Any]:
    """Adds a file, with a CRC of its content in the name; returns its entry for the manifest."""
    check = zlib.crc32(data)
    stem, dot, kind = name.rpartition(".")
    file = f"{stem}.{check:08x}{dot}{kind}"
    files[file] = data
    return {"file": file, "bytes": len(data), "crc32": check}
