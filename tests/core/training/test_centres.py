"""The means of new classes start where a trained flow puts their images; nothing else moves them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from shape_helpers import TINY
from training_helpers import small_trainer, tiny_config, tiny_images

from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer
from ibinn_core.training.centres import IMAGES, STEP, start_at_centres
from ibinn_core.training.warm_start import warm_start

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
    trainer = Trainer(config, images, labels, folder, warm_start(source), "fp32", num_classes=num_classes)
    trainer._initialise()
    return trainer


def coloured(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Images whose brightness tells their class, and so many of each class, in no order."""
    generator = np.random.default_rng(0)
    labels = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    levels = np.linspace(30, 220, len(counts))[labels]
    noise = generator.normal(0, 8, (len(labels), *TINY.image_shape[1:], TINY.image_shape[0]))
    return np.clip(levels[:, None, None, None] + noise, 0, 255).astype(np.uint8), labels


def fitted(images: np.ndarray, num_classes: int) -> GenerativeClassifier:
    model = GenerativeClassifier(TINY, num_classes).eval()
    model.fit((torch.from_numpy(images).permute(0, 3, 1, 2).float() + 0.5) / 256)
    return model


def test_means_are_a_share_of_the_way_to_the_centres_of_their_classes():
    images, labels = coloured([5, 7, 9])
    model = fitted(images, 3)
    start_at_centres(model, images, labels, noise=1e-7)
    z = model.encode((torch.from_numpy(images).permute(0, 3, 1, 2).float() + 0.5) / 256).double()
    centres = torch.stack([z[torch.from_numpy(labels == y)].mean(0) for y in range(3)])
    expected = (1 - STEP) * centres.mean(0) + STEP * centres
    torch.testing.assert_close(model.class_means.double(), expected, rtol=0, atol=1e-3)


def test_classes_that_can_be_told_are_told_without_a_step():
    images, labels = coloured([40] * 4)
    model = fitted(images, 4)
    x = (torch.from_numpy(images).permute(0, 3, 1, 2).float() + 0.5) / 256
    flow = {name: value.clone() for name, value in model.flow.state_dict().items()}
    before = (model.predict(x).numpy() == labels).mean()
    start_at_centres(model, images, labels)
    assert (model.predict(x).numpy() == labels).mean() > 0.85 > 0.5 > before
    assert all(torch.equal(value, flow[name]) for name, value in model.flow.state_dict().items())


def test_a_class_without_images_is_in_the_middle_of_the_others():
    images, labels = coloured([6, 6, 6])
    labels = np.where(labels == 2, 3, labels)
    model = fitted(images, 5)
    start_at_centres(model, images, labels)
    means = model.class_means
    torch.testing.assert_close(means[[2, 4]], means[[0, 1, 3]].mean(0).expand(2, -1), rtol=0, atol=1e-3)


def test_a_class_with_many_images_gives_some_of_them():
    images, labels = coloured([IMAGES + 50, 3])
    models = [fitted(images, 2) for _ in range(3)]
    for model, seed in zip(models, (0, 0, 1), strict=True):
        start_at_centres(model, images, labels, noise=1e-7, seed=seed)
    first, again, other = (model.class_means for model in models)
    assert torch.equal(first, again) and not torch.allclose(first[0], other[0], rtol=0, atol=1e-4)


def test_the_model_stays_in_its_mode_and_no_images_are_refused():
    images, labels = coloured([4, 4])
    model = fitted(images, 2).train()
    statistics = {name: value.clone() for name, value in model.named_buffers()}
    start_at_centres(model, images, labels)
    assert model.training
    assert all(torch.equal(value, statistics[name]) for name, value in model.named_buffers())
    with pytest.raises(ValueError, match="centres of no images"):
        start_at_centres(model, images[:0], labels[:0])


@pytest.mark.parametrize("objective", [Objective(gamma=0.2), Objective("class-nll", None)], ids=["ib", "class-nll"])
def test_a_training_with_other_classes_starts_at_their_centres(source, tmp_path, objective):
    trainer = started(source, tmp_path, LABELS, objective=objective)
    rows = trainer.train_indices
    expected = GenerativeClassifier(TINY, LABELS)
    warm_start(source)(expected)
    labels = trainer.labels.numpy()[rows]
    start_at_centres(expected, trainer.images[rows], labels, trainer.config.noise, trainer.config.seed)
    assert torch.equal(trainer.model.mixture.means, expected.mixture.means)
    averaged = trainer.average.values["mixture.means"] if trainer.average else expected.mixture.means
    assert torch.equal(averaged, expected.mixture.means)


def test_a_training_that_sees_no_labels_or_has_fixed_means_keeps_those_that_were_drawn(source, tmp_path):
    for number, objective in enumerate((Objective(gamma=0), Objective("class-nll-regularized", None))):
        trainer = started(source, tmp_path / str(number), LABELS, objective=objective)
        distances = torch.pdist(trainer.model.class_means)
        assert (distances - distances[0]).abs().max() < 1e-3  # as drawn: all at one distance


def test_a_training_with_the_same_classes_keeps_the_means_of_its_source(source, tmp_path):
    trainer = started(source, tmp_path, 10)
    kept = GenerativeClassifier(TINY)
    warm_start(source)(kept)
    assert torch.equal(trainer.model.mixture.means, kept.mixture.means)
