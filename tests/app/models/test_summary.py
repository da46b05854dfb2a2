"""A model in a few words."""

import dataclasses

import ibinn_core as ib
from app.models.summary import caveat_of, training_of


def test_a_model_at_either_limit_has_a_caveat_and_others_have_none():
    said = {c.id: caveat_of(c) for c in ib.checkpoints() if c.dataset.name == "cifar10"}
    assert "without labels" in said["only-lx"] and "left over" in said["only-ly"] and not said["gamma-1"]


def test_the_budget_of_a_model_is_that_of_its_whole_ancestry():
    one = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    assert training_of(one) == "Trained for 56 epochs, 7.2 hours in all."
    assert training_of(dataclasses.replace(one, config={**one.config, "ancestry": [{"checkpoint": "x"}]})) == ""
    steps = [{**step, "data": "mnist"} for step in one.config["ancestry"]]
    text = training_of(dataclasses.replace(one, config={**one.config, "ancestry": steps}))
    assert text == "Trained for 56 epochs, 7.2 hours in all. On MNIST: 46 epochs."
