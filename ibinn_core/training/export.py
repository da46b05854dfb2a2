"""From a training to its results: a measured checkpoint, or a trunk to start from.

A checkpoint is measured from the weights exactly as they are stored.
"""

import platform
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load as parse

from .. import checkpoint
from ..data import Dataset
from ..data.loading import TRAIN_IMAGES, some_of, split_held_out
from ..evaluation.latent_views import described_rows, latent_arrays, posterior_arrays
from ..evaluation.metrics import NOISE_SEED, Measured, encode_images, known, metrics
from ..evaluation.styles import Encoded, style_arrays
from ..exploration.geometry import latent_geometry
from ..files import new_folder, write_bytes, write_json
from ..measures.calibration import calibration, fit_temperature, top_label_error
from ..measures.scores import cross_entropy
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.preprocessing import UNIFORM, bits_per_dim
from .images import describe_images, load_images, without_places
from .sources import ancestry, budget, finished_training, is_trunk, training_so_far
from .warm_start import mix_in


def export(
    run: Path,
    target: Path,
    say: Callable[[str], object] = print,
    mixed_in: tuple[str | Path, float] | None = None,
) -> checkpoint.Checkpoint:
    """Turns the training in the folder ``run`` into a checkpoint at ``target``.

    It measures the weights as they are stored, after it has fitted the temperature of an IB-INN's posterior to the
    held-out images, and an alignment (:mod:`ibinn_core.layers.alignment`) to training images. The card also has the
    numbers from before the alignment.

    Arguments:
        run: the folder of a finished training, or of a trunk that keeps one.
        target: the folder of the checkpoint; an older checkpoint there is replaced.
        say: called with each line of progress.
        mixed_in: earlier weights to mix in before anything else, and their share (:func:`.warm_start.mix_in`).

    Raises:
        FileNotFoundError: if the training's state or its data set is missing.
        ValueError: if the training is not finished, what is mixed in is of another network, or ``target`` is no
            checkpoint or not named after the data set.
    """
    checkpoint.check_target(target)  # now, not after minutes of measuring
    model, config, progress, (train_images, train_labels) = finished_training(run)
    dataset = describe_images(config)
    check_id(target, dataset)
    images, labels = load_images(config, "test")
    if model.has_likelihood and not config.held_out:
        raise ValueError(f"the training in {run} held out no images, which the typicality test needs: train again.")
    if mixed_in:
        mix_in(model, *mixed_in)
    _round_as_stored(model)

    used, held_out = split_held_out(len(train_images), config.held_out)
    used = some_of(used, TRAIN_IMAGES)
    aligned = {}
    if isinstance(model, GenerativeClassifier):
        say(f"{target.name}: aligning the mixture with {len(used)} training images")
        # A posterior that was taught is made as sure as it is right; one that was not means nothing.
        taught = held_out if config.objective.kind == "ib" and config.objective.sees_labels else held_out[:0]
        judged_by = (train_images[taught], train_labels[taught])
        aligned = {"alignment": _align(model, train_images[used], judged_by, images, labels)}
    say(f"{target.name}: encoding {len(images)} test images")
    test = encode_images(model, images)
    training, held = (train_images[used], train_labels[used]), (train_images[held_out], train_labels[held_out])
    latent, style = measured_arrays(model, images, labels, test, training, held, target.name, say)
    card = {**card_of(model, images, labels, test), **aligned}
    description = {
        "training": without_places(config.to_dict()),
        "num_classes": model.num_classes,
        "budget": budget(progress, config, len(train_images) - len(held_out)),
        "ancestry": ancestry(run, config.to_dict()),
        **({"mixed_in": {"with": Path(mixed_in[0]).name, "share": mixed_in[1]}} if mixed_in else {}),
        "data": {
            **checkpoint.describe_dataset(dataset),
            "training_images": len(train_images),
            "test_images": len(images),
        },
    }
    return checkpoint.write_checkpoint(target, model, description, card, progress.history, latent, style)


def check_id(target: Path, dataset: Dataset) -> None:
    """A ValueError for an id of another data set: all share one list, in which CIFAR-10's go without its name."""
    if not target.resolve().name.startswith(dataset.id_prefix):
        other = target.with_name(dataset.id_prefix + target.name)
        raise ValueError(f"a checkpoint of {dataset.title} has a name that begins with it: write to {other} instead")


