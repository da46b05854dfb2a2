"""The models of a site: compressed, and close to those of the checkpoints."""

import copy
import lzma
import math

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

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


@pytest.mark.parametrize("data", ["cifar10", "mnist"])
@pytest.mark.parametrize("gamma", [1.0, math.inf])
def test_rounded_weights_change_likelihoods_and_posteriors_little(data, gamma):
    family = ib.family(data, folders()[0])
    model, checkpoint = family.at(gamma), family.checkpoint(gamma)
    weights = load_file(checkpoint.path / WEIGHTS)
    large = {
        n: v for n, v in weights.items() if n.startswith("flow.") and v.dtype == np.float16 and v.size >= packed.LARGE
    }
    other = copy.deepcopy(model)
    tensors = {name: torch.from_numpy(packed.rounded(values, packed.FLOW_STEPS)) for name, values in large.items()}
    other.load_state_dict(tensors, strict=False)
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
