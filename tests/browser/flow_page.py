"""A bare page that computes with families. Its server has the modules, onnxruntime-web and the published families."""

import json
import math
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from browser_helpers import STATIC

RUNTIME = STATIC / "vendor" / "ort"
HAS_RUNTIME = (RUNTIME / "ort.wasm.min.mjs").is_file()
PAGE = b'<!doctype html><meta charset="utf-8"><title>Bare</title><link rel="icon" href="data:,"><body>'


class Server:
    """The answers of the page's server.

    Attributes:
        address: of the page.
        folders: of published families, by their names in addresses.
        changed: changes of a file's bytes on the way, by the beginning of the file's name.
        asked: the requested paths, in order.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[str] = []
        self.folders: dict[str, Path] = {}
        self.changed: dict[str, Callable[[bytes], bytes]] = {}

    def bytes_of(self, path: str) -> bytes | None:
        """The content under a path; ``None`` if there is none."""
        if path == "/":
            return PAGE
        kind, _, name = path.strip("/").partition("/")
        family, _, file = name.partition("/")
        roots = {"ort": RUNTIME / name} | {folder: STATIC / folder / name for folder in ("flow", "live", "slider")}
        place = roots.get(kind) or (self.folders[family] / file if family in self.folders else None)
        if place is None or not place.is_file():
            return None
        change = next((c for start, c in self.changed.items() if place.name.startswith(start)), None)
        return change(place.read_bytes()) if change else place.read_bytes()


class _Handler(SimpleHTTPRequestHandler):
    kinds = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "text/json"}

    def __init__(self, *arguments: Any, served: Server, **options: Any) -> None:
        self.served = served
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.served.asked.append(path)
        data = self.served.bytes_of(path)
        self.send_response(404 if data is None else 200)
        kind = "text/html" if path == "/" else self.kinds.get(Path(path).suffix, "application/octet-stream")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def flow_server():
    """The server, in a thread of this process."""
    served = Server("")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, served=served)) as server:
        served.address = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


#: Functions of the page: what Python sends and gets are plain lists.
_SETUP = """async () => {
    const [{ Model }, { sharedModel }, { GammaScale }, noise] = await Promise.all(
        ["model", "shared", "family", "noise"].map((name) => import(`/flow/${name}.js`)));
    const plain = (found) => {
        if (ArrayBuffer.isView(found)) return [...found].map(plain);
        if (typeof found === "number" && !Number.isFinite(found)) return String(found);
        if (found === null || typeof found !== "object") return found ?? null;
        return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, plain(value)]));
    };
    const floats = (values) => Float32Array.from(values);
    const at = (name) => ({ family: `${location.origin}/families/${name}/`, runtime: `${location.origin}/ort/` });
    const gammaOf = (gamma) => (gamma === "inf" ? Infinity : gamma);
    Object.assign(window, { Model, sharedModel, GammaScale, noise, plain, floats, at, gammaOf });
}"""


class FlowPage:
    """The page.

    Attributes:
        tab: of Playwright.
        served: its server.
    """

    def __init__(self, tab, served: Server) -> None:
        self.tab, self.served = tab, served
        tab.set_default_timeout(180_000)
        self.load()

    def load(self) -> None:
        """Reloads it: no model is open."""
        self.tab.goto(self.served.address)
        self.tab.evaluate(_SETUP)

    def run(self, script: str, arg: object = None) -> Any:
        """The value of an asynchronous function's body, with ``arg``, as plain values."""
        return self.tab.evaluate(f"async (arg) => plain(await (async () => {{ {script} }})())", arg)

    def problem(self, script: str, arg: object = None) -> str:
        """The error of its rejection; empty if it is not rejected."""
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
    """An array or a tensor as a list."""
    return np.asarray(values, np.float64).ravel().tolist()


def gammas_of(folder: Path) -> list[float]:
    """The trained models among the published ones."""
    members = json.loads((folder / "family.json").read_text())["members"]
    return [math.inf if member["gamma"] == "inf" else member["gamma"] for member in members]
