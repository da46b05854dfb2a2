"""A checkpoint in its folder. Only loading its model imports torch."""

import math
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, cast

from ..data.datasets import DATASETS, Dataset
from ..exploration.style import Styles
from ..files import check_regular, read_consistently, reason
from ..models.config import TrainingConfig
from ..models.flow_registry import why_unknown
from ..models.kinds import DEFAULT as DEFAULT_KIND
from ..models.kinds import KINDS, OWN_FLOW, VIB_LATENT_DIMS
from ..models.preprocessing import Noise
from .arrays import Arrays, read_latent, read_style
from .format import (
    ALIGNED,
    CARD,
    CONFIG,
    LATENT,
    LIMITS,
    MEANS,
    STYLE,
    WEIGHTS,
    CheckpointError,
    Config,
    card_of,
    id_of,
    refusal,
)
from .verify import Manifest, read_file, read_json, read_manifest, refusing

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier, GenerativeClassifier


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint; :meth:`load` gives its model.

    Attributes:
        id: the folder's name.
        path: the folder.
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``; for a model without a likelihood ``"vib"``
            or ``"cross-entropy"``; ``"own"`` if another program trained the model.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` if the objective has no γ.
        card: the measured numbers that this kind of model has; empty if nothing was measured.
        config: everything that is known about the training.
        manifest: the SHA-256 of each file, by its name; empty for a mixed model.

    Example:
        >>> checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
        >>> checkpoint.objective, checkpoint.gamma
        ('ib', 1.0)
    """

    id: str
    path: Path
    objective: str
    gamma: float | None
    card: dict = field(repr=False)
    config: dict = field(repr=False)
    manifest: Manifest = field(default_factory=dict, repr=False, compare=False)

    @property
    def model(self) -> str:
        """The kind of the model, one of :data:`ibinn_core.models.kinds.KINDS`."""
        return self.config["training"].get("model", DEFAULT_KIND)

    @cached_property
    def training(self) -> TrainingConfig:
        """The config of the model's training."""
        return TrainingConfig.from_dict(self.config["training"])

    @cached_property
    def dataset(self) -> Dataset:
        """The data set of the model's training. A class without a name has its number as name."""
        stored = self.config["data"]
        count = self.config["num_classes"]
        architecture = self.training.architecture
        known = DATASETS.get(stored["name"])
        names = known.classes if known and known.num_classes == count else map(str, range(count))
        values = {
            "title": stored.get("title") or (known.title if known else stored["name"]),
            "classes": tuple(stored.get("classes") or names),
            "image_shape": architecture.image_shape,
            "mean": architecture.mean,
            "std": architecture.std,
            "fingerprint": stored.get("fingerprint"),
        }
        return replace(known, **values) if known else Dataset(stored["name"], **values)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels."""
        return self.dataset.classes

    @property
    def has_likelihood(self) -> bool:
        """Whether the model has log q(x) and a mixture, and can sample."""
        return KINDS[self.model].has_likelihood

    @property
    def learned_only_classes(self) -> bool:
        """Whether the model was trained from scratch on L_Y alone."""
        before = [step.get("objective") or {} for step in self.config["ancestry"]]
        return self.objective == "ib" and self.gamma == math.inf and all(one.get("gamma") == "inf" for one in before)

    @property
    def power(self) -> float | None:
        """The factor on the class scores, fitted to held-out images; ``None`` if nothing was fitted."""
        alignment = self.card.get("alignment", {}) if self.has_likelihood else {}
        return alignment.get("power", 1.0) if alignment.get("held_out_images") else None

    @property
    def custom_split(self) -> tuple[int, int] | None:
        """For CIFAR-100 with a split that is not official: the numbers of training and test images; else ``None``."""
        data = self.config["data"]
        counts = data.get("training_images", 0), data.get("test_images", 0)
        return counts if data["name"] == "cifar100" and counts != (50_000, 10_000) else None

    @property
    def noise(self) -> Noise:
        """The noise of the model's training: ``"uniform"``, or σ in units of [0, 1]."""
        return self.training.noise

    @cached_property
    def latent(self) -> Arrays:
        """The arrays of ``latent.npz``; raises a CheckpointError if the file is missing, damaged or changed."""
        if not self.card:
            raise refusal(self.path, "it was never measured", "measure it with ibinn_core.measure")
        return read_latent(self.path, self.config["num_classes"], self.model, self._latent_dims, self.manifest)

    @cached_property
    def style(self) -> Styles:
        """The directions in which no posterior changes; raises a CheckpointError like :attr:`latent`."""
        means = self.latent.get("class_means")
        if means is None or STYLE not in self.manifest:
            why = f"`python -m ibinn_core measure {quote(str(self.path))}` writes it for a model with a likelihood"
            raise CheckpointError(f"Checkpoint {self.id!r} has no {STYLE}, and so no directions of style: {why}.")
        return read_style(self.path, self._latent_dims, means, self.manifest)

    @property
    def _latent_dims(self) -> int:
        return VIB_LATENT_DIMS if self.model == "vib" else self.training.architecture.dims

    def load(self, trainable: bool = False) -> "Classifier":
        """Returns the model as :func:`ibinn_core.load` does, and raises its errors."""
        model = _load(self)
        return model.train() if trainable else model.requires_grad_(False)


def describe_dataset(dataset: Dataset) -> dict:
    """Describes a data set for a config, in plain JSON values."""
    return {
        "name": dataset.name,
        "title": dataset.title,
        "classes": list(dataset.classes),
        "image_shape": list(dataset.image_shape),
        "fingerprint": dataset.fingerprint,
    }


def read(path: str | Path, is_measured: bool = True) -> Checkpoint:
    """Reads the checkpoint in the folder ``path``, without its weights and arrays.

    Raises a CheckpointError for a damaged checkpoint, another format, an unknown flow, or, by default, a missing card.
    """
    checkpoint = read_consistently(Path(path), _read)
    if is_measured and not checkpoint.card:
        raise refusal(checkpoint.path, "it was never measured", "measure it with ibinn_core.measure")
    return checkpoint


def _read(path: Path) -> Checkpoint:
    if not id_of(path).isprintable():  # the name would reach terminals and programs
        raise refusal(path, "the name of its folder has characters that cannot be shown", "rename the folder")
    manifest = read_manifest(path)
    config, stored = read_json(path, CONFIG, manifest, Config)
    training = stored.training
    if training.architecture.builder is not None and (unknown := why_unknown(training.architecture.builder)):
        remedy = "if you trust the file that builds it, name this file in IBINN_FLOWS, or call ibinn_core.register_flow"
        raise refusal(path, f"its {unknown}", remedy)
    card = read_json(path, CARD, manifest, card_of(training.model))[0] if CARD in manifest else {}
    for name in manifest:
        with refusing(path, name):
            check_regular(path / name, LIMITS[name])
    return Checkpoint(id_of(path), path, training.objective.kind, training.objective.gamma, card, config, manifest)


def _load(checkpoint: Checkpoint) -> "Classifier":
    import torch

    weights = _read_weights(checkpoint)
    try:
        # The meta device checks shapes and allocates no memory. Flows of other libraries do not support this device.
        is_foreign = checkpoint.model == OWN_FLOW
        with nullcontext() if is_foreign else torch.device("meta"):
            model = checkpoint.training.new_model(checkpoint.config["num_classes"])
    except Exception as error:  # a stranger's sizes may raise any error in PyTorch's layers
        raise refusal(checkpoint.path, f"its {CONFIG} does not describe a model ({reason(error)})") from error
    try:
        _put(model, weights, assign=not is_foreign)
    except (RuntimeError, ValueError) as error:
        raise refusal(checkpoint.path, f"its {WEIGHTS} does not fit its {CONFIG}") from error
    model.noise = checkpoint.noise
    if model.has_latents and LATENT in checkpoint.manifest:
        model.empirical_class_means = torch.from_numpy(checkpoint.latent["empirical_means"])
        model.latent_spread = float(checkpoint.latent["spread"])
    model.dataset = checkpoint.dataset
    model.checkpoint = replace(checkpoint)  # a copy without the arrays read so far
    model.eval()
    _try(model, checkpoint)
    return model


def _put(model: "Classifier", weights: "dict[str, Tensor]", assign: bool) -> None:
    """Loads the weights; raises a RuntimeError or ValueError if they do not fit."""
    import torch

    has_means = MEANS in weights or ALIGNED not in weights
    if not has_means:
        weights[MEANS] = weights[ALIGNED].clone()
    dtypes = {name: value.dtype for name, value in model.state_dict().items()}
    model.load_state_dict(weights, assign=assign)
    if any(value.dtype != dtypes.get(name, torch.float32) for name, value in weights.items()):
        raise ValueError("numbers of another type")
    if not has_means and model.alignment is not None:
        cast("GenerativeClassifier", model).set_alignment(model.alignment)


def _read_weights(checkpoint: Checkpoint) -> "dict[str, Tensor]":
    import torch
    from safetensors.torch import load as parse

    with refusing(checkpoint.path, WEIGHTS):
        weights = parse(read_file(checkpoint.path, WEIGHTS, checkpoint.manifest))
    # Copies have PyTorch's memory alignment, which can affect the last digit of a result.
    weights = {k: v.to(torch.float32 if v.is_floating_point() else v.dtype, copy=True) for k, v in weights.items()}
    # Integers are indices. A negative index would select different elements in the flow and in its inverse.
    if not all(bool((v.isfinite() if v.is_floating_point() else v >= 0).all()) for v in weights.values()):
        raise refusal(checkpoint.path, "its weights are not finite, or hold a negative index", "train it again")
    return weights


def _try(model: "Classifier", checkpoint: Checkpoint) -> None:
    """Raises a CheckpointError unless the model's outputs for a grey image are finite."""
    import torch

    grey = torch.full((1, *model.config.image_shape), 0.5)
    try:
        with torch.enable_grad():  # otherwise sub-networks would keep copies of their folded weights
            found = model.evaluate(grey)
    except (RuntimeError, ValueError, IndexError) as error:
        raise refusal(checkpoint.path, f"its model fails on a grey image ({reason(error)})") from error
    if not all(bool(values.isfinite().all()) for values in found.values()):
        raise refusal(checkpoint.path, "its weights give no finite numbers for a grey image", "train it again")
