"""A training on images of any shape: batches, steps, resuming, its result and its files."""

import math

import numpy as np
import pytest
from shape_helpers import every_shape, labelled, pixels, small_flow

from ibinn_core.models.kinds import KINDS, TRAINED_HERE
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig
from ibinn_core.training.images import make_batch

CLASSES = 4


def config_for(shape: tuple[int, int, int], **changes) -> TrainingConfig:
    values = {"architecture": small_flow(shape), "epochs": 1, "batch_size": 20, "shift": 1, "held_out": 20}
    return TrainingConfig(**{**values, **changes})


@every_shape
@pytest.mark.parametrize("noise", ["uniform", 0.01])
def test_batches_are_the_images_moved_cut_and_noisy(shape, noise):
    images = pixels(9, shape)
    plain = config_for(shape, noise=noise, shift=0, flip=False)
    batch = make_batch(images, np.arange(9), 0, plain)
    assert batch.shape == (9, *shape) and batch.dtype == np.float32
    expected = (images.transpose(0, 3, 1, 2) + 0.5) / 256
    assert np.abs(batch - expected).max() <= (0.5 / 256 + 1e-6 if noise == "uniform" else 0.06)
    cut = make_batch(images, np.arange(9), 0, config_for(shape, cutout=5, noise=noise), np.ones(9, bool))
    assert cut.shape == batch.shape and not np.array_equal(cut, batch)


@every_shape
@pytest.mark.parametrize("kind", TRAINED_HERE)
def test_every_kind_trains_on_every_shape_and_goes_on(tmp_path, monkeypatch, kind, shape):
    objective = KINDS[kind].objectives[0]
    config = config_for(
        shape, model=kind, objective=Objective(objective, 1.0 if objective in ("ib", "vib") else None), epochs=2
    )
    images, labels = labelled(60, shape, CLASSES)
    trainer = Trainer(config, images, labels, tmp_path, precision="fp32")
    monkeypatch.setattr(trainer, "total_steps", 2)
    trainer.run()
    resumed = Trainer(config, images, labels, tmp_path, precision="fp32")
    resumed.resume()
    assert resumed.progress.step == 2 and resumed.model.num_classes == CLASSES
    row = trainer.progress.history[-1]
    assert all(math.isfinite(row[name]) for name in ("error", "train_loss")) and row["skipped_steps"] == 0
