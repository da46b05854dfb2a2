"""The numbers on a model's card: in float32, on all images of a test set; the reconstruction on the first 200."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..data.images import to_unit
from ..exploration.geometry import latent_geometry
from ..models.preprocessing import NOISE_SEED, UNIFORM, add_noise, bits_per_dim
from .calibration import calibration, top_label_error
from .scores import as_labels, cross_entropy, overconfidence, predictive_entropy, sure_predictions

if TYPE_CHECKING:  # the numbers of this package can be computed where torch is not wanted
    from ..checkpoint import Checkpoint
    from ..models.classifier import Classifier

RECONSTRUCTED = 200  # images whose reconstruction is measured


class Measured(NamedTuple):
    """What a model computes from a set of images; ``None`` for what its kind does not have.

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


class Scores(NamedTuple):
    """What Table 1 needs of a set of images: :class:`Measured` without latents, so that large sets fit into memory."""

    log_prob: np.ndarray | None
    posterior: np.ndarray


def known(values: np.ndarray | None, what: str) -> np.ndarray:
    """The values; a ``ValueError`` if they are ``None``, which says ``what`` the model does not have."""
    if values is None:
        raise ValueError(f"this model has no {what}")
    return values


def encode_images(model: "Classifier", images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500) -> Measured:
    """Latents, likelihoods and posteriors of 8-bit images.

    A model trained with uniform noise is given dequantised pixels, with other noise for each image; one trained with
    Gaussian noise is given the pixel centres (Eq. 42).

    Arguments:
        model: in evaluation mode.
        images: uint8 ``(N, H, W, C)``, at least one.
        noise_seed: of the dequantisation.
        batch: number of images that are computed at once.

    Raises:
        ValueError: for images of another shape or type.

    Example:
        >>> images, labels = ib.data.sample()
        >>> measured = ib.evaluation.encode_images(ib.load("gamma-1"), images[:3])
        >>> measured.latents.shape, measured.log_prob.shape, measured.posterior.shape
        ((3, 3072), (3,), (3, 10))
    """
    return Measured(*_look_at(model, images, noise_seed, batch, Measured._fields))


def score_images(model: "Classifier", images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500) -> Scores:
    """Likelihoods and posteriors of 8-bit images; arguments and errors are those of :func:`encode_images`."""
    return Scores(*_look_at(model, images, noise_seed, batch, Scores._fields))


def _look_at(model: "Classifier", images: np.ndarray, noise_seed: int, batch: int, names: tuple) -> list:
    """What ``model.evaluate`` gives for all images, by ``names``; ``None`` for what the model does not have."""
    import torch

    generator, parts = torch.Generator().manual_seed(noise_seed), []
    for start in range(0, len(images), batch):
        x = to_unit(images[start : start + batch])
        with torch.no_grad():
            noisy = add_noise(x, UNIFORM, generator) if model.noise == UNIFORM else x
            seen = model.evaluate(noisy.to(model.device))
        parts.append({name: seen[name].cpu().numpy() for name in names if name in seen})
    return [np.concatenate([part[name] for part in parts]) if name in parts[0] else None for name in names]


def measure(model: "Classifier", images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The numbers of a card: those that the model's kind has.

    Arguments:
        model: the model that is measured.
        images: the test set, uint8 ``(N, H, W, C)``.
        labels: its classes, integers ``(N,)``.
        measured: the same images, as :func:`encode_images` gives them.

    Returns:
        Plain floats. For every model: ``error``; ``cross_entropy`` (nats); ``calibration_paper`` (``ece``, ``mce``,
        ``ice``, ``geometric_mean``) and ``calibration_top_label``; ``confidence`` (mean top probability), ``entropy``
        (mean predictive entropy, nats) and ``overconfidence`` (``None`` if no prediction is sure enough), with the
        counts ``sure_predictions`` that it rests on (``all`` and ``wrong``).
        For one with a likelihood: ``bits_per_dim`` (``mean``, ``median``, ``worst``) and what
        :func:`latent_geometry` returns. For one with an inverse: ``reconstruction`` (largest error of
        decode(encode(x)), in units of [0, 1]).
    """
    card = measure_posterior(measured.posterior, labels)
    if model.has_likelihood:
        card["bits_per_dim"] = _of_likelihood(known(measured.log_prob, "likelihoods"), model)
        card |= latent_geometry(model.class_means.cpu().numpy(), known(measured.latents, "latents"), labels)
    if model.is_invertible:
        card["reconstruction"] = reconstruction_error(model, images[:RECONSTRUCTED])
    return card


def measure_posterior(posterior: np.ndarray, labels: np.ndarray) -> dict:
    """Those that every model has."""
    labels, paper = as_labels(labels, *posterior.shape), calibration(posterior, labels)
    return {
        "error": float((posterior.argmax(1) != labels).mean()),
        "cross_entropy": cross_entropy(posterior, labels),
        "calibration_paper": {
            "ece": paper.expected,
            "mce": paper.maximum,
            "ice": paper.integrated,
            "geometric_mean": paper.geometric_mean,
        },
        "calibration_top_label": top_label_error(posterior, labels),
        "confidence": float(posterior.max(1).mean()),
        "entropy": float(predictive_entropy(posterior).mean()),
        "overconfidence": overconfidence(posterior, labels),
        "sure_predictions": sure_predictions(posterior, labels)._asdict(),
    }


def stored_cross_entropy(checkpoint: "Checkpoint") -> float:
    """The cross-entropy on the test set in nats: from a card, or of the stored posterior if an older card lacks it.

    Raises:
        CheckpointError: if its ``latent.npz`` is needed and cannot be read.
    """
    stored = checkpoint.card.get("cross_entropy")
    return cross_entropy(checkpoint.latent["posterior"], checkpoint.latent["labels"]) if stored is None else stored


def _of_likelihood(log_prob: np.ndarray, model: "Classifier") -> dict:
    bits = bits_per_dim(log_prob.astype(np.float64), model.config.dims, model.noise)
    return {"mean": float(bits.mean()), "median": float(np.median(bits)), "worst": float(bits.max())}


def reconstruction_error(model: "Classifier", images: np.ndarray) -> float:
    """The largest difference of decode(encode(x)) from x, in units of [0, 1]."""
    import torch

    with torch.no_grad():
        x = to_unit(images).to(model.device)
        return float((model.decode(model.encode(x)) - x).abs().max())
