r"""The choice of σ (Appendix D.1, Fig. 10): models that differ only in the noise of their training.

Nothing is trained here: :func:`study` measures one model, and :func:`slopes` compares several.
"""

import math
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from ..data.images import to_unit
from ..files import write_text
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.objectives import l_x
from ..models.preprocessing import UNIFORM, Noise, add_noise, bits_per_dim
from .measure import NOISE_SEED, known, score_images
from .scores import cross_information


class Study(NamedTuple):
    """One model of Fig. 10."""

    sigma: Noise  # of its training noise in units of [0, 1], or "uniform"
    # The test losses in nats, means over images with that noise (Eqs. 5 and 7, hard labels); l_y is to be maximised
    l_x: float
    l_y: float
    error: float  # from 0 to 1, of images as for a card
    bits_per_dim: float  # of those images (Eq. 42).
    cross_information: float  # the approximation of CI(X, Z_E) in nats (Eq. 38).


def study(model: Classifier, images: np.ndarray, labels: np.ndarray, batch: int = 500) -> Study:
    """Measures a model on test images, uint8 ``(N, H, W, C)`` with labels ``(N,)``, in the noise of its training.

    Raises:
        ValueError: for a model without a likelihood.
    """
    if not isinstance(model, GenerativeClassifier):
        raise ValueError("CI(X, Z_E) needs a model with a likelihood, which this one is not.")
    scores, dims = score_images(model, images), model.config.dims
    log_prob = known(scores.log_prob, "likelihoods")
    nll, log_posterior = _losses(model, images, labels, batch)
    return Study(
        sigma=model.noise,
        l_x=float(nll.mean()),
        l_y=float(log_posterior.mean()),
        error=float((scores.posterior.argmax(1) != labels).mean()),
        bits_per_dim=float(bits_per_dim(log_prob.astype(np.float64), dims, model.noise).mean()),
        cross_information=cross_information(-nll, dims, model.noise),
    )


def slopes(studies: list[Study], dims: int) -> list[float | None]:
    """The slope of CI from each σ to the next, as a multiple of that of I(X, Z_E) for small σ (Fig. 10, right).

    For any model I(X, Z_E) falls by d when σ grows by a factor of e, since h(Z_E | Z) grows by d (Eq. 38): a slope of 1
    means that the approximation holds there. The studies are by growing σ; the last one, and those of uniform noise,
    have no slope. An image has ``dims`` values, d.
    """
    found: list[float | None] = []
    for this, following in zip_longest(studies, studies[1:]):
        if following is None or this.sigma == following.sigma:
            found.append(None)
            continue
        if isinstance(this.sigma, str) or isinstance(following.sigma, str):  # uniform noise
            found.append(None)
            continue
        fall = this.cross_information - following.cross_information
        found.append(fall / (dims * math.log(following.sigma / this.sigma)))
    return found


def ordered(studies: dict[str, Study]) -> dict[str, Study]:
    """By growing σ, uniform noise last."""
    return dict(sorted(studies.items(), key=lambda item: (item[1].sigma == UNIFORM, _number(item[1].sigma), item[0])))


def write_studies(studies: dict[str, Study], dims: int, path: Path) -> None:
    """Writes, whole or not at all, a CSV file with the studies and slopes, a row for each model, as :func:`ordered`."""
    studies = ordered(studies)
    rows = list(studies.values())
    table = pd.DataFrame(rows, pd.Index(studies, name="model"), Study._fields).assign(slope=slopes(rows, dims))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, table.to_csv(lineterminator="\n"))


@torch.no_grad()
def _losses(model: GenerativeClassifier, images: np.ndarray, labels: np.ndarray, batch: int) -> tuple[np.ndarray, ...]:
    """L_X and L_Y of each image under the training's noise, float64 ``(N,)`` both, in nats."""
    generator, parts = torch.Generator().manual_seed(NOISE_SEED), []
    for start in range(0, len(images), batch):
        z, log_det = model(add_noise(to_unit(images[start : start + batch]), model.noise, generator))
        truth = torch.from_numpy(np.asarray(labels[start : start + batch], dtype=np.int64))
        log_posterior = model.mixture.log_posterior(z).gather(1, truth[:, None]).squeeze(1)
        parts.append([v.double().numpy() for v in (l_x(model.mixture, z, log_det), log_posterior)])
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _number(sigma: Noise) -> float:
    return math.inf if isinstance(sigma, str) else sigma
