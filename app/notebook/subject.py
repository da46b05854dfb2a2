"""The subject of a widget: images, a model and its family, and the positions of the images."""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import torch

import ibinn_core as ib
from ibinn_core.checkpoint import CheckpointError, read
from ibinn_core.data.images import check_pixels
from ibinn_core.exploration import Basis, align, project
from ibinn_core.exploration.projection import plane_of_means, principal_components
from ibinn_core.weight_space import Family, FamilyError, MixedCheckpoint, why_not

from ..figures.classes import MAX_CLASSES

if TYPE_CHECKING:
    from ibinn_core.models.classifier import Classifier, GenerativeClassifier

T = TypeVar("T")
BATCH = 1000  # images per forward pass
KEPT_MODELS, KEPT_CLOUDS = 2, 16


class Cloud(NamedTuple):
    """N images under a model with K classes, in the plane of the class means."""

    points: np.ndarray  # float32 (N, 2)
    means: np.ndarray  # float32 (K, 2)
    posterior: np.ndarray  # (N, K)
    bits: np.ndarray  # bits/dim, (N,)


class Plane(NamedTuple):
    """A plane of latent space."""

    origin: np.ndarray  # (D,)
    axes: np.ndarray  # orthonormal, (2, D)

    def place(self, latents: np.ndarray) -> np.ndarray:
        """Projects latents ``(N, D)`` onto the plane, ``(N, 2)``."""
        return project(latents, Basis(*self)).astype(np.float32)


class Track(NamedTuple):
    """The images at the P measured γ of a family's curve."""

    points: np.ndarray  # float32 (P, N, 2)
    means: np.ndarray  # float32 (P, K, 2)


