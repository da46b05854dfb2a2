"""What a card says of a model: everything is measured in float32 on every image of a test set."""

from typing import NamedTuple

import numpy as np
import torch

from ..classifier import GenerativeClassifier
from ..exploration.geometry import latent_geometry
from ..images import to_unit
from ..preprocessing import UNIFORM, add_noise, bits_per_dim
from .calibration import calibration, top_label_error

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


@torch.no_grad()
def encode_images(model: GenerativeClassifier, images: np.ndarray, noise_seed: int = NOISE_SEED, batch: int = 500):
    """Latents, likelihoods and posteriors of 8-bit images ``(N, H, W, C)``.

    A model trained with uniform noise sees dequantised pixels, each image with noise of its own drawn
    from ``noise_seed``; one trained with Gaussian noise sees the pixel centres (Eq. 42).
    """
    generator = torch.Generator().manual_seed(noise_seed)
    parts = []
    for start in range(0, len(images), batch):
        x = to_unit(images[start : start + batch])
        if model.noise == UNIFORM:
            x = add_noise(x, UNIFORM, generator)
        z, log_det = model(x)
        log_prob = model.mixture.log_marginal(z) + log_det
        parts.append([v.numpy() for v in (z, log_prob, model.mixture.log_posterior(z).exp())])
    return Measured(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def measure(model: GenerativeClassifier, images: np.ndarray, labels: np.ndarray, measured: Measured) -> dict:
    """The numbers of a card.

    Arguments:
        images, labels: the test set, uint8 ``(N, H, W, C)`` and integers ``(N,)``.
        measured: the same images, as :func:`encode_images` gives them.

    Returns:
        Plain floats: ``error``; ``bits_per_dim`` (``mean``, ``median``, ``worst``);
        ``calibration_paper`` (``ece``, ``mce``, ``ice``, ``geometric_mean``) and ``calibration_top_label``;
        ``confidence`` (mean top probability); what :func:`latent_geometry` returns; ``reconstruction``
        (largest error of decode(encode(x))).
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
        **latent_geometry(model.class_means.numpy(), measured.latents, labels),
        "reconstruction": reconstruction_error(model, images[:RECONSTRUCTED]),
    }


@torch.no_grad()
def reconstruction_error(model: GenerativeClassifier, images: np.ndarray) -> float:
    """The largest difference of decode(encode(x)) from x, in units of [0, 1]."""
    x = to_unit(images)
    return float((model.decode(model.encode(x)) - x).abs().max())
