"""A small family of models whose weights can be mixed, and its measured curve."""

import copy
import math
from pathlib import Path

import torch
from checkpoint_helpers import build_parts, colourful_images
from flow_helpers import randomise, seeded
from shape_helpers import labelled, small_flow

import ibinn_core as ib
from ibinn_core.checkpoint import describe_dataset
from ibinn_core.data import Dataset
from ibinn_core.evaluation.measure_curve import measure_curve
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.objectives import Objective
from ibinn_core.training.export import _round_as_stored
from ibinn_core.weight_space import Family

ROOT = [{"objective": {"kind": "ib", "gamma": 0, "label_smoothing": 0.05}, "epochs": 1.0, "seconds": 7}]
GAMMAS = {"only-lx": 0.0, "gamma-0.5": 0.5, "gamma-8": 8.0, "only-ly": math.inf}


def neighbour(model: GenerativeClassifier, number: int) -> GenerativeClassifier:
    """The model some steps of training further on, as it is stored."""
    other, generator = copy.deepcopy(model).requires_grad_(False), seeded(number)
    for parameter in other.parameters():
        parameter.add_(0.005 * number * torch.randn(parameter.shape, generator=generator))
    _round_as_stored(other)
    return other


def save_family(folder: Path, aligned: bool = True) -> None:
    parts = build_parts()
    for number, (name, gamma) in enumerate(GAMMAS.items()):
        model = neighbour(parts.model, number)
        if aligned:
            model.fit_alignment(model.encode(ib.to_unit(parts.images)))
        config = {**parts.config, "ancestry": ROOT}
        parts._replace(model=model, config=config).save(folder / name, kind="ib", gamma=gamma)


def save_measured_family(folder: Path) -> None:
    """A family with a curve of seven places."""
    save_family(folder)
    images, labels = colourful_images(300)
    measure_curve(ib.family("cifar10", folder), images, labels, colourful_images(80, seed=5)[0], 7)


def save_own_family(
    folder: Path, shape: tuple[int, int, int], classes: int, gammas: tuple[float, ...] = (0.5, 2.0), places: int = 3
) -> Family:
    """A person's own family in ``folder``, for images ``(C, H, W)`` of any shape and number of classes, and its curve.

    Nothing is trained: a network of random weights, and neighbours of it, each aligned to images of noise.
    """
    data = Dataset(
        "own", "Own", tuple(f"c{k}" for k in range(classes)), shape, (0.5,) * shape[0], (0.25,) * shape[0], False,
        fingerprint="0" * 16,
    )  # fmt: skip
    count = max(120, 2 * classes)
    images, labels = labelled(count, shape, classes)
    first = randomise(GenerativeClassifier(small_flow(shape), num_classes=classes).eval(), seeded(1))
    first.flow.fit(ib.to_unit(images))
    for number, gamma in enumerate(gammas):
        model = neighbour(first, number)
        model.fit_alignment(model.encode(ib.to_unit(images)))
        parts = build_parts("ib-inn", Objective("ib", gamma), small_flow(shape), count, classes, model)
        config = {
            **parts.config,
            "training": {**parts.config["training"], "held_out": 40, "dataset": data.name},
            "ancestry": ROOT,
            "data": {**parts.config["data"], **describe_dataset(data)},
        }
        parts._replace(config=config).save(folder / f"own-gamma-{gamma:g}")
    family = ib.family("own", folder)
    measure_curve(family, images, labels, labelled(count, shape, classes, seed=5)[0], places)
    return ib.family("own", folder)
