"""The schema of ``config.json`` and ``card.json``: which values they must have, of which types, within which ranges.

What is not named here may be there too, as newer versions of the program may add numbers. The config's ``training`` is
checked by the annotations of :class:`ibinn_core.models.config.TrainingConfig`.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from ..data.datasets import MOST_CLASSES
from ..models.kinds import KINDS
from ..models.schema import LARGEST, Count, Finite, NonNegative, Positive, Share, Text, Whole, shown

MOST_ANCESTORS, MOST_SETS = 100, 100


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, protected_namespaces=())


class Budget(_Stored):
    """What a training has cost; all of it may be unknown."""

    epochs: NonNegative = 0.0
    seconds: NonNegative = 0.0
    steps: Whole = 0
    skipped_steps: Whole = 0

    @model_validator(mode="after")
    def _names_both(self) -> Self:
        if ("epochs" in self.model_fields_set) != ("seconds" in self.model_fields_set):
            raise ValueError("a budget should name epochs and seconds or neither")
        return self


DataName = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


def _checked_gamma(value: object) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST
    if not (value is None or value == "inf" or is_number):
        raise ValueError(f"gamma {shown(value)} should be a number of at least 0, 'inf' or null")
    return value


class StoredObjective(_Stored):
    """The objective of a training."""

    kind: Text
    gamma: Annotated[Any, PlainValidator(_checked_gamma)]


class Ancestor(Budget):
    """A training that the weights went through; of one that is gone only its name."""

    checkpoint: Text = "unknown"
    objective: StoredObjective = StoredObjective(kind="unknown", gamma=None)
    data: DataName | None = None  # the data set, if it is another one than the checkpoint's

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if not self.model_fields_set & {"checkpoint", "objective"}:
            raise ValueError("an entry of the ancestry should name its objective or its checkpoint")
        return self


class DataSet(_Stored):
    """The data set of a training."""

    name: DataName
    title: Text | None = None
    classes: Annotated[list[Text], Field(max_length=MOST_CLASSES)] | None = None
    fingerprint: Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{16}$")] | None = None
    training_images: Whole = 0
    test_images: Whole = 0


class Training(_Stored):
    """What a config must say of its training, though ``TrainingConfig`` has defaults for it."""

    objective: StoredObjective
    noise: Any


class Config(_Stored):
    """All of a ``config.json`` but its format and the rest of its training."""

    training: Training
    num_classes: Annotated[int, Field(strict=True, ge=1, le=MOST_CLASSES)]
    data: DataSet
    budget: Budget
    ancestry: Annotated[list[Ancestor], Field(max_length=MOST_ANCESTORS)]

    @model_validator(mode="after")
    def _names_its_classes(self) -> Self:
        classes = self.data.classes
        if classes is not None and not len(set(classes)) == len(classes) == self.num_classes:
            raise ValueError(f"data.classes should be {self.num_classes} names, each another")
        return self


class PaperCalibration(_Stored):
    """Calibration errors in the paper's bins."""

    ece: Share
    mce: Share
    ice: Share
    geometric_mean: Share


class Measured(_Stored):
    """How a card was measured."""

    images: Count


class Outliers(_Stored):
    """What was measured on a set of images that lie out of the distribution."""

    images: Count
    entropy_increase: Finite
    roc_auc: Share | None


class SureOfCard(_Stored):
    """How many predictions on the test set are surer than 99.7 %, and how many of these are wrong."""

    all: Whole
    wrong: Whole


class Card(_Stored):
    """The numbers of any model."""

    error: Share
    cross_entropy: NonNegative | None = None
    calibration_top_label: Share
    calibration_paper: PaperCalibration
    confidence: Share
    entropy: NonNegative
    overconfidence: NonNegative | None
    sure_predictions: SureOfCard | None = None  # that overconfidence rests on; not on older cards
    measured: Measured
    out_of_distribution: Annotated[dict[Text, Outliers], Field(max_length=MOST_SETS)] = {}

    @model_validator(mode="after")
    def _counts_are_possible(self) -> Self:
        sure = self.sure_predictions
        if sure and not sure.wrong <= sure.all <= self.measured.images:
            raise ValueError("of sure_predictions no more should be wrong than there are, nor more than of test images")
        return self


class InvertibleCard(Card):
    """The numbers of an invertible model."""

    reconstruction: NonNegative


class BitsPerDim(_Stored):
    """Bits/dim over the test set."""

    mean: Finite
    median: Finite
    worst: Finite


class BeforeAlignment(_Stored):
    """Numbers of the test set from before the posterior was tempered and the mixture aligned."""

    calibration_top_label: Share = 0.0


class AlignmentOfCard(_Stored):
    """How a mixture was aligned and its posterior tempered."""

    power: Positive = 1.0
    held_out_images: Whole = 0  # that chose the power; none of older models
    before: BeforeAlignment = BeforeAlignment()


class LikelihoodCard(InvertibleCard):
    """The numbers of a model with a likelihood, and so with a mixture."""

    alignment: AlignmentOfCard = AlignmentOfCard()
    bits_per_dim: BitsPerDim
    separation: NonNegative
    mean_distance: NonNegative
    latent_spread: NonNegative
    mean_offset: NonNegative
    span_offset: NonNegative = 0.0


def card_of(model: str) -> type[Card]:
    """The schema of the card of a model of this kind (:data:`ibinn_core.models.kinds.KINDS`)."""
    kind = KINDS[model]
    if kind.has_likelihood:
        return LikelihoodCard
    return InvertibleCard if kind.is_invertible else Card
