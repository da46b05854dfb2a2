"""The marks by which branches of one tree are recognised."""

import dataclasses

import pytest

from ibinn_core.checkpoint.format import origin_of
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.objectives import Objective

BASE = TrainingConfig(objective=Objective(gamma=0.0), epochs=3)


def origin(**changes) -> str:
    return origin_of(dataclasses.replace(BASE, **changes).to_dict())


def test_a_training_that_goes_on_longer_began_as_the_same_as_it_does_in_a_config_of_another_version():
    assert origin() == origin(epochs=40, decay=0.0, average=0.9, shift=0)
    values = BASE.to_dict()
    del values["architecture"]["whitening"], values["average"]
    values["architecture"]["seed"] = 0  # stored by an older version
    assert origin_of(values) == origin() and len(origin()) == 12
    assert origin_of({"objective": None}) != origin()


@pytest.mark.parametrize(
    "changes",
    [
        *({"seed": 1}, {"objective": Objective(gamma=1.0)}, {"learning_rate": 1e-4}, {"noise": 0.01}),
        *({"batch_size": 32}, {"dataset": "mnist"}, {"model": "vib", "objective": Objective("vib", 0.0)}),
        *({"architecture": BASE.architecture.replace(widths=widths)} for widths in ((8, 8, 8), (48, 112, 160))),
    ],
)
def test_a_training_whose_first_steps_differ_is_another(changes):
    assert origin(**changes) != origin()
