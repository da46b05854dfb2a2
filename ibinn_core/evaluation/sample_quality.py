r"""The quality of samples, judged by a discriminative classifier that is independent of the flow.

Three numbers, the first two similar to those that are measured of larger generators with an Inception network, here
with the ResNet among the checkpoints:

* *recognised*: the share of samples that the judge assigns to the class they were drawn for. Chance is 1 / K.
* *Fréchet distance* (Heusel et al. 2017) between the judge's features of samples and of test images,

  .. math::
      \|m_1 - m_2\|^2 + \mathrm{tr}\left(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\right) ,

  comparable only between models with the same judge and the same number of samples.
* *diversity*: the mean distance of two samples of one class in the judge's features. Copies would have none.
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
    diversity: float  # the mean distance within a class, 0 or more, in units of the judge's features


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
    test_features: np.ndarray,
    temperature: float,
    center: str = "empirical",
    count: int = COUNT,
    guidance: float = 1.0,
) -> SampleQuality:
    """Draws ``count`` samples of each class (:func:`draw_samples`) and judges them (:func:`judge_images`)."""
    classes = np.tile(np.arange(model.num_classes), count)
    return judge_images(judge, draw_samples(model, classes, temperature, center, guidance), classes, test_features)


def draw_samples(
    model: "GenerativeClassifier",
    classes: np.ndarray,
    temperature: float,
    center: str = "empirical",
    guidance: float = 1.0,
    training: tuple[np.ndarray, np.ndarray] | None = None,
    rank: int | None = None,
) -> np.ndarray:
    """Samples as they are shown: clipped, uint8 ``(N, H, W, C)``.

    Arguments:
        model: with an empirical class mean of each class, if the samples lie around these.
        classes: ``(N,)`` integers.
        temperature: around ``"empirical"`` centres in units of the measured spread, else of the mixture.
        center: as for :meth:`.GenerativeClassifier.sample`.
        guidance: likewise.
        training: latents of training images ``(M, D)`` and their labels ``(M,)``: the samples then have the covariance
            of their class's latents (:func:`.class_noise`), in units of which the temperature is.
        rank: of this covariance; all of it if not given.

    Raises:
        ValueError: for a model without a measured spread that the temperature could be in units of.
    """
    import torch

    from ..data.images import to_uint8
    from ..exploration import class_noise

    unit = model.latent_spread if center == "empirical" and training is None else 1.0
    if unit is None:
        raise ValueError("this model has no measured spread: load it from a checkpoint with latent.npz")
    generator, drawn = torch.Generator().manual_seed(SEED), []
    for number, part in enumerate(np.array_split(classes, max(1, len(classes) // 250))):
        noise = None if training is None else torch.from_numpy(class_noise(*training, part, SEED + number, rank))
        x = model.sample(torch.from_numpy(part), temperature * unit, center, generator, noise, guidance)
        drawn.append(to_uint8(x, missing=0.5))
    return np.concatenate(drawn)


def judge_images(
    judge: "ResNet", images: np.ndarray, classes: np.ndarray, reference_features: np.ndarray
) -> SampleQuality:
    """Judges images, uint8 ``(N, H, W, C)``, that were drawn for classes ``(N,)``.

    The Fréchet distance is to ``reference_features`` of other images, ``(M, F)``, from :func:`features_of`.
    """
    parts = [_judge(judge, part) for part in np.array_split(images, max(1, len(images) // 250))]
    features, predicted = (np.concatenate(some) for some in zip(*parts, strict=True))
    recognised = float((predicted == classes).mean())
    return SampleQuality(recognised, frechet_distance(features, reference_features), diversity(features, classes))


def features_of(judge: "ResNet", images: np.ndarray) -> np.ndarray:
    """The input of the judge's last layer, ``(N, F)``, for 8-bit images ``(N, H, W, C)``."""
    return np.concatenate([_judge(judge, part)[0] for part in np.array_split(images, max(1, len(images) // 500))])


def diversity(features: np.ndarray, labels: np.ndarray) -> float:
    """The mean Euclidean distance of two different rows of ``(N, F)`` with one label, averaged over labels ``(N,)``.

    Of a label with a single row it is 0.

    Example:
        >>> diversity(np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0], [1.0, 1.0]]), np.array([0, 0, 1, 1]))
        2.5
    """
    from scipy.spatial.distance import pdist

    of_class = [pdist(features[labels == label]) for label in np.unique(labels)]
    return float(np.mean([distances.mean() if len(distances) else 0.0 for distances in of_class]))


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
