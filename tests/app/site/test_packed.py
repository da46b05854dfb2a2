"""The models of a site: compressed, and close to those of the checkpoints."""

import copy
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


def test_a_site_has_rounded_models_in_less_than_70_percent_of_the_bytes(tmp_path):
    family, kept = ib.family("mnist", folders()[0]), Kept(tmp_path / "kept")
    packed.write_models(family, tmp_path / "mnist", packed.write_runtime(tmp_path / "ort", kept), kept)
    manifest = json.loads((tmp_path / "mnist" / "family.json").read_text())

    def read(entry: dict, folder: str = "mnist") -> bytes:
        sent = (tmp_path / folder / entry["file"]).read_bytes()
        data = lzma.decompress(sent)
        assert (len(sent), len(data), zlib.crc32(data)) == (entry["packed"], entry["bytes"], entry["crc32"])
        return data

    x = family.at(1.0).preprocess(ib.data.embedded("mnist")[0][:100])
    assert read(manifest["runtime"], "ort") == (packed.RUNTIME / packed.WASM).read_bytes()
    for member, entry in zip(family.members, manifest["members"], strict=True):
        own, found = load_file(member.path / WEIGHTS), load(read(entry["weights"]))
        assert {*manifest["inputs"], "mixture.phi", "alignment.means", "alignment.matrix"} <= set(found)
        for name, values in found.items():
            assert values.dtype == own[name].dtype
            if name not in manifest["inputs"]:
                np.testing.assert_array_equal(values, own[name])
        centers = np.frombuffer(read(entry["centers"]), "<f4")
        np.testing.assert_allclose(centers, member.latent["empirical_means"].ravel(), atol=2e-3)
        assert entry["weights"]["packed"] < 0.7 * (member.path / WEIGHTS).stat().st_size
        model = family.at(member.gamma)
        changed = copy.deepcopy(model)
        changed.load_state_dict({name: torch.from_numpy(values) for name, values in found.items()}, strict=False)
        example = np.frombuffer(read(entry["check"]), "<f4")
        with torch.no_grad():
            drawn = torch.tensor(example[784:1568].copy()).reshape(1, 1, 28, 28)
            np.testing.assert_allclose(example[1568:], changed.log_prob(drawn, per_class=True)[0], rtol=1e-5)
            assert (changed.log_prob(x) - model.log_prob(x)).abs().max() < 0.002 * 784 * math.log(2)  # bits/dim
            assert (changed.posterior(x) - model.posterior(x)).abs().max() < 0.01


def test_the_rounded_resnet_has_nearly_the_librarys_posterior(tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    with showing("mnist"):
        beside = write_beside(tmp_path, Kept(tmp_path / "kept"))
    assert beside is not None and beside["graph"]["packed"] < 0.6 * beside["graph"]["bytes"]
    session = runtime.InferenceSession(lzma.decompress((tmp_path / beside["graph"]["file"]).read_bytes()))
    model = ib.load(folders()[0] / "mnist-resnet")
    x = ib.dequantize(ib.to_unit(ib.data.embedded("mnist")[0]), model.noise)
    with torch.no_grad():
        wanted = model.posterior(x).numpy()
    (found,) = session.run(["posterior"], {"x": x.numpy()})
    np.testing.assert_allclose(found, wanted, atol=1e-2)
