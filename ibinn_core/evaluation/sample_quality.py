"""With which temperature and guidance samples are drawn first: as ``tools/sample_quality.py`` judged them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data import Dataset

TEMPERATURES = (0.4, 0.7, 1.0)  # in units of the measured spread, around the images of a class
#: By data set: with these the judge recognises many samples of γ = 1, and those of other γ can be seen as well
#: (docs/training.md).
BEST_TEMPERATURE = {"cifar10": 0.85, "cifar100": 0.85, "mnist": 0.5}
OTHER_TEMPERATURE = 0.7  # of a data set for which nobody has measured it
BEST_GUIDANCE = {"cifar10": 1.4, "cifar100": 1.4, "mnist": 1.25}  # 1 of others


def best_temperature(dataset: "Dataset") -> float:
    """The temperature at which samples of a data set are shown if nobody asks for another, 0 to 1."""
    return BEST_TEMPERATURE.get(dataset.name, OTHER_TEMPERATURE)


def best_guidance(dataset: "Dataset") -> float:
    """The guidance with which samples around a data set's images are shown if nobody asks for another, 1 or more."""
    return BEST_GUIDANCE.get(dataset.name, 1.0)
