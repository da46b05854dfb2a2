"""The cells of one model: each a number in the unit of its column, or the reason why there is none."""

from collections.abc import Callable, Iterable

import numpy as np

from ...data import ood
from ...models.preprocessing import Noise, bits_per_dim
from ..measure import Scores, measure_posterior
from ..scores import arithmetic_mean, detection_curve, detection_score, entropy_increase, geometric_mean
from .columns import QUALITY

Cell = float | str  # a number in the unit of its column, or why there is none
Curves = dict[str, list[float]]  # ROC curves by the name of the set: the share of its images found at each rate
POINTS = 101  # rates of false alarms, from 0 to 1
CURVE_DIGITS = 4  # after the point: a ten thousandth is one of ten thousand test images

ABSENT = "not on this machine"
NO_LIKELIHOOD = "no likelihood"
OTHER_CIFAR = ("cifar100", "cifar10")  # of which a data set has one for an out-of-distribution set


def averaged_sets(present: Iterable[str]) -> list[str]:
    """The sets that averages run over: those of the paper that are there, the other CIFAR in ImageNet's place."""
    other = next((name for name in OTHER_CIFAR if name in present), "imagenet")
    names = [name if name in present or name != "imagenet" else other for name in ood.PAPER_SETS]
    return [name for name in names if name in present]


def measure_cells(
    test: Scores,
    labels: np.ndarray,
    sets: dict[str, Scores],
    reference: np.ndarray | None,
    dims: int,
    noise: Noise,
    every: Iterable[str] = tuple(ood.SETS),
) -> dict[str, Cell]:
    """The cells of one model, by how it sees the test set with its ``labels`` and the sets out of the distribution.

    ``reference`` is log q(x) of held-out training images; ``every`` are the names of the sets that have cells, on this
    machine or not.
    """
    why, card = "none above 99.7 %", {}
    try:
        card = measure_posterior(_finite(test.posterior), labels)
    except ValueError as error:
        why = str(error)
    cells: dict[str, Cell] = {m.key: why if (value := m.of_card(card)) is None else value for m in QUALITY}
    cells["bits_per_dim"] = _or_why(lambda: _bits(test, dims, noise))
    entropies: dict[str, Cell] = dict.fromkeys(every, ABSENT)
    detections: dict[str, Cell] = dict.fromkeys(every, ABSENT)
    for name, found in sets.items():
        entropies[name] = _or_why(lambda found=found: entropy_increase(found.posterior, test.posterior))
        detections[name] = _or_why(lambda found=found: _detection(test, found, reference))
    return {
        **cells,
        **_with_average("entropy", entropies, arithmetic_mean),
        **_with_average("detection", detections, geometric_mean),
    }


def measure_curves(test: Scores, sets: dict[str, Scores], reference: np.ndarray | None) -> Curves:
    """The curves of one model; none without a likelihood, and none where one is not finite."""
    if test.log_prob is None or reference is None or not np.isfinite(test.log_prob).all():
        return {}
    return {
        name: detection_curve(test.log_prob, found.log_prob, reference, POINTS).round(CURVE_DIGITS).tolist()
        for name, found in sets.items()
        if found.log_prob is not None and np.isfinite(found.log_prob).all()
    }


def _or_why(measure: Callable[[], float]) -> Cell:
    """The number, or the reason in a few words: a model that breaks down on some images is no reason to give up."""
    try:
        value = measure()
    except ValueError as error:
        return str(error)
    return value if np.isfinite(value) else "not finite"


def _finite(values: np.ndarray) -> np.ndarray:
    bad = ~np.isfinite(values.reshape(len(values), -1)).all(1)
    if bad.any():
        raise ValueError(f"not finite on {bad.sum()} images")
    return values


def _bits(test: Scores, dims: int, noise: Noise) -> float:
    if test.log_prob is None:
        raise ValueError(NO_LIKELIHOOD)
    return float(bits_per_dim(_finite(test.log_prob).astype(np.float64), dims, noise).mean())


def _detection(test: Scores, found: Scores, reference: np.ndarray | None) -> float:
    if test.log_prob is None or found.log_prob is None or reference is None:
        raise ValueError(NO_LIKELIHOOD)
    return 100 * detection_score(_finite(test.log_prob), _finite(found.log_prob), reference)


def _with_average(measure: str, cells: dict[str, Cell], mean: Callable) -> dict[str, Cell]:
    names = averaged_sets([name for name, cell in cells.items() if cell != ABSENT])
    values = [cells[name] for name in names]
    reasons = [value for value in values if isinstance(value, str)]
    average = reasons[0] if reasons else mean(values) if values else ABSENT
    return {f"{measure}.average": average, **{f"{measure}.{name}": cell for name, cell in cells.items()}}
