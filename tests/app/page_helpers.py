"""Helpers for the tests of all pages."""

import base64
import csv
import functools
import io
import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from committed_helpers import committed
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
PHOTOGRAPHS = [c for c in committed() if c.dataset.name == "cifar10"]  # what pages show where nobody chooses
GENERATIVE = [c for c in PHOTOGRAPHS if c.has_likelihood]  # the models that every page shows


def look_for_components_once(patch: pytest.MonkeyPatch) -> None:
    """Streamlit searches all installed packages for components in each ``AppTest``, which takes as long as a page."""
    name = "scan_component_manifests"
    patch.setattr(manifest_scanner, name, functools.cache(getattr(manifest_scanner, name)))


def figures(page: AppTest) -> list[go.Figure]:
    return [go.Figure(_arrays(spec)) for spec in specs(page)]


def specs(page: AppTest) -> list[dict]:
    """What a browser would draw of each figure of a page, as JSON says it."""
    return [json.loads(data["figure"]) for data in shown_figures(page).values()]


def alts(page: AppTest) -> list[str]:
    """The text for screen readers of each figure of a page."""
    return [data["alt"] for data in shown_figures(page).values()]


def shown_figures(page: AppTest) -> dict[str, dict]:
    """The data that the browser gets for each figure of a page, by key."""
    shown = [c.proto for c in page.get("bidi_component") if c.proto.component_name == "figure"]
    return {proto.id.split("-", 2)[2]: json.loads(proto.json) for proto in shown}


def given_to(component: str, page: AppTest) -> dict:
    """The data of the only component of this name on the page."""
    (given,) = [c.proto.json for c in page.get("bidi_component") if c.proto.component_name == component]
    return json.loads(given)


def _arrays(spec):
    """Plotly's JSON with its binary arrays unpacked, and texts whose lines are sent once put together."""
    if isinstance(spec, dict) and "bdata" in spec:
        flat = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
        return flat.reshape([int(n) for n in str(spec.get("shape", -1)).split(",")])
    if isinstance(spec, dict) and {"join", "columns"} <= spec.keys():
        columns = [[column["words"][code] for code in _arrays(column["codes"])] for column in spec["columns"]]
        return [spec["join"].join(lines) for lines in zip(*columns, strict=True)]
    if isinstance(spec, dict):
        return {key: _arrays(value) for key, value in spec.items()}
    return [_arrays(value) for value in spec] if isinstance(spec, list) else spec


def tiles(figure: go.Figure) -> np.ndarray:
    """The canvas of the first image trace."""
    image = next(t for t in figure.data if t.type == "image")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(image.source.split(",")[1]))))


def grids(page: AppTest) -> dict[str, dict]:
    """The data that the browser gets for each grid of images, by key, with the ``images``, uint8 ``(N, H, W, 3)``."""
    found = {}
    for given in (json.loads(c.proto.json) for c in page.get("bidi_component") if c.proto.component_name == "tiles"):
        width, height = given["size"]
        pixels = np.frombuffer(base64.b64decode(given["pixels"]), np.uint8)
        found[given["key"]] = given | {"images": pixels.reshape(-1, height, width, 3)}
    return found


def planes(page: AppTest) -> dict[str, dict]:
    """The data that the browser gets for each plane, by key: arrays, and the choice."""
    found = {}
    for component in page.get("bidi_component"):
        given = json.loads(component.proto.json)
        if component.proto.component_name == "plane":
            places = np.frombuffer(base64.b64decode(given["places"]), "<f4").reshape(-1, 2)
            groups = np.frombuffer(base64.b64decode(given["groups"]), "<i2")
            found.setdefault(given["key"], {}).update(given | {"places": places, "groups": groups})
        elif component.proto.component_name == "plane-marks":
            found.setdefault(given["key"], {}).update(given)
    return found


def clean(page: AppTest) -> AppTest:
    assert [e.message for e in page.exception] == []
    assert [e.value for e in page.error] == []
    return page


def text_of(page: AppTest) -> str:
    """The texts of a page outside its figures."""
    return "\n".join(e.value for e in (*page.markdown, *page.caption)).replace("\u00a0", " ")


def rows_of(exported, key: str) -> list[dict[str, str]]:
    """The lines of the CSV file that a panel exports, by the ``exported`` fixture."""
    return list(csv.DictReader(exported[key]["csv"]().decode().splitlines()))
