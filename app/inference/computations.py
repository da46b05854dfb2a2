"""The computations of models for pages: functions of arrays and a model's id, which run in separate processes.

The functions load the models themselves, from the folders that ``IBINN_CHECKPOINTS`` lists.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

import ibinn_core as ib
from app.answer import Answer, Images
from app.desk import at_once, split_over_cores, within
from app.figures.bayes import histogram
from app.inference import models
from app.inference.bits import bits_per_dim, typical_bits
from app.inference.directions import directions
from app.move_text import PLANE, WAY, from_text
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.image_files import ImageLimits, read_image
from ibinn_core.weight_space import MixedCheckpoint

if TYPE_CHECKING:  # the server needs only the functions' names, so it does not import torch
    from torch import Tensor

    from app.figures.readings import CorruptedImages
    from ibinn_core.models.classifier import GenerativeClassifier

#: The modules that a process imports at its start, so that the first question need not wait for them.
IMPORTED = ("app.inference.computations", "torch", "ibinn_core.models.flow", "ibinn_core.models.classifier")

#: The limits of an uploaded file. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000)

MOSTLY = 0.5  # images with a larger share of values below -0.1 or above 1.1 are scaled for display


@split_over_cores(1)
def evaluate(model: str, images: "np.ndarray | Images | CorruptedImages") -> Answer:
    """A model's answers on 8-bit images ``(N, H, W, C)``, on generated images, or on the steps of a corruption.

    The images are prepared like the test set of the model's card, so a page's numbers can be compared with the card.
    """
    import torch

    pixels, steps = np.asarray(getattr(images, "pixels", images)), getattr(images, "labels", None)
    names = None if steps is None else np.array(steps)
    known, net = _models().by_id(model), _models().load(model)
    with torch.no_grad():
        if not known.has_likelihood:
            posterior = net.evaluate(net.preprocess(pixels))["posterior"].numpy()
            return Answer(model, known.classes, posterior, images=names)
        net = cast("GenerativeClassifier", net)
        z, log_det = net(net.preprocess(pixels))
        # Differences between classes are small beside the shared part: a sum in single precision would lose them.
        shared = (net.mixture.log_base(z) + log_det).double()
        log_likelihood = (net.mixture.scores(z).double() + shared[:, None]).numpy()
        prior = net.mixture.log_weights.double().exp().numpy()
    unclipped = getattr(images, "posterior", None)
    return replace(judged(known, z.numpy(), log_likelihood, prior), images=names, unclipped=unclipped)


def judged(known: Checkpoint, latents: np.ndarray, log_likelihood: np.ndarray, prior: np.ndarray) -> Answer:
    """Applies Bayes' rule to log q(x | y) in nats, ``(N, K)``, and q(y), ``(K,)``; latents are ``(N, D)``."""
    log_joint = log_likelihood + np.log(prior)
    largest = log_joint.max(1, keepdims=True)
    joint = np.exp(log_joint - largest)
    log_prob = largest[:, 0] + np.log(joint.sum(1))
    return Answer(
        known.id,
        known.classes,
        joint / joint.sum(1, keepdims=True),
        latents,
        log_prob,
        log_likelihood,
        tuple(prior.tolist()),
        labels_known=known.gamma != 0,
        **typicality_of(known, log_prob),
    )


def typicality_of(known: Checkpoint, log_prob: np.ndarray) -> dict[str, Any]:
    """The bits/dim and typicality of N images from log q(x) in nats, ``(N,)``, as fields of :class:`Answer`."""
    reference = known.latent["reference"]
    least, most = ib.exploration.typical_range(reference)
    return {
        "bits": bits_per_dim(known, log_prob),
        "p_value": ib.exploration.typicality_p_value(np.nan_to_num(log_prob), reference),
        "is_typical": (least <= log_prob) & (log_prob <= most),
        "typical": typical_bits(known),
    }


def samples(model: str, classes: Sequence[int], temperature: float, center: str, guidance: float, seed: int) -> Images:
    """A sample of each of N classes (Figs. 8 and 14); the n-th noise is the same for all models and classes.

    The temperature is in units of the measured spread of the latents around the class's mean latent
    (``center="empirical"``), or of the spread of the model's own mixture (``"mean"``).
    """
    import torch

    net = _generative(model)
    unit = float(_models().by_id(model).latent["spread"]) if center == "empirical" else 1.0
    noise = torch.randn(len(classes), net.config.dims, generator=torch.Generator().manual_seed(seed))
    return as_pictures(net.sample(list(classes), temperature * unit, center, noise=noise, guidance=guidance))


