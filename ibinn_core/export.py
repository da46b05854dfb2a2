"""From a finished training to a checkpoint: measured from the weights exactly as they are stored."""

import platform
from datetime import date
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from . import checkpoint, data
from .classifier import Classifier
from .evaluation import calibration, overconfidence, predictive_entropy, top_label_error
from .evaluation.measure import NOISE_SEED, Measured, encode_images, measure, reconstruction_error
from .images import to_unit
from .latent import latent_arrays, posterior_arrays
from .preprocessing import UNIFORM, add_noise
from .training.batches import split_held_out
from .training.config import TrainingConfig
from .training.state import FILE, read_state, restore
from .trunk import is_trunk, trunk_ancestry

TRAIN_IMAGES = 10_000  # whose latents give the empirical class means
RECONSTRUCTED = 200  # images whose reconstruction is measured


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
    model = config.new_model(num_classes)
    restore(model, None, tensors)
    model.noise = config.noise
    _round_as_stored(model, target)
    model.requires_grad_(False).eval()

    say(f"{target.name}: encoding {len(images)} test images")
    test = look_at(model, images)
    used, held_out = split_held_out(len(train_images), min(config.held_out, len(train_images) // 2))
    used = used[:TRAIN_IMAGES]
    latent = _latent(model, images, labels, test, (train_images, train_labels, used, held_out), target.name, say)
    card = card_of(model, images, labels, test)
    description = {
        # A checkpoint travels: it names what it was started from, not where that lay.
        "training": {**values, "init": Path(config.init).name if config.init else None},
        "num_classes": num_classes,
        "budget": budget(progress, config, len(train_images) - len(held_out)),
        "ancestry": ancestry(run, values),
        "data": {"name": config.dataset, "training_images": len(train_images), "test_images": len(images)},
    }
    return checkpoint.save(target, model, description, card, progress.history, latent)


def look_at(model: Classifier, images: np.ndarray) -> Measured:
    """What a model of any kind says of 8-bit images ``(N, H, W, C)``; ``None`` for what its kind does not have.

    In the noise that :func:`ibinn_core.evaluation.encode_images` gives an IB-INN.
    """
    if model.has_likelihood:
        return encode_images(model, images)
    generator, parts = torch.Generator().manual_seed(NOISE_SEED), []
    for x in to_unit(images).split(500):
        x = add_noise(x, UNIFORM, generator) if model.noise == UNIFORM else x
        with torch.no_grad():
            parts.append(model.look(x))
    posterior = torch.cat([part["posterior"] for part in parts]).numpy()
    latents = torch.cat([part["latents"] for part in parts]).numpy() if model.has_latents else None
    return Measured(latents, None, posterior)


def _latent(model: Classifier, images, labels, test: Measured, training: tuple, name: str, say) -> dict:
    """The arrays of ``latent.npz`` that this kind of model has."""
    if not model.has_latents:
        return posterior_arrays(images, labels, test.posterior)
    train_images, train_labels, used, held_out = training
    say(f"{name}: encoding {len(used)} training and {len(held_out)} held-out images")
    train = look_at(model, train_images[used])
    means = reference = None
    if model.has_likelihood:
        means, reference = model.class_means.numpy(), look_at(model, train_images[held_out]).log_prob
    say(f"{name}: measuring, nearest neighbours, projections")
    return latent_arrays(means, images, labels, test, train, train_labels[used], reference)


def card_of(model: Classifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The card of a model: its numbers, those that its kind has, and how they were measured."""
    numbers = measure if model.has_likelihood else _measure_baseline
    return {
        **numbers(model, images, labels, measured),
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


def _measure_baseline(model: Classifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """As :func:`ibinn_core.evaluation.measure`, for a model without a likelihood."""
    paper = calibration(measured.posterior, labels)
    numbers = {
        "error": float((measured.posterior.argmax(1) != labels).mean()),
        "calibration_paper": {
            "ece": paper.expected,
            "mce": paper.maximum,
            "ice": paper.integrated,
            "geometric_mean": paper.geometric_mean,
        },
        "calibration_top_label": top_label_error(measured.posterior, labels),
        "confidence": float(measured.posterior.max(1).mean()),
        "entropy": float(predictive_entropy(measured.posterior).mean()),
        "overconfidence": overconfidence(measured.posterior, labels),
    }
    if model.is_invertible:
        numbers["reconstruction"] = reconstruction_error(model, images[:RECONSTRUCTED])
    return numbers


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
    if source and is_trunk(source):
        chain += trunk_ancestry(source)[::-1]
    elif source:
        chain.append({"checkpoint": Path(source).name})
    return chain[::-1]


def budget(progress, config: TrainingConfig, images: int) -> dict:
    """What a training on that many ``images`` has cost so far."""
    return {
        "epochs": progress.step * config.batch_size / images,
        "steps": progress.step,
        "skipped_steps": progress.skipped,
        "seconds": round(progress.seconds),
    }


def _round_as_stored(model: Classifier, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    trial = target.with_name(target.name + ".weights.partial")
    try:
        checkpoint.write_weights(model, trial)
        model.load_state_dict(
            {name: value.to(model.state_dict()[name].dtype) for name, value in load_file(trial).items()}
        )
    finally:
        trial.unlink(missing_ok=True)
