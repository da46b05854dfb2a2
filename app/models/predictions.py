"""What a model predicts of images: posterior, latents, likelihood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

import ibinn_core as ib
from app.figures.classes import with_number
from app.models import asking, registry
from app.models.origin import origin
from app.widgets.export_menu import csv_bytes
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.preprocessing import Noise

if TYPE_CHECKING:  # torch is imported with the first model, not with the page
    from torch import Tensor


@dataclass(frozen=True)
class Prediction:
    """What any model predicts of 8-bit images.

    Attributes:
        posterior: q(y | x), ``(N, K)``.
    """

    posterior: np.ndarray


@dataclass(frozen=True)
class LikelihoodPrediction(Prediction):
    """What a model with a likelihood predicts of them.

    Attributes:
        latents: ``(N, D)``.
        bits: bits/dim, ``(N,)``.
    """

    latents: np.ndarray
    bits: np.ndarray


def at_once(looks: Iterable[tuple[str, np.ndarray]], likelihoods: Iterable[tuple[str, np.ndarray]] = ()) -> None:
    """Has what a page is going to ask for computed at once, on all cores: afterwards it is there.

    Arguments:
        looks: ids of models and 8-bit images ``(N, H, W, C)``, for :func:`predict` and its kin.
        likelihoods: the same, for :func:`class_log_likelihoods`.
    """
    calls = [(_look, *pair) for pair in looks] + [(_likelihoods, *pair) for pair in likelihoods]
    asking.ask_all([request for call, id, images in calls for request in call.requests(id, images)])


def predict(checkpoint_id: str, images: np.ndarray) -> Prediction:
    """The posterior of 8-bit images ``(N, H, W, C)`` under a model."""
    return Prediction(_look(checkpoint_id, images)["posterior"])


def predict_with_likelihood(checkpoint_id: str, images: np.ndarray) -> LikelihoodPrediction:
    """Posterior, latents and bits/dim of 8-bit images ``(N, H, W, C)`` under a model that has a likelihood.

    Raises:
        ValueError: The model has none.
    """
    checkpoint = registry.by_id(checkpoint_id)
    if not checkpoint.has_likelihood:
        raise ValueError(f"The model {checkpoint_id} has no likelihood.")
    found = _look(checkpoint_id, images)
    return LikelihoodPrediction(found["posterior"], found["latents"], bits_per_dim(checkpoint, found["log_prob"]))


def latents_of(checkpoint_id: str, images: np.ndarray) -> np.ndarray:
    """The latents of 8-bit images ``(N, H, W, C)`` under a model that has some, ``(N, D)``."""
    return _look(checkpoint_id, images)["latents"]


def class_log_likelihoods(checkpoint_id: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Likelihoods log q(x | y) of 8-bit images in nats, ``(N, K)``, and the prior q(y) of the model, ``(K,)``."""
    return latents_and_likelihoods(checkpoint_id, images)[1:]


def latents_and_likelihoods(checkpoint_id: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same in one pass with the latents of the images, ``(N, D)``, which come first."""
    found = _likelihoods(checkpoint_id, images)
    return found["latents"], found["log_likelihood"], found["prior"][0]


def as_measured(images: np.ndarray, noise: Noise) -> "Tensor":
    """8-bit images as a model was shown the test set when its card was made, ``(N, C, H, W)``.

    So all that a page says of an image can be held against the card, and against what is typical for the model.

    Arguments:
        images: uint8 ``(N, H, W, C)``.
        noise: that the model was trained with.
    """
    return ib.dequantize(ib.to_unit(images), noise)


@asking.Together
def _look(checkpoint_id: str, images: np.ndarray) -> dict[str, np.ndarray]:
    """All that a model says of images in one pass: see :meth:`ibinn_core.Classifier.look`."""
    import torch

    loaded = registry.load_model(checkpoint_id)
    with torch.no_grad():
        found = loaded.look(as_measured(images, loaded.noise))
    return {name: values.numpy() for name, values in found.items()}


@asking.Together
def _likelihoods(checkpoint_id: str, images: np.ndarray) -> dict[str, np.ndarray]:
    """Latents ``(N, D)``, likelihoods of each class ``(N, K)`` and for each image the same prior, ``(N, K)``."""
    import torch

    loaded = registry.load_model(checkpoint_id)
    with torch.no_grad():
        mixture: Any = loaded.mixture
        z, log_det = loaded(as_measured(images, loaded.noise))
        # What differs between the classes is small against what they share: added in double precision, it survives.
        shared = (mixture.log_base(z) + log_det).double()
        log_likelihood = mixture.scores(z).double() + shared[:, None]
        prior = mixture.log_weights.double().exp().expand_as(log_likelihood)
    return {"latents": z.numpy(), "log_likelihood": log_likelihood.numpy(), "prior": prior.numpy()}


def top_classes(posterior: np.ndarray, count: int = 3, *, classes: Sequence[str]) -> list[str]:
    """The most probable classes of one image, each with its probability.

    Arguments:
        posterior: q(y | x), ``(K,)``.
        count: how many.
        classes: names of the K classes.
    """
    order = posterior.argsort()[::-1][:count]
    return [with_number(classes[int(k)], f"{posterior[k]:.0%}") for k in order]


def bits_per_dim(checkpoint: Checkpoint, log_prob: npt.ArrayLike) -> np.ndarray:
    """Nats to bits/dim, by the noise that the model was trained with."""
    nats = np.asarray(log_prob, dtype=np.float64)
    return np.asarray(ib.bits_per_dim(nats, checkpoint.dataset.dims, checkpoint.noise))


def typical_bits(checkpoint: Checkpoint, level: float = ib.exploration.TYPICAL) -> tuple[float, float]:
    """Lowest and highest bits/dim that pass the typicality test at ``level``."""
    reference = checkpoint.latent["reference"]
    threshold = ib.exploration.typicality_threshold(reference, level)
    mean = float(reference.mean(dtype=np.float64))
    low, high = (float(bits_per_dim(checkpoint, mean + sign * threshold)) for sign in (1, -1))
    return low, high


def posterior_csv(checkpoint: Checkpoint, posterior: np.ndarray) -> bytes:
    """A posterior ``(K,)`` as a table, a row for each class."""
    columns = {"class": checkpoint.classes, "posterior": posterior.tolist(), "model": checkpoint.id}
    return csv_bytes(columns | origin(checkpoint))
