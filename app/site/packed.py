"""The models and onnxruntime-web for the site, compressed so that downloads are small on any host.

The format is xz, with separate parameters for arrays. It makes WebAssembly 40 % smaller than gzip does.
The large arrays of networks are rounded first. ``app/static/flow/files.js`` reads the files.
"""

import copy
import json
import lzma
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from app.models.in_browser import RUNTIME
from app.site.kept import Kept
from ibinn_core.files import write_bytes
from ibinn_core.onnx import publish
from ibinn_core.onnx.browser import example_of
from ibinn_core.weight_space import Family

ENDING = ".xz"
WASM = "ort-wasm-simd-threaded.wasm"
READER = "xz-decompress.min.js"
_MODULES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs")
NUMBERS = {"lc": 0, "lp": 2, "pb": 2}  # parameters for numbers of four and two bytes
_OUTSIDE = ("mixture.", "alignment.")  # prefixes of the weights that are not inputs of the graphs
LARGE = 1000  # arrays of a network with at least this many numbers are rounded
FLOW_STEPS, CENTER_STEPS = 128, 512  # rounding steps in one standard deviation


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


def rounded(values: np.ndarray, steps: int) -> np.ndarray:
    """Rounds values to multiples of a power of two near their deviation / ``steps``, so that they compress better."""
    spread = np.fmax(np.nanstd(values, dtype=np.float64), 1e-30)  # all values may be equal, or NaN
    step = 2.0 ** np.round(np.log2(spread / steps))
    return (np.round(values.astype(np.float64) / step) * step).astype(values.dtype)


def write_models(family: Family, folder: Path, runtime: dict[str, Any], kept: Kept) -> None:
    """Writes the files of :func:`ibinn_core.onnx.publish`, compressed, without the weights that browsers do not use.

    Large arrays are :func:`rounded`. Each model gets an image and its own results for it, so that a browser can check
    it without downloading another model.

    Raises:
        FamilyError: as in :func:`ibinn_core.onnx.publish`.
    """
    publish(family, folder)
    manifest = json.loads((folder / "family.json").read_text("utf-8"))
    for entry in manifest["graphs"].values():
        write(folder, entry, _taken(folder, entry), kept, {})
    if manifest["places"]:
        entry = manifest["places"]["alignments"]
        write(folder, entry, _taken(folder, entry), kept, NUMBERS)
    for entry in (member["centers"] for member in manifest["members"] if member["centers"]):
        centers = np.frombuffer(_taken(folder, entry), "<f4")
        write(folder, entry, rounded(centers, CENTER_STEPS).tobytes(), kept, NUMBERS)
    _taken(folder, manifest.pop("check"))
    for gamma, member in zip(family.gammas, manifest["members"], strict=True):
        tensors = load(_taken(folder, member["weights"]))
        used = {name: tensors[name] for name in tensors if name in manifest["inputs"] or name.startswith(_OUTSIDE)}
        large = [name for name in manifest["inputs"] if used[name].dtype == np.float16 and used[name].size >= LARGE]
        used |= {name: rounded(used[name], FLOW_STEPS) for name in large}
        if member["aligned"]:
            used.pop("mixture.means", None)  # replaced by the means of the aligned latents
        data = save(used)
        example = kept(b"check" + data, partial(_example, family, gamma, used))
        member["check"] = write(folder, {"file": f"{member['id']}-check.bin"}, example, kept, NUMBERS)
        write(folder, member["weights"], data, kept, NUMBERS)
    write_bytes(folder / "family.json", json.dumps({**manifest, "runtime": runtime}).encode())


def _example(family: Family, gamma: float, weights: dict[str, np.ndarray]) -> bytes:
    """Returns an image and the results for it of the family's model at γ, with these ``weights``."""
    import torch

    model = copy.deepcopy(family.at(gamma))
    model.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, strict=False)
    return example_of(model)


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
