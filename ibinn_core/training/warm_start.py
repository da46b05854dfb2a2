"""Uses weights of another training: as a start, with means for new classes, or mixed in at the end."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.images import to_unit
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.preprocessing import add_noise
from ..weight_space.mixing import mix_weights
from .sources import weights_of

IMAGES = 200  # most images per class; more would hardly move its centre
# Share of the way from the centre of all classes to that of a class. A full step makes the posterior too confident.
STEP = 0.3
BATCH = 256  # images at a time
BODY = ("flow.", "body.")  # prefixes of weights that do not depend on classes


def warm_start(source: str | Path, model: Classifier) -> bool:
    """Copies the weights of ``source`` to a new model; returns whether parts that depend on classes are new.

    The flow, or the body of a network, is copied completely; raises a ValueError for other shapes. Parts that depend on
    classes are copied if their shapes agree. Parts that the new model does not learn stay unchanged.
    """
    (body, head), (new_body, new_head) = map(_parted, (weights_of(source), model.state_dict()))
    if _shapes(body) != _shapes(new_body):
        raise ValueError(
            f"the weights of {source} are of another kind of model, or of another architecture than --preset"
        )
    fixed = {n: p.data for n, p in model.named_parameters() if n.startswith("mixture.") and not p.requires_grad}
    is_new = _shapes(head) != _shapes(new_head)
    model.load_state_dict(body | (new_head if is_new else head) | fixed)
    return is_new


def _parted(weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Separates the weights of the flow or the body from the others."""
    body = {name: value for name, value in weights.items() if name.startswith(BODY)}
    return body, {name: value for name, value in weights.items() if name not in body}


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()}


@torch.no_grad()
def start_at_centres(
    model: GenerativeClassifier,
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray | None = None,
    noise: str | float = "uniform",
    seed: int = 0,
) -> None:
    r"""Sets the means of the mixture to :math:`\mu_y = c + 0.3\,R\,(c_y - c)`; the flow does not change.

    A flow that was trained on other classes then separates many images before the first step. :math:`c_y` is the mean
    latent of at most 200 random images of the class y, and c the mean of these centres. R scales each principal
    direction of the centres by :math:`\max(0, 1 - q / S_k^2)`, which removes the spread due to chance (James and
    Stein). :math:`S_k` are the singular values of the :math:`c_y - c`. q is the expected squared distance between a
    centre and the mean of all images of its class. The mean of a class without images keeps its offset from the mean of
    all means, but starts from c.

    Arguments:
        model: a trained or fitted flow, with the mixture to set.
        images: the training images, uint8 ``(M, H, W, C)``.
        labels: labels ``(M,)``, integers below the model's number of classes.
        rows: indices of the images to use; all if ``None``. Raises a ValueError if there are none.
        noise: noise for the images, as in :func:`ibinn_core.models.preprocessing.add_noise`.
        seed: seed for the choice of images and for the noise.
    """
    rows = np.arange(len(images)) if rows is None else rows
    if not len(rows):
        raise ValueError("class means start at mean latents of images: give at least one image")
    chosen = _some_of_each_class(rows, labels, seed)
    generator = torch.Generator().manual_seed(seed)
    means, was_training = model.mixture.means, model.training
    sums = torch.zeros_like(means, dtype=torch.float64)
    squares = torch.zeros((), dtype=torch.float64)
    model.eval()
    for some in np.array_split(chosen, -(-len(chosen) // BATCH)):
        x = add_noise(to_unit(images[some]), noise, generator)
        z = model.flow(x.to(means.device))[0].double()
        sums.index_add_(0, torch.from_numpy(labels[some].astype(np.int64)).to(sums.device), z)
        squares += z.square().sum().cpu()
    model.train(was_training)
    counts = torch.from_numpy(np.bincount(labels[chosen].astype(np.int64), minlength=len(means))).to(sums)
    means.copy_(_started(means.double(), sums, squares.to(sums), counts))


def _some_of_each_class(rows: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Picks at most :data:`IMAGES` of the rows of each class, in ascending order."""
    order = np.random.default_rng(seed).permutation(rows)
    return np.sort(np.concatenate([order[labels[order] == y][:IMAGES] for y in np.unique(labels[order])]))


def _started(drawn: Tensor, sums: Tensor, squares: Tensor, counts: Tensor) -> Tensor:
    """Computes the starting means ``(K, D)`` from the randomly ``drawn`` means ``(K, D)``.

    The latents have sums per class ``(K, D)``, the sum of squared lengths, and counts ``(K,)``.
    """
    present = counts > 0
    centres = sums[present] / counts[present, None]
    middle = centres.mean(0)
    left, spread, right = torch.linalg.svd(centres - middle, full_matrices=False)
    inside = squares - (counts[present] * centres.square().sum(1)).sum()  # sum of squared distances from the centres
    freedom = counts.sum() - present.sum()
    by_chance = inside / freedom * (1 / counts[present]).mean()  # infinite or NaN with one image per class
    certain = (1 - by_chance / spread.square()).nan_to_num(0).clamp(min=0)
    means = middle + drawn - drawn.mean(0)
    means[present] = middle + STEP * (left * (spread * certain)) @ right
    return means


def mix_in(model: Classifier, source: str | Path, share: float) -> None:
    """Mixes all weights of a model: (1 - ``share``) of its weights and ``share`` of the weights of ``source``.

    The last epochs, with a falling learning rate, overfit. A model on the straight line between the last weights and an
    earlier trunk has fewer errors than both (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Raises a
    ValueError for weights of another network, or a share that is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share that is mixed in must be above 0 and below 1, not {share}")
    try:
        mix_weights(model, weights_of(source), share)
    except ValueError as error:
        raise ValueError(f"{source} cannot be mixed in: {error}") from error
