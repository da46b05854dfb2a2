"""A small family of models whose weights can be mixed, and its measured curve."""

import math
from pathlib import Path

import pytest
import torch
from checkpoint_helpers import build_parts, colourful_images, edit_json, fake_umap, small_model

import ibinn_core as ib
from ibinn_core.checkpoint import CONFIG
from ibinn_core.evaluation import latent_views
from ibinn_core.evaluation.family_curve import measure_curve

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
            model.align(model.encode(ib.to_unit(parts.images)))
        config = {**parts.config, "ancestry": ROOT}
        parts._replace(model=model, config=config).save(folder / name, kind="ib", gamma=gamma)
        edit_json(folder / name / CONFIG, lambda values: values.update(ancestry=ROOT))


def save_measured_family(folder: Path) -> None:
    """With a curve of seven places."""
    save_family(folder)
    images, labels = colourful_images(300)
    measure_curve(ib.family("cifar10", folder), images, labels, colourful_images(80, seed=5)[0], lambda text: None, 7)