class Subject:
    """Images and the models that evaluate them.

    Arguments:
        model: a model with a likelihood.
        images: uint8 ``(N, H, W, C)``, in the model's shape.
        labels: the images' classes, ``(N,)`` integers from 0 to K - 1; ``None`` if they are unknown.
        classes: names of the K classes. Default: the names in the model's checkpoint, or else numbers.

    Raises:
        UnsupportedError: the model has no likelihood, and therefore no class means.
        ValueError: images, labels or names have wrong shapes or values.

    Attributes:
        family: the model's family, with a measured curve; ``None`` if there is none.
        gamma: γ of ``model``, if it belongs to a family.
        groups: the class that sets each image's colour: its label, or the answer of ``model``.
    """

    def __init__(
        self,
        model: "Classifier",
        images: np.ndarray,
        labels: np.ndarray | Sequence[int] | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        if not model.has_likelihood:
            raise ib.UnsupportedError("there is no plane to show: this model has no class means in its latent space")
        self.model: GenerativeClassifier = model  # pyright: ignore[reportAttributeAccessIssue]
        self.images = np.asarray(images)
        check_pixels(self.images)
        channels, height, width = model.config.image_shape
        if self.images.shape[1:] != (height, width, channels):
            found, wanted = (" x ".join(map(str, s)) for s in (self.images.shape[1:], (height, width, channels)))
            raise ValueError(f"the model takes images of {wanted} (height, width, channels), not of {found}")
        if not len(self.images):
            raise ValueError("there must be at least one image to show")
        self.labels = None if labels is None else _checked(np.asarray(labels), len(self.images), model.num_classes)
        self.family, self.gamma, known = family_of(model)
        self.classes = tuple(classes or known or map(str, range(model.num_classes)))
        if len(self.classes) != model.num_classes:
            raise ValueError(f"the model has {model.num_classes} classes, but {len(self.classes)} are named")
        self._models: OrderedDict[float | None, GenerativeClassifier] = OrderedDict({self.gamma: self.model})
        self._planes: OrderedDict[float | None, Plane] = OrderedDict()
        self._clouds: OrderedDict[float | None, Cloud] = OrderedDict()
        self._encoded: tuple[tuple[int, float | None], torch.Tensor] | None = None
        #: Class means of the given model; the planes of the other models are rotated to match them.
        self._anchors = self._basis(self.gamma)[1]
        first = self.cloud(self.gamma)
        self.groups = first.posterior.argmax(1) if self.labels is None else self.labels

    def at(self, gamma: float | None) -> "GenerativeClassifier":
        """Returns the family's model at γ; at the given model's γ, the given model.

        Raises:
            FamilyError: the family has no model at γ.
        """
        if gamma == self.gamma:
            return self.model
        if self.family is None or gamma is None:
            raise FamilyError("this model has no family with a measured curve, so there is no other γ")
        family = self.family
        return _kept(self._models, gamma, KEPT_MODELS, lambda: family.at(gamma))

    def plane(self, gamma: float | None) -> Plane:
        """Returns the plane of the class means at γ, turned so that classes stay where the given model puts them."""

        def found() -> Plane:
            basis, means = self._basis(gamma)
            turn = align(means, self._anchors)[:, :2]
            return Plane(basis.origin, turn.T @ basis.directions)

        return _kept(self._planes, gamma, KEPT_CLOUDS, found)

    def cloud(self, gamma: float | None) -> Cloud:
        """Computes the cloud of all images at γ."""
        return _kept(self._clouds, gamma, KEPT_CLOUDS, lambda: self._cloud(gamma))

    @torch.no_grad()
    def latents(self, row: int, gamma: float | None) -> torch.Tensor:
        """Computes the latent of one image at γ, ``(1, D)``."""
        if self._encoded is None or self._encoded[0] != (row, gamma):  # dragging needs this latent again and again
            model = self.at(gamma)
            self._encoded = (row, gamma), model.encode(self._given(model, self.images[row : row + 1]))
        return self._encoded[1].clone()

    @torch.no_grad()
    def moved(self, row: int, place: tuple[float, float], gamma: float | None) -> torch.Tensor:
        """Moves the latent of an image to another position in the plane; the rest of the latent stays, ``(1, D)``."""
        shift = np.asarray(place) - self.cloud(gamma).points[row]
        latents = self.latents(row, gamma)
        return latents + torch.from_numpy(shift @ self.plane(gamma).axes).to(latents)

    @torch.no_grad()
    def picture(self, latents: torch.Tensor, gamma: float | None) -> np.ndarray:
        """Decodes a latent ``(1, D)`` to an image, uint8 ``(H, W, C)``."""
        return ib.to_uint8(self.at(gamma).decode(latents))[0]

    @torch.no_grad()
    def posterior(self, latents: torch.Tensor, gamma: float | None) -> np.ndarray:
        """Computes q(y | z) of a latent ``(1, D)``, ``(K,)``."""
        return self.at(gamma).mixture.log_posterior(latents).exp()[0].cpu().numpy()

    @torch.no_grad()
    def evaluate(self, images: np.ndarray, gamma: float | None) -> dict[str, np.ndarray]:
        """Returns the model's answers at γ on images: ``latents``, ``posterior`` and ``bits``."""
        model = self.at(gamma)
        outputs = {name: values.cpu().numpy() for name, values in model.evaluate(self._given(model, images)).items()}
        nats = outputs.pop("log_prob").astype(np.float64)
        return {**outputs, "bits": np.asarray(ib.bits_per_dim(nats, model.config.dims, model.noise))}

    def track(self) -> Track | None:
        """Returns the positions of the images at the measured γ; ``None`` if models must compute them."""
        family = self.family
        if family is None or len(self.classes) > MAX_CLASSES or self.gamma is None:
            return None
        pairs = zip(family.members[:-1], family.members[1:], strict=True)
        if "hashes" not in family.arrays or any(why_not(*pair) for pair in pairs):
            return None
        known = {token: row for row, token in enumerate(family.arrays["hashes"].tolist())}
        rows = np.array([known.get(token, -1) for token in ib.data.pixel_hash(self.images).tolist()])
        if (rows < 0).any():
            return None
        coordinates, means = family.arrays["coordinates"], family.arrays["class_means"]
        turns = [align(one, self._anchors)[:, :2].astype(np.float32) for one in means]
        points = [c[rows].astype(np.float32) @ turn for c, turn in zip(coordinates, turns, strict=True)]
        return Track(np.stack(points), np.stack([one @ turn for one, turn in zip(means, turns, strict=True)]))

    def _cloud(self, gamma: float | None) -> Cloud:
        plane, parts = self.plane(gamma), []
        for first in range(0, len(self.images), BATCH):
            outputs = self.evaluate(self.images[first : first + BATCH], gamma)
            parts.append((plane.place(outputs["latents"]), outputs["posterior"], outputs["bits"]))
        points, posterior, bits = (np.concatenate(one) for one in zip(*parts, strict=True))
        means = self.at(gamma).class_means.cpu().numpy()
        return Cloud(points, plane.place(means), posterior, bits)

    def _basis(self, gamma: float | None) -> tuple[Basis, np.ndarray]:
        """Returns a basis of the span of the class means, at least two-dimensional, and the means in this basis."""
        means = self.at(gamma).class_means.cpu().numpy()
        if len(means) > 2:
            basis = plane_of_means(means, len(means) - 1)
            return basis, project(means, basis)
        latents = self.evaluate(self.images[:BATCH], gamma)["latents"]  # two class means span only a line
        line = means[1] - means[0]
        line = line / np.linalg.norm(line)
        rest = latents - np.outer(latents @ line, line)
        across = principal_components(rest, 1).directions if len(rest) > 1 else _any_across(line)
        basis = Basis(means.mean(0), np.concatenate([line[None], across]))
        return basis, project(means, basis)

    def _given(self, model: "Classifier", images: np.ndarray) -> torch.Tensor:
        return model.preprocess(images)


def family_of(model: "Classifier") -> tuple[Family | None, float | None, tuple[str, ...] | None]:
    """Returns the family with a measured curve that a model belongs to, its γ, and the names of its classes.

    Each of the three is ``None`` if it is unknown, as for a model that was never saved.
    """
    if model.checkpoint is None:
        return None, None, None
    if isinstance(mixed := model.checkpoint, MixedCheckpoint):
        return mixed.family if mixed.family.curve else None, mixed.gamma, mixed.classes
    try:
        checkpoint = read(model.checkpoint.path)
    except CheckpointError:  # its folder was deleted
        return None, None, None
    try:
        family = ib.family(checkpoint.config["data"]["name"], checkpoint.path.parent)
        is_member = checkpoint.path in [member.path for member in family.members]
        if checkpoint.gamma is None or not is_member or not family.curve:
            raise FamilyError("it belongs to no family with a curve")
    except (FamilyError, CheckpointError):
        return None, None, checkpoint.classes
    return family, checkpoint.gamma, checkpoint.classes


def _checked(labels: np.ndarray, count: int, classes: int) -> np.ndarray:
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"labels must be {count} whole numbers from 0 to {classes - 1}, one for each image")
    return labels.astype(int)


def _any_across(line: np.ndarray) -> np.ndarray:
    """Returns a direction orthogonal to ``line``, ``(1, D)``."""
    least = np.eye(1, len(line), int(np.abs(line).argmin()))[0]
    across = least - (least @ line) * line
    return (across / math.sqrt(across @ across))[None]


def _kept(known: "OrderedDict[float | None, T]", gamma: float | None, most: int, find: Callable[[], T]) -> T:
    """Returns a stored value, or computes it. The most recently used values are kept."""
    value = known.pop(gamma) if gamma in known else find()
    known[gamma] = value
    while len(known) > most:
        known.popitem(last=False)
    return value
