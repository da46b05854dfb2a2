"""The outcome of a training: its model, how far it came, and what it cost."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..checkpoint.folder import read_history
from ..checkpoint.manifest import read_manifest
from ..models.classifier import Classifier
from ..models.config import TrainingConfig
from .images import load_images
from .state import Progress, model_weights, num_classes_of, read_progress, read_state, restore
from .trunk import is_trunk, trunk_config, trunk_weights


class Trained(NamedTuple):
    """The outcome of a training."""

    model: Classifier  # in evaluation mode, without gradients
    config: TrainingConfig  # how it was trained
    progress: Progress  # and how far
    # Images, uint8 (M, H, W, C), and their labels (M,), including those that are held out
    training_set: tuple[np.ndarray, np.ndarray]


def finished_training(run: Path) -> Trained:
    """The training in the folder ``run``, or what a trunk (:mod:`.trunk`) keeps of it, if it is finished.

    Raises:
        FileNotFoundError, ValueError: as :func:`training_so_far` does, or if it is not finished.
    """
    kept = is_trunk(run)
    progress = _kept_progress(run) if kept else read_progress(run)
    if not progress.finished:
        raise ValueError(
            f"the training in {run} is not finished: continue it with train --resume, or keep it as a trunk"
        )
    return _kept_training(run, progress) if kept else training_so_far(run)


def _kept_progress(trunk: Path) -> Progress:
    """How far the training of a trunk came."""
    description = trunk_config(trunk)
    config, spent = TrainingConfig.from_dict(description["training"]), description["budget"]
    images = round(spent["steps"] * config.batch_size / spent["epochs"]) if spent["steps"] else 0
    planned = max(1, round(config.epochs * (images // config.batch_size)))
    return Progress(
        spent["steps"],
        spent["skipped_steps"],
        spent["seconds"],
        finished=0 < planned <= spent["steps"],
        history=read_history(trunk, read_manifest(trunk)),
    )


def _kept_training(trunk: Path, progress: Progress) -> Trained:
    config = TrainingConfig.from_dict(trunk_config(trunk)["training"])
    weights = trunk_weights(trunk)
    model = config.new_model(num_classes_of(weights))
    model.load_state_dict(weights)
    model.noise = config.noise
    return Trained(model.requires_grad_(False).eval(), config, progress, load_images(config, "train"))


def training_so_far(run: Path) -> Trained:
    """The training in the folder ``run``, finished or not.

    Raises:
        FileNotFoundError, ValueError: if the training's state or its data set is missing.
    """
    tensors, progress, values = read_state(run)
    config = TrainingConfig.from_dict(values)
    images, labels = load_images(config, "train")
    model = config.new_model(num_classes_of(model_weights(tensors)))
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
