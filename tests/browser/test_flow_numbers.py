"""The models in the browser compute the same numbers as in Python, at trained and mixed γ, for every family."""

import math

import numpy as np
import pytest
import torch
from browser_helpers import IN_A_BROWSER
from curve_helpers import save_own_family
from flow_page import FlowPage, flat, in_json, needs_runtime
from hosting import bare_server

import ibinn_core as ib
from ibinn_core.checkpoint import folders
from ibinn_core.onnx import publish, write_archive
from ibinn_core.weight_space import Family

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.slow,
    needs_runtime,
]
OWN = {"own": ((3, 13, 9), 3), "crowd": ((3, 8, 8), 150)}
#: Families, and the γ at which they are compared: trained γ, and mixed γ at measured points and between these points.
GAMMAS = {
    "mnist": (0.0, 0.03, 1.0, 9.5, math.inf),
    "cifar10": (0.0, 0.03, 1.0, 9.5, math.inf),
    "cifar100": (0.0, 0.05, 1.0, 9.5, math.inf),
    "own": (0.5, 0.7, 1.0, 2.0),
    "crowd": (0.5, 0.7, 1.0, 2.0),
}


def family_of(name: str, folder) -> Family:
    """Returns a committed family, or writes a user's own family into ``folder``."""
    if name not in OWN:
        return ib.family(name, folders()[0])
    found = save_own_family(folder, *OWN[name])
    write_archive(found)
    return found


def near(found, wanted, tolerance: float) -> None:
    np.testing.assert_allclose(np.array(found, float), flat(wanted), atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("name", GAMMAS)
def test_it_finds_what_python_finds(chrome, tmp_path, name):
    family = family_of(name, tmp_path / "checkpoints")
    with bare_server({name: publish(family, tmp_path / "published")}) as host:
        page = FlowPage(chrome.new_context().new_page(), host)
        page.open(name, GAMMAS[name][0])
        for gamma in GAMMAS[name]:
            compare(page, family.at(gamma), gamma)
        a_batch_is_its_images(page, family.at(GAMMAS[name][-1]))
        page.tab.context.close()


def compare(page: FlowPage, model, gamma: float) -> None:
    classes = [0, 1, model.num_classes - 1]
    x = model.sample(classes, 0.7, generator=torch.Generator().manual_seed(3)).clamp(0, 1)
    wanted = model.evaluate(x)
    found = page.run(
        """await model.setGamma(gammaOf(arg.gamma));
        const found = await model.evaluate(floats(arg.x));
        const noise = normal(arg.classes.length * model.manifest.dims, 3);
        const around = { temperature: 0.7, center: "mean", guidance: 1 };
        const from = { ...around, center: "empirical", guidance: 1.5 };
        return { ...found,
            back: await model.decode(floats(arg.z)),
            sampled: await model.decode(model.latentsOf(arg.classes, noise, around)),
            near: await model.decode(model.latentsOf(arg.classes, noise, from)) };""",
        {"gamma": in_json(gamma), "x": flat(x), "z": flat(wanted["latents"]), "classes": classes},
    )
    near(found["latents"], wanted["latents"], 1e-3)
    near(found["logProb"], wanted["log_prob"], 0.02)
    near(found["logProbPerClass"], model.log_prob(x, per_class=True), 0.02)
    near(found["posterior"], wanted["posterior"], 1e-3)
    near(found["back"], model.decode(wanted["latents"]), 1e-3)
    generator = torch.Generator().manual_seed(3)
    near(found["sampled"], model.sample(classes, 0.7, generator=generator), 2e-3)
    generator = torch.Generator().manual_seed(3)
    near(found["near"], model.sample(classes, 0.7, "empirical", generator, guidance=1.5), 2e-3)


def a_batch_is_its_images(page: FlowPage, model) -> None:
    x = torch.rand(19, *model.config.image_shape, generator=torch.Generator().manual_seed(1))  # more than two batches
    script = "return [await model.evaluate(floats(arg)), await model.evaluate(floats(arg).slice(-model.pixels))];"
    every, last = page.run(script, flat(x))
    near(every["latents"], model.encode(x), 1e-3)
    near(last["posterior"], every["posterior"][-model.num_classes :], 1e-4)
