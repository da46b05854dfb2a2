"""Small trainings that the tests run: in their own process, or in one to be killed."""

import os
import signal
from pathlib import Path

import numpy as np
import torch
from shape_helpers import SMALL, TINY, labelled

from ibinn_core.files import PARTIAL
from ibinn_core.training import Trainer, TrainingConfig, state

SAVE_EVERY = 4


def tiny_config(**changes) -> TrainingConfig:
    """3 epochs of 7 steps on the images of :func:`tiny_images`."""
    values = {"architecture": TINY, "epochs": 3, "batch_size": 8, "shift": 1, "held_out": 16, "seed": 5}
    return TrainingConfig(**{**values, **changes})


def tiny_images(count: int = 72, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Training data for a network like TINY: images ``(count, 8, 8, 3)``, and labels of ten classes."""
    return labelled(count, TINY.image_shape, seed=seed)


def write_data_set(folder: Path, train: int, test: int) -> tuple[np.ndarray, np.ndarray]:
    """Writes a small cifar10.npz; returns the images and labels of its training part."""
    images, labels = labelled(train + test, SMALL.image_shape)
    arrays = {"x_train": images[:train], "y_train": labels[:train], "x_test": images[train:], "y_test": labels[train:]}
    np.savez(folder / "cifar10.npz", **arrays)
    return images[:train], labels[:train]


def small_trainer(folder: Path, precision: str = "fp32", save_every: int = SAVE_EVERY, **changes) -> Trainer:
    return Trainer(tiny_config(**changes), *tiny_images(), folder, precision, save_every)


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    """A copy of all that the model holds, batch norms' statistics too."""
    return {name: value.detach().clone() for name, value in trainer.model.state_dict().items()}


def kill(where: str, number: int) -> None:
    """Ends this process in the middle of step ``number``, or in the ``number``-th saving.

    ``where``: "in step", gradients computed, weights not yet changed; "in writing", half of the new state written; or
    "before rename", the new state written and the old one in place.
    """
    places = {"in step": (torch.nn.utils, "clip_grad_norm_"), "in writing": (state, "write_bytes")}
    owner, name = places.get(where, (os, "replace"))
    original, calls = getattr(owner, name), iter(range(number + 1))

    def dying(*arguments, **options):
        if next(calls) == number:
            if where == "in writing":
                path, data = arguments
                path.with_name(path.name + PARTIAL).write_bytes(data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(owner, name, dying)


def train(folder: Path, precision: str, resume: bool, killed: tuple[str, int] | None) -> None:
    """One training in a process of its own, whose number of threads is fixed. ``killed``: where and when."""
    torch.set_num_threads(1)
    if killed is not None:
        kill(*killed)
    trainer = small_trainer(folder, precision, average=0.9)
    if resume:
        trainer.resume()
    trainer.run()
