"""The measures of a model: one list for cards, curves, tables and pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from . import calibration
from .scores import (
    cross_entropy,
    detection_score,
    entropy_increase,
    error_rate,
    overconfidence,
    predictive_entropy,
)

#: The units as written after a number, with a leading space where needed.
UNITS = {"%": " %", "bits/dim": "", "nats": " nats", "times": " ×", "": ""}
_LABELLED = ("posterior", "labels")


@dataclass(frozen=True)
class Measure:
    """A measured number of a model.

    Attributes:
        key: name in tables and pages, and path on a card, such as ``"bits_per_dim.mean"``.
        name: name in texts.
        unit: one of :data:`UNITS`; a share is a number from 0 to 1 on a card and in percent on a page.
        better: ``"lower"`` or ``"higher"``, or empty if neither is better.
        fn: computes the number from the arguments that ``of`` names; ``None`` if the number does not exist.
        on: where it appears: ``"card"``, ``"curve"`` (of a family), ``"table"`` (of the paper), ``"sets"`` (in the
            table, one for each out-of-distribution set).
        of: the arguments of ``fn``: ``posterior`` ``(N, K)`` and ``labels`` ``(N,)``. A model with a likelihood has
            ``log_prob`` ``(N,)`` in nats, ``bits`` per dimension ``(N,)``, the ``reference`` ``(R,)`` of the typicality
            test, and the ``geometry`` (:func:`.exploration.geometry.latent_geometry`). A model with an inverse has
            ``reconstruction``, the largest decoding error. ``ood_`` marks arguments of out-of-distribution sets.
        required: whether a card must have the number; ``False`` for new measures, which older cards lack.
        heading: heading of its column; by default the name.
    """

    key: str
    name: str
    unit: str
    better: str
    fn: Callable[..., Any]
    on: tuple[str, ...] = ("card", "table")
    of: tuple[str, ...] = _LABELLED
    required: bool = True
    heading: str = ""

    @property
    def curve_name(self) -> str:
        """Returns the name in :class:`ibinn_core.weight_space.Point`; a mean and an ECE have their group's name."""
        return self.key.removesuffix(".mean").removesuffix(".ece").replace(".", "_")

    def compute(self, given: Mapping[str, Any]) -> Any:
        """Computes the number in the form of a card; ``None`` if an argument is not ``given``."""
        value = self.fn(*(given[name] for name in self.of)) if given.keys() >= set(self.of) else None
        return None if value is None else float(value)

    def stored_on(self, card: Any) -> Any:  # values of JSON, which callers check
        """Returns the number in a card; ``None`` if the card lacks it."""
        for name in self.key.split("."):
            card = card.get(name) if isinstance(card, dict) else None
        return card

    def put(self, card: dict, value: Any) -> None:
        """Stores a number on a card."""
        group, _, name = self.key.rpartition(".")
        (card.setdefault(group, {}) if group else card)[name] = value

    def of_card(self, card: dict) -> float | None:
        """Returns the number in a card, in the unit of the measure."""
        value = self.stored_on(card)
        return None if value is None else self.shown(value)

    def shown(self, value: float) -> float:
        """Converts a card's number to the unit of the measure; shares become percent."""
        return (100 if self.unit == "%" else 1) * float(value)

    def of_checkpoint(self, checkpoint: Any) -> float | None:
        """Returns the number of a checkpoint; for an older checkpoint, computes it from the stored posterior.

        Raises:
            CheckpointError: the checkpoint's ``latent.npz`` is needed and cannot be read.
        """
        value = self.stored_on(checkpoint.card)
        if value is None and self.of == _LABELLED:
            value = self.compute(checkpoint.latent)
        return None if value is None else self.shown(value)

    def text(self, value: float) -> str:
        """Formats the value with its unit and a true minus sign."""
        return f"{value:{'.2f' if self.unit else '.3g'}}{UNITS[self.unit]}".replace("-", "−")


def _of_paper(name: str) -> Callable[..., float]:
    """Returns one of the paper's calibration errors as a function of posteriors and labels."""
    return lambda posterior, labels: getattr(calibration.calibration(posterior, labels), name)


_CARD, _TABLE, _CURVE = ("card",), ("card", "table"), ("card", "curve", "table")
MEASURES = (
    Measure("error", "Test error", "%", "lower", error_rate, _CURVE, heading="Classif. err."),
    Measure("bits_per_dim.mean", "Bits/dim", "bits/dim", "lower", np.mean, _CURVE, ("bits",)),
    Measure("cross_entropy", "Cross-entropy", "nats", "lower", cross_entropy, _CURVE, required=False),
    *(
        Measure(f"calibration_paper.{key}", f"All-classes {name}", "%", "lower", _of_paper(error), on, heading=heading)
        for key, name, error, on, heading in (
            ("geometric_mean", "calibration error, mean of three", "geometric_mean", _TABLE, "Calib. geo. mean"),
            ("ece", "ECE", "expected", _CURVE, "ECE"),
            ("mce", "MCE", "maximum", _TABLE, "MCE"),
            ("ice", "ICE", "integrated", _TABLE, "ICE"),
        )
    ),
    Measure("calibration_top_label", "Top-label ECE", "%", "lower", calibration.top_label_error, _CURVE),
    Measure("overconfidence", "Overconfidence", "times", "lower", overconfidence, required=False),
    Measure("confidence", "Mean confidence", "%", "", lambda q: q.max(1).mean(), _CARD, ("posterior",)),
    Measure("entropy", "Predictive entropy", "nats", "", lambda q: predictive_entropy(q).mean(), _CARD, ("posterior",)),
    Measure("bits_per_dim.median", "Median of bits/dim", "bits/dim", "lower", np.median, _CARD, ("bits",)),
    Measure("bits_per_dim.worst", "Largest bits/dim", "bits/dim", "lower", np.max, _CARD, ("bits",)),
    *(
        Measure(key, name, "", "", itemgetter(key), _CARD, ("geometry",))
        for key, name in (
            ("separation", "Mean distance between two classes' centres, in standard deviations within a class"),
            ("latent_spread", "Deviation of the latents from their class's centre"),
        )
    ),
    Measure(
        "reconstruction",
        "Largest error of decode(encode(x)), values in [0, 1]",
        "",
        "lower",
        float,
        _CARD,
        ("reconstruction",),
    ),
    Measure(
        "entropy_increase",
        "Entropy increase",
        "nats",
        "higher",
        entropy_increase,
        ("sets",),
        ("ood_posterior", "posterior"),
    ),
    Measure(
        "detection", "Detection", "%", "higher", detection_score, ("sets",), ("log_prob", "ood_log_prob", "reference")
    ),
)
BY_KEY = {measure.key: measure for measure in MEASURES}


def on(place: str) -> tuple[Measure, ...]:
    """Returns the measures of ``"card"``, ``"curve"``, ``"table"`` or ``"sets"``."""
    return tuple(measure for measure in MEASURES if place in measure.on)
