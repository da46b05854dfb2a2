"""What the pages share: the names of models, and the image that is looked at."""

import dataclasses
import json
import math
import os

import numpy as np
import pytest

import ibinn_core as ib
from app import state
from app.figures.palette import KIND_COLORS, model_colors
from ibinn_core.checkpoint import default_folder


def copy_of_gamma_1(target, **training) -> None:
    """The committed model, as if it had been trained otherwise."""
    target.mkdir(parents=True)
    for file in (default_folder() / "gamma-1").iterdir():
        os.symlink(file, target / file.name)
    config = json.loads((target / "config.json").read_text())
    config["training"].update(training)
    (target / "config.json").unlink()
    (target / "config.json").write_text(json.dumps(config))


def test_no_two_models_have_the_same_name(monkeypatch, tmp_path, no_data):
    for name, training in (("gamma-1", {}), ("mine", {}), ("noisy", {"noise": 0.001})):
        copy_of_gamma_1(tmp_path / "checkpoints" / name, **training)
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    expected = {"gamma-1": "γ = 1 (gamma-1)", "mine": "γ = 1 (mine)", "noisy": "γ = 1, σ = 0.001"}
    assert state.names() == expected


@pytest.fixture
def session(monkeypatch):
    """The session's state, without a session."""
    kept: dict = {}
    monkeypatch.setattr(state.st, "session_state", kept)
    monkeypatch.setattr(state.st, "query_params", {})
    return kept


def test_the_last_click_counts_wherever_it_was(session):
    latent = {"hashes": np.arange(10, 20, dtype=np.uint64)}
    assert state.chosen_point(latent, "cloud", None) is None
    assert state.chosen_point(latent, "cloud", 3) == 3
    session["point"] = f"{latent['hashes'][5]:016x}"  # as a click on a neighbour does
    assert state.chosen_point(latent, "cloud", 3) == 5  # the chart still has its old selection
    assert state.chosen_point(latent, "cloud", None) == 5
    assert state.chosen_point(latent, "cloud", 3) == 3  # and there it is clicked again


@pytest.mark.parametrize(
    "ancestry, words",
    [
        ([], "nothing trained this likelihood"),
        ([{"objective": {"kind": "ib", "gamma": "inf"}}], "nothing trained this likelihood"),
        ([{"objective": {"kind": "ib", "gamma": 0.5}}], "began as a model of γ = 0.5:"),
        ([{"objective": {"kind": "class-nll", "gamma": None}}], "began as one of class-NLL:"),
        ([{"checkpoint": "mine"}], "began as the model mine:"),
    ],
)
def test_what_a_model_of_ly_alone_began_as(ancestry, words):
    only_ly = next(c for c in ib.checkpoints() if c.gamma == math.inf)
    mine = dataclasses.replace(only_ly, config={**only_ly.config, "ancestry": ancestry})
    assert words in state.caveat(mine)


def test_only_the_family_has_the_colours_of_gamma():
    everyone = ib.checkpoints()
    colors = dict(zip([c.id for c in everyone], state.colors_of(everyone), strict=True))
    family = [c.id for c in everyone if c.gamma is not None and c.has_likelihood]
    assert [colors[id] for id in family] == model_colors(len(family))
    assert colors["class-nll"] == KIND_COLORS["class-nll"] and colors["resnet"] == KIND_COLORS["resnet"]


def test_the_budget_of_a_model_is_that_of_its_whole_ancestry():
    one = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    assert state.training_of(one) == "Trained for 67 epochs, 3.6 hours in all."
    assert state.training_of(dataclasses.replace(one, config={**one.config, "ancestry": [{"checkpoint": "x"}]})) == ""
