"""Small trainings that the tests run: in their own process, or in one to be killed."""

import os
import signal
from pathlib import Path

import numpy as np
import torch
from shape_helpers import SMALL, TINY, labelled

from ibinn_core.files import PARTIAL
from ibinn_core.training import Trainer, TrainingConfig, state
from ibinn_core.training import trainer as loop

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


def kill_in_step(number: int) -> None:
    """Ends this process in the middle of step ``number``: gradients computed, weights not yet changed."""
    original = torch.nn.utils.clip_grad_norm_
    calls = iter(range(number + 1))

    def clip(*arguments, **options):
        if next(calls) == number:
            _die()
        return original(*arguments, **options)

    torch.nn.utils.clip_grad_norm_ = clip


def kill_before_rename(number: int) -> None:
    """Ends this process in the ``number``-th saving, with the new state written and the old one in place."""
    original, calls = os.replace, iter(range(number + 1))

    def replace(source, target):
        if next(calls) == number:
            _die()
        original(source, target)

    os.replace = replace


def kill_in_writing(number: int) -> None:
    """Ends this process in the ``number``-th saving, with half of the new state written."""
    original, calls = state.write_bytes, iter(range(number + 1))

    def write_bytes(path, data):
        if next(calls) == number:
            path.with_name(path.name + PARTIAL).write_bytes(data[: len(data) // 2])
            _die()
        original(path, data)

    state.write_bytes = write_bytes


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def train(folder: Path, precision: str, resume: bool, kill: tuple[str, int] | None) -> None:
    """One training in a process of its own, whose number of threads is fixed. ``kill``: how and when."""
    torch.set_num_threads(1)
    if kill is not None:
        globals()[kill[0]](kill[1])
    trainer = small_trainer(folder, precision, average=0.9)
    if resume:
        trainer.resume()
    trainer.run()


def poison(trainer: Trainer, steps: set[int]) -> None:
    """Makes the images of some steps NaN, so that batch norms see it too."""
    original = loop.make_batch

    def make_batch(*arguments):
        batch = original(*arguments)
        return batch * np.float32("nan") if trainer.progress.step in steps else batch

    loop.make_batch = make_batch
