"""What is measured of a model: one list, which cards, curves, tables and pages follow.

``scores`` and ``calibration`` have the functions of posteriors and likelihoods.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from .calibration import calibration, top_label_error
from .scores import (
    cross_entropy,
    detection_score,
    entropy_increase,
    error_rate,
    overconfidence,
    predictive_entropy,
)

#: The units as they follow a number, with a space before them where one belongs there.
UNITS = {"%": " %", "bits/dim": "", "nats": " nats", "times": " ×", "images": "", "": ""}
_LABELLED = ("posterior", "labels")


def lookup(values: object, path: str) -> Any:  # a value of JSON, which callers check
    """The value at a path like ``"bits_per_dim.mean"``; ``None`` if there is none."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


@dataclass(frozen=True)
class Measure:
    """A number of a model.

    Attributes:
        key: in tables and pages.
        name: for people.
        unit: one of :data:`UNITS`; a share is a number from 0 to 1 on a card and in percent on a page.
        better: ``"lower"`` or ``"higher"``; empty if neither is.
        fn: computes it, from the arguments that ``of`` names; ``None`` if these images have no such number.
        on: ``"card"``, ``"curve"`` (of a family), ``"table"`` (of the paper), ``"sets"`` (one for each
            out-of-distribution set, on the card and in the table).
        of: what ``fn`` takes. :func:`card_numbers` lists the names.
        stored: its path on a card, such as ``"bits_per_dim.mean"``; the key if not given.
        required: whether every card has it. Older cards may lack new measures.
        heading: of its column; the name if not given.
        form: of the number in a text.
    """

    key: str
    name: str
    unit: str
    better: str
    fn: Callable[..., Any]
    on: tuple[str, ...] = ("card", "table")
    of: tuple[str, ...] = _LABELLED
    stored: str = ""
    required: bool = False
    heading: str = ""
    form: str = ".2f"

    @property
    def path(self) -> str:
        """Where a card has it."""
        return self.stored or self.key

    @property
    def curve_name(self) -> str:
        """Its field of :class:`ibinn_core.weight_space.Point`: a curve has one number of each group of a card."""
        return self.path.partition(".")[0]

    def compute(self, given: Mapping[str, Any]) -> Any:
        """The number as a card stores it, from the arguments that are ``given``."""
        value = self.fn(*(given[name] for name in self.of))
        return value if value is None or isinstance(value, int) else float(value)

    def compute_if_given(self, given: Mapping[str, Any]) -> Any:
        """The same, or ``None`` where something that it takes is not given."""
        return self.compute(given) if given.keys() >= set(self.of) else None

    def stored_on(self, card: dict) -> float | None:
        """The number as a card stores it; ``None`` where it has none."""
        return lookup(card, self.path)

    def put(self, card: dict, value: Any) -> None:
        """Stores a number on a card."""
        group, _, name = self.path.rpartition(".")
        (card.setdefault(group, {}) if group else card)[name] = value

    def of_card(self, card: dict) -> float | None:
        """The same in the unit of the measure."""
        value = self.stored_on(card)
        return None if value is None else self.shown(value)

    def shown(self, value: float) -> float:
        """A number of a card in the unit of the measure, which is percent of a share."""
        return (100 if self.unit == "%" else 1) * float(value)

    def of_checkpoint(self, checkpoint: Any) -> float | None:
        """The same of a checkpoint; of an older one without it, computed from the posterior that it stores.

        Raises:
            CheckpointError: if its ``latent.npz`` is needed and cannot be read.
        """
        value = self.stored_on(checkpoint.card)
        if value is None and self.of == _LABELLED:
            value = self.compute(checkpoint.latent)
        return None if value is None else self.shown(value)

    def text(self, value: float) -> str:
        """The value with its unit, and a real minus sign."""
        return f"{value:{self.form}}{UNITS[self.unit]}".replace("-", "−")


