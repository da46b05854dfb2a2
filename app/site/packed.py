"""The files of the site as small as they can be: models without another number, scripts without another letter.

Files are compressed here and not by the host, so that any host sends them small. Of the weights a browser gets those
that it computes with, the high bytes of all numbers before the low ones: these repeat more.
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
from ibinn_core.checkpoint import WEIGHTS
from ibinn_core.files import write_bytes
from ibinn_core.onnx import publish
from ibinn_core.weight_space import Family, FamilyError

RUNTIME = FOLDER / "ort"
FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PACKED = ".gz"
_WIDTHS = {"F16": 2, "F32": 4}  # bytes of a number, by the types that a browser mixes
_MIXTURE = "mixture.phi"
#: How a part of a file may be deflated, as zlib's memory level (how long a block of one code is) and strategy: numbers
#: repeat nothing, and are smaller if no repetition is looked for.
_WAYS = ((9, zlib.Z_HUFFMAN_ONLY), (8, zlib.Z_HUFFMAN_ONLY), (8, zlib.Z_FILTERED), (8, zlib.Z_DEFAULT_STRATEGY))
_GZIP = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))  # in front of what is deflated: no time, no name
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
        for entry in _entries(manifest):
            data = (whole / entry["file"]).read_bytes()
            if entry["file"].endswith(Path(WEIGHTS).suffix):
                parts = _slim(data, wanted)
                data = b"".join(parts)
                entry |= {"bytes": len(data), "crc32": zlib.crc32(data)}
                packed = _packed_parts(parts)
            else:
                packed = _packed(data)
            entry["file"] += PACKED
            write_bytes(folder / entry["file"], packed)
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
