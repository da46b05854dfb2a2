"""Which models pages begin with."""

from app.inference import models
from app.models import registry
from app.models.registry import (
    chosen,
    digits,
    first_among,
    first_beside_of,
    first_of,
)


def test_pages_begin_with_others_where_those_are_missing():
    assert first_of(["mine", "gamma-1"]) == "gamma-1" and first_of(["mine", "yours"]) == "mine"
    assert first_beside_of(["vib-1", "resnet"]) == ["resnet"] and first_beside_of(["vib-1"]) == []


def test_the_data_set_of_digits_is_found_whichever_is_chosen(show_checkpoints, other_families, tmp_path):
    show_checkpoints(other_families)
    assert chosen() != "mnist" and digits() == "mnist"
    family = registry.of_data_set("mnist")
    assert first_among(family).id == "mnist-gamma-1" and first_among(family[:1]).id == family[0].id
    show_checkpoints(tmp_path)
    assert digits() is None


def test_a_place_whose_mixture_has_gone_is_the_nearest_trained_model(no_data, monkeypatch):
    family = registry.weight_space(registry.with_likelihood())
    assert family is not None and registry.place(family, 9.5).id == "gamma-9.5"
    monkeypatch.setattr(models.current(), "mixed", lambda checkpoint_id: None)
    assert registry.place(family, 9.5).id in ("gamma-1", "gamma-35.65")
