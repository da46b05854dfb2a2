"""From a flow of another library to a measured checkpoint."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from .. import checkpoint
from ..checkpoint.saving import check_storable, training_of
from ..data.loading import TRAIN_IMAGES, Splits, some_of
from ..evaluation.metrics import encode_images
from ..models.classifier import GenerativeClassifier
from ..models.flow_registry import check_builder
from .export import card_of, check_id, measured_arrays


def export_flow(
    model: GenerativeClassifier,
    target: str | Path,
    data: Splits,
    history: list[dict] | None = None,
    say: Callable[[str], object] = print,
) -> checkpoint.Checkpoint:
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
        ValueError: for images or classes that are not the model's, a name for which nobody is registered, weights that
            are not finite, or a builder of another network.

    Example:
        >>> from ibinn_core.layers import ActNorm
        >>> some = ib.data.embedded("mnist")
        >>> digits = ib.data.Splits(ib.data.DATASETS["mnist"], train=some, held_out=some, test=some)
        >>> model = ib.wrap_flow("unheard_of", ib.Flow([ActNorm(1)]), digits.dataset.image_shape)
        >>> ib.export_flow(model, "checkpoints/mnist-mine", digits)
        Traceback (most recent call last):
        ValueError: nobody builds the flow 'unheard_of': call ibinn_core.register_flow('unheard_of', ...) first
    """
    if not isinstance(data, Splits):
        raise ValueError(f"data must be the splits of a data set, ib.data.splits(...), not {type(data).__name__}")
    target = Path(target)
    checkpoint.check_target(target)
    check_id(target, data.dataset)
    _check(model, data)
    model.eval().requires_grad_(False)
    check_builder(model)
    images, labels = data.test
    say(f"{target.name}: encoding {len(images)} test images")
    test = encode_images(model, images)
    rows = some_of(np.arange(len(data.train[0])), TRAIN_IMAGES)
    training = (data.train[0][rows], data.train[1][rows])
    latent, style = measured_arrays(model, images, labels, test, training, data.held_out, target.name, say)
    training_config = training_of(
        model,
        architecture=model.config.replace(mean=data.dataset.mean, std=data.dataset.std),
        held_out=len(data.held_out[0]),
        dataset=data.dataset.name,
    )
    description = {
        "training": training_config,
        "num_classes": model.num_classes,
        "budget": {},
        "ancestry": [],
        "data": {
            **checkpoint.describe_dataset(data.dataset),
            "training_images": len(data.train[0]) + len(data.held_out[0]),
            "test_images": len(images),
        },
    }
    card = card_of(model, images, labels, test)
    return checkpoint.write_checkpoint(target, model, description, card, history or [], latent, style)


def _check(model: GenerativeClassifier, data: Splits) -> None:
    """Raises a ValueError unless the images are the model's and all that it stores can be stored."""
    if not isinstance(model, GenerativeClassifier) or model.config.builder is None:
        raise ValueError(f"the model must come from ibinn_core.wrap_flow: {type(model).__name__} does not")
    dataset = data.dataset
    if (dataset.image_shape, dataset.num_classes) != (model.config.image_shape, model.num_classes):
        raise ValueError(
            f"the model takes images {model.config.image_shape} of {model.num_classes} classes, and those of "
            f"{dataset.title} are {dataset.image_shape} of {dataset.num_classes}"
        )
    check_storable(model)
