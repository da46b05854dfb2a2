"""A model in a few words."""

import dataclasses
import math

import pytest

import ibinn_core as ib
from app.models.summary import caveat_of, training_of


@pytest.mark.parametrize(
    "ancestry, words",
    [
        ([], "its likelihood was never trained"),
        ([{"objective": {"kind": "ib", "gamma": "inf"}}], "its likelihood was never trained"),
        ([{"objective": {"kind": "ib", "gamma": 0.5}}], "began as a model of γ = 0.5:"),
        ([{"objective": {"kind": "class-nll", "gamma": None}}], "began as a class-NLL model:"),
        ([{"checkpoint": "mine"}], "began as the model mine:"),
    ],
)
def test_what_a_model_of_ly_alone_began_as(ancestry, words):
    only_ly = next(c for c in ib.checkpoints() if c.gamma == math.inf)
    mine = dataclasses.replace(only_ly, config={**only_ly.config, "ancestry": ancestry})
    assert words in caveat_of(mine)


def test_the_budget_of_a_model_is_that_of_its_whole_ancestry():
    one = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    assert training_of(one) == "Trained for 56 epochs, 7.2 hours in all."
    assert training_of(dataclasses.replace(one, config={**one.config, "ancestry": [{"checkpoint": "x"}]})) == ""
    steps = [{**step, "data": "mnist"} for step in one.config["ancestry"]]
    text = training_of(dataclasses.replace(one, config={**one.config, "ancestry": steps}))
    assert text == "Trained for 56 epochs, 46 of them on MNIST, 7.2 hours in all."


def test_what_was_mixed_into_its_weights_is_said():
    only_ly = next(c for c in ib.checkpoints() if c.id == "only-ly")
    assert "Its weights are 60% its own and 40% those of trunk-taught, which it grew from." in caveat_of(only_ly)
    config = {name: value for name, value in only_ly.config.items() if name != "mixed_in"}
    assert "Its weights" not in caveat_of(dataclasses.replace(only_ly, config=config))
