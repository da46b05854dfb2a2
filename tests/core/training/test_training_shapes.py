"""A training on images of any shape: batches, steps, resuming, its result and its files."""

import math

import numpy as np
import pytest
import torch
from checkpoint_helpers import fake_umap
from shape_helpers import every_shape, labelled, pixels, small_flow

import ibinn_core as ib
from ibinn_core import checkpoint
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.evaluation.latent_views import latent_arrays
from ibinn_core.exploration import interpolate
from ibinn_core.models.kinds import KINDS, TRAINED_HERE
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig
from ibinn_core.training.export import card_of
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


@every_shape
def test_a_model_of_every_shape_is_stored_and_comes_back(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    images, labels = labelled(60, shape, CLASSES)
    config = config_for(shape)
    model = Trainer(config, images, labels, tmp_path / "run", precision="fp32").run().requires_grad_(False)
    model.fit_alignment(model.encode(ib.to_unit(images)))
    found = encode_images(model, images)
    arrays = latent_arrays(model.class_means.numpy(), images, labels, found, found, labels, found.log_prob[:20])
    names = ("north", "south", "east", "west")
    dataset = ib.data.Dataset("winds", "Winds", names, shape, config.architecture.mean, config.architecture.std)
    values = {
        "training": config.to_dict(),
        "num_classes": CLASSES,
        "budget": {"epochs": 1.0, "seconds": 1.0},
        "ancestry": [],
        "data": checkpoint.describe_dataset(dataset),
    }
    stored = checkpoint.write_checkpoint(
        tmp_path / "winds-gamma-1", model, values, card_of(model, images, labels, found), arrays
    )
    assert stored.dataset == dataset and stored.classes == names
    assert stored.latent["class_means"].shape == (CLASSES, math.prod(shape))
    np.testing.assert_array_equal(ib.data.locate(stored.latent["hashes"], images), np.arange(60))

    loaded, x = ib.load(stored), ib.to_unit(images[:6])
    z = loaded.encode(x)
    walk = ib.to_uint8(loaded.decode(interpolate(z[0], z[1], 5, "spherical")), missing=0.5)
    np.testing.assert_array_equal(walk[[0, -1]], images[:2])
    samples = loaded.sample([0, 3], loaded.latent_spread, "empirical", torch.Generator().manual_seed(0))
    assert samples.shape == (2, *shape)
