"""Small trainings that the tests run: in their own process, in one to be killed, or under accelerate launch.

accelerate launch ... training_helpers.py FOLDER     what test_training's two processes do
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from shape_helpers import SMALL, TINY, labelled

from ibinn_core.files import PARTIAL
from ibinn_core.models.objectives import Loss, Objective
from ibinn_core.training import Trainer, TrainingConfig, state
from ibinn_core.training import trainer as loop

SAVE_EVERY = 4


def tiny_config(**changes) -> TrainingConfig:
    """3 epochs of 7 steps on the images of :func:`tiny_images`."""
    values = {"architecture": TINY, "epochs": 3, "batch_size": 8, "shift": 1, "held_out": 16, "seed": 5}
    return TrainingConfig(**{**values, **changes})


def tiny_images(count: int = 72, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """What a network like TINY is trained on: images ``(count, 8, 8, 3)``, and labels of ten classes."""
    return labelled(count, TINY.image_shape, seed=seed)


def write_data_set(folder: Path, train: int, test: int) -> tuple[np.ndarray, np.ndarray]:
    """Writes a small cifar10.npz; returns the images and labels of its training part."""
    images, labels = labelled(train + test, SMALL.image_shape)
    arrays = {"x_train": images[:train], "y_train": labels[:train], "x_test": images[train:], "y_test": labels[train:]}
    np.savez(folder / "cifar10.npz", **arrays)
    return images[:train], labels[:train]


def small_trainer(folder: Path, precision: str = "fp32", save_every: int = SAVE_EVERY, **changes) -> Trainer:
    return Trainer(tiny_config(**changes), *tiny_images(), folder, None, precision, save_every)


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    """A copy of all that the model holds, batch norms' statistics too."""
    return {name: value.detach().clone() for name, value in trainer.model.state_dict().items()}


# --- a process that is killed ---------------------------------------------------------------------------


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


# --- two processes ---------------------------------------------------------------------------------------


def poison(trainer: Trainer, steps: set[int], only_rank: int | None = None) -> None:
    """Makes the images of some steps NaN, so that batch norms see it too; on one process, or on all."""
    original = loop.make_batch
    mine = only_rank is None or trainer.accelerator.process_index == only_rank

    def make_batch(*arguments):
        batch = original(*arguments)
        return batch * np.float32("nan") if mine and trainer.progress.step in steps else batch

    loop.make_batch = make_batch


class Collapsed(Objective):
    """An objective whose loss is NaN, whatever the model: a training that diverges at once."""

    def __call__(self, *arguments) -> Loss:
        loss = super().__call__(*arguments)
        return loss._replace(total=loss.total * torch.nan)


PARALLEL = {"architecture": TINY.replace(dropout=()), "epochs": 3 / 7}  # dropout differs between processes


def _two_processes(folder: Path) -> None:
    saved = []
    original = loop.save_state
    loop.save_state = lambda target, *rest: (saved.append(str(target)), original(target, *rest))
    report = {}

    trainer = small_trainer(folder / "parallel", **PARALLEL)
    rank = trainer.accelerator.process_index
    report["processes"] = trainer.accelerator.num_processes
    trainer.run()
    # Each process's own weights: they must not drift apart either.
    torch.save(weights(trainer), folder / f"weights{rank}.pt")
    report["saved"] = len(saved)

    norm = loop.nn.parallel.DistributedDataParallel(_norm())
    x, direction = (part.requires_grad_() for part in norm_inputs())
    mine = slice(rank * 4, rank * 4 + 4)
    (norm(x[mine]) * direction[mine]).sum().backward()
    torch.save((norm.module.state_dict(), x.grad[mine], norm.module.weight.grad), folder / f"norm{rank}.pt")

    try:
        small_trainer(folder / "odd", batch_size=7)
        report["odd"] = None
    except ValueError as error:
        report["odd"] = str(error)

    bad = small_trainer(folder / "bad", **PARALLEL)
    poison(bad, {1}, only_rank=1)
    bad.run()
    torch.save(weights(bad), folder / f"bad{rank}.pt")
    report["skipped"], report["steps"] = bad.progress.skipped, bad.progress.step
    (folder / f"report{rank}.json").write_text(json.dumps(report))


def _norm() -> torch.nn.Module:
    from ibinn_core.layers.subnetwork import BatchNorm

    return BatchNorm(3)


def norm_inputs() -> tuple[torch.Tensor, torch.Tensor]:
    """Activations far from zero, where a variance as E[x²] - E[x]² loses all its digits, and a gradient."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(8, 3, 5, 5, generator=rng) * 0.1
    x[:, 1] += 300
    x[:4, 2] += 2  # the halves of the batch differ
    return x, torch.randn(8, 3, 5, 5, generator=rng)


if __name__ == "__main__":
    _two_processes(Path(sys.argv[1]))
