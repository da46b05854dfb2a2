"""From a finished training to a checkpoint: measured from the weights exactly as they are stored."""

import platform
from datetime import date
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from . import checkpoint, data
from .classifier import GenerativeClassifier
from .evaluation.measure import NOISE_SEED, encode_images, measure
from .latent import latent_arrays
from .training.batches import split_held_out
from .training.config import TrainingConfig
from .training.state import FILE, read_state, restore

TRAIN_IMAGES = 10_000  # whose latents give the empirical class means


def export(run: Path, target: Path, say=print) -> checkpoint.Checkpoint:
    """Turns the training in the folder ``run`` into a checkpoint at ``target``.

    The weights are rounded as they will be stored before anything is measured.

    Raises:
        FileNotFoundError, ValueError: if the training's state or its data set is not there, or something
            that is no checkpoint is at ``target``.
    """
    checkpoint.check_target(target)  # now, not after minutes of measuring
    tensors, progress, values = read_state(run)
    config = TrainingConfig.from_dict(values)
    images, labels = data.load(config.dataset, "test")
    train_images, train_labels = data.load(config.dataset, "train")
    num_classes = int(train_labels.max()) + 1
    model = GenerativeClassifier(config.architecture, num_classes, config.objective.learns_means, config.learn_weights)
    restore(model, None, tensors)
    model.noise = config.noise
    _round_as_stored(model, target)
    model.requires_grad_(False).eval()

    say(f"{target.name}: encoding {len(images)} test images")
    test = encode_images(model, images)
    used, held_out = split_held_out(len(train_images), min(config.held_out, len(train_images) // 2))
    used = used[:TRAIN_IMAGES]
    say(f"{target.name}: encoding {len(used)} training and {len(held_out)} held-out images")
    train = encode_images(model, train_images[used])
    reference = encode_images(model, train_images[held_out]).log_prob
    say(f"{target.name}: measuring, nearest neighbours, projections")
    card = card_of(model, images, labels, test)
    latent = latent_arrays(model.class_means.numpy(), images, labels, test, train, train_labels[used], reference)
    description = {
        # A checkpoint travels: it names what it was started from, not where that lay.
        "training": {**values, "init": Path(config.init).name if config.init else None},
        "num_classes": num_classes,
        "budget": _budget(progress, config, len(train_images) - len(held_out)),
        "ancestry": ancestry(run, values),
        "data": {"name": config.dataset, "training_images": len(train_images), "test_images": len(images)},
    }
    return checkpoint.save(target, model, description, card, progress.history, latent)


def card_of(model: GenerativeClassifier, images: np.ndarray, labels: np.ndarray, measured) -> dict:
    """The card of a model: its numbers, and how they were measured."""
    return {
        **measure(model, images, labels, measured),
        "measured": {
            "images": len(images),
            "noise": model.noise,
            "noise_seed": NOISE_SEED,
            "dtype": "float32",
            "torch": torch.__version__,
            "machine": platform.machine(),
            "date": date.today().isoformat(),
            "command": "python -m ibinn_core evaluate",
        },
    }


def ancestry(run: Path, config: dict) -> list[dict]:
    """The trainings that a training's weights went through before it, the first one first."""
    chain = []
    source, seen = config.get("init"), {run.resolve()}
    while source and (Path(source) / FILE).exists():
        if Path(source).resolve() in seen:  # a folder that was trained anew, from a descendant of its own
            return chain[::-1]
        seen.add(Path(source).resolve())
        _, progress, parent = read_state(Path(source))
        epochs = progress.history[-1]["epoch"] if progress.history else 0.0
        chain.append({"objective": parent["objective"], "epochs": epochs, "seconds": round(progress.seconds)})
        source = parent.get("init")
    if source:
        chain.append({"checkpoint": Path(source).name})
    return chain[::-1]


def _budget(progress, config: TrainingConfig, images: int) -> dict:
    return {
        "epochs": progress.step * config.batch_size / images,
        "steps": progress.step,
        "skipped_steps": progress.skipped,
        "seconds": round(progress.seconds),
    }


def _round_as_stored(model: GenerativeClassifier, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    trial = target.with_name(target.name + ".weights.partial")
    try:
        checkpoint.write_weights(model, trial)
        model.load_state_dict(
            {name: value.to(model.state_dict()[name].dtype) for name, value in load_file(trial).items()}
        )
    finally:
        trial.unlink(missing_ok=True)
