"""What a model computes from images, and its numbers: in float32, the reconstruction of the first 200."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..data.images import to_unit
from ..exploration.geometry import latent_geometry
from ..measures import card_numbers
from ..models.preprocessing import NOISE_SEED, UNIFORM, add_noise, bits_per_dim

if TYPE_CHECKING:
    from ..models.classifier import Classifier

BATCH = 500  # images that are computed at once
RECONSTRUCTED = 200  # images whose reconstruction is measured


class Measured(NamedTuple):
    """What a model computes from a set of images; ``None`` for what its kind does not have, or nobody asked for.

    Attributes:
        latents: ``(N, L)`` float32, L = D for an invertible model.
        log_prob: log q(x) in nats, ``(N,)`` float32.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    latents: np.ndarray | None
    log_prob: np.ndarray | None
    posterior: np.ndarray

    def of(self, rows: np.ndarray) -> "Measured":
        """The same of the images in these ``rows`` alone, ``(M,)`` indices."""
        latents, log_prob = (None if values is None else values[rows] for values in self[:2])
        return Measured(latents, log_prob, self.posterior[rows])


def known(values: np.ndarray | None, what: str) -> np.ndarray:
    """The values; a ``ValueError`` if they are ``None``, which says ``what`` the model does not have."""
    if values is None:
        raise ValueError(f"this model has no {what}")
    return values


def encode_images(model: "Classifier", images: np.ndarray) -> Measured:
    """Latents, likelihoods and posteriors of 8-bit images.

    A model trained with uniform noise is given dequantised pixels, with other noise for each image; one trained with
    Gaussian noise is given the pixel centres (Eq. 42).

    Arguments:
        model: in evaluation mode.
        images: uint8 ``(N, H, W, C)``, at least one.

    Raises:
        ValueError: for images of another shape or type.

    Example:
        >>> images, labels = ib.data.sample()
        >>> measured = ib.evaluation.encode_images(ib.load("gamma-1"), images[:3])
        >>> measured.latents.shape, measured.log_prob.shape, measured.posterior.shape
        ((3, 3072), (3,), (3, 10))
    """
    return _evaluated(model, images, Measured._fields)


def score_images(model: "Classifier", images: np.ndarray) -> Measured:
    """:func:`encode_images` without the latents, so that large sets fit into memory."""
    return _evaluated(model, images, Measured._fields[1:])


def _evaluated(model: "Classifier", images: np.ndarray, names: tuple) -> Measured:
    import torch

    generator, parts = torch.Generator().manual_seed(NOISE_SEED), []
    for start in range(0, len(images), BATCH):
        x = to_unit(images[start : start + BATCH])
        with torch.no_grad():
            noisy = add_noise(x, UNIFORM, generator) if model.noise == UNIFORM else x
            found = model.evaluate(noisy.to(model.device))
        parts.append({name: found[name].cpu().numpy() for name in names if name in found})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Measured(columns.get("latents"), columns.get("log_prob"), columns["posterior"])


def metrics(model: "Classifier", images: np.ndarray, labels: np.ndarray, measured: Measured | None = None) -> dict:
    """The numbers of a card (:data:`ibinn_core.measures.MEASURES`): those that the model's kind has.

    Arguments:
        model: the model that is measured.
        images: the test set, uint8 ``(N, H, W, C)``.
        labels: its classes, integers ``(N,)``.
        measured: the same images, as :func:`encode_images` gives them; computed if not given.

    Returns:
        Plain numbers, some of them in groups: ``bits_per_dim`` has ``mean``, ``median`` and ``worst``.
    """
    found = encode_images(model, images) if measured is None else measured
    given: dict = {"posterior": found.posterior, "labels": labels}
    if model.has_likelihood:
        log_prob = known(found.log_prob, "likelihoods").astype(np.float64)
        given["bits"] = bits_per_dim(log_prob, model.config.dims, model.noise)
        means = model.class_means.cpu().numpy()
        given["geometry"] = latent_geometry(means, known(found.latents, "latents"), labels)
    if model.is_invertible:
        given["reconstruction"] = reconstruction_error(model, images[:RECONSTRUCTED])
    return card_numbers(given)


def reconstruction_error(model: "Classifier", images: np.ndarray) -> float:
    """The largest difference of decode(encode(x)) from x, in units of [0, 1]."""
    import torch

    with torch.no_grad():
        x = to_unit(images).to(model.device)
        return float((model.decode(model.encode(x)) - x).abs().max())
