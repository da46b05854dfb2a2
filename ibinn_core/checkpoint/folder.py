"""One checkpoint, read from its folder without its weights."""

import csv
import io
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..data.datasets import DATASETS, Dataset
from ..exploration.style import Styles
from ..files import read_consistently
from ..models.config import TrainingConfig
from ..models.flow_registry import why_unknown
from ..models.kinds import KINDS
from ..models.preprocessing import Noise
from .dataset import dataset_of
from .latent_format import check_latent, latent_dims, read_latent
from .manifest import check_unchanged, read_file, read_manifest
from .names import CARD, CONFIG, HISTORY, LATENT, MEASURED, STYLE
from .style_format import check_style, read_style
from .validation import (
    HOW_TO_GIVE,
    CheckpointError,
    check_card,
    check_config,
    check_format,
    id_of,
    model_of,
    parse_json,
    refusal,
)
from .weights_header import check_weights

if TYPE_CHECKING:
    from ..models.classifier import Classifier

MOST_EPOCHS, MOST_COLUMNS = 100_000, 100  # rows and columns of a history


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint. Its weights are not loaded; :func:`ibinn_core.load` loads them.

    Attributes:
        id: the folder's name.
        path: the folder.
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``; for a model without a likelihood ``"vib"``
            or ``"cross-entropy"``; ``"own"`` if it was trained by another program.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` if the objective has no γ.
        card: the measured numbers that this kind of model has; empty if nothing was measured.
        config: everything that is known of the training.
        manifest: the SHA-256 of each file, by its name; ``None`` for a checkpoint from before there were manifests.

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
    manifest: dict[str, str] | None = field(default=None, repr=False, compare=False)

    @property
    def model(self) -> str:
        """The kind of model, one of :data:`ibinn_core.models.kinds.KINDS`."""
        return model_of(self.config)

    @cached_property
    def dataset(self) -> Dataset:
        """The data set of its training: name, title, classes, shape of the images and so on."""
        return dataset_of(self.config)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels."""
        return self.dataset.classes

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
    def learned_only_classes(self) -> bool:
        """Whether L_X had no part in its training, nor in that of what it started from: L_Y alone, from scratch."""
        before = [step.get("objective") or {} for step in self.config["ancestry"]]
        return self.objective == "ib" and self.gamma == math.inf and all(one.get("gamma") == "inf" for one in before)

    @property
    def epochs_elsewhere(self) -> dict[str, float]:
        """How many epochs its weights were trained on other data sets than its own, by their titles."""
        found: dict[str, float] = {}
        for step in self.config["ancestry"]:
            if (name := step.get("data")) and "epochs" in step:
                title = DATASETS[name].title if name in DATASETS else name
                found[title] = found.get(title, 0.0) + step["epochs"]
        return found

    @property
    def is_on_the_way(self) -> bool:
        """Whether it has a place on the way of the IB-INN from γ = 0 to γ → ∞, ends included.

        One that learned only classes from scratch has none: it did not start where the others did.
        """
        return self.objective == "ib" and self.gamma is not None and not self.learned_only_classes

    @property
    def power(self) -> float | None:
        """The power to which held-out images raised the posterior (:func:`.mixture.tempered`); ``None`` if none did."""
        alignment = self.card.get("alignment", {}) if self.has_likelihood else {}
        return alignment.get("power", 1.0) if alignment.get("held_out_images") else None

    @property
    def own_split(self) -> tuple[int, int] | None:
        """The numbers of training and test images where CIFAR-100 is not divided as its official files are, or None."""
        data = self.config["data"]
        counts = data.get("training_images", 0), data.get("test_images", 0)
        return counts if data["name"] == "cifar100" and counts != (50_000, 10_000) else None

    @property
    def own_split_words(self) -> str:
        """:attr:`own_split` as a sentence without its full stop; nothing where there is none."""
        if not self.own_split:
            return ""
        counts = "{:,} training and {:,} test images".format(*self.own_split)
        return f"{self.dataset.title} is not divided here as it was published, but anew, into {counts}"

    @property
    def noise(self) -> Noise:
        """The noise of its training: ``"uniform"``, or σ in units of [0, 1]."""
        return self.config["training"]["noise"]

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """The arrays of ``latent.npz`` (:mod:`.latent_format` lists them).

        Raises:
            CheckpointError: if the file is missing, damaged or not the one that was saved.
        """
        dims = latent_dims(TrainingConfig.from_dict(self.config["training"]))
        return read_latent(self.path / LATENT, self.config["num_classes"], self.model, dims, self.manifest)

    @cached_property
    def style(self) -> Styles:
        """The directions in which no posterior changes, and what does along each of them.

        Raises:
            CheckpointError: if it has none, or ``style.npz`` or ``latent.npz`` are damaged or not those that were
                saved.
        """
        if not self.has_likelihood:
            raise CheckpointError(
                f"Checkpoint {self.id!r} has no directions of style: {KINDS[self.model].name} has no mixture in latent "
                "space."
            )
        dims = latent_dims(TrainingConfig.from_dict(self.config["training"]))
        return read_style(self.path / STYLE, dims, self.latent["class_means"], self.manifest)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The training curve, one row for each epoch.

        Raises:
            CheckpointError: if the file is missing, damaged or not the one that was saved.
        """
        return read_history(self.path, self.manifest)

    def load(self, trainable: bool = False) -> "Classifier":
        """The model, as :func:`ibinn_core.load` gives it; raises as that function does."""
        from .loading import load_listed

        return load_listed(self, trainable)


def read(path: str | Path, needs: Collection[str] = (*MEASURED, LATENT)) -> Checkpoint:
    """The checkpoint in the folder ``path``, checked as far as is possible without reading weights and latents.

    Arguments:
        path: the folder.
        needs: files without which it is refused, besides its config and its weights. Pages cannot do without latents;
            a model can, and that of :func:`ibinn_core.save` has no numbers either.

    Raises:
        CheckpointError: if it is damaged, not a checkpoint of this program, or of a newer format.

    Example:
        >>> from ibinn_core.checkpoint import default_folder, read
        >>> read(default_folder() / "gamma-1").gamma
        1.0
    """
    return read_consistently(Path(path), lambda folder: _read(folder, needs))


def _read(path: Path, needs: Collection[str]) -> Checkpoint:
    config_file = read_file(path, CONFIG)
    config = parse_json(path, CONFIG, config_file)
    check_format(path, config)
    training = check_config(path, config)
    objective, model, num_classes = training.objective, training.model, config["num_classes"]
    manifest = read_manifest(path)
    needs = {*needs, *(name for name in MEASURED if name in (manifest or ()))}
    card = _read_card(path, model, manifest) if _is_read(path, CARD, needs) else {}
    if training.architecture.builder is not None and (unknown := why_unknown(training.architecture.builder)):
        raise refusal(path, f"its {unknown}", HOW_TO_GIVE)
    check_weights(path)
    if _is_read(path, HISTORY, needs):
        read_history(path, manifest)
    if _is_read(path, LATENT, needs):
        check_latent(path / LATENT, num_classes, model, latent_dims(training))
    if (path / STYLE).exists():
        check_style(path / STYLE, latent_dims(training))
    check_unchanged(path, CONFIG, config_file, manifest)
    return Checkpoint(id_of(path), path, objective.kind, objective.gamma, card, config, manifest)


def _is_read(path: Path, name: str, needs: Collection[str]) -> bool:
    return name in needs or (path / name).exists()


def _read_card(path: Path, model: str, manifest: dict[str, str] | None) -> dict:
    data = read_file(path, CARD)
    card = parse_json(path, CARD, data)
    check_card(path, card, model)
    check_unchanged(path, CARD, data, manifest)
    return card


def read_history(path: Path, manifest: dict[str, str] | None) -> list[dict[str, float]]:
    """The training curve in the folder ``path``, row by row; a CheckpointError if it is missing, damaged or changed."""
    data = read_file(path, HISTORY)
    try:
        lines = csv.DictReader(io.StringIO(data.decode(), newline=""))
        rows = [{name: float(value) for name, value in row.items()} for row in lines]
    except (ValueError, TypeError, csv.Error) as error:  # TypeError: a row too short or too long
        raise refusal(path, f"its {HISTORY} is damaged") from error
    if len(rows) > MOST_EPOCHS or len(lines.fieldnames or ()) > MOST_COLUMNS:
        raise refusal(path, f"its {HISTORY} has more than {MOST_EPOCHS} rows or {MOST_COLUMNS} columns")
    check_unchanged(path, HISTORY, data, manifest)
    return rows
