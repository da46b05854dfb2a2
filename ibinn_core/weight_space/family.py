r"""A family of models, and the models at any γ between them, with interpolated weights.

Models that start from one training can stay in one basin of the loss (Frankle et al. 2020, Ramé et al. 2023). With the
trained γ :math:`\gamma_0 < \gamma_1 < \dots`, the model at γ between two neighbours has the weights

.. math::
    \theta(\gamma) = (1 - t)\,\theta_i + t\,\theta_{i+1}

where t is linear in log γ. If one neighbour has γ = 0, t is linear in γ. If one has γ = ∞, t is linear in 1/γ. Between
γ = 0 and γ = ∞, t is γ/(1 + γ), half L_Y's weight in the loss. All that training changes is interpolated. The alignment
(:mod:`ibinn_core.layers.alignment`) is interpolated between the nearest points of the curve, where it was fitted.
"""

import copy
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from .. import checkpoint as registry
from ..checkpoint import Checkpoint
from ..exploration.arrays import as_float
from ..exploration.projection import align, plane_of_means, project
from ..exploration.style import Styles, mix_styles
from ..measures import on
from ..models.fields import shown
from .curve import ALIGNMENT, JSON, NUMBERS, Curve, FamilyError, Point, read_arrays, read_curve
from .mixing import mix_weights, root_of, why_not

if TYPE_CHECKING:
    from ..layers import Alignment
    from ..models.classifier import GenerativeClassifier

_KEPT = 4  # most models in memory, each about ten megabytes


