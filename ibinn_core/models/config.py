"""The settings of a training: a frozen config that is part of a run and of a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator, TypeAdapter

from .architecture import PRESETS, FlowConfig
from .fields import (
    STORED,
    Count,
    Flag,
    NameOrPath,
    NonNegative,
    Positive,
    Seed,
    Share,
    ShareBelowOne,
    Text,
    Whole,
    check_fields,
    checked,
)
from .kinds import DEFAULT, KINDS, OWN, OWN_FLOW, WITH_GAMMA
from .objectives import Objective
from .preprocessing import UNIFORM, Noise, check_noise

if TYPE_CHECKING:  # allows reading a config without torch
    from .classifier import Classifier


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of a training, except the images.

    Attributes:
        objective: the loss.
        architecture: the network.
        noise: added to pixel centres in training: ``"uniform"``, or σ in units of [0, 1].
        epochs: passes over the training images; the schedule ends with the last epoch.
        batch_size: images in a step.
        learning_rate: the peak learning rate, after a linear warm-up.
        warmup: share of the steps during which the learning rate rises.
        decay: share of the remaining steps, at the end, during which the learning rate falls along a cosine to the
            floor.
        floor: final learning rate as a share of the peak.
        weight_decay: weight decay of convolutions and linear layers; means, norms, scales and biases have none.
        average: decay per step of the weights' exponential average, which is exported; 0 for none.
        shift: the largest shift of a training image in pixels, with reflected borders; with ``cutout``, only cut images
            are moved.
        flip: whether half of the training images are mirrored.
        cutout: side in pixels of a square that is hidden in half of the images (DeVries and Taylor 2017), or 0 for
            none. Cut images count for L_Y alone.
        teachers: ids of checkpoints whose mean posterior replaces the label of cut images (Hinton et al. 2015). The
            square is then filled from another image (CutMix, Yun et al. 2019).
        learn_weights: whether class weights are learned (Appendix B).
        held_out: number of training images that are kept for validation and the typicality threshold.
        seed: seed of weights, order, augmentation and noise.
        dataset: the name of the data set; during the training, perhaps the path of a folder of images.
        init: the checkpoint or training folder that the weights come from, or ``None``.
        model: one of :data:`ibinn_core.models.kinds.KINDS`.

    Raises:
        ValueError: for a value out of its range, or values that do not fit one another.
    """

    __pydantic_config__ = STORED

    objective: Objective = field(default_factory=Objective)
    architecture: FlowConfig = PRESETS["cpu"]
    noise: Annotated[Noise, PlainValidator(check_noise)] = UNIFORM
    epochs: Positive = 8
    batch_size: Count = 128
    learning_rate: Positive = 3e-3
    warmup: ShareBelowOne = 0.1
    decay: Share = 1.0
    floor: Share = 0.0
    weight_decay: NonNegative = 0.02
    average: ShareBelowOne = 0.0
    shift: Whole = 3
    flip: Flag = True
    cutout: Whole = 0
    teachers: tuple[Text, ...] = ()
    learn_weights: Flag = False
    held_out: Whole = 1000
    seed: Seed = 0
    dataset: NameOrPath = "cifar10"
    init: NameOrPath | None = None
    model: Text = DEFAULT

    def __post_init__(self) -> None:
        check_fields(self)
        if self.model not in KINDS:
            raise ValueError(f"the model must be one of {', '.join(KINDS)}, not {self.model!r}")
        kind = KINDS[self.model]
        if self.objective.kind not in (*kind.objectives, OWN):
            choice = " or ".join(map(repr, kind.objectives))
            raise ValueError(f"{kind.name} is trained with the objective {choice}, not {self.objective.kind!r}")
        if (self.model == OWN_FLOW) != (self.architecture.builder is not None):
            raise ValueError(f"only a flow of your own has a builder: {self.model!r} has {self.architecture.builder!r}")
        if self.cutout and (self.objective.kind.startswith("class-nll") or self.objective.gamma == 0):
            raise ValueError("cutout is for objectives with L_Y, the only loss that uses cut images")
        if self.teachers and not self.cutout:
            raise ValueError("teachers label cut images: set cutout to the side of the square")
        if self.learn_weights and (self.objective.kind != "ib" or self.objective.gamma == math.inf):
            raise ValueError("learn_weights needs L_X, which trains class weights: use kind 'ib' and a finite gamma")

    def new_model(self, num_classes: int) -> Classifier:
        """An untrained model for K classes, in training mode; raises a ValueError for a flow that is not registered."""
        from .baselines import VIB, IRevNet, ResNet
        from .classifier import GenerativeClassifier

        if self.model in (DEFAULT, OWN_FLOW):
            learn_means = self.objective.kind != "class-nll-regularized"
            learn_weights = self.learn_weights or self.model == OWN_FLOW
            return GenerativeClassifier(self.architecture, num_classes, learn_means, learn_weights)
        return {"vib": VIB, "resnet": ResNet, "i-revnet": IRevNet}[self.model](self.architecture, num_classes)

    def to_dict(self) -> dict:
        """Plain JSON values; an infinite γ is the string ``"inf"``."""
        return _SCHEMA.dump_python(self, mode="json")

    @classmethod
    def from_dict(cls, values: Mapping) -> TrainingConfig:
        """The inverse of :meth:`to_dict`; raises a ValueError for unknown names and invalid values."""
        parts = values if isinstance(values, Mapping) else {}
        for part in ("objective", "architecture"):
            if not isinstance(parts.get(part), Mapping):
                raise ValueError(f"the config of a training needs its {part}, a JSON object, not {parts.get(part)!r}")
        objective = values["objective"]
        if objective.get("gamma", "") is None and objective.get("kind") in WITH_GAMMA:
            raise ValueError(f"the objective {objective['kind']!r} needs a gamma: 0, positive or infinite")
        shape = values["architecture"].get("image_shape")
        is_square = not isinstance(shape, list | tuple) or shape[1:2] == shape[2:3]
        of_architecture = {"whitening_block": 8, "fc_clamp": 0.7, "scale": 0.75, "dct": is_square, "seed": 0}
        architecture = _without(of_architecture, values["architecture"])
        known = _without({"means_factor": 0.2, "clip_norm": 5.0}, values)
        return checked(_SCHEMA, {**known, "architecture": architecture})


def _without(old: dict, stored: Mapping) -> dict:
    """Removes obsolete options from stored values, if these options request what all models do now."""
    return {name: value for name, value in stored.items() if name not in old or value != old[name]}


_SCHEMA = TypeAdapter(TrainingConfig)
