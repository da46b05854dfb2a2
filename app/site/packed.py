"""The files of the site as small as they can be: models without another number, scripts without another letter.

Files are compressed here and not by the host, so that any host sends them small. Of the weights a browser gets those
that it computes with, the high bytes of all numbers before the low ones: these repeat more. Where the weights at two
neighbouring γ are alike, one model's are stored as their differences from the other's.
"""

import gzip
import json
import math
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.vendor import FOLDER
from ibinn_core.files import write_bytes
from ibinn_core.onnx import publish
from ibinn_core.weight_space import Family, FamilyError

RUNTIME = FOLDER / "ort"
FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PACKED = ".gz"
_WIDTHS = {"F16": 2, "F32": 4}  # bytes of a number, by the types that a browser mixes
_HALF = _WIDTHS["F16"]
_MIXTURE = "mixture.phi"
#: How a part of a file may be deflated, by zlib's memory level, that is, how long a block of one code is, and its
#: strategy: numbers repeat nothing, and are smaller if no repetition is looked for.
_WAYS = ((9, zlib.Z_HUFFMAN_ONLY), (8, zlib.Z_HUFFMAN_ONLY), (8, zlib.Z_FILTERED), (8, zlib.Z_DEFAULT_STRATEGY))
_GZIP = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))  # in front of what is deflated: no time, no name
_ENOUGH = 0.97  # of a model's size: what differences have to fall below, as they take a browser longer to read
FORMAT = 2  # of the manifest: that of ibinn_core.onnx, but that weights may be differences
_END = b"\x03\x00"  # the last block, with nothing in it
#: What may not stand between the quotes of a script, and how it is written there. The first one is replaced first.
_ESCAPES = ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n"), (b"\r", b"\\r"))


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

    From a disk a page may run scripts and read nothing else, so the packed one is text in a script: each of its bytes
    is one letter, as windows-1252 has them, where browsers have another letter for each of the 256.

    Arguments:
        path: of the new file; the page calls it by its path from the page's folder, ``data/`` in front of it or not.
        script: as it is run, in the page's global scope.
    """
    name = f"data/{path.name}" if path.parent.name == "data" else path.name
    text = _packed(script.encode())
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    write_bytes(path, b'packed[%s] = "%s";\n' % (json.dumps(name).encode(), text))


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
        weights = [member["weights"] for member in manifest["members"]]
        parts = [_slim((whole / entry["file"]).read_bytes(), wanted) for entry in weights]
        for entry in _entries(manifest):
            if entry not in weights:
                data = (whole / entry["file"]).read_bytes()
                _write(folder, entry, _packed(data))
        for entry, (found, packed, base) in zip(weights, _small(parts, _opening(manifest)), strict=True):
            data = b"".join(found)
            entry |= {"bytes": len(data), "crc32": zlib.crc32(data)}
            entry |= {} if base is None else {"from": manifest["members"][base]["id"]}
            _write(folder, entry, packed)
        manifest["format"] = FORMAT
        write_bytes(folder / "family.json", json.dumps(manifest, separators=(",", ":")).encode())
    return True


def _entries(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What the manifest says of each file."""
    members = [member[kind] for member in manifest["members"] for kind in ("weights", "centers")]
    places = [manifest["places"]["alignments"]] if manifest["places"] else []
    found = [*manifest["graphs"].values(), *members, *places, manifest["check"]]
    return [entry for entry in found if entry]


def _write(folder: Path, entry: dict[str, Any], packed: bytes) -> None:
    entry["file"] += PACKED
    write_bytes(folder / entry["file"], packed)


def _opening(manifest: dict[str, Any]) -> int:
    """The place among a family's members of the one that a browser opens first."""
    ids = [member["id"] for member in manifest["members"]]
    return ids.index(manifest["check_of"]) if "check_of" in manifest else 0


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _packed_parts(parts: Sequence[bytes]) -> bytes:
    """The parts one after another, as gzip: each deflated by itself, in the way that makes it smallest.

    Every part has codes of its own then, where one code for the end of a part and the beginning of the next would suit
    neither.
    """
    whole = zlib.crc32(b"".join(parts)), sum(map(len, parts)) % 2**32
    ends = b"".join(number.to_bytes(4, "little") for number in whole)
    return _GZIP + b"".join(min((_deflated(part, *way) for way in _WAYS), key=len) for part in parts) + _END + ends


def _deflated(part: bytes, memory: int, strategy: int) -> bytes:
    """Blocks of a deflated stream that end with a whole byte, after which others may follow."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, memory, strategy)
    return deflate.compress(part) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _slim(data: bytes, wanted: set[str]) -> list[bytes]:
    """A safetensors file of the tensors that a browser uses, all of whose numbers are split into their bytes.

    It says so in its metadata: ``"bytes": "split"``. Returns its parts: the header, and of each tensor all highest
    bytes, all second ones, and so on.
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
        parts += [plane.tobytes() for plane in numbers.T[::-1]]  # the high bytes first
        kept[name] = {**entry, "data_offsets": [start, start + high - low]}
        start += high - low
    text = json.dumps({"__metadata__": {"bytes": "split"}, **kept}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little") + text, *parts]


# Differences --------------------------------------------------------------------------------------------


def _small(members: Sequence[list[bytes]], opening: int) -> list[tuple[list[bytes], bytes, int | None]]:
    """Of each of a family's members, by γ, whose parts are given: the parts to store, packed, and whose differences.

    A member is stored whole, or as its differences from the neighbour that lies nearer to ``opening``. That one is
    stored whole then, so that a browser fetches one other file at most: one that all γ between the two need anyway.
    """
    found: dict[int, tuple[list[bytes], bytes, int | None]] = {}
    for at in sorted(range(len(members)), key=lambda at: abs(at - opening)):
        parts, inner = members[at], at + (1 if at < opening else -1)
        found[at] = parts, _packed_parts(parts), None
        if at == opening or found[inner][2] is not None or parts[0] != members[inner][0]:
            continue  # or of another network
        differences = _differences(parts, members[inner])
        packed = _packed_parts(differences)
        if len(packed) < _ENOUGH * len(found[at][1]):
            found[at] = differences, packed, inner
    return [found[at] for at in range(len(members))]


def _differences(parts: list[bytes], base: list[bytes]) -> list[bytes]:
    """Parts of which numbers in half precision are differences from the base's; ``files.js`` adds them.

    Half-precision numbers are counted in their order, from the least to the greatest, and so a small difference is a
    small whole number, modulo 2^16. It is stored as its place in 0, -1, 1, -2 and so on, and its high byte is mostly
    zero. Any bits come back as they were.
    """
    header = json.loads(parts[0][8:])
    widths = [_WIDTHS[entry["dtype"]] for name, entry in header.items() if name != "__metadata__"]
    found, at = parts[:1], 1
    for width in widths:
        planes = parts[at : at + width]
        if width == _HALF:
            one, other = (_counted(both[at : at + width]) for both in (parts, base))
            difference = (one - other).view(np.int16)
            zigzag = ((difference << 1) ^ (difference >> 15)).view(np.uint16)
            planes = [(zigzag >> 8).astype(np.uint8).tobytes(), zigzag.astype(np.uint8).tobytes()]
        found += planes
        at += width
    return found


def _counted(planes: Sequence[bytes]) -> np.ndarray:
    """Half-precision numbers, as their high and their low bytes, by their place in the order of all, uint16."""
    high, low = (np.frombuffer(plane, np.uint8).astype(np.uint16) for plane in planes)
    bits = high << 8 | low
    return np.where(bits & 0x8000, ~bits, bits | 0x8000)