def walk(model: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> Images:
    """The images that a model decodes along a path between two 8-bit images ``(H, W, C)`` (Fig. 9)."""
    net = _generative(model)
    one, other = net.encode(net.preprocess(np.stack([first, second])))
    return as_pictures(net.decode(ib.exploration.interpolate(one, other, steps, path)))


def moved(model: str, picture: np.ndarray, moves: str, axes: np.ndarray, other: np.ndarray | None = None) -> Images:
    """An 8-bit image ``(H, W, C)`` after moves of its latent.

    Arguments:
        model: id of a model with a likelihood.
        picture: the image.
        moves: the moves, as text in a link (:func:`app.move_text.from_text`). All moves add up.
        axes: directions of the plane of the class means, ``(2, D)``.
        other: the image from which a part is transplanted, if any.
    """
    import torch

    net, named = _generative(model), directions(_models().by_id(model))
    with torch.no_grad():
        start = net.encode(net.preprocess(picture[None]))
        taken = net.mixture.scores(start).argmax(1)
        second = start if other is None else net.encode(net.preprocess(other[None]))
        hybrid = ib.exploration.transplant(start, second, net.class_means)
        parts = {"class": hybrid - start, "style": second - hybrid}

        def direction(name: str) -> "Tensor | np.ndarray":
            if name in PLANE:
                return axes[PLANE.index(name)]
            if name.startswith(WAY):
                centres = net.empirical_class_means
                assert centres is not None  # every saved model has them
                return centres[int(name.removeprefix(WAY))] - centres[taken]
            one = named[name]
            return parts[one.part or "class"] if one.vector is None else one.vector

        z = start.clone()
        for name, amount in from_text(moves).items():
            z += amount * torch.as_tensor(direction(name), dtype=z.dtype)
        return replace(as_pictures(net.decode(z)), posterior=net.mixture.log_posterior(z).exp().numpy())


@at_once
def cross_fade(first: np.ndarray, second: np.ndarray, steps: int) -> Images:
    """Images ``(steps, H, W, C)`` that mix the pixels of two 8-bit images ``(H, W, C)``, without a model."""
    share = np.linspace(0, 1, steps).reshape(-1, 1, 1, 1)
    pixels = np.round((1 - share) * first + share * second).astype(np.uint8)
    return Images(pixels, pixels, np.zeros(steps))


@at_once
def stacked(*images: np.ndarray) -> np.ndarray:
    """Images ``(H, W, C)`` in one array ``(N, H, W, C)``, as :func:`evaluate` takes them."""
    return np.stack(images)


def as_pictures(x: "Tensor") -> Images:
    """Converts decoded images ``(N, C, H, W)``, with pixels from 0 (black) to 1 (white), to 8 bits for the screen.

    If more than half of an image's values are below -0.1 or above 1.1, the image is scaled for display. Its 1st and
    99th percentiles, or 0 and 1 if these are farther out, become black and white.
    """
    import torch

    x = x.nan_to_num(0.5, 0.5, 0.5)
    low, high = x.flatten(1).quantile(torch.tensor([0.01, 0.99]), dim=1)
    low, high = low.clamp(max=0), high.clamp(min=1)
    scaled = (x - low[:, None, None, None]) / (high - low)[:, None, None, None]
    is_scaled = ((x < -0.1) | (x > 1.1)).flatten(1).float().mean(1) > MOSTLY
    pixels = ib.to_uint8(x)
    shown = np.where(is_scaled.numpy()[:, None, None, None], ib.to_uint8(scaled, missing=0.5), pixels)
    return Images(pixels, shown, torch.where(is_scaled, high, 0.0).numpy())


@split_over_cores(1)
def there_and_back(checkpoint_id: str, images: np.ndarray) -> dict[str, np.ndarray]:
    """8-bit images ``(N, H, W, C)`` after encoding and decoding.

    Returns:
        ``images``, uint8 of the same shape; and ``difference``, the largest change of a pixel value in each image,
        ``(N,)``, in units of [0, 1].
    """
    model = _models().load(checkpoint_id)
    there = model.preprocess(images)
    back = model.decode(model.encode(there))
    difference = (back - there).abs().flatten(1).amax(1)
    return {"images": ib.to_uint8(back, missing=0.5), "difference": difference.numpy()}


def attack(checkpoint_id: str, image: np.ndarray, levels: int, weight: float) -> np.ndarray:
    """An 8-bit image ``(H, W, C)`` attacked within ``levels`` grey levels in L∞, away from the model's answer.

    If the ``weight`` (λ) is 0, the attack is plain. Otherwise it is adaptive, and the model needs a
    likelihood: see :func:`ibinn_core.evaluation.attack`.
    """
    from ibinn_core.evaluation import attack as attack_images

    model = _models().load(checkpoint_id)
    x, labels = ib.to_unit(image[None]), model.predict(model.preprocess(image[None]))
    reference = _models().by_id(checkpoint_id).latent["reference"] if weight else None
    return ib.to_uint8(attack_images(model, x, labels, levels, weight=weight, reference=reference))[0]


@within(10)
def decoded_image(data: bytes, side: int, channels: int) -> np.ndarray:
    """The pixels of an image file, uint8 ``(side, side, channels)``; transparent pixels become white.

    Raises:
        ImageError: The file is no image, or exceeds :data:`LIMITS`.
    """
    return read_image(data, side, channels, LIMITS, (255, 255, 255))


@at_once
def held_out(model: str) -> dict[str, list]:
    """Statistics of held-out images at each point of the family's curve, for ``static/live/bayes.js``."""
    member = _models().by_id(model)
    family = ib.family(member.dataset.name)
    every = family.arrays["reference"] + family.arrays["log_prob_mean"].reshape(-1, 1)
    bits = [histogram(bits_per_dim(member, reference)) for reference in every]
    return {
        "mean": every.mean(1, dtype=np.float64).tolist(),
        "threshold": [ib.exploration.typicality_threshold(reference.astype(np.float32)) for reference in every],
        "low": [low for low, _, _ in bits],
        "high": [high for _, high, _ in bits],
        "heights": [heights.tolist() for _, _, heights in bits],
    }


def arrays_of_mixed(checkpoint_id: str) -> dict[str, np.ndarray]:
    """The latent arrays of a mixed model: see :meth:`ibinn_core.weight_space.MixedCheckpoint.arrays_of_model`."""
    mixed = _models().by_id(checkpoint_id)
    assert isinstance(mixed, MixedCheckpoint)
    return MixedCheckpoint.arrays_of_model(mixed)


def _models() -> models.Models:
    """The current models; files are checked, since the server may have noticed a change before this process."""
    return models.current(fresh=0.0)


def _generative(checkpoint_id: str) -> "GenerativeClassifier":
    return cast("GenerativeClassifier", _models().load(checkpoint_id))
