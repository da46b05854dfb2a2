"""Which models pages begin with."""

import ibinn_core as ib
from app.inference import models
from app.models import registry
from app.models.registry import (
    FIRST_BESIDE,
    FIRST_MODELS,
    chosen,
    first_among,
    first_beside_of,
    first_few_of,
    first_of,
    of_digits,
)


def test_pages_begin_with_models_that_are_committed():
    assert {*FIRST_MODELS, FIRST_BESIDE} <= {c.id for c in ib.checkpoints()}


def test_pages_begin_with_others_where_those_are_missing():
    assert first_of(["mine", "gamma-1"]) == "gamma-1" and first_of(["mine", "yours"]) == "mine"
    assert first_few_of(["only-ly", "mine", "gamma-1"]) == ["gamma-1", "only-ly"]
    assert first_few_of(list("abcde")) == list("abcd")
    assert first_beside_of(["vib-1", "resnet"]) == ["resnet"] and first_beside_of(["vib-1"]) == []


def test_models_of_digits_are_found_whichever_data_set_is_chosen(show_checkpoints, other_families):
    show_checkpoints(other_families)
    assert chosen() != "mnist"
    found = of_digits()
    assert [c.id for c in found] == ["mnist-only-lx", "mnist-gamma-0.02", "mnist-gamma-1"]
    assert first_among(found).id == "mnist-gamma-1" and first_among(found[:2]).id == "mnist-only-lx"


def test_there_may_be_no_models_of_digits(show_checkpoints, tmp_path):
    show_checkpoints(tmp_path)
    assert of_digits() == []


def test_a_place_whose_mixture_has_gone_is_the_nearest_trained_model(no_data, monkeypatch):
    family = registry.weight_space(registry.with_likelihood())
    assert family is not None and registry.place(family, 9.5).id == "gamma-9.5"
    monkeypatch.setattr(models.current(), "mixed", lambda checkpoint_id: None)
    assert registry.place(family, 9.5).id in ("gamma-1", "gamma-35.65")


def test_digits_that_were_measured_on_too_few_images_are_passed_over(show_checkpoints, other_families):
    show_checkpoints(other_families)
    count = len(of_digits()[0].latent["labels"])
    assert of_digits(test_images=count) and not of_digits(test_images=count + 1)
