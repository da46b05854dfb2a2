"""What a card says of a model, in float32 on every image of a test set; the reconstruction on the first 200."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..data.images import to_unit
from ..exploration.geometry import latent_geometry
from ..models.preprocessing import UNIFORM, add_noise, bits_per_dim
from .calibration import calibration, top_label_error
from .scores import overconfidence, predictive_entropy

if TYPE_CHECKING:  # the numbers of this package can be computed where torch is not wanted
    from ..models.classifier import Classifier

NOISE_SEED = 0  # of the dequantisation under which likelihoods are measured
RECONSTRUCTED = 200  # images whose reconstruction is measured


class Measured(NamedTuple):
    """A set of images as a model sees it; ``None`` for what its kind does not have.

    Attributes:
        latents: ``(N, L)`` float32, L = D for an invertible model.
        log_prob: log q(x) in nats, ``(N,)`` float32.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    latents: np.ndarray | None
    log_prob: np.ndarray | None
    posterior: np.ndarray


class Scores(NamedTuple):
    """What Table 1 needs of a set of images: no latents, so that large sets fit into memory.

    Attributes:
        log_prob: log q(x) in nats, ``(N,)`` float32; ``None`` for a classifier without a likelihood.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    log_prob: np.ndarray | None
    posterior: np.ndarray


def known(values: np.ndarray | None, what: str) -> np.ndarray:
    """The values, where there are some; a ValueError that says ``what`` the model does not have, where not."""
    if values is None:
        raise ValueError(f"this model has no {what}")
    return values


def encode_images(model: "Classifier", images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500) -> Measured:
    """Latents, likelihoods and posteriors of 8-bit images ``(N, H, W, C)``.

    A model trained with uniform noise sees dequantised pixels, each image with noise of its own drawn
    from ``noise_seed``; one trained with Gaussian noise sees the pixel centres (Eq. 42).
    """
    return Measured(*_look_at(model, images, noise_seed, batch, Measured._fields))


def score_images(model: "Classifier", images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500) -> Scores:
    """The same without the latents."""
    return Scores(*_look_at(model, images, noise_seed, batch, Scores._fields))


def _look_at(model: "Classifier", images: np.ndarray, noise_seed: int, batch: int, names: tuple) -> list:
    """What ``model.look`` calls by each of ``names``, of all images; ``None`` where it has no such thing."""
    import torch

    generator, parts = torch.Generator().manual_seed(noise_seed), []
    for start in range(0, len(images), batch):
        x = to_unit(images[start : start + batch])
        with torch.no_grad():
            seen = model.look(add_noise(x, UNIFORM, generator) if model.noise == UNIFORM else x)
        parts.append({name: seen[name].numpy() for name in names if name in seen})
    return [np.concatenate([part[name] for part in parts]) if name in parts[0] else None for name in names]


def measure(model: "Classifier", images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The numbers of a card: those that the model's kind has.

    Arguments:
        images, labels: the test set, uint8 ``(N, H, W, C)`` and integers ``(N,)``.
        measured: the same images, as :func:`encode_images` gives them.

    Returns:
        Plain floats. Of every model: ``error``; ``calibration_paper`` (``ece``, ``mce``, ``ice``,
        ``geometric_mean``) and ``calibration_top_label``; ``confidence`` (mean top probability), ``entropy``
        (mean predictive entropy, nats) and ``overconfidence`` (``None`` where no prediction is sure enough).
        Where there is a likelihood: ``bits_per_dim`` (``mean``, ``median``, ``worst``) and what
        :func:`latent_geometry` returns. Where there is an inverse: ``reconstruction`` (largest error of
        decode(encode(x))).
    """
    card = _of_posterior(measured.posterior, labels)
    if model.has_likelihood:
        card["bits_per_dim"] = _of_likelihood(known(measured.log_prob, "likelihoods"), model)
        card |= latent_geometry(model.class_means.numpy(), known(measured.latents, "latents"), labels)
    if model.is_invertible:
        card["reconstruction"] = reconstruction_error(model, images[:RECONSTRUCTED])
    return card


def _of_posterior(posterior: np.ndarray, labels: np.ndarray) -> dict:
    paper = calibration(posterior, labels)
    return {
        "error": float((posterior.argmax(1) != labels).mean()),
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
    }


def _of_likelihood(log_prob: np.ndarray, model: "Classifier") -> dict:
    bits = bits_per_dim(log_prob.astype(np.float64), model.config.dims, model.noise)
    return {"mean": float(bits.mean()), "median": float(np.median(bits)), "worst": float(bits.max())}


def reconstruction_error(model: "Classifier", images: np.ndarray) -> float:
    """The largest difference of decode(encode(x)) from x, in units of [0, 1]."""
    import torch

    with torch.no_grad():
        x = to_unit(images)
        return float((model.decode(model.encode(x)) - x).abs().max())
