"""A model in a few words."""

import ibinn_core as ib
from app.models.summary import caveat_of, mixture_of


def test_a_model_at_either_limit_has_a_caveat_and_others_have_none():
    said = {c.id: caveat_of(c) for c in ib.checkpoints() if c.dataset.name == "cifar10"}
    assert "without labels" in said["only-lx"] and "left over" in said["only-ly"] and not said["gamma-1"]


def test_a_mixed_model_says_of_which_two_and_a_trained_one_says_nothing():
    family = ib.family("cifar10")
    assert mixture_of(family.checkpoint(1)) == ""
    point = (mixed := family.checkpoint(0.5)).point
    said = mixture_of(mixed)
    assert f"γ = 0.2 ({1 - point.share:.0%}) and γ = 1 ({point.share:.0%})" in said
    assert ("interpolated" in said) == (not point.measured)
