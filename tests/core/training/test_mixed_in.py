"""Mixing earlier weights into a trained model."""

import pytest
import torch
from checkpoint_helpers import SMALL

from ibinn_core.models.config import TrainingConfig
from ibinn_core.training import warm_start
from ibinn_core.training.warm_start import mix_in
from ibinn_core.weight_space.mixing import mixed_names


def model(number: int, **changes: object) -> torch.nn.Module:
    """A small model with random weights."""
    torch.manual_seed(number)
    made = TrainingConfig(architecture=SMALL.replace(**changes)).new_model(10)
    with torch.no_grad():
        for value in made.parameters():
            value.normal_()
    return made


def test_all_weights_are_mixed_and_what_is_fixed_stays(monkeypatch: pytest.MonkeyPatch):
    one, other = model(0), model(1)
    before = {name: value.clone() for name, value in one.state_dict().items()}
    monkeypatch.setattr(warm_start, "weights_of", lambda source: other.state_dict())
    mix_in(one, "runs/before", 0.25)
    for name, value in one.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.75 * before[name] + 0.25 * other.state_dict()[name])
        else:
            assert torch.equal(value, before[name])
    assert not torch.equal(one.class_means, before["mixture.means"])


def test_another_network_and_a_share_that_mixes_nothing_are_refused(monkeypatch: pytest.MonkeyPatch):
    one, narrower, other = model(0), model(1, widths=(4, 4)), model(1)
    fixed = other.state_dict().keys() - set(mixed_names(other))
    next(value for name, value in other.state_dict().items() if name in fixed).neg_()
    before = {name: value.clone() for name, value in one.state_dict().items()}
    refused = [(narrower, 0.25, "not the weights of the same network"), (other, 0.25, "fixed .* differs")]
    refused += [(model(1), share, "must be above 0 and below 1") for share in (0.0, 1.0, float("nan"))]
    for source, share, part in refused:
        monkeypatch.setattr(warm_start, "weights_of", lambda _, source=source: source.state_dict())
        with pytest.raises(ValueError, match=part):
            mix_in(one, "runs/before", share)
    assert all(torch.equal(value, before[name]) for name, value in one.state_dict().items())
