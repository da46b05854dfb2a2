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


def test_a_browser_gets_the_weights_that_it_computes_with_bit_for_bit(family, folder, manifest):
    for member, entry in zip(family.members, manifest["members"], strict=True):
        data = gzip.decompress((folder / entry["weights"]["file"]).read_bytes())
        assert len(data) == entry["weights"]["bytes"] and zlib.crc32(data) == entry["weights"]["crc32"]
        found, wanted = whole(data), load_file(member.path / "weights.safetensors")
        assert {*manifest["inputs"], "mixture.phi", "alignment.means", "alignment.matrix"} <= set(found) < set(wanted)
        for name, values in found.items():
            np.testing.assert_array_equal(values, wanted[name])
            assert values.dtype == wanted[name].dtype


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
