"""The models' names and colours."""

import json
import shutil

from checkpoint_helpers import renew_manifest
from page_helpers import PHOTOGRAPHS

import ibinn_core as ib
from app.models import registry
from app.models.names import colors_of, name_of, unique_names
from app.palette import KIND_COLORS, model_colors
from ibinn_core.checkpoint import folders


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
    assert (names["only-ly"], names["only-ly-scratch"]) == ("only classes", "only classes, from scratch")
