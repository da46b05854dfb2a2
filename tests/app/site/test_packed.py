"""The models of a site: compressed, with the checkpoints' own numbers."""

import json
import lzma
import math
import zlib

import numpy as np
import pytest
import torch
from safetensors.numpy import load, load_file

import ibinn_core as ib
from app.site import packed
from app.site.beside import write_beside
from app.site.kept import Kept
from app.site.pages import showing
from ibinn_core.checkpoint import WEIGHTS, folders

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not packed.is_complete(), reason="onnxruntime-web is not here: python tools/vendor.py flow"),
]


def test_a_site_has_every_number_that_a_browser_uses_in_less_than_85_percent_of_the_bytes(tmp_path):
    family, kept = ib.family("mnist", folders()[0]), Kept(tmp_path / "kept")
    packed.write_models(family, tmp_path / "mnist", packed.write_runtime(tmp_path / "ort", kept), kept)
    manifest = json.loads((tmp_path / "mnist" / "family.json").read_text())

    def read(entry: dict, folder: str = "mnist") -> bytes:
        sent = (tmp_path / folder / entry["file"]).read_bytes()
        data = lzma.decompress(sent)
        assert (len(sent), len(data), zlib.crc32(data)) == (entry["packed"], entry["bytes"], entry["crc32"])
        return data

    example = np.frombuffer(read(manifest["members"][-1]["check"]), "<f4")
    x = torch.tensor(example[784:1568].copy()).reshape(1, 1, 28, 28)
    with torch.no_grad():
        found = family.at(math.inf).log_prob(x, per_class=True)[0]
    np.testing.assert_allclose(example[1568:], found, rtol=1e-5)
    assert read(manifest["runtime"], "ort") == (packed.RUNTIME / packed.WASM).read_bytes()
    for member, entry in zip(family.members, manifest["members"], strict=True):
        own, found = load_file(member.path / WEIGHTS), load(read(entry["weights"]))
        assert {*manifest["inputs"], "mixture.phi", "alignment.means", "alignment.matrix"} <= set(found)
        for name, values in found.items():
            assert values.dtype == own[name].dtype
            np.testing.assert_array_equal(values, own[name])
        centers = np.frombuffer(read(entry["centers"]), "<f4")
        np.testing.assert_array_equal(centers, member.latent["empirical_means"].ravel())
        assert entry["weights"]["packed"] < 0.85 * (member.path / WEIGHTS).stat().st_size


def test_the_resnet_in_half_precision_has_the_librarys_posterior(tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    with showing("mnist"):
        beside = write_beside(tmp_path, Kept(tmp_path / "kept"))
    assert beside is not None and beside["graph"]["packed"] < 0.9 * beside["graph"]["bytes"]
    session = runtime.InferenceSession(lzma.decompress((tmp_path / beside["graph"]["file"]).read_bytes()))
    model = ib.load(folders()[0] / "mnist-resnet")
    x = ib.dequantize(ib.to_unit(ib.data.embedded("mnist")[0]), model.noise)
    with torch.no_grad():
        wanted = model.posterior(x).numpy()
    (found,) = session.run(["posterior"], {"x": x.numpy()})
    np.testing.assert_allclose(found, wanted, atol=1e-3)
