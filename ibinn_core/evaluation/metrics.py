"""A model's outputs on images, and its measures."""

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..data.images import to_unit
from ..exploration.geometry import latent_geometry
from ..measures import on
from ..models.preprocessing import NOISE_SEED, UNIFORM, add_noise, bits_per_dim

if TYPE_CHECKING:
    from ..models.classifier import Classifier

BATCH = 500  # images per forward pass
RECONSTRUCTED = 200  # images whose reconstruction is measured


class Measured(NamedTuple):
    """A model's outputs on a set of images.

    Attributes:
        latents: ``(N, L)`` float32, L = D for an invertible model; ``None`` if the model has no latents, or if they
            were not kept.
        log_prob: log q(x) in nats, ``(N,)`` float32; ``None`` for a kind without a likelihood.
        posterior: q(y | x), ``(N, K)`` float32.
    """

    latents: Any
    log_prob: Any
    posterior: np.ndarray

    def of(self, rows: np.ndarray) -> "Measured":
        """The outputs for only some images, given by the indices ``rows``, ``(M,)``."""
        latents, log_prob = (None if values is None else values[rows] for values in self[:2])
        return Measured(latents, log_prob, self.posterior[rows])


def encode_images(model: "Classifier", images: np.ndarray, latents: bool = True) -> Measured:
    """Latents, likelihoods and posteriors of 8-bit images.

    With uniform noise, each image gets different noise. With Gaussian noise, the pixel centres are evaluated (Eq. 42).

    Arguments:
        model: a model in evaluation mode.
        images: uint8 ``(N, H, W, C)``, at least one.
        latents: whether to keep the latents, which take much memory for large sets.

    Raises:
        ValueError: for images of another shape or type.
    """
    import torch

    names = Measured._fields if latents else Measured._fields[1:]
    generator, parts = torch.Generator().manual_seed(NOISE_SEED), []
    for start in range(0, len(images), BATCH):
        x = to_unit(images[start : start + BATCH])
        with torch.no_grad():
            noisy = add_noise(x, UNIFORM, generator) if model.noise == UNIFORM else x
            found = model.evaluate(noisy.to(model.device))
        parts.append({name: found[name].cpu().numpy() for name in names if name in found})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Measured(columns.get("latents"), columns.get("log_prob"), columns["posterior"])


def score_images(model: "Classifier", images: np.ndarray) -> Measured:
    """:func:`encode_images` without the latents."""
    return encode_images(model, images, latents=False)


def metrics(model: "Classifier", images: np.ndarray, labels: np.ndarray, measured: Measured | None = None) -> dict:
    """The numbers that a card has for this kind of model (:data:`ibinn_core.measures.MEASURES`).

    Arguments:
        model: a model in evaluation mode.
        images: the test set, uint8 ``(N, H, W, C)``.
        labels: the images' classes, integers ``(N,)``.
        measured: the result of :func:`encode_images` for these images; by default it is computed.
    """
    import torch

    found = encode_images(model, images) if measured is None else measured
    given: dict = {"posterior": found.posterior, "labels": labels}
    if model.has_likelihood:
        given["bits"] = bits_per_dim(found.log_prob.astype(np.float64), model.config.dims, model.noise)
        given["geometry"] = latent_geometry(cast("Any", model).class_means.cpu().numpy(), found.latents, labels)
    if model.is_invertible:
        x = to_unit(images[:RECONSTRUCTED]).to(model.device)
        with torch.no_grad():
            given["reconstruction"] = float((model.decode(model.encode(x)) - x).abs().max())
    card: dict = {}
    for measure in on("card"):
        if given.keys() >= set(measure.of):  # the number itself may be None
            measure.put(card, measure.compute(given))
    return card
