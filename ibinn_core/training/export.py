"""Turns models, trained here or elsewhere, into measured checkpoints.

The measures refer to the weights exactly as stored.
"""

import platform
from datetime import date
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load as parse

from .. import checkpoint as registry
from ..checkpoint.arrays import Arrays
from ..checkpoint.saving import UNKNOWN, check_target
from ..checkpoint.verify import read_file
from ..data import Dataset
from ..data.loading import TRAIN_IMAGES, Splits, some_of, split_held_out, splits
from ..evaluation.latent_views import described_rows, latent_arrays, posterior_arrays
from ..evaluation.metrics import NOISE_SEED, Measured, encode_images, metrics
from ..evaluation.styles import Encoded, style_arrays
from ..files import as_json, new_folder
from ..measures.calibration import fit_temperature
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.preprocessing import UNIFORM
from .images import describe_images, load_images
from .sources import is_finished, is_trunk, training_of
from .warm_start import mix_in

#: Parts of a card that stay when its model is measured again; only older versions wrote the second.
KEPT = ("alignment", "out_of_distribution")


def export(run: Path, target: Path, mixed_in: tuple[str | Path, float] | None = None) -> registry.Checkpoint:
    """Turns the training in the folder ``run`` into a checkpoint at ``target``.

    For an IB-INN, it first fits an alignment (:mod:`ibinn_core.layers.alignment`) to training images. With the IB
    loss and γ > 0, it also fits the posterior's temperature to held-out images. Then it measures the stored weights.

    Arguments:
        run: folder of a finished training or of a trunk.
        target: folder of the checkpoint, which replaces an older one.
        mixed_in: earlier weights to mix in first, and their share (:func:`.warm_start.mix_in`).

    Raises:
        FileNotFoundError: the training's state or its data set is missing.
        ValueError: the training is unfinished, ``mixed_in`` belongs to another network, or ``target`` holds something
            else or is not named after the data set.
    """
    check_target(target)  # fail now, not after minutes of measuring
    model, config, description, (images, labels) = training_of(run)
    if not is_trunk(run) and not is_finished(run):
        raise ValueError(f"the training in {run} is not finished: run its command again, or keep it as a trunk")
    used, held_out = split_held_out(len(images), config.held_out)
    train = _some(images[used], labels[used])
    test = load_images(config, "test")
    data = Splits(describe_images(config), train, held_out=(images[held_out], labels[held_out]), test=test)
    _check_id(target, data.dataset)
    if model.has_likelihood and not len(held_out):
        raise ValueError(f"the training in {run} held out no images, which the typicality test needs: train again.")
    if mixed_in:
        mix_in(model, *mixed_in)
        description = {**description, "mixed_in": {"with": Path(mixed_in[0]).name, "share": mixed_in[1]}}
    _round_as_stored(model)
    aligned = {}
    if isinstance(model, GenerativeClassifier):
        print(f"{target.name}: aligning the mixture with {len(train[0])} training images")
        # Only a trained posterior gets a temperature; an untrained one means nothing.
        is_taught = config.objective.kind == "ib" and config.objective.gamma != 0
        aligned = {"alignment": _align(model, data, is_taught)}
    description = {**description, "data": {**description["data"], "test_images": len(data.test[0])}}
    return _measured(model, target, None, description, data, aligned)


