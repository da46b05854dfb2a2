"""``sigma``: compares models of different training noise."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import Commands

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def add(commands: Commands) -> None:
    sigma = commands.add_parser("sigma", help="compare models of different training noise, as Fig. 10 does")
    sigma.add_argument(
        "model", nargs="+", help="trainings, or ids or folders of checkpoints, that differ in --noise only"
    )
    sigma.add_argument("--to", type=Path, help="CSV file to write")
    sigma.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import data
    from ..evaluation.noise_study import ordered, slopes, study, write_studies

    chosen = {Path(name).resolve().name: _model_and_dataset(name) for name in options.model}
    if len(chosen) < len(options.model):
        raise ValueError("two of the models have the same name: the file could not tell them apart.")
    names = {dataset for _, dataset in chosen.values()}
    if len(names) > 1:
        raise ValueError(f"models of one data set can be compared, not of {' and '.join(sorted(names))}.")
    channels, side, _ = next(iter(chosen.values()))[0].config.image_shape
    images, labels = data.load(names.pop(), "test", side, channels)
    studies = ordered({id: study(model, images, labels) for id, (model, _) in chosen.items()})
    for (name, row), slope in zip(studies.items(), slopes(list(studies.values()), images[0].size), strict=True):
        print(
            f"{name}: sigma {row.sigma}; L_X {row.l_x:.1f} nats; L_Y {row.l_y:.3f} nats; error {row.error:.2%}; "
            f"bits/dim {row.bits_per_dim:.3f}; CI(X, Z_E) {row.cross_information:.1f} nats"
            + ("" if slope is None else f"; slope to the next {slope:.3f} of -d")
        )
    if options.to:
        write_studies(studies, images[0].size, options.to)
        print(options.to)


def _model_and_dataset(name: str) -> "tuple[Classifier, str]":
    """The model of a finished training or of a checkpoint, and the data set of its training."""
    from .. import checkpoint as registry
    from ..training.outcome import finished_training
    from ..training.state import FILE

    if (Path(name) / FILE).exists():
        trained = finished_training(Path(name))
        return trained.model, trained.config.dataset
    checkpoint = registry.find(name)
    return registry.load(checkpoint), checkpoint.config["data"]["name"]