_CURVE = ("card", "curve", "table")
MEASURES = (
    Measure(
        "error",
        "Test error",
        "%",
        "lower",
        error_rate,
        on=_CURVE,
        required=True,
        heading="Classif. err.",
        form=".1f",
    ),
    Measure(
        "bits_per_dim",
        "Bits/dim",
        "bits/dim",
        "lower",
        np.mean,
        on=_CURVE,
        of=("bits",),
        stored="bits_per_dim.mean",
        required=True,
    ),
    Measure(
        "cross_entropy",
        "Cross-entropy",
        "nats",
        "lower",
        cross_entropy,
        on=_CURVE,
    ),
    Measure(
        "calibration.geometric_mean",
        "All-classes calibration error, mean of three",
        "%",
        "lower",
        lambda posterior, labels: calibration(posterior, labels).geometric_mean,
        stored="calibration_paper.geometric_mean",
        required=True,
        heading="Calib. geo. mean",
    ),
    Measure(
        "calibration.ece",
        "All-classes ECE",
        "%",
        "lower",
        lambda posterior, labels: calibration(posterior, labels).expected,
        on=_CURVE,
        stored="calibration_paper.ece",
        required=True,
        heading="ECE",
    ),
    Measure(
        "calibration.mce",
        "All-classes MCE",
        "%",
        "lower",
        lambda posterior, labels: calibration(posterior, labels).maximum,
        stored="calibration_paper.mce",
        required=True,
        heading="MCE",
        form=".1f",
    ),
    Measure(
        "calibration.ice",
        "All-classes ICE",
        "%",
        "lower",
        lambda posterior, labels: calibration(posterior, labels).integrated,
        stored="calibration_paper.ice",
        required=True,
        heading="ICE",
        form=".1f",
    ),
    Measure(
        "calibration.top_label",
        "Top-label ECE",
        "%",
        "lower",
        top_label_error,
        on=_CURVE,
        stored="calibration_top_label",
        required=True,
        form=".1f",
    ),
    Measure(
        "overconfidence",
        "Overconfidence",
        "times",
        "lower",
        overconfidence,
        form=".1f",
    ),
    Measure(
        "confidence",
        "Mean confidence",
        "%",
        "",
        lambda posterior: posterior.max(1).mean(),
        on=("card",),
        of=("posterior",),
        required=True,
    ),
    Measure(
        "predictive_entropy",
        "Predictive entropy",
        "nats",
        "",
        lambda posterior: predictive_entropy(posterior).mean(),
        on=("card",),
        of=("posterior",),
        stored="entropy",
        required=True,
    ),
    *(
        Measure(f"bits_per_dim.{key}", name, "bits/dim", "lower", fn, on=("card",), of=("bits",), required=True)
        for key, name, fn in (("median", "Median of bits/dim", np.median), ("worst", "Largest bits/dim", np.max))
    ),
    *(
        Measure(key, name, "", "", itemgetter(key), on=("card",), of=("geometry",), required=True)
        for key, name in (
            ("separation", "Distance of two classes' centres, in deviations of a class"),
            ("latent_spread", "Deviation of the latents from their class's centre"),
        )
    ),
    Measure(
        "reconstruction",
        "Largest error of decode(encode(x)), values in [0, 1]",
        "",
        "lower",
        float,
        on=("card",),
        of=("reconstruction",),
        required=True,
        form=".1e",
    ),
    Measure(
        "entropy",
        "Entropy increase",
        "nats",
        "higher",
        entropy_increase,
        on=("sets",),
        of=("ood_posterior", "posterior"),
        stored="entropy_increase",
        required=True,
    ),
    Measure(
        "detection",
        "Detection",
        "%",
        "higher",
        detection_score,
        on=("sets",),
        of=("log_prob", "ood_log_prob", "reference"),
        stored="roc_auc",
        form=".1f",
    ),
)
BY_KEY = {measure.key: measure for measure in MEASURES}


def on(place: str) -> tuple[Measure, ...]:
    """The measures of a place: ``"card"``, ``"curve"``, ``"table"`` or ``"sets"``."""
    return tuple(measure for measure in MEASURES if place in measure.on)


def card_numbers(given: Mapping[str, Any]) -> dict:
    """The numbers of a card that follow from what is ``given``; those of a group are in a dictionary of their own.

    Arguments:
        given: ``posterior`` ``(N, K)`` and ``labels`` ``(N,)``; of a model with a likelihood ``bits``, -log₂ q(x) for
            each dimension, ``(N,)``, and ``geometry``, as :func:`ibinn_core.exploration.geometry.latent_geometry` gives
            it; of one with an inverse ``reconstruction``, the largest error of decode(encode(x)).
    """
    card: dict = {}
    for measure in on("card"):
        if given.keys() >= set(measure.of):
            measure.put(card, measure.compute(given))
    return card
