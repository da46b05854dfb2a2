r"""Between the models of a family: a model at any γ, by mixing the weights of its two neighbours.

Models that start from one training can stay in one basin of the loss (Frankle et al. 2020), and the weights of models
of different objectives mix into models of objectives between them (Ramé et al. 2023). With the trained γ
:math:`\gamma_0 < \gamma_1 < \dots`, the model at γ between two neighbours has the weights

.. math::
    \theta(\gamma) = (1 - t)\,\theta_i + t\,\theta_{i+1}

with t linear in log γ; if one neighbour has γ = 0, linear in γ; if one has γ = ∞, linear in 1/γ; and between these two
t is γ/(1 + γ), the weight of L_Y in the loss. Kernels, scales and shifts, the statistics of batch norms and the class
means from before the alignment are mixed. The alignment (:mod:`ibinn_core.layers.alignment`) is interpolated between
the nearest places of the curve where it was fitted. Whitening and rotations, which are never trained, must be the same
in both.
"""

import copy
import hashlib
import math
import threading
from bisect import bisect_right
from collections import OrderedDict
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import checkpoint as registry
from ..checkpoint.origin import origin_of
from ..models.config import TrainingConfig
from .curve import ALIGNMENT, JSON, NUMBERS, Blend, FamilyError, Place, arrays_path, read_arrays, read_curve

if TYPE_CHECKING:
    from torch import nn

    from ..layers import Alignment
    from ..models.classifier import GenerativeClassifier

_KEPT = 4  # models that stay in memory, each about ten megabytes


