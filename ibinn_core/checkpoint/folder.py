"""A checkpoint as it lies in its folder: readable, its weights not loaded."""

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ..models.kinds import KINDS
from ..models.preprocessing import Noise
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
    """A readable checkpoint. Its weights are not loaded; :func:`ibinn_core.load` does that.

    Attributes:
        id: the folder's name.
        path: the folder.
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``; of a model without a likelihood
            ``"vib"`` or ``"cross-entropy"``.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` where there is no γ.
        card: the measured numbers; those that the kind of model has not are absent.
        config: all that is known of the training.
    """

    id: str
    path: Path
    objective: str
    gamma: float | None
    card: dict = field(repr=False)
    config: dict = field(repr=False)

    @property
    def model(self) -> str:
        """The kind of model, one of :data:`ibinn_core.models.kinds.KINDS`, such as ``"ib-inn"``."""
        return model_of(self.config)

    @property
    def has_latents(self) -> bool:
        """Whether the model encodes, so that ``latent`` has coordinates and neighbours."""
        return KINDS[self.model].has_latents

    @property
    def is_invertible(self) -> bool:
        """Whether the model decodes latents into images."""
        return KINDS[self.model].is_invertible

    @property
    def has_likelihood(self) -> bool:
        """Whether the model has log q(x) and a mixture in latent space, and can sample."""
        return KINDS[self.model].has_likelihood

    @property
    def noise(self) -> Noise:
        """The noise of its training: ``"uniform"`` or σ."""
        return self.config["training"]["noise"]

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """The arrays of ``latent.npz`` (see :mod:`.latent_format`); a CheckpointError if damaged."""
        return read_latent(self.path / LATENT, self.config["num_classes"], self.model)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The training curve, one row an epoch; a CheckpointError if damaged."""
        try:
            with open(self.path / HISTORY, newline="") as file:
                return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
        except FileNotFoundError as error:
            raise refusal(self.path, f"it has no {HISTORY}") from error
        except (OSError, ValueError, TypeError, csv.Error) as error:  # TypeError: a row too short or too long
            raise refusal(self.path, f"its {HISTORY} is damaged") from error


def read(path: str | Path) -> Checkpoint:
    """The checkpoint in the folder ``path``, validated as far as that goes without loading the weights.

    Raises:
        CheckpointError: if it is damaged, foreign, or of a newer format.
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
