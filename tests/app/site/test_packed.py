"""The models of the site: smaller, and the same numbers."""

import gzip
import json
import zlib

import numpy as np
import pytest
from safetensors.numpy import load_file

import ibinn_core as ib
from app.site import packed
from app.site.pages import write_site
from ibinn_core.checkpoint import default_folder

NAME = "mnist"


@pytest.fixture(scope="module")
def family():
    return ib.family(NAME, default_folder())


@pytest.fixture(scope="module")
def folder(family, tmp_path_factory):
    place = tmp_path_factory.mktemp("packed") / NAME
    assert packed.write_models(family, place, pytest.fail)
    return place


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "family.json").read_text())


def whole(data: bytes) -> dict[str, np.ndarray]:
    """The tensors of a file whose numbers are split into their bytes."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    assert header.pop("__metadata__") == {"bytes": "split"}
    found = {}
    for name, entry in header.items():
        low, high = (8 + size + offset for offset in entry["data_offsets"])
        kind = np.dtype({"F16": "<f2", "F32": "<f4"}[entry["dtype"]])
        planes = np.frombuffer(data[low:high], np.uint8).reshape(kind.itemsize, -1)
        found[name] = np.ascontiguousarray(planes[::-1].T).view(kind).reshape(entry["shape"])
    return found


def counted(halves: np.ndarray) -> np.ndarray:
    """The place of each in the order of all numbers in half precision, counted from the smallest one above zero."""
    bits = halves.view(np.uint16).astype(int)
    return np.where(bits < 2**15, bits, 2**15 - 1 - bits)


def added(differences: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Numbers of which differences from others are stored."""
    places = differences.view(np.uint16).astype(int)
    places = np.where(places % 2, -(places + 1) // 2, places // 2) + counted(base)
    places = (places + 2**15) % 2**16 - 2**15
    return np.where(places >= 0, places, 2**15 - 1 - places).astype(np.uint16).view(np.float16)


@pytest.mark.slow
def test_a_browser_gets_the_weights_that_it_computes_with_bit_for_bit(family, folder, manifest):
    files = {}
    for entry in manifest["members"]:
        data = gzip.decompress((folder / entry["weights"]["file"]).read_bytes())
        assert len(data) == entry["weights"]["bytes"] and zlib.crc32(data) == entry["weights"]["crc32"]
        files[entry["id"]] = whole(data)
    for member, entry in zip(family.members, manifest["members"], strict=True):
        found, wanted = files[member.id], load_file(member.path / "weights.safetensors")
        assert {*manifest["inputs"], "mixture.phi", "alignment.means", "alignment.matrix"} <= set(found) < set(wanted)
        base = files.get(entry["weights"].get("from"))
        for name, values in found.items():
            values = added(values, base[name]) if base and values.dtype == np.float16 else values
            assert values.dtype == wanted[name].dtype
            assert values.tobytes() == wanted[name].tobytes()


@pytest.mark.slow
def test_differences_are_from_a_neighbour_that_is_stored_whole(manifest):
    ids = [member["id"] for member in manifest["members"]]
    bases = [member["weights"].get("from") for member in manifest["members"]]
    opened = ids.index(manifest["check_of"])
    assert bases[opened] is None and manifest["format"] == packed.FORMAT
    assert sum(base is not None for base in bases) >= 2
    for at, base in enumerate(bases):
        if base is not None:
            assert base == ids[at + (1 if at < opened else -1)] and bases[ids.index(base)] is None


def test_models_of_unlike_networks_are_stored_whole():
    header = b"12345678" + json.dumps({"w": {"dtype": "F16", "shape": [4]}}).encode()
    parts = [header, bytes(4), bytes(4)]
    others = [header.replace(b"[4]", b"[5]"), bytes(5), bytes(5)]
    assert [base for _, _, base in packed._small([parts, others], 0)] == [None, None]


def test_all_bytes_survive_the_quotes_of_a_script(tmp_path, monkeypatch):
    given = bytes(range(256)) * 2 + b'\\\\n"\\"\n\r\\r'
    monkeypatch.setattr(packed, "_packed", lambda data: given)
    packed.write_script(tmp_path / "some.packed.js", "")
    script = (tmp_path / "some.packed.js").read_bytes()
    text = script.removeprefix(b'packed["some.packed.js"] = "').removesuffix(b'";\n')
    assert len(text) < len(script) - 20 and b"\n" not in text and b"\r" not in text
    found, rest = bytearray(), iter(text)
    for byte in rest:
        assert byte != ord('"')
        found.append(byte if byte != ord("\\") else {ord("n"): 10, ord("r"): 13}.get(after := next(rest), after))
    assert bytes(found) == given


@pytest.mark.slow
def test_every_file_is_named_and_smaller_than_it_was(folder, manifest):
    entries = packed._entries(manifest)
    assert {entry["file"] for entry in entries} | {"family.json"} == {file.name for file in folder.iterdir()}
    for entry in entries:
        data = (folder / entry["file"]).read_bytes()
        assert len(data) < entry["bytes"] and zlib.crc32(gzip.decompress(data)) == entry["crc32"]


def test_the_site_checks_a_browser_by_the_model_that_it_opens_with(manifest):
    checked = next(member for member in manifest["members"] if member["id"] == manifest["check_of"])
    assert checked["gamma"] == 1


@pytest.mark.parametrize("missing", ["archive", "runtime"])
def test_without_an_archive_or_the_runtime_the_site_is_as_before_and_says_so(measured, missing, tmp_path, monkeypatch):
    monkeypatch.setattr("app.site.pages.parts_of", lambda family, models, say: ({"models": models}, {}))
    if missing == "runtime":
        monkeypatch.setattr(packed, "RUNTIME", tmp_path)
    elif packed.why_no_runtime():
        pytest.skip("onnxruntime-web is not here: python tools/vendor.py flow")
    said = []
    write_site([ib.family("cifar10", measured)], tmp_path / "site", said.append)
    about = [line for line in said if "live" in line]
    assert len(about) == 1 and {"archive": "cifar10.browser.zip", "runtime": "tools/vendor.py"}[missing] in about[0]
    assert "models" not in [file.name for file in (tmp_path / "site").iterdir() if file.name in ("ort", "flow")]
    assert (tmp_path / "site" / "data" / "cifar10.js").read_text() == 'families.push({"models":null});\n'