class Family:
    """The models of one data set that were trained with the information bottleneck, and the models between them.

    Arguments:
        members: their checkpoints; of several with one γ the last is taken.
        curve_path: the file of the measured curve, which need not exist; ``None`` for no curve.

    Raises:
        FamilyError: without a member that has a γ.

    Attributes:
        members: the checkpoints, by γ.
        gammas: the trained γ, ascending; they may include 0.0 and ``math.inf``.
    """

    def __init__(self, members: list[registry.Checkpoint], curve_path: Path | None = None) -> None:
        by_gamma = {member.gamma: member for member in members if member.gamma is not None}
        if not by_gamma:
            raise FamilyError("a family needs at least one checkpoint of the objective 'ib'")
        self.gammas = tuple(sorted(by_gamma))
        self.members = [by_gamma[gamma] for gamma in self.gammas]
        self.curve_path = curve_path
        self._models: OrderedDict[str, GenerativeClassifier] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def curve(self) -> list[Place]:
        """The measured places, by γ; empty if nothing was measured, or other checkpoints were measured.

        Raises:
            FamilyError: for a damaged file.
        """
        return [] if self._stored is None else self._stored["places"]

    @cached_property
    def _stored(self) -> dict | None:
        """What the file of the curve says, if it is of these checkpoints."""
        stored = read_curve(self.curve_path)
        if stored is None or stored["checkpoints"] != self.fingerprints:
            return None
        for place in stored["places"]:
            if not self.gammas[0] <= place.gamma <= self.gammas[-1]:
                raise FamilyError(f"the curve at {self.curve_path} has places where no model is: measure it again")
        return stored

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of ``<data set>.curve.npz`` (:mod:`.curve` lists them); empty without a curve.

        Raises:
            FamilyError: for a damaged file.
        """
        if self.curve_path is None or self._stored is None or not self.curve:
            return {}
        first, sha256 = self.members[0], self._stored.get("arrays_sha256")
        path, classes = arrays_path(self.curve_path), len(first.classes)
        return read_arrays(path, len(self.curve), classes, first.dataset.dims, sha256)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """A digest of each member's weights, by its id: they tell on which models a curve was measured."""
        return {m.id: hashlib.sha256((m.path / registry.WEIGHTS).read_bytes()).hexdigest()[:16] for m in self.members}

    def position(self, gamma: float) -> float:
        """The position of γ on a scale that numbers the trained ones from 0; a FamilyError for a γ outside of it."""
        left, share = self._place(gamma)
        return left + share

    def gamma_at(self, position: float) -> float:
        """The γ at a position; the inverse of :meth:`position`, which raises the same."""
        last = len(self.members) - 1
        if not isinstance(position, Real) or not 0 <= position <= last:
            raise FamilyError(f"a position must be from 0 to {last}, not {position!r}")
        left = min(int(position), last)
        share = position - left
        if not share:
            return self.gammas[left]
        low, high = self.gammas[left], self.gammas[left + 1]
        if low == 0:
            return share / (1 - share) if math.isinf(high) else share * high
        if math.isinf(high):
            return low / (1 - share)
        return math.exp((1 - share) * math.log(low) + share * math.log(high))

    def blend(self, gamma: float) -> Blend | None:
        """The two models from which the one at γ is mixed, and its measures; ``None`` at a trained γ."""
        left, share = self._place(gamma)
        return self._blend(gamma, left, share) if share else None

    def numbers(self, gamma: float) -> tuple[dict[str, float] | None, bool]:
        """The measures of the model at γ (:data:`NUMBERS`), and whether they were measured at exactly this γ.

        Between two places of the curve they are interpolated linearly in the position; ``None`` without a curve. Raises
        as :meth:`position` does.
        """
        here, positions = self.position(gamma), self._positions
        if not positions:
            return None, False
        values = {name: [getattr(place, name) for place in self.curve] for name in NUMBERS}
        numbers = {name: float(np.interp(here, positions, column)) for name, column in values.items()}
        return numbers, any(math.isclose(here, position, abs_tol=1e-9) for position in positions)

    def at(self, gamma: float) -> "GenerativeClassifier":
        """The model at γ: evaluation mode, float32, without gradients; its ``blend`` says how it was mixed.

        Arguments:
            gamma: from the smallest trained γ to the largest; ``math.inf`` for only L_Y.

        Raises:
            FamilyError: for a γ outside this range, or between two models that do not mix.
            CheckpointError: if a checkpoint cannot be used.

        Example:
            >>> model = ib.family("cifar10").at(9.5)
            >>> model.predict(ib.to_unit(ib.data.sample()[0])).shape, model.blend.gamma
            (torch.Size([20]), 9.5)
        """
        left, share = self._mixing_place(gamma)
        if not share:
            return _load(self.members[left])
        return self._mix(self.members[left], self.members[left + 1], share, self.blend(gamma))

    def checkpoint(self, gamma: float) -> registry.Checkpoint:
        """The checkpoint at γ: the trained model's own, or a :class:`.MixedCheckpoint` with interpolated numbers.

        Raises:
            FamilyError: as for :meth:`at`, and between trained ones without a measured curve.

        Example:
            >>> family = ib.family("cifar10")
            >>> family.checkpoint(1).id, family.checkpoint(9.5).id
            ('gamma-1', 'gamma-9.5')
        """
        from .mixed_checkpoint import mixed_checkpoint

        left, share = self._mixing_place(gamma)
        if not share:
            return self.members[left]
        return mixed_checkpoint(self, self._blend(gamma, left, share))

    def member(self, checkpoint_id: str) -> registry.Checkpoint:
        """The trained model with an id; a FamilyError if the family has none with it."""
        for member in self.members:
            if member.id == checkpoint_id:
                return member
        raise FamilyError(f"{checkpoint_id} is no member of this family")

    def between_places(self, values: np.ndarray, gamma: float) -> np.ndarray:
        """What was measured at each place of the curve, ``values`` (P, ...), at γ: linear in the position.

        Raises:
            FamilyError: as :meth:`position` does, or without a curve.
        """
        here, positions = self.position(gamma), self._positions
        if not positions:
            raise FamilyError("nothing was measured between the models of this family: measure the curve first")
        above = min(max(1, bisect_right(positions, here)), len(positions) - 1)
        low, high = positions[above - 1], positions[above]
        share = min(1.0, max(0.0, (here - low) / (high - low)))
        first, second = (np.asarray(values[n], np.float64) for n in (above - 1, above))
        return (1 - share) * first + share * second

    @cached_property
    def _positions(self) -> list[float]:
        """Those of the curve's places."""
        return [self.position(place.gamma) for place in self.curve]

    def _blend(self, gamma: float, left: int, share: float) -> Blend:
        numbers, measured = self.numbers(gamma)
        return Blend(gamma, self.members[left].id, self.members[left + 1].id, share, numbers, measured)

    def _place(self, gamma: float) -> tuple[int, float]:
        """The index of the trained γ at or below ``gamma``, and the share of the next."""
        gammas = self.gammas
        if isinstance(gamma, bool) or not isinstance(gamma, (int, float, np.integer, np.floating)) or gamma != gamma:
            raise FamilyError(f"gamma must be a number from {gammas[0]:g} to {gammas[-1]:g}, not {gamma!r}")
        try:
            gamma = float(gamma)
        except OverflowError:
            raise FamilyError("gamma must be a number that a float can hold, or math.inf for only L_Y") from None
        if not gammas[0] <= gamma <= gammas[-1]:
            raise FamilyError(f"gamma must be from {gammas[0]:g} to {gammas[-1]:g}, where models are, not {gamma:g}")
        left = bisect_right(gammas, gamma) - 1
        low = gammas[left]
        if gamma == low:
            return left, 0.0
        high = gammas[left + 1]
        if low == 0:
            share = gamma / (1 + gamma) if math.isinf(high) else gamma / high
        elif math.isinf(high):
            share = 1 - low / gamma
        else:
            share = math.log(gamma / low) / math.log(high / low)
        return (left + 1, 0.0) if share == 1 else (left, share)  # where a float tells it from 1 no more

    def _mixing_place(self, gamma: float) -> tuple[int, float]:
        """The same; a FamilyError between two models that do not mix."""
        left, share = self._place(gamma)
        reason = why_not(self.members[left], self.members[left + 1]) if share else None
        if reason is not None:
            raise FamilyError(f"there is no model at gamma {gamma:g}: {reason}")
        return left, share

    def _mix(
        self, one: registry.Checkpoint, other: registry.Checkpoint, share: float, blend: Blend | None
    ) -> "GenerativeClassifier":
        import torch

        left, right = self._loaded(one), self._loaded(other)
        _check_fixed(one, other, left, right)
        model = copy.deepcopy(left)
        first, second = left.state_dict(), right.state_dict()
        with torch.no_grad():
            own = model.state_dict()
            for name in mixed_names(model):
                own[name].copy_(torch.lerp(first[name], second[name], share))
        if model.alignment is not None:
            self._set_alignment(model, model.alignment, self.members.index(one) + share)
        if left.empirical_class_means is not None and right.empirical_class_means is not None:
            model.empirical_class_means = torch.lerp(left.empirical_class_means, right.empirical_class_means, share)
        if left.latent_spread is not None and right.latent_spread is not None:
            model.latent_spread = (1 - share) * left.latent_spread + share * right.latent_spread
        model.blend, model.checkpoint = blend, None
        return model.requires_grad_(False).eval()

    def _set_alignment(self, model: "GenerativeClassifier", alignment: "Alignment", position: float) -> None:
        """Interpolates the alignment between the nearest places where one was fitted, if there are such."""
        import torch

        positions = self._positions
        above = bisect_right(positions, position)
        if positions and not all(f"alignment_{name}" in self.arrays for name in ALIGNMENT):
            raise FamilyError("the models are aligned, and the measured curve is not: measure it again")
        if 0 < above < len(positions):
            low, high = positions[above - 1], positions[above]
            for name in ALIGNMENT:
                first, second = (torch.from_numpy(self.arrays[f"alignment_{name}"][n]) for n in (above - 1, above))
                getattr(alignment, name).copy_(torch.lerp(first, second, (position - low) / (high - low)))
        alignment.derive()
        model.set_alignment(alignment)

    def _loaded(self, member: registry.Checkpoint) -> "GenerativeClassifier":
        """The model of a member, kept for the next mixed one. It is never given to callers, who could change it."""
        with self._lock:  # sessions of an app share a family
            model = self._models.pop(member.id, None) or _load(member)
            self._models[member.id] = model  # the last one used is the last to go
            while len(self._models) > _KEPT:
                self._models.popitem(last=False)
        return model