def _align(
    model: GenerativeClassifier,
    training_images: np.ndarray,
    judged_by: tuple[np.ndarray, np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
) -> dict:
    """Aligns the mixture, and tempers the posterior by held-out images if there are any; returns what the card says."""
    before = encode_images(model, images)
    geometry = latent_geometry(model.class_means.cpu().numpy(), known(before.latents, "latents"), labels)
    held_out, truth = judged_by
    temperature = fit_temperature(encode_images(model, held_out).posterior, truth) if len(held_out) else 1.0
    latents = torch.from_numpy(known(encode_images(model, training_images).latents, "latents"))
    model.fit_alignment(latents.to(model.device), temperature)
    bits = bits_per_dim(known(before.log_prob, "likelihoods").astype(np.float64), model.config.dims, model.noise)
    as_trained = {
        "bits_per_dim": float(bits.mean()),
        "cross_entropy": cross_entropy(before.posterior, labels),
        "calibration_paper": calibration(before.posterior, labels).expected,
        "calibration_top_label": top_label_error(before.posterior, labels),
        **{name: geometry[name] for name in ("span_offset", "mean_distance", "latent_spread")},
    }
    return {
        "training_images": len(training_images),
        "power": 1 / temperature,
        "held_out_images": len(held_out),
        "before": as_trained,
    }


def measured_arrays(
    model: Classifier,
    images: np.ndarray,
    labels: np.ndarray,
    test: Measured,
    training: tuple[np.ndarray, np.ndarray],
    held_out: tuple[np.ndarray, np.ndarray],
    name: str,
    say: Callable[[str], object],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray] | None]:
    """The arrays of ``latent.npz`` that this kind of model has, and those of ``style.npz`` if it has any."""
    rows = described_rows(len(images), test.posterior.shape[1])
    images, labels, test = images[rows], labels[rows], test.of(rows)
    if not model.has_latents:
        return posterior_arrays(images, labels, test.posterior), None
    say(f"{name}: encoding {len(training[0])} training and {len(held_out[0])} held-out images")
    train = encode_images(model, training[0])
    means = reference = style = None
    if isinstance(model, GenerativeClassifier):
        held = encode_images(model, held_out[0])
        means, reference = model.class_means.cpu().numpy(), held.log_prob
        say(f"{name}: measuring directions of style")
        parts = ((training, train.latents), (held_out, held.latents))
        style = style_arrays(model, *(Encoded(*of, known(latents, "latents")) for of, latents in parts))
    say(f"{name}: measuring, nearest neighbours, projections")
    return latent_arrays(means, images, labels, test, train, training[1], reference), style


def card_of(model: Classifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The card of a model: the numbers that its kind has, and how they were measured."""
    return {
        **metrics(model, images, labels, measured),
        "measured": {
            "images": len(images),
            "noise": model.noise,
            **({"noise_seed": NOISE_SEED} if model.noise == UNIFORM else {}),  # others are measured at pixel centres
            "dtype": "float32",
            "torch": torch.__version__,
            "machine": platform.machine(),
            "date": date.today().isoformat(),
            "command": "python -m ibinn_core evaluate",
        },
    }


def _round_as_stored(model: Classifier) -> None:
    stored, own = parse(checkpoint.weights_as_stored(model)), model.state_dict()
    model.load_state_dict({name: value.to(own[name].dtype) for name, value in stored.items()})


def save_trunk(run: Path, target: Path) -> None:
    """Writes the training in the folder ``run`` to ``target``, whole or not at all; replaces an older trunk there.

    Raises:
        FileNotFoundError, ValueError: if the training's state or its data set is missing, or ``target`` is no trunk.
        WriteError: if it cannot be written; an older trunk is there still.
    """
    if target.exists() and not is_trunk(target):
        raise ValueError(f"{target} is there already and is no trunk: name another folder to write to")
    model, config, progress, (_, labels) = training_so_far(run)
    description = {
        "training": without_places(config.to_dict()),
        "budget": budget(progress, config, len(labels) - min(config.held_out, len(labels) // 2)),
        "ancestry": ancestry(run, config.to_dict()),
    }
    with new_folder(target) as partial:
        write_json(partial / checkpoint.CONFIG, description)
        write_bytes(partial / checkpoint.WEIGHTS, checkpoint.weights_as_stored(model))
        checkpoint.write_history(partial / checkpoint.HISTORY, progress.history)
        checkpoint.write_manifest(partial)
