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
# From the centre of all classes to that of one. A whole step would make the posterior far too sure, since classes are
# wide where their centres differ, and of 200 latents even the centre of noise lies apart.
STEP = 0.3
BATCH = 256  # images at a time


@torch.no_grad()
def start_at_centres(
    model: GenerativeClassifier,
    images: np.ndarray,
    labels: np.ndarray,
    noise: str | float = "uniform",
    seed: int = 0,
) -> None:
    r"""Sets the means of the mixture to :math:`\mu_y = c + 0.3\,(c_y - c)`.

    :math:`c_y` is the mean latent of at most 200 images of the class y, drawn at random, and c the mean of these
    centres. A class without images is put at c. The flow stays as it is.

    Arguments:
        model: a flow that is trained or fitted, with the mixture to set.
        images: the training images, uint8 ``(M, H, W, C)``.
        labels: integers ``(M,)``, each below the model's number of classes.
        noise: what is added to the images, as in :func:`ibinn_core.models.preprocessing.add_noise`.
        seed: of the choice of images and of the noise.

    Raises:
        ValueError: if there are no images.
    """
    if not len(images):
        raise ValueError("class means cannot start at the centres of no images: give at least one")
    chosen, generator = _some_of_each_class(labels, seed), torch.Generator().manual_seed(seed)
    means, was_training = model.mixture.means, model.training
    sums = torch.zeros_like(means, dtype=torch.float64)
    model.eval()
    for rows in np.array_split(chosen, -(-len(chosen) // BATCH)):
        pixels = torch.from_numpy(images[rows]).permute(0, 3, 1, 2)
        x = add_noise((pixels.float() + 0.5) / 256, noise, generator)
        z, _ = model.flow(x.to(means.device))
        sums.index_add_(0, torch.from_numpy(labels[rows].astype(np.int64)).to(sums.device), z.double())
    model.train(was_training)
    counts = torch.from_numpy(np.bincount(labels[chosen].astype(np.int64), minlength=len(means))).to(sums.device)
    means.copy_(_shrunk(sums, counts))


def _some_of_each_class(labels: np.ndarray, seed: int) -> np.ndarray:
    """The indices of at most :data:`IMAGES` images of each class, in ascending order."""
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(np.concatenate([order[labels[order] == y][:IMAGES] for y in np.unique(labels)]))


def _shrunk(sums: Tensor, counts: Tensor) -> Tensor:
    """The means, from the sums ``(K, D)`` of the latents of each class and their numbers ``(K,)``."""
    centres = sums / counts.clamp(min=1)[:, None]
    middle = centres[counts > 0].mean(0)
    return torch.where((counts > 0)[:, None], middle + STEP * (centres - middle), middle)