def measure(checkpoint: str | Path | registry.Checkpoint, data: Splits | None = None) -> registry.Checkpoint:
    """Measures a saved model and adds its numbers, its latent space and its directions of style to its folder.

    Lists and the app show the checkpoint from then on. The weights do not change.

    Arguments:
        checkpoint: id, folder or :class:`~ibinn_core.Checkpoint`; earlier measurements are replaced.
        data: the splits of its data set; by default :func:`ibinn_core.data.splits` of the data set's name. The
            held-out and test images must have had no part in the training.

    Raises:
        CheckpointError: if the checkpoint does not exist, or cannot be used.
        ValueError, FileNotFoundError: for a model of vectors, or if the images are missing or have other shapes or
            classes than the model.
        WriteError: if something cannot be written.

    Example:
        >>> some = ib.data.embedded("cifar10")
        >>> ib.measure("mnist-resnet", ib.data.Splits(ib.data.DATASETS["cifar10"], some, some, some))
        Traceback (most recent call last):
        ValueError: the model takes images (1, 28, 28) of 10 classes, but CIFAR-10 has images (3, 32, 32) of 10 classes
    """
    if not isinstance(checkpoint, registry.Checkpoint):
        checkpoint = registry.read(registry.locate(checkpoint), is_measured=False)
    dataset = checkpoint.dataset
    if len(dataset.image_shape) != 3 or dataset.num_classes > dataset.dims + 1:
        raise ValueError("only models of images can be measured, and only with at most D + 1 classes for D dimensions")
    if data is None and checkpoint.dataset.name == UNKNOWN:
        raise ValueError(f"the data set of {checkpoint.id} is not known: give its splits, ib.data.splits(...)")
    if data is None:
        data = splits(dataset.name, dataset.image_shape[1], dataset.image_shape[0], checkpoint.training.held_out)
    model = checkpoint.load()
    config = _described(checkpoint.config, model, data)
    weights = read_file(checkpoint.path, registry.WEIGHTS, checkpoint.manifest)
    kept = {name: checkpoint.card[name] for name in KEPT if name in checkpoint.card}
    return _measured(model, checkpoint.path, weights, config, data, kept)


def export_flow(model: GenerativeClassifier, target: str | Path, data: Splits) -> registry.Checkpoint:
    """Saves and measures a flow of another library: :func:`ibinn_core.save`, then :func:`measure`.

    Arguments:
        model: from :func:`ibinn_core.wrap_flow`, with its mixture fitted.
        target: folder of the checkpoint; an older one is replaced. Its name begins with the data set's ``id_prefix``.
        data: as for :func:`measure`.

    Raises:
        CheckpointError: if something at ``target`` would be lost.
        ValueError: for the reasons of :func:`measure` and :func:`ibinn_core.save`, or if the name of ``target`` is
            wrong.

    Example:
        >>> from ibinn_core.layers import ActNorm
        >>> some = ib.data.embedded("mnist")
        >>> digits = ib.data.Splits(ib.data.DATASETS["mnist"], train=some, held_out=some, test=some)
        >>> model = ib.wrap_flow("unheard_of", ib.Flow([ActNorm(1)]), digits.dataset.image_shape)
        >>> ib.export_flow(model, "checkpoints/mnist-mine", digits)
        Traceback (most recent call last):
        ValueError: the flow 'unheard_of' has no builder: call ibinn_core.register_flow('unheard_of', ...) first
    """
    check_target(Path(target))
    _check_id(Path(target), data.dataset)
    with new_folder(Path(target)) as partial:
        registry.save(model, partial)
        measure(partial, data)
    return registry.read(target)


def _check_id(target: Path, dataset: Dataset) -> None:
    """Raises a ValueError for an id of another data set, since all ids share one list."""
    if not target.resolve().name.startswith(dataset.id_prefix):
        other = target.with_name(dataset.id_prefix + target.name)
        raise ValueError(
            f"names of {dataset.title}'s checkpoints begin with {dataset.id_prefix!r}: write to {other} instead"
        )


def _described(config: dict, model: Classifier, data: Splits) -> dict:
    """Returns the config of a model measured on ``data``; raises a ValueError if it does not fit."""
    if not isinstance(data, Splits):
        raise ValueError(f"data must be the splits of a data set, ib.data.splits(...), not {type(data).__name__}")
    dataset = data.dataset
    if (dataset.image_shape, dataset.num_classes) != (model.config.image_shape, model.num_classes):
        raise ValueError(
            f"the model takes images {model.config.image_shape} of {model.num_classes} classes, but "
            f"{dataset.title} has images {dataset.image_shape} of {dataset.num_classes} classes"
        )
    train, held_out, test = (len(images) for images, _ in data[1:])
    counts = {"training_images": train + held_out, "test_images": test}
    training = {**config["training"], "held_out": held_out}
    if model.config.builder is not None:  # mean and std only describe the images
        training["architecture"] = {**training["architecture"], "mean": dataset.mean, "std": dataset.std}
    return {**config, "training": training, "data": {**registry.describe_dataset(dataset), **counts}}


