"""The outcome of a training: its model, how far it came, and what it cost."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..models.classifier import Classifier
from ..models.config import TrainingConfig
from .images import load_images
from .state import Progress, num_classes_of, read_progress, read_state, restore


class Trained(NamedTuple):
    """The outcome of a training."""

    model: Classifier  # in evaluation mode, without gradients
    config: TrainingConfig  # how it was trained
    progress: Progress  # and how far
    # Images, uint8 (M, H, W, C), and their labels (M,), including those that are held out
    training_set: tuple[np.ndarray, np.ndarray]


def finished_training(run: Path) -> Trained:
    """The training in the folder ``run``, if it is finished.

    Raises:
        FileNotFoundError, ValueError: as :func:`training_so_far` does, or if it is not finished.
    """
    if not read_progress(run).finished:
        raise ValueError(
            f"the training in {run} is not finished: continue it with train --resume, or keep it as a trunk"
        )
    return training_so_far(run)


def training_so_far(run: Path) -> Trained:
    """The training in the folder ``run``, finished or not.

    Raises:
        FileNotFoundError, ValueError: if the training's state or its data set is missing.
    """
    tensors, progress, values = read_state(run)
    config = TrainingConfig.from_dict(values)
    images, labels = load_images(config, "train")
    model = config.new_model(num_classes_of(tensors))
    restore(model, None, tensors)
    model.noise = config.noise
    return Trained(model.requires_grad_(False).eval(), config, progress, (images, labels))


def budget(progress: Progress, config: TrainingConfig, images: int) -> dict:
    """What a training on that many ``images`` has cost so far."""
    return {
        "epochs": progress.step * config.batch_size / images,
        "steps": progress.step,
        "skipped_steps": progress.skipped,
        "seconds": round(progress.seconds),
    }
