"""The format of a checkpoint: names and limits of its files, their schemas, and the error for invalid content.

Unknown entries are allowed outside of ``training``, since newer versions of the program may add numbers.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, create_model, model_validator

from ..data.datasets import MAX_CLASSES
from ..files import OLD, PARTIAL
from ..measures import Measure, on
from ..models.config import TrainingConfig
from ..models.fields import Count, Finite, NonNegative, Positive, Share, Text, Whole, shown
from ..models.kinds import KINDS

FORMAT = 1
CONFIG, WEIGHTS, CARD = "config.json", "weights.safetensors", "card.json"
LATENT, STYLE, MANIFEST = "latent.npz", "style.npz", "manifest.json"
#: Names of two weights: the mixture's means, which a file may omit, and the means before alignment.
MEANS, ALIGNED = "mixture.means", "alignment.means"
#: The files that a manifest names.
FILES = (CONFIG, WEIGHTS, CARD, LATENT, STYLE)
#: The largest allowed size of each file in bytes.
LIMITS = {CONFIG: 2**20, WEIGHTS: 2**28, CARD: 2**20, LATENT: 2**27, STYLE: 2**24, MANIFEST: 2**20}
#: The largest allowed size of each file's arrays in bytes, once expanded.
EXPANDED = {LATENT: 2**28, STYLE: 2**25}


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says which checkpoint, why, and what to do."""


def id_of(path: Path) -> str:
    """Returns the id of the checkpoint in the folder ``path``: the folder's name."""
    return Path(os.path.abspath(path)).name.removesuffix(OLD).removesuffix(PARTIAL)


def refusal(path: Path, why: str, remedy: str = "fetch or export it again") -> CheckpointError:
    """Returns the error that says why a checkpoint is refused, and what to do."""
    return CheckpointError(f"Checkpoint {shown(id_of(path))} is refused: {why}; {remedy}.")


def origin_of(training: dict) -> str:
    """Computes twelve hexadecimal digits that identify the first steps of a training, whatever its length.

    Trainings with the same first steps are branches of one tree. Only older architectures have a seed.
    """
    architecture = training.get("architecture", {})
    decisive = ("model", "objective", "noise", "batch_size", "learning_rate", "seed", "dataset")
    values = [training.get(name) for name in decisive]
    values += [architecture.get(name) for name in ("image_shape", "blocks", "widths")] + [architecture.get("seed", 0)]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, protected_namespaces=())


class _Budget(_Stored):  # cost of a training; any part may be unknown
    epochs: NonNegative = 0.0
    seconds: NonNegative = 0.0
    steps: Whole = 0
    skipped_steps: Whole = 0


DataName = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class _Objective(_Stored):  # objective of an earlier training, perhaps one that only an older version knew
    kind: Text
    gamma: NonNegative | Literal["inf"] | None


class _Ancestor(_Budget):  # an earlier training of the weights; it has only a name if its checkpoint is gone
    checkpoint: Text = "unknown"
    objective: _Objective = _Objective(kind="unknown", gamma=None)
    data: DataName | None = None  # the data set, if it differs from that of the checkpoint


class _Data(_Stored):  # the data set of a training
    name: DataName
    title: Text | None = None
    classes: Annotated[list[Text], Field(max_length=MAX_CLASSES)] | None = None
    fingerprint: Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{16}$")] | None = None
    training_images: Whole = 0
    test_images: Whole = 0


class Config(_Stored):
    """The schema of ``config.json``."""

    format: Literal[1]
    training: Annotated[TrainingConfig, PlainValidator(TrainingConfig.from_dict)]
    num_classes: Annotated[int, Field(strict=True, ge=1, le=MAX_CLASSES)]
    data: _Data
    budget: _Budget
    ancestry: Annotated[list[_Ancestor], Field(max_length=100)]

    @model_validator(mode="after")
    def _names_its_classes(self) -> Self:
        classes = self.data.classes
        if classes is not None and not len(set(classes)) == len(classes) == self.num_classes:
            raise ValueError(f"data.classes should be {self.num_classes} different names")
        return self


#: The range of the numbers with these units; numbers with other units must not be negative.
RANGES = {"%": Share, "bits/dim": Finite}


def _fields(measures: Iterable[Measure]) -> dict[str, Any]:
    """Returns the fields of a card; each group of numbers has a schema."""
    groups: dict[str, dict[str, Any]] = {"": {}}
    for measure in measures:
        group, _, name = measure.key.rpartition(".")
        number: Any = RANGES.get(measure.unit, NonNegative)
        groups.setdefault(group, {})[name] = (number, ...) if measure.required else (number | None, None)
    fields = groups.pop("")
    for group, members in groups.items():
        schema: Any = create_model(group, __base__=_Stored, **members)
        is_required = any(default is ... for _, default in members.values())
        fields[group] = (schema, ...) if is_required else (schema | None, None)
    return fields


class _Counted(_Stored):  # number of images on which the card's numbers were measured
    images: Count


class _Alignment(_Stored):  # the alignment of a mixture to latents, and the power of its posterior
    power: Positive = 1.0
    held_out_images: Whole = 0  # number of images that the power was fitted to; 0 if unknown or not fitted


class Card(_Stored):
    """The numbers of any model; :func:`card_of` adds the numbers of its kind."""

    measured: _Counted
    alignment: _Alignment = _Alignment()


@cache
def card_of(model: str) -> type[Card]:
    """Returns the card's schema for this kind of model."""
    kind = KINDS[model]
    given = {"posterior", "labels"} | ({"reconstruction"} if kind.is_invertible else set())
    given |= {"bits", "geometry"} if kind.has_likelihood else set()
    fields = _fields(measure for measure in on("card") if given.issuperset(measure.of))
    return create_model("Card", __base__=Card, **fields)