def _align(model: GenerativeClassifier, data: Splits, is_taught: bool) -> dict:
    """Aligns the mixture, and tempers the posterior if it was trained; returns the card's entry."""
    held_out, truth = data.held_out
    temperature = fit_temperature(encode_images(model, held_out).posterior, truth) if is_taught else 1.0
    latents = torch.from_numpy(encode_images(model, data.train[0]).latents)
    model.fit_alignment(latents.to(model.device), temperature)
    return {
        "training_images": len(data.train[0]),
        "power": 1 / temperature,
        "held_out_images": len(held_out) if is_taught else 0,
    }


def _measured(
    model: Classifier,
    target: Path,
    weights: bytes | None,
    config: dict,
    data: Splits,
    more: dict,
) -> registry.Checkpoint:
    """Measures a model and writes its checkpoint, with ``more`` on the card; ``weights`` are its stored file."""
    images, labels = data.test
    print(f"{target.name}: encoding {len(images)} test images")
    test = encode_images(model, images)
    latent, style = _arrays(model, data._replace(train=_some(*data.train)), test, target.name)
    card = {**card_of(model, images, labels, test), **more}
    return registry.write_checkpoint(target, weights or model, config, card, latent, style)


def _some(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Selects the training images that are measured."""
    rows = some_of(np.arange(len(images)), TRAIN_IMAGES)
    return images[rows], labels[rows]


def _arrays(model: Classifier, data: Splits, test: Measured, name: str) -> tuple[Arrays, Arrays | None]:
    """Computes the arrays of ``latent.npz``, and of ``style.npz`` if the model has styles."""
    rows = described_rows(len(data.test[0]), test.posterior.shape[1])
    images, labels, test = data.test[0][rows], data.test[1][rows], test.of(rows)
    if not model.has_latents:
        return posterior_arrays(images, labels, test.posterior), None
    print(f"{name}: encoding {len(data.train[0])} training and {len(data.held_out[0])} held-out images")
    train = encode_images(model, data.train[0])
    means = reference = style = None
    if isinstance(model, GenerativeClassifier):
        held = encode_images(model, data.held_out[0])
        means, reference = model.class_means.cpu().numpy(), held.log_prob
        print(f"{name}: measuring directions of style")
        style = style_arrays(model, Encoded(*data.train, train.latents), Encoded(*data.held_out, held.latents))
    print(f"{name}: computing measures, nearest neighbours and projections")
    return latent_arrays(means, images, labels, test, train, data.train[1], reference), style


def card_of(model: Classifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """Computes a card: the numbers that the kind of model has, and how they were measured."""
    return {
        **metrics(model, images, labels, measured),
        "measured": {
            "images": len(images),
            "noise": model.noise,
            **({"noise_seed": NOISE_SEED} if model.noise == UNIFORM else {}),  # other models use pixel centres
            "dtype": "float32",
            "torch": torch.__version__,
            "machine": platform.machine(),
            "date": date.today().isoformat(),
            "command": "python -m ibinn_core evaluate",
        },
    }


def _round_as_stored(model: Classifier) -> None:
    stored, state = parse(registry.weights_as_stored(model)), model.state_dict()
    model.load_state_dict({name: value.to(state[name].dtype) for name, value in stored.items()})


def save_trunk(run: Path, target: Path) -> None:
    """Writes the training in ``run`` to the folder ``target``, which may be an older trunk.

    Raises the errors of :func:`.training_of`, a ValueError if ``target`` is something else, or a WriteError.
    """
    if target.exists() and not is_trunk(target):
        raise ValueError(f"{target} exists already and is not a trunk: name another folder to write to")
    trained = training_of(run)
    with new_folder(target) as partial:
        config = as_json({"format": registry.FORMAT, **trained.description})
        weights = registry.weights_as_stored(trained.model)
        registry.write_files(partial, {registry.CONFIG: config, registry.WEIGHTS: weights})
