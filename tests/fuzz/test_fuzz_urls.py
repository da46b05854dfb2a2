"""Random URLs: a page opens with any of them."""

import dataclasses
import importlib
import inspect
import logging
import pkgutil
import random

import numpy as np
import plotly.graph_objects as go
import pytest
import streamlit as st
from mutations import fuzz
from streamlit.testing.v1 import AppTest

import app
from app.desk import Desk
from app.images.handwriting import to_text
from app.images.links import to_url
from app.models import asking
from app.widgets import figure
from tests.app.family_helpers import DIGITS, SHAPES, build_family
from tests.app.page_helpers import ROOT, look_for_components_once
from tests.app.url_helpers import PARAMETERS, parameters_of

pytestmark = pytest.mark.slow

NUMBERS = ["inf", "-inf", "nan", "1e309", "-1e309", "1e-320", "-0", "0", "1", "7", "0.5", "54", "1.5", "0x10", "1e3"]
HUGE = ["9" * 400, "9" * 5000, "-" + "9" * 30, str(2**31), str(2**63), str(2**64), "1" + "0" * 4299]
TEXTS = [
    *("", " ", "None", "null", "true", "FALSE", "[]", "{}", "\0", "%00", "a\nb", "\u202e", "٣", "²", "😀", "\ufffd"),
    *("../../etc/passwd", "<script>alert(1)</script>", "![](http://a.b/c)", "x" * 10_000, ",", ",,,", "-", "--"),
]
#: Words that are valid in URLs, though some only for other pages or data sets.
KNOWN = [
    *("gamma-1", "only-lx", "mnist-gamma-1", "my-shapes-gamma-1,my-shapes-only-lx", "my-shapes-gamma-0.02", "mnist"),
    *("my-shapes", "disc", "ring", "5", "Noise", "Blend", "Rotation", "RGB rotation", "linear", "180°"),
    *("Morph over γ", "Side by side", "UMAP", "Mistakes", "Own plane", "noisy", "95", "15", "1.2", "mixture", "cat"),
    *("A drawing", "Another image", "Gaussian", "disc-3", "disc-8", "reveal", "try", "prediction", "Calibration", "w"),
]
KINDS = ("sample", "test", "own", "")
WHOLE = 10  # one of this many pages runs completely; the others end after their controls, before they compute


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """Two data sets of small models. Their pages draw no figures, because figures read no URL and take most time."""
    folder = tmp_path_factory.mktemp("families")
    with pytest.MonkeyPatch.context() as patch:
        for dataset in (dataclasses.replace(SHAPES, image_shape=(3, 8, 8)), DIGITS):
            build_family(folder / "checkpoints", dataset, patch)
        patch.setenv("IBINN_CHECKPOINTS", str(folder / "checkpoints"))
        patch.setenv("IBINN_DATA", str(folder / "no data"))
        # All modules are imported now. A module that came later would keep the patched functions after these tests.
        found = pkgutil.walk_packages(app.__path__, "app.", onerror=lambda name: None)
        modules = [
            importlib.import_module(one.name) for one in found if not one.name.startswith(("app.main", "app.views."))
        ]
        for module in modules:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if inspect.signature(function).return_annotation is go.Figure:
                    patch.setattr(module, name, lambda *args, **options: go.Figure())
        patch.setattr(figure, "_element", lambda: lambda **given: None)
        look_for_components_once(patch)
        forget()
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        yield
        logging.disable(before)
        forget()


def forget() -> None:
    """Clears the caches of pages, so that no other test finds these families in them."""
    st.cache_resource.clear()
    st.cache_data.clear()
    asking.DESK.forget()


@pytest.fixture
def controls_only(monkeypatch):
    """``controls_only(True)`` ends each page before its first question to a model or its first figure."""
    ask, asked, element = asking.ask, asking.asked, figure._element

    monkeypatch.setattr(asking, "DESK", Desk(0, asking.MEMORY))  # without processes, because pytest ends them

    def switch(is_on: bool) -> None:
        monkeypatch.setattr(asking, "ask", end if is_on else ask)
        monkeypatch.setattr(asking, "asked", end if is_on else asked)
        monkeypatch.setattr(figure, "_element", end if is_on else element)

    def end(*args, **options) -> None:
        st.stop()

    return switch


def value(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(NUMBERS + HUGE)
    if kind < 0.5:
        return rng.choice(TEXTS)
    if kind < 0.7:
        return rng.choice(KNOWN)
    if kind < 0.85:
        return token(rng)
    known = rng.choice(KNOWN)
    place = rng.randrange(len(known))
    return known[:place] + chr(rng.choice([rng.randrange(32, 127), rng.randrange(0xD7FF)])) + known[place + 1 :]


def token(rng: random.Random) -> str:
    """An image, strokes or a point in the form of a URL, sometimes damaged."""
    if rng.random() < 0.3:
        return "own-" + to_url(np.full(rng.choice([(8, 8, 3), (28, 28, 1), (32, 32, 3)]), 99, np.uint8))
    if rng.random() < 0.3:
        return to_text([[(rng.random(), rng.random()) for _ in range(rng.choice([1, 9, 300]))] for _ in range(3)])
    rest = rng.choice([*NUMBERS, *HUGE, *TEXTS, f"{rng.randrange(2**64):016x}", "AAAA"])
    return f"{rng.choice(KINDS)}-{rest}"


def query(names: list[str], rng: random.Random) -> dict[str, str | list[str]]:
    chosen = rng.sample(names, rng.randint(1, len(names)))
    return {
        name: [value(rng) for _ in range(rng.choice([2, 3]))] if rng.random() < 0.1 else value(rng) for name in chosen
    }


def test_a_page_opens_whatever_its_url_says(families, controls_only):
    def open_page(rng: random.Random) -> str:
        name = rng.choice(list(PARAMETERS))
        page = AppTest.from_file(str(ROOT / "app" / "views" / f"{name}.py"), default_timeout=300)
        for key, said in query(parameters_of(name), rng).items():
            page.query_params[key] = said
        asked = dict(page.query_params)
        controls_only(rng.randrange(WHOLE) > 0)
        page.run()
        found = [one.message for one in page.exception] + [one.value for one in page.error]
        assert not found, (name, asked, found)
        return name

    assert len(fuzz(0, open_page)) == len(PARAMETERS)