class Family:
    """The models of one data set that were trained with the information bottleneck, and the models between them.

    Arguments:
        members: the trained checkpoints; if several have the same γ, the last counts.
        curve_path: the file of the measured curve, which need not exist; ``None`` for no curve.

    Raises a FamilyError if no member has a γ.

    Attributes:
        members: the checkpoints, in ascending order of γ.
        gammas: the trained γ, ascending; they may include 0.0 and ``math.inf``.
    """

    def __init__(self, members: list[Checkpoint], curve_path: Path | None = None) -> None:
        by_gamma = {member.gamma: member for member in members if member.gamma is not None}
        if not by_gamma:
            raise FamilyError("a family needs at least one checkpoint of the objective 'ib'")
        self.gammas = tuple(sorted(by_gamma))
        self.members = [by_gamma[gamma] for gamma in self.gammas]
        self.curve_path = curve_path
        #: A member's model by its id, for mixing; callers never get it.
        self._loaded = lru_cache(_KEPT)(lambda id: cast("GenerativeClassifier", self.member(id).load()))

    def __repr__(self) -> str:
        return f"Family({self.members[0].dataset.name!r}, gammas={self.gammas})"

    def __reduce__(self) -> tuple:  # copies of a mixed model, which refers to its family, share no caches
        return Family, (self.members, self.curve_path)

    @property
    def curve(self) -> list[Point]:
        """The measured points of these checkpoints, in order of γ. Raises a FamilyError if the curve is damaged."""
        return self._stored.places if self._stored else []

    @cached_property
    def _stored(self) -> Curve | None:
        """Reads the file of the curve, if it belongs to these checkpoints."""
        stored = read_curve(self.curve_path)
        if stored is None or stored.checkpoints != self.fingerprints:
            return None
        for point in stored.places:
            if not self.gammas[0] <= point.gamma <= self.gammas[-1]:
                raise FamilyError(
                    f"the curve at {self.curve_path} has points outside the range of the models: measure it again"
                )
        return stored

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the curve (:mod:`.curve`), if any. Raises a FamilyError if they are damaged."""
        if self.curve_path is None or self._stored is None:
            return {}
        dataset = self.members[0].dataset
        return read_arrays(self.curve_path, self._stored, dataset.num_classes, dataset.dims)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """A digest of each member's weights, to compare with the digests in a measured curve."""
        return {member.id: member.manifest[registry.WEIGHTS][:16] for member in self.members}

    def position(self, gamma: float) -> float:
        """The position of γ on a scale with trained models at 0, 1, ...; raises a FamilyError for γ out of range."""
        left, share = self._segment(gamma)
        return left + share

    def gamma_at(self, position: float) -> float:
        """The γ at a position, from 0 to that of the last trained model; the inverse of :meth:`position`."""
        share, left = position % 1, int(position)
        if not share:
            return self.gammas[left]
        low, high = self.gammas[left], self.gammas[left + 1]
        if low == 0:
            return share / (1 - share) if math.isinf(high) else share * high
        if math.isinf(high):
            return low / (1 - share)
        return math.exp((1 - share) * math.log(low) + share * math.log(high))

    def point(self, gamma: float) -> Point:
        """The point of the curve at γ; between two measured points its numbers are linear in the position.

        Raises a FamilyError if γ is outside of the family's range, or if the curve is damaged.
        """
        left, share = self._segment(gamma)
        here = left + share
        ids = (self.members[left].id, self.members[left + bool(share)].id)
        numbers = dict.fromkeys(NUMBERS, math.nan)
        for name in NUMBERS if self.curve else ():
            numbers[name] = float(self._between([getattr(point, name) for point in self.curve], here))
        measured = any(math.isclose(here, position, abs_tol=1e-9) for position in self._positions)
        return Point(float(gamma), *ids, share, **numbers, measured=measured)

    def at(self, gamma: float) -> "GenerativeClassifier":
        """The model at γ: evaluation mode, float32, without gradients. Its ``checkpoint`` is from :meth:`checkpoint`.

        Arguments:
            gamma: from the smallest trained γ to the largest; ``math.inf`` for only L_Y.

        Raises:
            FamilyError: for a γ outside of this range, or between two models that cannot be mixed.
            CheckpointError: if a checkpoint cannot be used.

        Example:
            >>> model = ib.family("cifar10").at(9.5)
            >>> model.predict(ib.to_unit(ib.data.sample()[0])).shape, model.checkpoint.gamma
            (torch.Size([20]), 9.5)
        """
        return cast("GenerativeClassifier", self.checkpoint(gamma).load())

    def checkpoint(self, gamma: float) -> Checkpoint:
        """The checkpoint at γ: a trained model's, or a :class:`MixedCheckpoint`. Raises the errors of :meth:`at`.

        Example:
            >>> ib.family("mnist").checkpoint(2).id
            'mnist-gamma-2'
        """
        point = self.point(gamma)
        one = self.member(point.left)
        if not point.share:
            return one
        if reason := why_not(one, self.member(point.right)):
            raise FamilyError(f"there is no model at gamma {gamma:g}: {reason}")
        config = copy.deepcopy(one.config)
        config["training"]["objective"]["gamma"] = point.gamma
        name = f"{one.dataset.id_prefix}gamma-{point.gamma:.4g}"
        card = self._card(point)
        return MixedCheckpoint(name, one.path, one.objective, point.gamma, card, config, family=self, point=point)

    def member(self, checkpoint_id: str) -> Checkpoint:
        """The trained model with this id; raises a FamilyError if the family has no such model."""
        for member in self.members:
            if member.id == checkpoint_id:
                return member
        raise FamilyError(f"{checkpoint_id} is not a member of this family")

    @cached_property
    def _positions(self) -> list[float]:
        """Returns the positions of the curve's points."""
        return [self.position(point.gamma) for point in self.curve]

    def _segment(self, gamma: float) -> tuple[int, float]:
        """Returns the index of the trained γ at or below ``gamma``, and the share of the next."""
        low, high = self.gammas[0], self.gammas[-1]
        value = math.nan if isinstance(gamma, bool) else as_float(gamma)
        if not low <= value <= high:
            raise FamilyError(
                f"gamma must be a number from {low:g} to {high:g}, the range of the models, not {shown(gamma)}"
            )
        left = bisect_right(self.gammas, value) - 1
        if value == self.gammas[left]:
            return left, 0.0
        low, high = self.gammas[left : left + 2]
        if low == 0:
            share = value / (1 + value) if math.isinf(high) else value / high
        elif math.isinf(high):
            share = 1 - low / value
        else:
            share = math.log(value / low) / math.log(high / low)
        return (left + 1, 0.0) if share == 1 else (left, share)  # the share may round to 1

    def _around(self, position: float) -> tuple[int, int, float]:
        """Returns the two points of the curve around a position, and the share of the second."""
        positions = self._positions
        if not positions:
            raise FamilyError("nothing was measured between the models of this family: measure the curve first")
        above = min(max(1, bisect_right(positions, position)), len(positions) - 1)
        below = max(0, above - 1)
        low, high = positions[below], positions[above]
        return below, above, min(1.0, max(0.0, (position - low) / (high - low))) if low < high else 0.0

    def _between(self, values: Sequence | np.ndarray, position: float) -> np.ndarray:
        """Interpolates values of the curve's points ``(P, ...)`` at a position, linearly between two points."""
        below, above, share = self._around(position)
        first, second = (np.asarray(values[n], np.float64) for n in (below, above))
        return (1 - share) * first + share * second

    def _card(self, point: Point) -> dict:
        """Returns the numbers of a point as on a card, which is empty without a measured curve."""
        if not self.curve:
            return {}
        one, other = self.member(point.left), self.member(point.right)
        position = self.position(point.gamma)
        log_prob = self._between(self.arrays["log_prob"], position)
        posterior = self._between(self.arrays["posterior"], position)
        # The distance of the median from the mean is estimated on the curve's images.
        median = -float(np.median(log_prob) - log_prob.mean()) / (one.dataset.dims * math.log(2))
        spread = (1 - point.share) * one.card["latent_spread"] + point.share * other.card["latent_spread"]
        card = {
            "confidence": float(posterior.max(1).mean()),
            "bits_per_dim": {"median": point.bits_per_dim + median},
            "latent_spread": spread,
            "measured": dict(one.card["measured"], command="python -m ibinn_core curve"),
        }
        for measure in on("curve"):
            if not math.isnan(number := getattr(point, measure.curve_name)):
                measure.put(card, number)
        return card

    def _mix(self, point: Point) -> "GenerativeClassifier":
        import torch

        left, right = self._loaded(point.left), self._loaded(point.right)
        model = copy.deepcopy(left)
        try:
            mix_weights(model, right.state_dict(), point.share)
        except ValueError as error:
            raise FamilyError(f"{point.left} and {point.right} do not mix: {error}") from error
        if model.alignment is not None:
            self._set_alignment(model, model.alignment, point.gamma)
        if left.empirical_class_means is not None and right.empirical_class_means is not None:
            means = torch.lerp(left.empirical_class_means, right.empirical_class_means, point.share)
            model.empirical_class_means = means
        if left.latent_spread is not None and right.latent_spread is not None:
            model.latent_spread = (1 - point.share) * left.latent_spread + point.share * right.latent_spread
        return model

    def _set_alignment(self, model: "GenerativeClassifier", alignment: "Alignment", gamma: float) -> None:
        """Interpolates the alignment between the curve's nearest points."""
        import torch

        if self.curve:
            if "alignment_matrix" not in self.arrays:
                raise FamilyError("the models are aligned, but their curve has no alignments: measure it again")
            below, above, share = self._around(self.position(gamma))
            for name in ALIGNMENT:
                first, second = (torch.from_numpy(self.arrays[f"alignment_{name}"][n]) for n in (below, above))
                getattr(alignment, name).copy_(torch.lerp(first, second, share))
        try:
            alignment.derive()
        except (RuntimeError, ValueError) as error:  # the two neighbours' matrices are damaged
            raise FamilyError(f"the curve at {self.curve_path} holds an alignment that cannot be undone") from error
        model.set_alignment(alignment)


