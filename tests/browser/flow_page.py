"""A bare page that computes with families. Its server has the scripts, onnxruntime-web and the published families."""

import math
from typing import Any

import numpy as np
import pytest
from hosting import Host

from tools.screenshots import ROOT

needs_runtime = pytest.mark.skipif(
    not (ROOT / "app" / "static" / "vendor" / "ort" / "ort.wasm.min.mjs").is_file(),
    reason="onnxruntime-web is not here: python tools/vendor.py flow",
)

#: Functions of the page. They convert between arrays and the plain lists that Python sends and gets.
_SETUP = """async () => {
    const [{ Model }, { sharedModel }, { normal }] = await Promise.all(
        ["model", "shared", "noise"].map((name) => import(`/app/static/flow/${name}.js`)));
    const plain = (found) => {
        if (ArrayBuffer.isView(found) || Array.isArray(found)) return Array.from(found, plain);
        if (typeof found === "number" && !Number.isFinite(found)) return String(found);
        if (found === null || typeof found !== "object") return found ?? null;
        return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, plain(value)]));
    };
    const floats = (values) => Float32Array.from(values);
    const { origin } = location;
    const at = (name) => ({ family: `${origin}/families/${name}/`, runtime: `${origin}/app/static/vendor/ort/` });
    const gammaOf = (gamma) => (gamma === "inf" ? Infinity : gamma);
    Object.assign(window, { Model, sharedModel, normal, plain, floats, at, gammaOf });
}"""


class FlowPage:
    """The page. A test may change what its ``host`` sends."""

    def __init__(self, tab, host: Host) -> None:
        self.tab, self.host = tab, host
        tab.set_default_timeout(180_000)
        self.load()

    def load(self) -> None:
        """Reloads the page: no model is open then."""
        self.tab.goto(self.host.address)
        self.tab.evaluate(_SETUP)

    def run(self, script: str, arg: object = None) -> Any:
        """Runs the body of an asynchronous function of ``arg``; returns its result as plain values."""
        return self.tab.evaluate(f"async (arg) => plain(await (async () => {{ {script} }})())", arg)

    def problem(self, script: str, arg: object = None) -> str:
        """Runs such a body; returns the message of its error, empty if there is none."""
        found = f"try {{ {script} }} catch (error) {{ return error.message; }} return '';"
        return self.tab.evaluate(f"async (arg) => {{ {found} }}", arg)

    def open(self, name: str, gamma: float) -> None:
        """Opens a family as ``window.model``."""
        self.run(
            "window.model?.close(); window.model = await Model.open({ ...at(arg[0]), gamma: gammaOf(arg[1]) });",
            [name, in_json(gamma)],
        )


def in_json(gamma: float) -> float | str:
    return "inf" if math.isinf(gamma) else gamma


def flat(values: Any) -> list[float]:
    """Converts an array or a tensor to a flat list."""
    return np.asarray(values, np.float64).ravel().tolist()
