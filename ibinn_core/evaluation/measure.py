"""What a card says of a model: everything is measured in float32 on every image of a test set."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ..classifier import GenerativeClassifier
from ..exploration.geometry import latent_geometry
from ..images import to_unit
from ..preprocessing import UNIFORM, add_noise, bits_per_dim
from .calibration import calibration, top_label_error
from .scores import overconfidence, predictive_entropy

NOISE_SEED = 0  # of the dequantisation under which likelihoods are measured
RECONSTRUCTED = 200  # images whose reconstruction is measured


class Measured(NamedTuple):
    """A set of images as a model sees it.

    Attributes:
        latents: ``(N, D)`` float32.
        log_prob: log q(x) in nats, ``(N,)`` float32.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    latents: np.ndarray
    log_prob: np.ndarray
    posterior: np.ndarray


class Scores(NamedTuple):
    """What Table 1 needs of a set of images: no latents, so that large sets fit into memory.

    Attributes:
        log_prob: log q(x) in nats, ``(N,)`` float32; ``None`` for a classifier without a likelihood.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    log_prob: np.ndarray | None
    posterior: np.ndarray


@torch.no_grad()
def encode_images(model: GenerativeClassifier, images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500):
    """Latents, likelihoods and posteriors of 8-bit images ``(N, H, W, C)``.

    A model trained with uniform noise sees dequantised pixels, each image with noise of its own drawn
    from ``noise_seed``; one trained with Gaussian noise sees the pixel centres (Eq. 42).
    """
    parts = [_measured(model, x) for x in _as_measured(model, images, noise_seed, batch)]
    return Measured(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@torch.no_grad()
def score_images(model: nn.Module, images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500) -> Scores:
    """The same without the latents; of a classifier that has no likelihood only the posterior."""
    inputs = _as_measured(model, images, noise_seed, batch)
    if not has_likelihood(model):
        return Scores(None, np.concatenate([model.posterior(x).numpy() for x in inputs]))
    parts = [_measured(model, x)[1:] for x in inputs]
    return Scores(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def has_likelihood(model: nn.Module) -> bool:
    """Whether a classifier is a generative one; baselines share ``posterior`` with it, not ``log_prob``."""
    return getattr(model, "has_likelihood", isinstance(model, GenerativeClassifier))


def _as_measured(model: nn.Module, images: np.ndarray, noise_seed: int, batch: int) -> Iterator[Tensor]:
    """Batches (B, C, H, W) in the noise under which the model is measured."""
    generator = torch.Generator().manual_seed(noise_seed)
    for start in range(0, len(images), batch):
        x = to_unit(images[start : start + batch])
        yield add_noise(x, UNIFORM, generator) if getattr(model, "noise", None) == UNIFORM else x


def _measured(model: GenerativeClassifier, x: Tensor) -> Measured:
    z, log_det = model(x)
    log_prob = model.mixture.log_marginal(z) + log_det
    return Measured(z.numpy(), log_prob.numpy(), model.mixture.log_posterior(z).exp().numpy())


def measure(model: GenerativeClassifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The numbers of a card.

    Arguments:
        images, labels: the test set, uint8 ``(N, H, W, C)`` and integers ``(N,)``.
        measured: the same images, as :func:`encode_images` gives them.

    Returns:
        Plain floats: ``error``; ``bits_per_dim`` (``mean``, ``median``, ``worst``);
        ``calibration_paper`` (``ece``, ``mce``, ``ice``, ``geometric_mean``) and ``calibration_top_label``;
        ``confidence`` (mean top probability), ``entropy`` (mean predictive entropy, nats) and
        ``overconfidence`` (``None`` where no prediction is sure enough); what :func:`latent_geometry`
        returns; ``reconstruction`` (largest error of decode(encode(x))).
    """
    bits = bits_per_dim(measured.log_prob.astype(np.float64), model.config.dims, model.noise)
    paper = calibration(measured.posterior, labels)
    return {
        "error": float((measured.posterior.argmax(1) != labels).mean()),
        "bits_per_dim": {"mean": float(bits.mean()), "median": float(np.median(bits)), "worst": float(bits.max())},
        "calibration_paper": {
            "ece": paper.expected,
            "mce": paper.maximum,
            "ice": paper.integrated,
            "geometric_mean": paper.geometric_mean,
        },
        "calibration_top_label": top_label_error(measured.posterior, labels),
        "confidence": float(measured.posterior.max(1).mean()),
        "entropy": float(predictive_entropy(measured.posterior).mean()),
        "overconfidence": overconfidence(measured.posterior, labels),
        **latent_geometry(model.class_means.numpy(), measured.latents, labels),
        "reconstruction": reconstruction_error(model, images[:RECONSTRUCTED]),
    }


@torch.no_grad()
def reconstruction_error(model: GenerativeClassifier, images: np.ndarray) -> float:
    """The largest difference of decode(encode(x)) from x, in units of [0, 1]."""
    x = to_unit(images)
    return float((model.decode(model.encode(x)) - x).abs().max())
