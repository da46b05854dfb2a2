"""The models and onnxruntime-web for the site, compressed so that downloads are small on any host.

The format is xz with its parameters set for four-byte numbers. WebAssembly gets a third smaller than with gzip. No
number changes. ``app/static/flow/files.js`` reads the files.
"""

import json
import lzma
import zlib
from pathlib import Path
from typing import Any

from safetensors.numpy import load, save

from app.models.in_browser import RUNTIME
from app.site.kept import Kept
from ibinn_core.checkpoint import WEIGHTS
from ibinn_core.files import write_bytes
from ibinn_core.onnx import publish
from ibinn_core.onnx.browser import example_of
from ibinn_core.weight_space import Family

ENDING = ".xz"
WASM = "ort-wasm-simd-threaded.wasm"
READER = "xz-decompress.min.js"
_MODULES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs")
NUMBERS = {"lc": 0, "lp": 2, "pb": 2}  # parameters for numbers of four and two bytes
_OUTSIDE = ("mixture.", "alignment.")  # prefixes of the weights that are no inputs of the graphs


def is_complete() -> bool:
    """Checks whether the third-party files of a live site are there: ``python tools/vendor.py`` downloads them."""
    return all((RUNTIME / name).is_file() for name in (*_MODULES, WASM, READER))


def write_runtime(folder: Path, kept: Kept) -> dict[str, Any]:
    """Writes onnxruntime-web and the xz reader into a new folder; returns the manifest's entry."""
    folder.mkdir(parents=True)
    for name in _MODULES:
        write_bytes(folder / name, (RUNTIME / name).read_bytes())
    script = (RUNTIME / READER).read_text("utf-8")  # the file as Node.js imports it
    around = ("const module = { exports: {} }, exports = module.exports, require = () => ({});\n", "\nexport const ")
    text = around[0] + script + around[1] + "{ XzReadableStream } = module.exports;\n"
    write_bytes(folder / "xz.js", text.encode())
    return write(folder, {"file": WASM}, (RUNTIME / WASM).read_bytes(), kept, {})


def write_models(family: Family, folder: Path, runtime: dict[str, Any], kept: Kept) -> None:
    """Writes the files of :func:`ibinn_core.onnx.publish`, compressed, without the weights that browsers do not use.

    Each model gets its own test image, so that a browser can check it without downloading another model.

    Raises:
        FamilyError: as in :func:`ibinn_core.onnx.publish`.
    """
    publish(family, folder)
    manifest = json.loads((folder / "family.json").read_text("utf-8"))
    for entry in manifest["graphs"].values():
        write(folder, entry, _taken(folder, entry), kept, {})
    places = [manifest["places"]["alignments"]] if manifest["places"] else []
    centers = [member["centers"] for member in manifest["members"] if member["centers"]]
    for entry in (*places, *centers):
        write(folder, entry, _taken(folder, entry), kept, NUMBERS)
    _taken(folder, manifest.pop("check"))
    for checkpoint, gamma, member in zip(family.members, family.gammas, manifest["members"], strict=True):
        key = b"check" + (checkpoint.path / WEIGHTS).read_bytes()
        example = kept(key, lambda gamma=gamma: example_of(family.at(gamma)))
        member["check"] = write(folder, {"file": f"{member['id']}-check.bin"}, example, kept, NUMBERS)
        tensors = load(_taken(folder, member["weights"]))
        used = {name: tensors[name] for name in tensors if name in manifest["inputs"] or name.startswith(_OUTSIDE)}
        if member["aligned"]:
            used.pop("mixture.means", None)  # replaced by the means of the aligned latents
        write(folder, member["weights"], save(used), kept, NUMBERS)
    write_bytes(folder / "family.json", json.dumps({**manifest, "runtime": runtime}).encode())


def _taken(folder: Path, entry: dict[str, Any]) -> bytes:
    """Reads a file and removes it."""
    file = folder / entry["file"]
    data = file.read_bytes()
    file.unlink()
    return data


def write(folder: Path, entry: dict[str, Any], data: bytes, kept: Kept, options: dict[str, int]) -> dict[str, Any]:
    """Writes a compressed file; returns the manifest's entry with its size and checksum."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, **options}]

    def compressed() -> bytes:
        return lzma.compress(data, check=lzma.CHECK_CRC32, filters=filters)

    packed = kept(repr(filters).encode() + data, compressed)
    entry["file"] += ENDING
    entry |= {"bytes": len(data), "crc32": zlib.crc32(data), "packed": len(packed)}
    write_bytes(folder / entry["file"], packed)
    return entry
