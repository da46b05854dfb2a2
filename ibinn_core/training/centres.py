r"""Means for new classes, from where a trained flow already puts their images.

Means that are drawn at random ask the network to move every class. The centres of the classes in the latents of a flow
that knows other classes tell many images apart before the first step, and the likelihood stays what it is.
"""

import numpy as np
import torch
from torch import Tensor

from ..models.classifier import GenerativeClassifier
from ..models.preprocessing import add_noise

IMAGES = 200  # of a class at most; more would move its centre little
# From the centre of all classes to that of one, if the centres are known exactly. A whole step would make the posterior
# far too sure, since classes are wide where their centres differ.
STEP = 0.3
BATCH = 256  # images at a time


@torch.no_grad()
def start_at_centres(
    model: GenerativeClassifier,
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray | None = None,
    noise: str | float = "uniform",
    seed: int = 0,
) -> None:
    r"""Sets the means of the mixture to :math:`\mu_y = c + 0.3\,R\,(c_y - c)`; the flow stays as it is.

    :math:`c_y` is the mean latent of at most 200 random images of the class y, and c the mean of these centres. R
    shrinks each principal direction of the centres to the part of their spread that is not there by chance (James and
    Stein): :math:`\max(0, 1 - q / S_k^2)`, with :math:`S_k` the singular values of the :math:`c_y - c`, and q the
    expected squared distance of a centre from that of all images of its class. A class without images stays as far from
    c as from the mean of all means.

    Arguments:
        model: a flow that is trained or fitted, with the mixture to set.
        images: the training images, uint8 ``(M, H, W, C)``.
        labels: integers ``(M,)``, each below the model's number of classes.
        rows: the indices of the images to use; all if ``None``.
        noise: what is added to the images, as in :func:`ibinn_core.models.preprocessing.add_noise`.
        seed: of the choice of images and of the noise.

    Raises:
        ValueError: if there are no images.
    """
    rows = np.arange(len(images)) if rows is None else rows
    if not len(rows):
        raise ValueError("class means cannot start at the centres of no images: give at least one")
    chosen, generator = _some_of_each_class(rows, labels, seed), torch.Generator().manual_seed(seed)
    means, was_training = model.mixture.means, model.training
    sums, squares = torch.zeros_like(means, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    model.eval()
    for some in np.array_split(chosen, -(-len(chosen) // BATCH)):
        pixels = torch.from_numpy(images[some]).permute(0, 3, 1, 2)
        x = add_noise((pixels.float() + 0.5) / 256, noise, generator)
        z = model.flow(x.to(means.device))[0].double()
        sums.index_add_(0, torch.from_numpy(labels[some].astype(np.int64)).to(sums.device), z)
        squares += z.square().sum().cpu()
    model.train(was_training)
    counts = torch.from_numpy(np.bincount(labels[chosen].astype(np.int64), minlength=len(means))).to(sums)
    means.copy_(_started(means.double(), sums, squares.to(sums), counts))


def _some_of_each_class(rows: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """At most :data:`IMAGES` of the rows of each class, in ascending order."""
    order = np.random.default_rng(seed).permutation(rows)
    return np.sort(np.concatenate([order[labels[order] == y][:IMAGES] for y in np.unique(labels[order])]))


def _started(drawn: Tensor, sums: Tensor, squares: Tensor, counts: Tensor) -> Tensor:
    """The means ``(K, D)``.

    Arguments:
        drawn: the means so far, ``(K, D)``.
        sums: of the latents of each class, ``(K, D)``.
        squares: the sum of the squared lengths of all latents, a scalar.
        counts: of the latents of each class, ``(K,)``.
    """
    present = counts > 0
    centres = sums[present] / counts[present, None]
    middle = centres.mean(0)
    left, spread, right = torch.linalg.svd(centres - middle, full_matrices=False)
    inside = squares - (counts[present] * centres.square().sum(1)).sum()  # squared distances from the centres
    freedom = counts.sum() - present.sum()
    by_chance = (
        inside / freedom * (1 / counts[present]).mean()
    )  # infinite or NaN of one image a class: nothing is known
    certain = (1 - by_chance / spread.square()).nan_to_num(0).clamp(min=0)
    means = middle + drawn - drawn.mean(0)
    means[present] = middle + STEP * (left * (spread * certain)) @ right
    return means
