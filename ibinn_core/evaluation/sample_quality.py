r"""The quality of samples, judged by a discriminative classifier that is independent of the flow.

Two numbers, similar to those of larger generators judged by an Inception network; the judge here is the ResNet among
the checkpoints:

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
#: Of each data set the temperature and the guidance with which samples around the images are drawn first: chosen by how
#: many samples of γ = 1 the judge recognises, and so that those of other γ can be seen as well
#: (``python tools/sample_quality.py``, docs/training.md).
BEST_TEMPERATURE = {"cifar10": 0.85, "cifar100": 0.85, "mnist": 0.5}
OTHER_TEMPERATURE = 0.7  # of a data set for which nobody has measured it
BEST_GUIDANCE = {"cifar10": 1.4, "cifar100": 1.4, "mnist": 1.25}  # 1 of others
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
        0.85
    """
    return BEST_TEMPERATURE.get(dataset.name, OTHER_TEMPERATURE)


def best_guidance(dataset: "Dataset") -> float:
    """The guidance with which samples around a data set's images are shown if nobody asks for another, 1 or more.

    Example:
        >>> from ibinn_core.data import DATASETS
        >>> best_guidance(DATASETS["mnist"])
        1.25
    """
    return BEST_GUIDANCE.get(dataset.name, 1.0)


def judge_samples(
    model: "GenerativeClassifier",
    judge: "ResNet",
    reference_features: np.ndarray,
    temperature: float,
    center: str = "empirical",
    count: int = COUNT,
    guidance: float = 1.0,
) -> SampleQuality:
    """Draws ``count`` samples of each class and judges them as they are shown: clipped, in 8 bits.

    Arguments:
        model: with an empirical class mean of each class, if the samples lie around these.
        judge: the ResNet.
        reference_features: of other images, ``(M, F)``, from :func:`features_of`; the Fréchet distance is to these.
        temperature: around ``"empirical"`` centres in units of the measured spread, else of the mixture.
        center: as for :meth:`.GenerativeClassifier.sample`.
        count: of each class.
        guidance: as for :meth:`.GenerativeClassifier.sample`.

    Raises:
        ValueError: for a model without a measured spread that the temperature could be in units of.
    """
    import torch

    from ..data.images import to_uint8

    unit = model.latent_spread if center == "empirical" else 1.0
    if unit is None:
        raise ValueError("this model has no measured spread: load it from a checkpoint with latent.npz")
    classes = np.tile(np.arange(model.num_classes), count)
    generator, parts = torch.Generator().manual_seed(SEED), []
    for part in np.array_split(classes, max(1, len(classes) // 250)):
        x = model.sample(torch.from_numpy(part), temperature * unit, center, generator, guidance=guidance)
        parts.append(_judge(judge, to_uint8(x, missing=0.5)))
    features, predicted = (np.concatenate(some) for some in zip(*parts, strict=True))
    return SampleQuality(float((predicted == classes).mean()), frechet_distance(features, reference_features))


def features_of(judge: "ResNet", images: np.ndarray) -> np.ndarray:
    """The input of the judge's last layer, ``(N, F)``, for 8-bit images ``(N, H, W, C)``."""
    return np.concatenate([_judge(judge, part)[0] for part in np.array_split(images, max(1, len(images) // 500))])


def _judge(judge: "ResNet", images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features and predictions of 8-bit images."""
    import torch

    from ..data.images import to_unit

    with torch.no_grad():
        features: Tensor = judge.body(to_unit(images).to(judge.device))
        return features.cpu().numpy(), judge.head(features).argmax(1).cpu().numpy()


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
