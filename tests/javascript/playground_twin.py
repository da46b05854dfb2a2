"""The model of the playground in PyTorch, made of the library's own layers, and the scripts that train it in Node."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import ibinn_core as ib
from ibinn_core.layers import ActNorm, AffineCoupling, SoftPermutation
from ibinn_core.layers.subnetwork import Subnetwork
from ibinn_core.models.mixture import LatentMixture

#: `problem` makes a problem from plain values. `given` gives a training the parameters of a model in PyTorch.
#: `parametersOf` returns a training's parameters by their names in PyTorch.
SETUP = """
    const names = ["data", "flow", "mixture", "snapshot", "trainer", "training"];
    Object.assign(globalThis, await load(...names.map((name) => `playground/${name}.js`)));
    const arrays = ({ points, labels }) => ({ points: Float64Array.from(points), labels: Uint8Array.from(labels) });
    const problem = ({ held, ...rest }) => ({ ...rest, ...arrays(rest), ...(held ? { held: arrays(held) } : {}) });
    const given = (training, { parameters, means }) => {
        training.flow.parameters.set(parameters);
        training.mixture.means.set(means);
        training.flow.changed();
        return training;
    };
    const parametersOf = ({ flow: { lines, angles, mean, deviation, width }, mixture }) => {
        const found = {
            "flow.layers.0.log_scale": deviation.map((value) => -Math.log(value)),
            "flow.layers.0.shift": mean.map((value, at) => -value / deviation[at]),
        };
        lines.forEach(({ parameters }, c) => {
            if (c > 0) {
                const [cos, sin] = [Math.cos(angles[c - 1]), Math.sin(angles[c - 1])];
                found[`flow.layers.${2 * c}.rotation.matrix`] = [cos, -sin, sin, cos];
            }
            const name = `flow.layers.${2 * c + 1}.subnetwork.net`;
            found[`${name}.0.weight`] = [...parameters.subarray(0, width)];
            found[`${name}.0.bias`] = [...parameters.subarray(width, 2 * width)];
            found[`${name}.2.weight`] = [...parameters.subarray(2 * width, 4 * width)];
            found[`${name}.2.bias`] = [...parameters.subarray(4 * width)];
        });
        found["mixture.means"] = [...mixture.means];
        return found;
    };
    Object.assign(globalThis, { problem, given, parametersOf });
"""


def problem(
    points: Tensor | np.ndarray, labels: Tensor | np.ndarray, objective: str = "ib", gamma: float = 1.0, **others: Any
) -> dict:
    """The training problem that the scripts get."""
    return {
        "points": np.asarray(points, np.float64).ravel().tolist(),
        "labels": np.asarray(labels).tolist(),
        "classes": int(max(labels)) + 1,
        "couplings": 4,
        "width": 8,
        "seed": 0,
        "objective": objective,
        "gamma": gamma,
        "learningRate": 0.005,
        **others,
    }


class Twin(nn.Module):
    """The same model and its loss in PyTorch, in float64."""

    def __init__(self, given: dict) -> None:
        super().__init__()
        classes, width = given["classes"], given["width"]

        def subnetwork(inputs: int, outputs: int) -> Subnetwork:
            return Subnetwork(nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs)))

        layers: list = [ActNorm(2)]
        for number in range(given["couplings"]):
            if number:
                layers.append(SoftPermutation(2, torch.Generator()))
            layers.append(AffineCoupling(2, subnetwork, clamp=0.7))
        self.flow = ib.Flow(layers)
        self.mixture = LatentMixture(classes, dims=max(2, classes))
        self.mixture.means = nn.Parameter(torch.zeros(classes, 2))
        self.double()
        layers[0].requires_grad_(False)
        kind = given["objective"]
        self.objective = ib.Objective(kind, gamma=None if kind == "class-nll" else given["gamma"], label_smoothing=0)

    @torch.no_grad()
    def take(self, weights: dict[str, list[float]]) -> None:
        """Sets the parameters to the numbers of the browser, given by their names."""
        state = self.state_dict()
        own = {name for name, _ in self.named_parameters() if name != "mixture.phi"} | {
            name for name in state if name.endswith("matrix")
        }
        assert set(weights) == own
        for name, values in weights.items():
            if name.endswith("matrix"):
                self.flow.layers[int(name.split(".")[2])].rotation.set(
                    torch.tensor(values, dtype=torch.float64).view(2, 2)
                )
            else:
                state[name].copy_(torch.tensor(values, dtype=torch.float64).view(state[name].shape))

    @property
    def trained(self) -> list[nn.Parameter]:
        """The parameters in the browser's order, with the means last."""
        return [p for p in self.parameters() if p.requires_grad and p is not self.mixture.phi]

    def numbers(self, gradients: bool = False) -> dict[str, list[float]]:
        """The numbers of all trained parameters or of their gradients, in the form that the browser takes."""
        every = [p.grad if gradients else p.detach() for p in self.trained]
        flat = torch.cat([p.flatten() for p in every[:-1]])
        return {"parameters": flat.tolist(), "means": every[-1].flatten().tolist()}

    def loss(self, points: Tensor, labels: Tensor):
        z, log_det = self.flow(points)
        return self.objective(self.mixture, z, log_det, labels)
