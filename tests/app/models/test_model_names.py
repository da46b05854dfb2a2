"""The models' names and colours."""

import json
import shutil

import pytest
from checkpoint_helpers import renew_manifest
from page_helpers import PHOTOGRAPHS

import ibinn_core as ib
from app.inference import models
from app.models import gamma_slider, registry
from app.models.names import colors_of, name_of, unique_names
from app.models.registry import chosen, digits, first_among, first_beside_of, first_of
from app.models.summary import caveat_of
from app.palette import KIND_COLORS, model_colors
from ibinn_core.checkpoint import folders
from ibinn_core.weight_space import Family


def test_no_two_models_have_the_same_name(show_checkpoints, tmp_path, no_data):
    for name in ("gamma-1", "mine", "noisy"):
        shutil.copytree(folders()[0] / "gamma-1", tmp_path / name)
    config = json.loads((tmp_path / "noisy" / "config.json").read_text())
    config["training"]["noise"] = 0.001
    (tmp_path / "noisy" / "config.json").write_text(json.dumps(config))
    renew_manifest(tmp_path / "noisy")
    show_checkpoints(tmp_path)
    expected = {"gamma-1": "γ = 1 (gamma-1)", "mine": "γ = 1 (mine)", "noisy": "γ = 1, σ = 0.001"}
    assert unique_names(registry.with_likelihood()) == expected


def test_only_the_family_has_the_colours_of_gamma():
    everyone = PHOTOGRAPHS
    colors = dict(zip([c.id for c in everyone], colors_of(everyone), strict=True))
    family = [c.id for c in everyone if c.gamma is not None and c.has_likelihood and not c.learned_only_classes]
    assert [colors[id] for id in family] == model_colors(len(family))
    assert colors["only-ly-scratch"] == KIND_COLORS["ib"]
    assert colors["class-nll"] == KIND_COLORS["class-nll"] and colors["resnet"] == KIND_COLORS["resnet"]


def test_the_gamma_of_a_mixture_has_no_more_digits_than_people_read():
    mixture = ib.family("cifar10").checkpoint(0.03556558820077847)
    assert name_of(mixture) == "γ = 0.0356"
    names = {c.id: name_of(c) for c in PHOTOGRAPHS}
    assert (names["only-ly"], names["only-ly-scratch"]) == ("γ = ∞", "γ = ∞, from scratch")


def test_pages_begin_with_others_where_those_are_missing():
    assert first_of(["mine", "gamma-1"]) == "gamma-1" and first_of(["mine", "yours"]) == "mine"
    assert first_beside_of(["vib-1", "resnet"]) == ["resnet"] and first_beside_of(["vib-1"]) == []


def test_the_data_set_of_digits_is_found_whichever_is_chosen(show_checkpoints, tmp_path):
    assert chosen() != "mnist" and digits() == "mnist"
    family = registry.of_data_set("mnist")
    assert first_among(family).id == "mnist-gamma-1" and first_among(family[:1]).id == family[0].id
    show_checkpoints(tmp_path)
    assert digits() is None


def test_a_place_whose_mixture_has_gone_is_the_nearest_trained_model(no_data, monkeypatch):
    family = registry.weight_space(registry.with_likelihood())
    assert family is not None and registry.place(family, 9.5).id == "gamma-9.5"
    assert [models.current().mixed(f"gamma-{text}") for text in ("banana", "-1", "", "1e999")] == [None] * 4
    monkeypatch.setattr(models.current(), "mixed", lambda checkpoint_id: None)
    assert registry.place(family, 9.5).id in ("gamma-1", "gamma-35.65")


def test_a_model_at_either_limit_has_a_caveat_and_others_have_none():
    said = {c.id: caveat_of(c) for c in ib.checkpoints() if c.dataset.name == "cifar10"}
    assert "without labels" in said["only-lx"] and "not train" in said["only-ly"] and not said["gamma-1"]


def test_of_a_family_without_a_curve_it_has_the_numbers_of_the_cards(monkeypatch):
    given = {}
    monkeypatch.setattr(
        gamma_slider, "custom_component", lambda *_, **__: lambda **options: given.update(options["data"])
    )
    family = Family(ib.family("cifar10").members, None)
    gamma_slider.gamma_slider(family, 1.0, "slider", lambda gamma: None, only_ticks=True)
    assert given["places"] == [] and not any(given["mixes"])
    errors = [tick["measures"]["error"] for tick in given["ticks"]]
    assert errors == pytest.approx([member.card["error"] for member in family.members])
