"""The exponential average of the weights: its values, and where it replaces the weights."""

import copy

import torch
from training_helpers import small_trainer, tiny_config

from ibinn_core.training import read_state
from ibinn_core.training.sources import training_of
from ibinn_core.training.state import model_weights
from ibinn_core.training.trainer import averaged
from ibinn_core.training.warm_start import warm_start


def test_it_is_the_exponential_average_of_all_that_trains():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    average = averaged(net, 0.6)
    expected = {name: value.clone() for name, value in net.state_dict().items() if value.is_floating_point()}
    for step in range(1, 16):
        net(torch.randn(4, 2, 3, 3) + step)  # moves the statistics of the batch norm
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(torch.randn(parameter.shape))
        average.update_parameters(net)
        decay = min(0.6, (1 + step) / (10 + step))
        now = net.state_dict()
        expected = {name: decay * value + (1 - decay) * now[name] for name, value in expected.items()}
    assert decay == 0.6 and now["1.running_mean"].abs().max() > 0.1
    found = average.module.state_dict()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    assert found["1.num_batches_tracked"] == 15
    assert averaged(net, 0.6, steps=15).n_averaged == average.n_averaged  # a resumed one goes on


def test_the_average_is_validated_returned_exported_and_started_from(tmp_path, monkeypatch):
    small_trainer(tmp_path / "plain").run()
    trainer = small_trainer(tmp_path, average=0.9)
    seen = []
    validate = trainer._validate
    monkeypatch.setattr(trainer, "_validate", lambda of: (seen.append(copy.deepcopy(of.state_dict())), validate(of))[1])
    model = trainer.run()
    tensors, _, _ = read_state(tmp_path)
    plain, _, _ = read_state(tmp_path / "plain")
    assert all(torch.equal(value, tensors[name]) for name, value in plain.items())  # it goes on from its own weights
    average = {name.removeprefix("average."): value for name, value in tensors.items() if name not in plain}
    assert any(not torch.equal(value, tensors[f"model.{name}"]) for name, value in average.items())
    monkeypatch.setattr("ibinn_core.data.load", lambda *_: (trainer.images, trainer.labels.numpy()))
    target = tiny_config().new_model(10)
    warm_start(tmp_path, target)
    exported = training_of(tmp_path).model
    for state in (seen[-1], model.state_dict(), model_weights(tensors), exported.state_dict(), target.state_dict()):
        assert all(torch.equal(state[name], value) for name, value in average.items())
