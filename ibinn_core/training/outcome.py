"""The outcome of a training: its model, how far it came, and what it cost."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from ..checkpoint import CARD, CONFIG, WEIGHTS
from ..checkpoint.folder import read_history
from ..checkpoint.manifest import read_manifest
from ..models.classifier import Classifier
from ..models.config import TrainingConfig
from ..models.kinds import OWN_FLOW
from .images import load_images
from .state import FILE, Progress, model_weights, num_classes_of, read_progress, read_state
from .trunk import trunk_config
from .warm_start import weights_of, without_alignment


class Trained(NamedTuple):
    """The outcome of a training."""

    model: Classifier  # in evaluation mode, without gradients
    config: TrainingConfig  # how it was trained
    progress: Progress  # and how far
    # Images, uint8 (M, H, W, C), and their labels (M,), including those that are held out
    training_set: tuple[np.ndarray, np.ndarray]


def finished_training(run: Path) -> Trained:
    """The finished training in the folder ``run``, or what a trunk (:mod:`.trunk`) keeps of one.

    Raises:
        FileNotFoundError, ValueError: as :func:`training_so_far` does, or if it is not finished.
    """
    kept = is_kept(run)
    if kept and (run / CARD).is_file():
        raise ValueError(f"{run} is a checkpoint already: export the training or the trunk that it comes from")
    progress = _progress(run)
    if not progress.finished:
        raise ValueError(
            f"the training in {run} is not finished: continue it with train --resume, or keep it as a trunk"
        )
    return _kept_training(run, progress) if kept else training_so_far(run)


def is_finished(run: Path) -> bool:
    """Whether the training that a folder holds, or keeps the outcome of, came to its end; raises if it does not say."""
    return _progress(run).finished


def _progress(run: Path) -> Progress:
    return _kept_progress(run) if is_kept(run) else read_progress(run)


def is_kept(run: Path) -> bool:
    """Whether a folder holds what a trunk or a checkpoint keeps of a training, and no state to continue from."""
    return not (run / FILE).exists() and (run / CONFIG).is_file() and (run / WEIGHTS).is_file()


def _kept_progress(run: Path) -> Progress:
    """How far the training of a trunk or a checkpoint came."""
    config, spent, images = _kept_budget(run)
    planned = max(1, round(config.epochs * (images // config.batch_size)))
    return Progress(
        spent["steps"],
        spent.get("skipped_steps", 0),
        spent.get("seconds", 0.0),
        finished=planned <= spent["steps"],
        history=read_history(run, read_manifest(run)),
    )


def _kept_budget(run: Path) -> tuple[TrainingConfig, dict, int]:
    """The config of a kept training, what it has cost, and the number of images that it used."""
    try:
        description = trunk_config(run)
        config, spent = TrainingConfig.from_dict(description["training"]), description["budget"]
        images = round(spent["steps"] * config.batch_size / spent["epochs"])
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise ValueError(
            f"{run} does not say how it was trained: export the training itself, or fetch the folder again"
        ) from error
    if config.model == OWN_FLOW:
        raise ValueError(f"{run} holds a flow that was trained elsewhere: export it with its own program")
    return config, spent, images


def _kept_training(run: Path, progress: Progress) -> Trained:
    config, _, used = _kept_budget(run)
    images, labels = load_images(config, "train")
    if len(images) - min(config.held_out, len(images) // 2) != used:
        raise ValueError(
            f"{run} was trained on {used:,} images beside those that it held out, and this copy of {config.dataset} "
            f"has {len(images):,} in all: which of these were held out is not known here"
        )
    return _trained(config, without_alignment(weights_of(run)), progress, (images, labels))


def training_so_far(run: Path) -> Trained:
    """The training in ``run``, finished or not; a FileNotFoundError or ValueError if state or images are missing."""
    tensors, progress, values = read_state(run)
    config = TrainingConfig.from_dict(values)
    return _trained(config, model_weights(tensors), progress, load_images(config, "train"))


def _trained(
    config: TrainingConfig, weights: dict[str, Tensor], progress: Progress, images: tuple[np.ndarray, np.ndarray]
) -> Trained:
    model = config.new_model(num_classes_of(weights))
    model.load_state_dict(weights)
    model.noise = config.noise
    return Trained(model.requires_grad_(False).eval(), config, progress, images)


def budget(progress: Progress, config: TrainingConfig, images: int) -> dict:
    """What a training on that many ``images`` has cost so far."""
    return {
        "epochs": progress.step * config.batch_size / images,
        "steps": progress.step,
        "skipped_steps": progress.skipped,
        "seconds": round(progress.seconds),
    }
