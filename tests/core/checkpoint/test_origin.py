"""The marks by which branches of one tree are recognised."""

import dataclasses

import pytest

from ibinn_core.checkpoint.format import origin_of
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.objectives import Objective

BASE = TrainingConfig(objective=Objective(gamma=0.0), epochs=3)


def origin(**changes) -> str:
    return origin_of(dataclasses.replace(BASE, **changes).to_dict())


def test_a_training_that_goes_on_longer_began_as_the_same():
    assert origin() == origin(epochs=40, decay=0.0, average=0.9, shift=0)
    assert len(origin()) == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"objective": Objective(gamma=1.0)},
        {"learning_rate": 1e-4},
        {"noise": 0.01},
        {"batch_size": 32},
        {"dataset": "mnist"},
        {"architecture": BASE.architecture.replace(widths=(8, 8, 8))},
        {"architecture": BASE.architecture.replace(widths=(48, 112, 160))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_training_whose_first_steps_differ_is_another(changes):
    assert origin(**changes) != origin()


def test_a_config_of_another_version_has_an_origin_too():
    values = BASE.to_dict()
    del values["architecture"]["whitening"], values["average"]
    assert origin_of(values) == origin()
    assert origin_of({"objective": None}) != origin()
