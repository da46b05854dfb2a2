"""The models that a browser computes with: the same numbers as Python's, at trained and mixed γ, for every family."""

import math

import numpy as np
import pytest
import torch
from browser_helpers import IN_A_BROWSER
from curve_helpers import save_own_family
from flow_page import HAS_RUNTIME, FlowPage, flat, flow_server, in_json

import ibinn_core as ib
from ibinn_core.checkpoint import folders
from ibinn_core.onnx import publish, write_archive
from ibinn_core.weight_space import Family

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.skipif(not HAS_RUNTIME, reason="onnxruntime-web is not here: python tools/vendor.py flow"),
]
OWN = {"own": ((3, 13, 9), 3), "crowd": ((3, 8, 8), 150)}
#: Families, and the γ at which they are compared: trained ones, and mixed ones at measured places and between these.
GAMMAS = {
    "mnist": (0.0, 0.03, 1.0, 9.5, math.inf),
    "cifar10": (0.0, 0.03, 1.0, 9.5, math.inf),
    "cifar100": (0.0, 0.05, 1.0, 9.5, math.inf),
    "own": (0.5, 0.7, 1.0, 2.0),
    "crowd": (0.5, 0.7, 1.0, 2.0),
}
FAMILIES = [pytest.param(name, marks=pytest.mark.slow) for name in GAMMAS]


@pytest.fixture(scope="module")
def page(chrome):
    with flow_server() as served:
        context = chrome.new_context()
        yield FlowPage(context.new_page(), served)
        context.close()


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, page, tmp_path_factory) -> Family:
    """A family, which is published under its name."""
    name, place = request.param, tmp_path_factory.mktemp(request.param)
    if name in OWN:
        pytest.importorskip("onnxscript", reason="onnx and onnxscript are not installed")
        found = save_own_family(place / "checkpoints", *OWN[name])
        write_archive(found)
    else:
        found = ib.family(name, folders()[0])
    page.served.folders[name] = publish(found, place / "published")
    page.open(name, GAMMAS[name][0])
    page.name = name
    return found


def noise(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def near(found, wanted, tolerance: float) -> None:
    np.testing.assert_allclose(np.array(found, float), flat(wanted), atol=tolerance, rtol=tolerance)


def test_it_finds_what_python_finds(page, family):
    for gamma in GAMMAS[page.name]:
        model = family.at(gamma)
        classes = [0, 1, model.num_classes - 1]
        x = model.sample(classes, 0.7, generator=torch.Generator().manual_seed(3)).clamp(0, 1)
        wanted = model.evaluate(x)
        found = page.run(
            """await model.setGamma(gammaOf(arg.gamma));
            const look = await model.look(floats(arg.x));
            const { means, logWeights, centers, spread } = model.current;
            const around = { temperature: 0.7, center: "mean", seed: 3 };
            const from = { ...around, center: "empirical", guidance: 1.5 };
            return { ...look, means, logWeights, centers, spread,
                back: await model.decode(floats(arg.z)),
                sampled: await model.decode(model.latentsOf(arg.classes, around)),
                near: await model.decode(model.latentsOf(arg.classes, from)) };""",
            {"gamma": in_json(gamma), "x": flat(x), "z": flat(wanted["latents"]), "classes": classes},
        )
        near(found["latents"], wanted["latents"], 1e-3)
        near(found["logProb"], wanted["log_prob"], 0.02)
        near(found["logProbPerClass"], model.log_prob(x, per_class=True), 0.02)
        near(found["posterior"], wanted["posterior"], 1e-3)
        near(found["back"], model.decode(wanted["latents"]), 1e-3)
        near(found["means"], model.class_means, 1e-4)
        near(found["centers"], model.empirical_class_means, 1e-4)
        near(np.exp(found["logWeights"]), model.mixture.log_weights.exp(), 1e-5)
        assert found["spread"] == pytest.approx(model.latent_spread, rel=1e-5)
        generator = torch.Generator().manual_seed(3)
        near(found["sampled"], model.sample(classes, 0.7, generator=generator), 2e-3)
        generator = torch.Generator().manual_seed(3)
        near(found["near"], model.sample(classes, 0.7, "empirical", generator, guidance=1.5), 2e-3)


def test_a_batch_is_what_its_images_are_alone(page, family):
    model = family.at(GAMMAS[page.name][1])
    x = torch.rand(19, *model.config.image_shape, generator=torch.Generator().manual_seed(1))  # of two runs and a bit
    found = page.run(
        """await model.setGamma(gammaOf(arg.gamma));
        const last = await model.look(floats(arg.x).slice(-model.pixels));
        return [await model.look(floats(arg.x)), last];""",
        {"gamma": in_json(GAMMAS[page.name][1]), "x": flat(x)},
    )
    every, last = found["0"], found["1"]
    near(every["latents"], model.encode(x), 1e-3)
    near(last["posterior"], every["posterior"][-model.num_classes :], 1e-4)


# --- random numbers -----------------------------------------------------------------------------------------
