"""The data that a page sends to a browser, which computes while γ's slider moves."""

import base64
import json

import numpy as np
import pytest

from app.models import live, registry
from app.models.in_browser import Addresses


@pytest.fixture
def sent(monkeypatch):
    """The data of the component, call by call."""
    calls = []
    monkeypatch.setattr(live, "custom_module", lambda *_: lambda **given: calls.append(given))
    return calls


@pytest.fixture
def here(monkeypatch):
    """Like a server that has published the models."""
    monkeypatch.setattr(live, "addresses_of", lambda checkpoint: Addresses(f"/{checkpoint.dataset.name}/", "/ort/"))


@pytest.mark.parametrize("id", ["mnist-gamma-1", "mnist-gamma-2.5"])
def test_trained_and_mixed_models_have_the_addresses_of_their_family(sent, here, id):
    live.follow_live("tiles", registry.by_id(id), "walks", {"rows": []})
    (given,) = sent
    assert given["key"] == "live-tiles"
    assert given["data"] == {
        "figure": "tiles",
        "addresses": {"family": "/mnist/", "runtime": "/ort/"},
        "problem": "",
        "kind": "walks",
        "task": {"rows": []},
    }


def test_without_models_for_browsers_it_says_why(sent, monkeypatch):
    monkeypatch.setattr(live, "addresses_of", lambda _: None)
    live.follow_live("tiles", registry.by_id("mnist-gamma-1"), "walks", {})
    assert sent[0]["data"]["addresses"] is None and sent[0]["data"]["problem"] == "it has no models for browsers"


@pytest.mark.parametrize("id", ["class-nll", "resnet"])
def test_a_model_without_a_place_on_the_slider_follows_nothing(sent, here, id):
    live.follow_live("tiles", registry.by_id(id), "walks", {})
    assert not sent


def test_an_image_is_sent_whole():
    pixels = np.arange(28 * 28, dtype=np.uint8).reshape(28, 28, 1)
    picture = live.as_picture(registry.by_id("mnist-gamma-1"), pixels)
    assert json.loads(json.dumps(picture))["shape"] == [1, 28, 28] and picture["noise"] == "uniform"
    assert base64.b64decode(picture["pixels"]) == pixels.tobytes()