def _load(member: registry.Checkpoint) -> "GenerativeClassifier":
    from ..models.classifier import GenerativeClassifier

    model = registry.load(member)
    if not isinstance(model, GenerativeClassifier):
        raise FamilyError(f"{member.id} has no likelihood, and so no place in a family")
    return model


def why_not(one: registry.Checkpoint, other: registry.Checkpoint) -> str | None:
    """Why the weights of two checkpoints cannot be mixed, as a sentence without a full stop; ``None`` if they can."""
    names = f"{one.id} and {other.id}"
    first, second = (TrainingConfig.from_dict(each.config["training"]).architecture for each in (one, other))
    if one.model != other.model or first != second:
        return f"{names} are not of one network, so that their weights cannot be mixed"
    if one.config["num_classes"] != other.config["num_classes"] or one.noise != other.noise:
        return f"{names} were trained on other classes or with other noise, so that their weights cannot be mixed"
    if one.dataset != other.dataset:
        return f"{names} were trained on different images, so that their weights cannot be mixed"
    if _root(one) != _root(other):
        return f"{names} do not start from the same training, and mixing their weights gives no useful model"
    return None


def family(data: str = "cifar10", folder: str | Path | None = None) -> Family:
    """The family of a data set: its models trained with the information bottleneck, and the models between them.

    Arguments:
        data: the data set's name, as :attr:`ibinn_core.data.Dataset.name` has it.
        folder: of the checkpoints; all of :func:`ibinn_core.checkpoint.folders` if ``None``.

    Raises:
        FamilyError: if there is no such model.

    Example:
        >>> family = ib.family("cifar10")
        >>> len(family.members) > 1, family.gammas[0], family.gammas[-1]
        (True, 0.0, inf)
    """
    readable, _ = registry.scan(folder)
    members = [c for c in readable if c.config["data"]["name"] == data and c.objective == "ib" and c.has_likelihood]
    if not members:
        known = sorted({c.config["data"]["name"] for c in readable}) or ["none"]
        places = " or ".join(map(str, registry.folders() if folder is None else [folder]))
        raise FamilyError(
            f"there is no family of models of {data!r} in {places}; data sets of models: {', '.join(known)}"
        )
    chosen = _one_tree(members)
    return Family(chosen, chosen[-1].path.parent / f"{data}{JSON}")


