"""The schema of a stored training: refusals and their messages, and that it needs no torch."""

import copy

import pytest

from ibinn_core.models.architecture import FlowConfig
from ibinn_core.models.config import TrainingConfig


def changed(path: str, value) -> dict:
    values = copy.deepcopy(TrainingConfig(learn_weights=True).to_dict())
    *parents, last = path.split(".")
    inner = values
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return values


@pytest.mark.parametrize(
    "path, value, reason",
    [
        ("held_out", 0.5, "held_out 0.5 should be a valid integer"),
        ("learning_rate", float("nan"), "learning_rate nan should be a finite number"),
        ("model", "vit", "the model must be one of"),
        ("objective", None, "needs its objective"),
        ("objective.gamma", "inf", "learn_weights needs L_X"),
        ("objective.label_smoothing", 2, "objective.label_smoothing 2 should be less than 1"),
        ("architecture.blocks", [3000, 4, 1], "architecture.blocks.0 3000 should be less than or equal to 128"),
        ("architecture.std", [0.2, 0.2, 0.0], "architecture.std.2 0.0 should be greater than 0"),
        ("architecture.image_shape", [3, 32], "image_shape must be (C, H, W)"),
        *(("architecture.builder", name, "name must be 1 to 60 of A-Z") for name in ("../evil", "", "x" * 61, True)),
        ("architecture.builder", "mine", "only a flow of your own has a builder"),
        ("average", 1.0, "average 1.0 should be less than 1"),
        ("architecture.attention", True, "is unknown to this version"),
    ],
)
def test_a_value_that_does_not_fit_is_named_in_a_sentence(path, value, reason):
    with pytest.raises(ValueError) as caught:
        TrainingConfig.from_dict(changed(path, value))
    assert reason in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "part, name, left, other",
    [("architecture", "fc_clamp", 0.7, 2.0), ("architecture", "dct", True, False), ("", "clip_norm", 5.0, 1.0)],
)
def test_what_older_versions_could_choose_is_read_where_it_is_what_is_left(part, name, left, other):
    values = TrainingConfig().to_dict()
    del values["model"]  # there was one kind
    (values[part] if part else values)[name] = left
    assert TrainingConfig.from_dict(values) == TrainingConfig()
    (values[part] if part else values)[name] = other
    with pytest.raises(ValueError, match=f"{name} .* is unknown to this version"):
        TrainingConfig.from_dict(values)


def test_an_architecture_takes_the_lists_of_json():
    config = FlowConfig(**TrainingConfig().to_dict()["architecture"])
    with pytest.raises(ValueError, match="needs its objective, a JSON object"):
        TrainingConfig.from_dict([])
    assert config == TrainingConfig().architecture and hash(config) == hash(TrainingConfig().architecture)
