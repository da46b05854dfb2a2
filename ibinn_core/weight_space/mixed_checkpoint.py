"""A model between two checkpoints, as a checkpoint: with the numbers and latents that were measured near it."""

import copy
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checkpoint import Checkpoint
from ..exploration.projection import align, plane_of_means, project
from ..exploration.style import Styles, mix_styles
from .curve import Blend, FamilyError

if TYPE_CHECKING:
    from ..models.classifier import GenerativeClassifier


@dataclass(frozen=True, eq=False)
class MixedCheckpoint(Checkpoint):
    """The model at a γ between two trained ones, with what is known of it without the data set.

    Its card and its latents are interpolated between the two nearest measured places of the family's curve, for the
    test images that the curve has. It has no neighbours and no views but that of the means.
    """

    family: Any = field(kw_only=True, repr=False)  # the :class:`.mixing.Family` to which it belongs
    blend: Blend = field(kw_only=True)  # of which two models, and in which shares

    def load(self, trainable: bool = False) -> "GenerativeClassifier":
        """The model itself, as :meth:`ibinn_core.weight_space.Family.at` gives it."""
        return self.family.at(self.blend.gamma).train(trainable).requires_grad_(trainable)

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """Labels, hashes, posterior, log_prob, reference, means, spread and the view of the means, as a checkpoint's.

        Raises:
            FamilyError: if the curve was measured on other test images.
        """
        arrays = self.family.arrays
        rows, left = arrays["rows"], self.family.member(self.blend.left).latent
        hashes = left["hashes"]
        if rows.max(initial=0) >= len(hashes) or (arrays["hashes"] != hashes[rows]).any():
            raise FamilyError(f"the curve of {self.dataset.name} was measured on other test images: measure it again")
        posterior, mean = self._at_gamma("posterior"), self._at_gamma("log_prob_mean")
        return {
            "labels": left["labels"][rows],
            "hashes": hashes[rows],
            "posterior": (posterior / posterior.sum(1, keepdims=True)).astype(np.float32),
            "log_prob": (self._at_gamma("log_prob") + mean).astype(np.float32),
            "reference": (self._at_gamma("reference") + mean).astype(np.float32),
            **self.arrays_of_model(),
        }

    @cached_property
    def style(self) -> Styles:
        """The directions of style of its two models, interpolated as its weights are, off the span of its own means.

        Raises:
            CheckpointError: if one of the two has no ``style.npz``, or a damaged one.
        """
        left, right = (self.family.member(one).style for one in (self.blend.left, self.blend.right))
        return mix_styles(left, right, self.blend.share).off_span(self.load().class_means.numpy())

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """No rows: it was mixed, not trained."""
        return []

    def _at_gamma(self, name: str) -> np.ndarray:
        """An array of the curve at this γ, between its two nearest places."""
        return self.family.between_places(self.family.arrays[name], self.blend.gamma)

    def arrays_of_model(self) -> dict[str, np.ndarray]:
        """What of :attr:`latent` the weights say: the means, and the view that they span, with the curve's images."""
        model = self.load()
        means = model.class_means.numpy()
        basis = plane_of_means(means, len(means) - 1)
        # The curve's axes are turned from place to place; the means, which are known in both, tell how.
        turn = align(self._at_gamma("class_means"), project(means, basis))
        arrays = {
            "class_means": means.astype(np.float32),
            "means_origin": np.asarray(basis.origin, np.float32),
            "means_directions": np.asarray(basis.directions, np.float32),
            "means_coordinates": (self._at_gamma("coordinates") @ turn).astype(np.float32),
        }
        if model.empirical_class_means is not None:
            arrays["empirical_means"] = model.empirical_class_means.numpy()
        if model.latent_spread is not None:
            arrays["spread"] = np.float32(model.latent_spread)
        return arrays


def mixed_checkpoint(family: Any, blend: Blend) -> MixedCheckpoint:
    """The checkpoint of a mixed model of a family; a FamilyError without a measured curve."""
    if blend.numbers is None:
        raise FamilyError(f"nothing was measured between {blend.left} and {blend.right}: measure the curve first")
    one = family.member(blend.left)
    config = copy.deepcopy(one.config)
    config["training"]["objective"]["gamma"] = blend.gamma
    return MixedCheckpoint(
        f"{one.dataset.id_prefix}gamma-{blend.gamma:.4g}",
        one.path,
        one.objective,
        blend.gamma,
        _card(family, blend),
        config,
        family=family,
        blend=blend,
    )


def _card(family: Any, blend: Blend) -> dict:
    """The measures that the curve has, as on a card."""
    one, other = family.member(blend.left), family.member(blend.right)
    numbers = blend.numbers or {}
    arrays, dims = family.arrays, one.dataset.dims
    log_prob = family.between_places(arrays["log_prob"], blend.gamma)
    # Of the curve's images, whose median lies as far from the mean as that of all.
    median = -float(np.median(log_prob) - log_prob.mean()) / (dims * math.log(2))
    posterior = family.between_places(arrays["posterior"], blend.gamma)
    spread = (1 - blend.share) * one.card["latent_spread"] + blend.share * other.card["latent_spread"]
    return {
        "error": numbers["error"],
        "cross_entropy": numbers["cross_entropy"],
        "calibration_paper": {"ece": numbers["calibration_paper"]},
        "calibration_top_label": numbers["calibration_top_label"],
        "confidence": float(posterior.max(1).mean()),
        "bits_per_dim": {"mean": numbers["bits_per_dim"], "median": numbers["bits_per_dim"] + median},
        "latent_spread": spread,
        "measured": dict(one.card["measured"], command="python -m ibinn_core curve"),
    }
