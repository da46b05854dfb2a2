"""One checkpoint, read from its folder without its weights."""

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ..data.datasets import Dataset
from ..models.kinds import KINDS
from ..models.preprocessing import Noise
from .dataset import dataset_of
from .integrity import check_weights
from .latent_format import read_latent
from .names import CARD, CONFIG, HISTORY, LATENT
from .validation import (
    check_card,
    check_description,
    check_format,
    id_of,
    model_of,
    objective_of,
    read_json,
    refusal,
)


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint. Its weights are not loaded; :func:`ibinn_core.load` loads them.

    Attributes:
        id: the folder's name.
        path: the folder.
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``; for a model without a likelihood
            ``"vib"`` or ``"cross-entropy"``.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` if the objective has no γ.
        card: the measured numbers that this kind of model has.
        config: everything that is known of the training.

    Example:
        >>> checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
        >>> checkpoint.objective, checkpoint.gamma
        ('ib', 1.0)
        >>> 0.05 < checkpoint.card["error"] < 0.2  # of the test set, 0 to 1
        True
    """

    id: str
    path: Path
    objective: str
    gamma: float | None
    card: dict = field(repr=False)
    config: dict = field(repr=False)

    @property
    def model(self) -> str:
        """The kind of model, one of :data:`ibinn_core.models.kinds.KINDS`.

        Example:
            >>> sorted({checkpoint.model for checkpoint in ib.checkpoints()})
            ['i-revnet', 'ib-inn', 'resnet', 'vib']
        """
        return model_of(self.config)

    @cached_property
    def dataset(self) -> Dataset:
        """The data set of its training: name, title, classes, shape of the images and so on.

        Example:
            >>> images = ib.checkpoints()[0].dataset
            >>> images.title, images.image_shape
            ('CIFAR-10', (3, 32, 32))
        """
        return dataset_of(self.config)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels.

        Example:
            >>> ib.checkpoints()[0].classes[:3]
            ('airplane', 'car', 'bird')
        """
        return self.dataset.classes

    @property
    def has_latents(self) -> bool:
        """Whether the model encodes, so that ``latent`` has coordinates and neighbours.

        Example:
            >>> sorted({c.model for c in ib.checkpoints() if c.has_latents})
            ['i-revnet', 'ib-inn', 'vib']
        """
        return KINDS[self.model].has_latents

    @property
    def is_invertible(self) -> bool:
        """Whether the model decodes latents into images.

        Example:
            >>> sorted({c.model for c in ib.checkpoints() if c.is_invertible})
            ['i-revnet', 'ib-inn']
        """
        return KINDS[self.model].is_invertible

    @property
    def has_likelihood(self) -> bool:
        """Whether the model has log q(x) and a mixture in latent space, and can sample.

        Example:
            >>> sorted({c.model for c in ib.checkpoints() if c.has_likelihood})
            ['ib-inn']
        """
        return KINDS[self.model].has_likelihood

    @property
    def noise(self) -> Noise:
        """The noise of its training: ``"uniform"``, or σ in units of [0, 1].

        Example:
            >>> ib.checkpoints()[0].noise
            'uniform'
        """
        return self.config["training"]["noise"]

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """The arrays of ``latent.npz`` (:mod:`.latent_format` lists them).

        Raises:
            CheckpointError: if the file is missing or damaged.

        Example:
            >>> latent = ib.checkpoints()[0].latent
            >>> len(latent["labels"]) == len(latent["log_prob"]) == len(latent["means_coordinates"])
            True
        """
        return read_latent(self.path / LATENT, self.config["num_classes"], self.model)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The training curve, one row for each epoch.

        Raises:
            CheckpointError: if the file is missing or damaged.

        Example:
            >>> history = ib.checkpoints()[0].history
            >>> 0 <= history[-1]["error"] <= 1  # of the held-out images
            True
        """
        try:
            with open(self.path / HISTORY, newline="") as file:
                return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
        except FileNotFoundError as error:
            raise refusal(self.path, f"it has no {HISTORY}") from error
        except (OSError, ValueError, TypeError, csv.Error) as error:  # TypeError: a row too short or too long
            raise refusal(self.path, f"its {HISTORY} is damaged") from error


def read(path: str | Path) -> Checkpoint:
    """The checkpoint in the folder ``path``, validated as far as is possible without loading the weights.

    Raises:
        CheckpointError: if it is damaged, not a checkpoint of this program, or of a newer format.

    Example:
        >>> from ibinn_core.checkpoint import default_folder, read
        >>> read(default_folder() / "gamma-1").gamma
        1.0
    """
    path = Path(path)
    config = read_json(path, CONFIG)
    check_format(path, config)
    objective, gamma = objective_of(path, config)
    check_description(path, config)
    card = read_json(path, CARD)
    check_card(path, card, model_of(config))
    check_weights(path)
    return Checkpoint(id_of(path), path, objective, gamma, card, config)