def _one_tree(members: list[registry.Checkpoint]) -> list[registry.Checkpoint]:
    """Ordered so that of two models with one γ the one that shares its origin with more others is last."""
    roots = [_root(member) for member in members]
    return sorted(members, key=lambda member: (roots.count(_root(member)), member.id))  # the last of a γ is kept


def _root(checkpoint: registry.Checkpoint) -> dict | str:
    """The training that a checkpoint's weights began with: its origin, or the first entry of an older ancestry."""
    ancestry = checkpoint.config.get("ancestry")
    if not (isinstance(ancestry, list) and ancestry and isinstance(ancestry[0], dict)):
        return origin_of(checkpoint.config["training"])
    return ancestry[0].get("origin", ancestry[0])


def mixed_names(model: "nn.Module") -> list[str]:
    """The names in the model's state of everything that training changes, and of the alignment."""
    from torch import nn

    names = [name for name, _ in model.named_parameters()]
    for prefix, part in model.named_modules():
        if isinstance(part, nn.BatchNorm2d):
            names += [f"{prefix}.running_mean", f"{prefix}.running_var"]
    alignment = getattr(model, "alignment", None)
    if alignment is not None:
        names += [f"alignment.{name}" for name in alignment.state_dict()]
    return names


def _check_fixed(
    one: registry.Checkpoint,
    other: registry.Checkpoint,
    left: "GenerativeClassifier",
    right: "GenerativeClassifier",
) -> None:
    """Raises a FamilyError unless whitening, rotations and everything else that is never trained are the same."""
    import torch

    first, second = left.state_dict(), right.state_dict()
    if first.keys() != second.keys():
        raise FamilyError(f"{one.id} and {other.id} do not mix: one of them is aligned, the other is not")
    counters = {name for name in first if name.endswith("num_batches_tracked")}
    for name in first.keys() - set(mixed_names(left)) - counters:
        if not torch.equal(first[name], second[name]):
            raise FamilyError(f"{one.id} and {other.id} do not mix: their fixed {name} differs")
