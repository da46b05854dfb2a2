"""The models of a site: compressed, with the checkpoints' own numbers."""

import json
import lzma
import zlib

import numpy as np
import pytest
from safetensors.numpy import load, load_file
from shared_helpers import shared_folder

import ibinn_core as ib
from app.site import packed
from ibinn_core.checkpoint import WEIGHTS, default_folder
from tests.browser.live_site_helpers import write_live_site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not packed.is_complete(), reason="onnxruntime-web is not here: python tools/vendor.py"),
]


def test_a_site_has_every_number_that_a_browser_uses_in_four_fifths_of_the_bytes(tmp_path_factory):
    (folder,) = (shared_folder(tmp_path_factory, "live-site", write_live_site) / "site").glob("*/models/mnist")
    manifest = json.loads((folder / "family.json").read_text())

    def read(entry: dict, place=folder) -> bytes:
        sent = (place / entry["file"]).read_bytes()
        data = lzma.decompress(sent)
        assert (len(sent), len(data), zlib.crc32(data)) == (entry["packed"], entry["bytes"], entry["crc32"])
        return data

    assert (
        read(manifest["runtime"], folder.parents[1] / "static/vendor/ort")
        == (packed.RUNTIME / packed.WASM).read_bytes()
    )
    members = ib.family("mnist", default_folder()).members
    for member, entry in zip(members, manifest["members"], strict=True):
        own, found = load_file(member.path / WEIGHTS), load(read(entry["weights"]))
        assert {*manifest["inputs"], "mixture.phi", "alignment.matrix"} <= set(found)
        for name, values in found.items():
            assert values.dtype == own[name].dtype
            np.testing.assert_array_equal(values, own[name])
        centers = np.frombuffer(read(entry["centers"]), "<f4")
        np.testing.assert_array_equal(centers, member.latent["empirical_means"].ravel())
        assert entry["weights"]["packed"] < 0.85 * (member.path / WEIGHTS).stat().st_size
