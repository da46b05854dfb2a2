"""From a model that another program has trained to a measured checkpoint: the second step after ``ib.save``."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from .. import checkpoint as registry
from ..checkpoint.saving import UNKNOWN, check_storable, config_of, weights_as_stored
from ..checkpoint.verify import contents
from ..data.loading import TRAIN_IMAGES, Splits, some_of, splits
from ..evaluation.metrics import encode_images
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.flow_registry import check_builder
from .export import card_of, check_id, measured_arrays


def measure(
    checkpoint: str | Path | registry.Checkpoint, data: Splits | None = None, say: Callable[[str], object] = print
) -> registry.Checkpoint:
    """Measures a saved model and adds its numbers, its latent space and its directions of style to its folder.

    Lists and the app show the checkpoint from then on. Its weights stay as they are.

    Arguments:
        checkpoint: id, folder or :class:`~ibinn_core.Checkpoint`; what was measured before is replaced.
        data: the splits of its data set; by default those of :func:`ibinn_core.data.splits` by the name of its data
            set. The held-out and test images must have had no part in the training.
        say: called with each line of progress.

    Raises:
        CheckpointError: if there is none, or it cannot be used.
        ValueError, FileNotFoundError: for a model of vectors, or if the images are not those of the model's shape and
            classes, or not there.
        WriteError: if something cannot be written.

    Example:
        >>> some = ib.data.embedded("cifar10")
        >>> ib.measure("mnist-resnet", ib.data.Splits(ib.data.DATASETS["cifar10"], some, some, some))
        Traceback (most recent call last):
        ValueError: the model takes images (1, 28, 28) of 10 classes, and those of CIFAR-10 are (3, 32, 32) of 10
    """
    if not isinstance(checkpoint, registry.Checkpoint):
        checkpoint = registry.read(registry.locate(checkpoint), is_measured=False)
    _check_shape(checkpoint.dataset.image_shape)
    if data is None and checkpoint.dataset.name == UNKNOWN:
        raise ValueError(f"the data set of {checkpoint.id} is not known: give its splits, ib.data.splits(...)")
    data = _check_splits(splits(checkpoint.dataset.name) if data is None else data)
    history = checkpoint.history if registry.HISTORY in checkpoint.manifest else []
    with contents(checkpoint.path, registry.WEIGHTS, checkpoint.manifest) as weights:
        pass
    return _measured(checkpoint.load(), checkpoint.path, weights, checkpoint.config, data, history, say)


def export_flow(
    model: GenerativeClassifier,
    target: str | Path,
    data: Splits,
    history: list[dict] | None = None,
    say: Callable[[str], object] = print,
) -> registry.Checkpoint:
    """Measures a wrapped flow and writes it as a checkpoint for the library and the app.

    The folder has the weights and the name of the flow, and no code: whoever loads it registers what builds the flow
    (:mod:`ibinn_core.models.flow_registry`).

    Arguments:
        model: from :func:`ibinn_core.wrap_flow`, with its mixture fitted. It is left in evaluation mode.
        target: the folder of the checkpoint; an older one there is replaced. Its name begins with that of the data set.
        data: the splits of its data set (:func:`ibinn_core.data.splits`). The held-out and test images must have had no
            part in the training.
        history: the course of the training, a dictionary of numbers for each epoch, all with the same names.
        say: called with each line of progress.

    Raises:
        CheckpointError: if something at ``target`` would be lost, or what is saved could not be read again.
        ValueError: for a model of vectors, images or classes that are not the model's, a name for which nobody is
            registered, weights that are not finite, or a builder of another network.

    Example:
        >>> from ibinn_core.layers import ActNorm
        >>> some = ib.data.embedded("mnist")
        >>> digits = ib.data.Splits(ib.data.DATASETS["mnist"], train=some, held_out=some, test=some)
        >>> model = ib.wrap_flow("unheard_of", ib.Flow([ActNorm(1)]), digits.dataset.image_shape)
        >>> ib.export_flow(model, "checkpoints/mnist-mine", digits)
        Traceback (most recent call last):
        ValueError: nobody builds the flow 'unheard_of': call ibinn_core.register_flow('unheard_of', ...) first
    """
    _check_splits(data)
    target = Path(target)
    registry.check_target(target)
    check_id(target, data.dataset)
    if not isinstance(model, GenerativeClassifier) or model.config.builder is None:
        raise ValueError(f"the model must come from ibinn_core.wrap_flow: {type(model).__name__} does not")
    _check_shape(model.config.image_shape)
    check_storable(model)
    model.eval().requires_grad_(False)
    check_builder(model)
    config = config_of(model)
    config["training"]["architecture"] |= {"mean": list(data.dataset.mean), "std": list(data.dataset.std)}
    return _measured(model, target, weights_as_stored(model), config, data, history or [], say)


def _check_splits(data: Splits) -> Splits:
    if not isinstance(data, Splits):
        raise ValueError(f"data must be the splits of a data set, ib.data.splits(...), not {type(data).__name__}")
    return data


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 3:
        raise ValueError("a model of vectors cannot be measured: only models of images can")


def _measured(
    model: Classifier,
    target: Path,
    weights: bytes,
    config: dict,
    data: Splits,
    history: list[dict],
    say: Callable[[str], object],
) -> registry.Checkpoint:
    """The checkpoint at ``target`` of a model with this config, measured on its data set."""
    dataset, (images, labels) = data.dataset, data.test
    if (dataset.image_shape, dataset.num_classes) != (model.config.image_shape, model.num_classes):
        raise ValueError(
            f"the model takes images {model.config.image_shape} of {model.num_classes} classes, and those of "
            f"{dataset.title} are {dataset.image_shape} of {dataset.num_classes}"
        )
    say(f"{target.name}: encoding {len(images)} test images")
    test = encode_images(model, images)
    rows = some_of(np.arange(len(data.train[0])), TRAIN_IMAGES)
    training = data.train[0][rows], data.train[1][rows]
    latent, style = measured_arrays(model, images, labels, test, training, data.held_out, target.name, say)
    counts = {"training_images": len(data.train[0]) + len(data.held_out[0]), "test_images": len(images)}
    config = {
        **config,
        "training": {**config["training"], "held_out": len(data.held_out[0])},
        "data": {**registry.describe_dataset(dataset), **counts},
    }
    card = card_of(model, images, labels, test)
    return registry.write_checkpoint(target, weights, config, card, history, latent, style)
