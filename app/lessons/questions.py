"""Questions to models that only lessons ask."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import ibinn_core as ib
from app.desk import at_once
from app.inference import models
from app.inference.computations import evaluate
from ibinn_core.exploration.counterfactual import on_top


@dataclass(frozen=True)
class Moved:
    """An image after each of N moves of its latent."""

    pixels: np.ndarray  # clipped to the range of pixel values, uint8 (N, H, W, C)
    posterior: np.ndarray  # posterior of the moved latents, (N, K)
    saved: np.ndarray  # posterior of the pixels, encoded again, (N, K)
    alpha: float = np.nan  # α*: share of the way between two centres after which the target class wins


def moved_by_style(model: str, image: np.ndarray, style: str, steps: Sequence[float]) -> Moved:
    """Moves an 8-bit image ``(H, W, C)`` along a style by ``steps`` standard deviations."""
    styles = models.current(fresh=0.0).by_id(model).style
    return _decoded(model, _latent(model, image) + np.outer(steps, styles.directions[styles.names.index(style)]))


def moved_to_class(model: str, image: np.ndarray, target: str, ways: Sequence[float]) -> Moved:
    """Moves an 8-bit image ``(H, W, C)`` by ``ways`` times α* in the direction from its class's centre to the target's.

    See Section 4.3 on counterfactuals. :func:`ibinn_core.exploration.counterfactual.on_top` defines α*.
    """
    checkpoint, start = models.current(fresh=0.0).by_id(model), _latent(model, image)
    to, scores = checkpoint.classes.index(target), _scores(model, start)
    centres, means = (checkpoint.latent[name].astype(np.float64) for name in ("empirical_means", "class_means"))
    direction = centres[to] - centres[scores.argmax()]
    alpha, _ = on_top(scores, (means @ direction)[None], np.array([to]))
    return _decoded(model, start + np.outer(ways, alpha[0] * direction), float(alpha[0]))


@at_once
def landscape(model: str, scales: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Computes the mean distance of two class means and the test loss, up to a constant, at ``scales`` of the means."""
    return ib.evaluation.landscape_of(models.current().by_id(model), np.array(scales))


def _latent(model: str, image: np.ndarray) -> np.ndarray:
    """Computes the latent of an 8-bit image ``(H, W, C)``, float64 ``(1, D)``."""
    net = models.current(fresh=0.0).load(model)
    return net.encode(net.preprocess(image[None])).detach().numpy().astype(np.float64)


def _scores(model: str, latents: np.ndarray) -> np.ndarray:
    """Computes z·μ_k - ‖μ_k‖²/2 + w_k of latents ``(N, D)``; the result is ``(N, K)``."""
    latent = models.current(fresh=0.0).by_id(model).latent
    means = latent["class_means"].astype(np.float64)
    return latents @ means.T - np.square(means).sum(1) / 2 + latent.get("log_weights", 0.0)


def _decoded(model: str, latents: np.ndarray, alpha: float = np.nan) -> Moved:
    import torch

    with torch.no_grad():
        images = models.current(fresh=0.0).load(model).decode(torch.from_numpy(latents.astype(np.float32)))
    scores = _scores(model, latents)
    likely = np.exp(scores - scores.max(1, keepdims=True))
    pixels = ib.to_uint8(images, missing=0.5)
    return Moved(pixels, likely / likely.sum(1, keepdims=True), evaluate(model, pixels).posterior, alpha)
