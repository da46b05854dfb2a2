r"""The quality of samples, judged by a discriminative classifier that is independent of the flow.

Two numbers, similar to those that are measured of larger generators with an Inception network, here with the ResNet
among the checkpoints:

* *recognised*: the share of samples that the judge assigns to the class they were drawn for. Chance is 1 / K.
* *Fréchet distance* (Heusel et al. 2017) between the judge's features of samples and of test images,

  .. math::
      \|m_1 - m_2\|^2 + \mathrm{tr}\left(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\right) ,

  comparable only between models with the same judge and the same number of samples.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from ..data import Dataset
    from ..models.baselines import ResNet
    from ..models.classifier import GenerativeClassifier

TEMPERATURES = (0.4, 0.7, 1.0)  # in units of the measured spread, around the images of a class
#: Of each data set the highest of these temperatures at which the judge recognises nearly as many samples of γ = 1 as
#: at the best one (``python tools/sample_quality.py``, docs/training.md): samples are drawn at it first.
BEST_TEMPERATURE = {"cifar10": 1.0, "mnist": 0.7}
OTHER_TEMPERATURE = 0.7  # of a data set for which nobody has measured it
COUNT = 200  # samples of a class
SEED = 0


class SampleQuality(NamedTuple):
    """The judgement of samples."""

    recognised: float  # the share of samples that the judge assigns to their class, 0 to 1
    frechet: float  # the distance, 0 or more, in squared units of the judge's features


def best_temperature(dataset: "Dataset") -> float:
    """The temperature at which samples of a data set are shown if nobody asks for another, 0 to 1.

    Example:
        >>> from ibinn_core.data import DATASETS
        >>> best_temperature(DATASETS["cifar10"])
        1.0
    """
    return BEST_TEMPERATURE.get(dataset.name, OTHER_TEMPERATURE)


def judge_samples(
    model: "GenerativeClassifier",
    judge: "ResNet",
    test_features: np.ndarray,
    temperature: float,
    center: str = "empirical",
    count: int = COUNT,
) -> SampleQuality:
    """Draws ``count`` samples of each class and judges them as they would be shown: clipped, in 8 bits.

    ``test_features`` are the judge's features of the test images, ``(N, F)``, from :func:`features_of`. Around
    ``"empirical"`` centres the temperature is in units of the measured spread, around the mixture's own ``"mean"`` it
    is the mixture's.
    """
    import torch

    from ..data.images import to_uint8

    unit = model.latent_spread if center == "empirical" else 1.0
    if unit is None:
        raise ValueError("this model has no measured spread: load it from a checkpoint with latent.npz")
    classes = np.tile(np.arange(model.num_classes), count)
    generator = torch.Generator().manual_seed(SEED)
    features, right = [], 0
    for part in np.array_split(classes, max(1, len(classes) // 250)):
        x = model.sample(torch.from_numpy(part), temperature * unit, center, generator)
        found, predicted = _judge(judge, to_uint8(x, missing=0.5))
        features.append(found)
        right += int((predicted == part).sum())
    return SampleQuality(right / len(classes), frechet_distance(np.concatenate(features), test_features))


def features_of(judge: "ResNet", images: np.ndarray) -> np.ndarray:
    """The input of the judge's last layer, ``(N, F)``, for 8-bit images ``(N, H, W, C)``."""
    return np.concatenate([_judge(judge, part)[0] for part in np.array_split(images, max(1, len(images) // 500))])


def _judge(judge: "ResNet", images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features and predictions of 8-bit images."""
    import torch

    from ..data.images import to_unit

    with torch.no_grad():
        features: Tensor = judge.body(to_unit(images))
        return features.numpy(), judge.head(features).argmax(1).numpy()


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The Fréchet distance of the Gaussians with the moments of two sets of features, ``(N, F)`` and ``(M, F)``.

    Raises:
        ValueError: for sets of fewer than two, or of unequal length, or values that are not finite.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (first, second))
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1] or min(len(first), len(second)) < 2:
        raise ValueError(f"two sets of features of one length are needed, not {first.shape} and {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("features must be finite, but hold NaN or infinity")
    covariances = [np.atleast_2d(np.cov(values, rowvar=False)) for values in (first, second)]
    root = _square_root(covariances[0])
    # tr (S1 S2)^(1/2) = tr (S1^(1/2) S2 S1^(1/2))^(1/2), whose argument is symmetric.
    cross = np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0)
    distance = np.square(first.mean(0) - second.mean(0)).sum()
    return float(distance + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * np.sqrt(cross).sum())


def _square_root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(values.clip(0)) @ vectors.T
