"""Weights from another training: to start from, with means where a trained flow puts new classes, or to mix in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from shape_helpers import TINY
from training_helpers import small_trainer, tiny_config, tiny_images

from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer
from ibinn_core.training import warm_start as module
from ibinn_core.training.warm_start import STEP, mix_in, start_at_centres, warm_start
from ibinn_core.weight_space.mixing import mixed_names

LABELS = 13


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A finished training with ten classes."""
    folder = tmp_path_factory.mktemp("centres") / "source"
    small_trainer(folder, epochs=1).run()
    return folder


def started(source: Path, folder: Path, num_classes: int, **changes) -> Trainer:
    """A training from the weights of ``source``, before its first step."""
    images, labels = tiny_images()
    config = tiny_config(init=str(source), **changes)
    trainer = Trainer(config, images, labels, folder, "fp32", num_classes=num_classes)
    trainer._initialise()
    return trainer


def patterned(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Noisy copies of one pattern a class, and so many of each class, in no order."""
    generator = np.random.default_rng(0)
    labels = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    shape = (*TINY.image_shape[1:], TINY.image_shape[0])
    patterns = generator.integers(60, 196, (len(counts), *shape))
    noise = generator.normal(0, 40, (len(labels), *shape))
    return np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8), labels


def known(source: Path, num_classes: int) -> GenerativeClassifier:
    """A flow that has been trained on other images."""
    model = GenerativeClassifier(TINY, num_classes).eval()
    warm_start(source, model)
    return model


def test_means_are_a_share_of_the_way_to_the_centres_less_what_is_there_by_chance(source):
    images, labels = patterned([5, 7, 9])
    model = known(source, 3)
    start_at_centres(model, images, labels, noise=1e-7)
    z = model.encode((torch.from_numpy(images).permute(0, 3, 1, 2).float() + 0.5) / 256).double()
    centres = torch.stack([z[torch.from_numpy(labels == y)].mean(0) for y in range(3)])
    variance = (z - centres[torch.from_numpy(labels)]).square().sum() / (21 - 3)
    by_chance = variance * (1 / 5 + 1 / 7 + 1 / 9) / 3
    offsets, expected = centres - centres.mean(0), centres.mean(0).expand(3, -1)
    for direction in torch.linalg.svd(offsets)[2][:2]:
        along = offsets @ direction
        expected = expected + STEP * max(0, 1 - by_chance / along.square().sum()) * along[:, None] * direction
    torch.testing.assert_close(model.class_means.double(), expected.double(), rtol=0, atol=1e-3)
    assert torch.pdist(model.class_means).min() > 0.5


def test_the_flow_and_its_mode_and_other_rows_are_left_alone(source):
    images, labels = patterned([8, 8])
    rows = np.flatnonzero(np.arange(16) % 3)
    one, other = known(source, 2).train(), known(source, 2)
    flow = {name: value.clone() for name, value in one.flow.state_dict().items()}
    start_at_centres(one, images, labels, rows, noise=1e-7)
    start_at_centres(other, images[rows], labels[rows], noise=1e-7)
    torch.testing.assert_close(one.class_means, other.class_means, rtol=0, atol=1e-3)
    assert one.training and all(torch.equal(value, flow[name]) for name, value in one.flow.state_dict().items())
    with pytest.raises(ValueError, match="at mean latents of images"):
        start_at_centres(one, images, labels, np.zeros(0, int))


def test_classes_without_images_are_around_the_others_and_apart(source):
    images, labels = patterned([6, 6, 6])
    labels = np.where(labels == 2, 3, labels)
    model = known(source, 5)
    drawn = model.class_means
    start_at_centres(model, images, labels)
    means = model.class_means
    expected = means[[0, 1, 3]].mean(0) + drawn[[2, 4]] - drawn.mean(0)
    torch.testing.assert_close(means[[2, 4]], expected, rtol=0, atol=1e-3)
    start_at_centres(model, images[:5], np.arange(5))  # one image each says nothing
    assert torch.pdist(model.class_means).max() < 1e-4


@pytest.mark.parametrize("objective", [Objective(gamma=0.2), Objective("class-nll", None)], ids=["ib", "class-nll"])
def test_a_training_with_other_classes_starts_at_their_centres(source, tmp_path, objective):
    trainer = started(source, tmp_path, LABELS, objective=objective, average=0.9)
    expected = GenerativeClassifier(TINY, LABELS)
    assert warm_start(source, expected)
    config, rows = trainer.config, trainer.train_indices
    start_at_centres(expected, trainer.images, trainer.labels.numpy(), rows, config.noise, config.seed)
    assert torch.equal(trainer.model.mixture.means, expected.mixture.means)
    assert torch.equal(trainer.average.module.mixture.means, expected.mixture.means)


def test_a_training_that_sees_no_labels_or_has_fixed_means_keeps_those_that_were_drawn(source, tmp_path):
    for number, objective in enumerate((Objective(gamma=0), Objective("class-nll-regularized", None))):
        trainer = started(source, tmp_path / str(number), LABELS, objective=objective)
        distances = torch.pdist(trainer.model.class_means)
        assert (distances - distances[0]).abs().max() < 1e-3  # as drawn: all at one distance


def random_weights(number: int, **changes: object) -> torch.nn.Module:
    """A small model with random weights."""
    torch.manual_seed(number)
    made = TrainingConfig(architecture=TINY.replace(**changes)).new_model(10)
    with torch.no_grad():
        for value in made.parameters():
            value.normal_()
    return made


def test_all_weights_are_mixed_and_what_is_fixed_stays(monkeypatch):
    one, other = random_weights(0), random_weights(1)
    before = {name: value.clone() for name, value in one.state_dict().items()}
    monkeypatch.setattr(module, "weights_of", lambda source: other.state_dict())
    mix_in(one, "runs/before", 0.25)
    for name, value in one.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.75 * before[name] + 0.25 * other.state_dict()[name])
        else:
            assert torch.equal(value, before[name])
    assert not torch.equal(one.class_means, before["mixture.means"])


def test_another_network_and_a_share_that_mixes_nothing_are_refused(monkeypatch):
    one, narrower, other = random_weights(0), random_weights(1, widths=(4, 4)), random_weights(1)
    fixed = other.state_dict().keys() - set(mixed_names(other))
    next(value for name, value in other.state_dict().items() if name in fixed).neg_()
    before = {name: value.clone() for name, value in one.state_dict().items()}
    refused = [(narrower, 0.25, "not the weights of the same network"), (other, 0.25, "fixed .* differs")]
    refused += [(random_weights(1), share, "must be above 0 and below 1") for share in (0.0, 1.0, float("nan"))]
    for source, share, part in refused:
        monkeypatch.setattr(module, "weights_of", lambda _, source=source: source.state_dict())
        with pytest.raises(ValueError, match=part):
            mix_in(one, "runs/before", share)
    assert all(torch.equal(value, before[name]) for name, value in one.state_dict().items())