@dataclass(frozen=True, eq=False)
class MixedCheckpoint(Checkpoint):
    """The model at a γ between two trained models, as a checkpoint without a folder.

    Its card, and the latents of the curve's test images, are interpolated between two points of the family's curve. The
    checkpoint has no nearest neighbours, and its only view is that of the means.
    """

    family: Family = field(kw_only=True, repr=False)
    point: Point = field(kw_only=True)

    def load(self, trainable: bool = False) -> "GenerativeClassifier":
        """The model, mixed again at each call; ``trainable`` as in :func:`ibinn_core.load`."""
        model = self.family._mix(self.point)
        model.checkpoint = self
        return model.train(trainable).requires_grad_(trainable)

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """Some of a checkpoint's arrays; raises a FamilyError without a curve of the trained models' test images."""
        posterior, mean = self._at_gamma("posterior"), self._at_gamma("log_prob_mean")
        rows = self.family.arrays["rows"]
        left = self.family.member(self.point.left).latent
        hashes = left["hashes"]
        if rows.max(initial=0) >= len(hashes) or (self.family.arrays["hashes"] != hashes[rows]).any():
            raise FamilyError(f"the curve of {self.dataset.name} was measured on other test images: measure it again")
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
        """The interpolated styles of the two models, made orthogonal to the span of the mixed model's class means."""
        left, right = (self.family.member(one).style for one in (self.point.left, self.point.right))
        return mix_styles(left, right, self.point.share).off_span(self.load().class_means.numpy())

    def _at_gamma(self, name: str) -> np.ndarray:
        """Returns an array of the curve at this γ."""
        return self.family._between(self.family.arrays.get(name, ()), self.family.position(self.point.gamma))

    def arrays_of_model(self) -> dict[str, np.ndarray]:
        """The part of :attr:`latent` that needs the weights: the means and their plane."""
        model = self.load()
        means = model.class_means.numpy()
        basis = plane_of_means(means, len(means) - 1)
        # The curve's axes turn from point to point; the means determine the rotation.
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


def family(data: str = "cifar10", folder: str | Path | None = None) -> Family:
    """The family of a data set: its models trained with the information bottleneck, and the models between them.

    Arguments:
        data: the data set's name, as :attr:`ibinn_core.data.Dataset.name` has it.
        folder: the folder of the checkpoints; if ``None``, all of :func:`ibinn_core.checkpoint.folders`.

    Raises:
        FamilyError: if the data set has no such models.

    Example:
        >>> ib.family("cifar10")
        Family('cifar10', gammas=(0.0, 0.02, 0.2, 1.0, 35.65, inf))
    """
    readable, _ = registry.scan(folder)
    members = [c for c in readable if c.config["data"]["name"] == data and c.objective == "ib" and c.has_likelihood]
    if not members:
        known = sorted({c.config["data"]["name"] for c in readable}) or ["none"]
        raise FamilyError(f"there is no family of models of {data!r}; data sets with models: {', '.join(known)}")
    # Of members with equal γ, the last is kept: it shares its origin with most members, or is in the first folder.
    roots = [root_of(member) for member in members]
    rank = {path: -n for n, path in enumerate(registry.folders())}
    members.sort(key=lambda one: (roots.count(root_of(one)), rank.get(one.path.parent, 0), one.id))
    return Family(members, members[-1].path.parent / f"{data}{JSON}")
