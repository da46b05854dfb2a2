"""The files of the site as small as they can be: models without another number, scripts without another letter.

Files are compressed here and not by the host, so that any host sends them small. Of the weights a browser gets those
that it computes with, the high bytes of all numbers before the low ones: these repeat more.
"""

import base64
import gzip
import json
import math
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.vendor import FOLDER
from ibinn_core.checkpoint import WEIGHTS
from ibinn_core.files import write_bytes
from ibinn_core.onnx import publish
from ibinn_core.weight_space import Family, FamilyError

RUNTIME = FOLDER / "ort"
FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PACKED = ".gz"
_WIDTHS = {"F16": 2, "F32": 4}  # bytes of a number, by the types that a browser mixes
_MIXTURE = "mixture.phi"


def why_no_runtime() -> str | None:
    """Why a site has no live models, in one sentence; ``None`` if it has."""
    if all((RUNTIME / name).is_file() for name in FILES):
        return None
    return "nothing is live on this site: onnxruntime-web is not here, fetch it by python tools/vendor.py flow"


def write_runtime(folder: Path) -> None:
    """Puts onnxruntime-web into a folder, its WebAssembly compressed."""
    folder.mkdir()
    for name in FILES:
        data = (RUNTIME / name).read_bytes()
        if name.endswith(".wasm"):
            write_bytes(folder / (name + PACKED), _packed(data))
        else:
            write_bytes(folder / name, data)


def write_script(path: Path, script: str) -> None:
    """Writes a large script of the page, packed into one that ``app/static/site/offline.js`` unpacks and runs.

    From a disk a page may run scripts and read nothing else, so the packed one is text in a script.

    Arguments:
        path: of the new file; the page calls it by its path from the page's folder, ``data/`` in front of it or not.
        script: as it is run, in the page's global scope.
    """
    name = f"data/{path.name}" if path.parent.name == "data" else path.name
    text = base64.b64encode(_packed(script.encode())).decode()
    path.write_text(f"packed[{json.dumps(name)}] = {json.dumps(text)};\n", encoding="utf-8")


def write_models(family: Family, folder: Path, say: Callable[[str], object]) -> bool:
    """Puts the models of a family into a folder, as :func:`ibinn_core.onnx.publish` does, but packed.

    Arguments:
        family: whose archive is there, or not.
        folder: that does not exist.
        say: called with why there are none, in one sentence.

    Returns:
        Whether they are there.
    """
    with tempfile.TemporaryDirectory() as place:
        try:
            whole = publish(family, Path(place) / "models")
        except FamilyError as error:
            say(f"{family.members[0].dataset.title} is not live on this site: {error}")
            return False
        manifest = json.loads((whole / "family.json").read_text("utf-8"))
        wanted = {*manifest["inputs"], _MIXTURE}
        folder.mkdir()
        for entry in _entries(manifest):
            data = (whole / entry["file"]).read_bytes()
            if entry["file"].endswith(Path(WEIGHTS).suffix):
                data = _slim(data, wanted)
                entry |= {"bytes": len(data), "crc32": zlib.crc32(data)}
            entry["file"] += PACKED
            write_bytes(folder / entry["file"], _packed(data))
        write_bytes(folder / "family.json", json.dumps(manifest, separators=(",", ":")).encode())
    return True


def _entries(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What the manifest says of each file."""
    members = [member[kind] for member in manifest["members"] for kind in ("weights", "centers")]
    places = [manifest["places"]["alignments"]] if manifest["places"] else []
    found = [*manifest["graphs"].values(), *members, *places, manifest["check"]]
    return [entry for entry in found if entry]


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _slim(data: bytes, wanted: set[str]) -> bytes:
    """A safetensors file of the tensors that a browser uses, all of whose numbers are split into their bytes.

    It says so in its metadata: ``"bytes": "split"``.
    """
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    aligned = any(name.startswith("alignment.") for name in header)
    ends = ("alignment.",) if aligned else ("mixture.means",)  # an alignment has the means in front of it, too
    kept, parts, start = {}, [], 0
    for name, entry in header.items():
        width = _WIDTHS.get(entry["dtype"])
        if width is None or not (name in wanted or name.startswith(ends)):
            continue
        low, high = (8 + size + offset for offset in entry["data_offsets"])
        numbers = np.frombuffer(data[low:high], np.uint8).reshape(math.prod(entry["shape"]), width)
        parts.append(numbers[:, ::-1].T.tobytes())  # the high bytes first
        kept[name] = {**entry, "data_offsets": [start, start + high - low]}
        start += high - low
    text = json.dumps({"__metadata__": {"bytes": "split"}, **kept}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)
