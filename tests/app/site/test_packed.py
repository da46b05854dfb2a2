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
    model = changed(family.at(math.inf), found)
    example = np.frombuffer(read(manifest["members"][-1]["check"]), "<f4")
    x = torch.tensor(example[784:1568].copy()).reshape(1, 1, 28, 28)
    with torch.no_grad():
        np.testing.assert_allclose(example[1568:], model.log_prob(x, per_class=True)[0], rtol=1e-5)


def changed(model: ib.GenerativeClassifier, weights: dict[str, np.ndarray]) -> ib.GenerativeClassifier:
    """A copy of a model with other weights."""
    model = copy.deepcopy(model)
    model.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, strict=False)
    return model


@pytest.mark.parametrize("data", ["cifar10", "mnist"])
@pytest.mark.parametrize("gamma", [1.0, math.inf])
def test_rounded_weights_change_likelihoods_and_posteriors_little(data, gamma):
    family = ib.family(data, folders()[0])
    model, checkpoint = family.at(gamma), family.checkpoint(gamma)
    weights = load_file(checkpoint.path / WEIGHTS)
    large = {
        n: v for n, v in weights.items() if n.startswith("flow.") and v.dtype == np.float16 and v.size >= packed.LARGE
    }
    other = changed(model, {name: packed.rounded(values, packed.FLOW_STEPS) for name, values in large.items()})
    x = model.preprocess(ib.data.embedded(data)[0][:200])
    with torch.no_grad():
        difference = (other.log_prob(x) - model.log_prob(x)).abs().max() / x[0].numel() / math.log(2)
        assert difference < 0.003  # bits/dim
        assert (other.posterior(x) - model.posterior(x)).abs().max() < 0.01
    print(
        f"{data}, γ = {gamma}: {difference:.4f} bits/dim, {(other.posterior(x) - model.posterior(x)).abs().max():.4f}"
    )


@pytest.mark.parametrize(("data", "within"), [("cifar10", 0.1), ("mnist", 0.01)])
def test_the_rounded_resnet_has_nearly_the_librarys_posterior(tmp_path, data, within):
    runtime = pytest.importorskip("onnxruntime")
    with showing(data):
        beside = write_beside(tmp_path, Kept(tmp_path / "kept"))
    assert beside is not None and beside["graph"]["packed"] < 0.6 * beside["graph"]["bytes"]
    session = runtime.InferenceSession(lzma.decompress((tmp_path / beside["graph"]["file"]).read_bytes()))
    model = ib.load(folders()[0] / {"cifar10": "resnet", "mnist": "mnist-resnet"}[data])
    x = ib.dequantize(ib.to_unit(ib.data.embedded(data)[0][:300]), model.noise)
    with torch.no_grad():
        wanted = model.posterior(x).numpy()
    (found,) = session.run(["posterior"], {"x": x.numpy()})
    np.testing.assert_allclose(found, wanted, atol=within)
    print(f"{data}: {np.abs(found - wanted).max():.4f}")
