"""Which models pages begin with."""

import ibinn_core as ib
from app.models.registry import FIRST_BESIDE, FIRST_MODELS, first_beside_of, first_few_of, first_of


def test_pages_begin_with_models_that_are_committed():
    assert {*FIRST_MODELS, FIRST_BESIDE} <= {c.id for c in ib.checkpoints()}


def test_pages_begin_with_others_where_those_are_missing():
    assert first_of(["mine", "gamma-1"]) == "gamma-1" and first_of(["mine", "yours"]) == "mine"
    assert first_few_of(["only-ly", "mine", "gamma-1"]) == ["gamma-1", "only-ly"]
    assert first_few_of(list("abcde")) == list("abcd")
    assert first_beside_of(["vib-1", "resnet"]) == ["resnet"] and first_beside_of(["vib-1"]) == []
