"""A small family of models whose weights can be mixed, and its measured curve."""

import copy
import math
from pathlib import Path

import pytest
import torch
from checkpoint_helpers import build_parts, colourful_images, edit_json, fake_umap, small_model
from flow_helpers import randomise, seeded
from shape_helpers import labelled, small_flow

import ibinn_core as ib
from ibinn_core.checkpoint import CONFIG, describe_dataset, write_checkpoint
from ibinn_core.data import Dataset
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.evaluation.latent_views import latent_arrays
from ibinn_core.evaluation.measure_curve import measure_curve
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.objectives import Objective
from ibinn_core.training import TrainingConfig
from ibinn_core.training.export import _round_as_stored, card_of
from ibinn_core.weight_space import Family

ROOT = [{"objective": {"kind": "ib", "gamma": 0, "label_smoothing": 0.05}, "epochs": 1.0, "seconds": 7}]
GAMMAS = {"only-lx": 0.0, "gamma-0.5": 0.5, "gamma-8": 8.0, "only-ly": math.inf}


def neighbour(model, step: float, seed: int):
    """The model a few steps of training further on."""
    other, generator = small_model(), torch.Generator().manual_seed(seed)
    other.load_state_dict(model.state_dict())
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(step * torch.randn(parameter.shape, generator=generator))
    return other


def save_family(folder: Path, aligned: bool = True) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_views, "_umap", fake_umap)
        parts = build_parts()
    for number, (name, gamma) in enumerate(GAMMAS.items()):
        model = neighbour(parts.model, 0.005 * number, number)
        if aligned:
            model.fit_alignment(model.encode(ib.to_unit(parts.images)))
        config = {**parts.config, "ancestry": ROOT}
        parts._replace(model=model, config=config).save(folder / name, kind="ib", gamma=gamma)
        edit_json(folder / name / CONFIG, lambda values: values.update(ancestry=ROOT))


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
        generator, model = seeded(number), copy.deepcopy(first).requires_grad_(False)
        for parameter in model.parameters():
            parameter.add_(0.005 * number * torch.randn(parameter.shape, generator=generator))
        _round_as_stored(model)
        model.fit_alignment(model.encode(ib.to_unit(images)))
        test = encode_images(model, images)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(latent_views, "_umap", fake_umap)
            rows = latent_views.described_rows(count, classes)
            described = (images[rows], labels[rows], test.of(rows))
            latent = latent_arrays(model.class_means.numpy(), *described, test, labels, test.log_prob[:40])
        training = TrainingConfig(objective=Objective("ib", gamma), architecture=small_flow(shape), held_out=40)
        config = {
            "training": {**training.to_dict(), "dataset": data.name},
            "num_classes": classes,
            "budget": {"epochs": 1.0, "seconds": 60},
            "ancestry": ROOT,
            "data": {**describe_dataset(data), "training_images": count, "test_images": count},
        }
        write_checkpoint(folder / f"own-gamma-{gamma:g}", model, config, card_of(model, images, labels, test), latent)
    family = ib.family("own", folder)
    measure_curve(family, images, labels, labelled(count, shape, classes, seed=5)[0], places)
    return ib.family("own", folder)
