"""The sources of weights: the state of a training, a trunk, or a checkpoint.

A trunk is a training that other trainings start from, with the files of :func:`ibinn_core.save`.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from ..checkpoint import CARD, CONFIG, WEIGHTS, CheckpointError, describe_dataset, load, locate, read
from ..checkpoint.format import ALIGNED, MEANS, origin_of
from ..models.architecture import FlowConfig
from ..models.classifier import Classifier
from ..models.config import TrainingConfig
from .images import describe_images, load_images, without_paths
from .state import FILE, model_weights, read_state


class Trained(NamedTuple):
    """The result of a training so far."""

    model: Classifier  # the model in evaluation mode, without gradients
    config: TrainingConfig
    description: dict  # the contents of a checkpoint's config.json
    training_set: tuple[np.ndarray, np.ndarray]  # images, uint8 (M, H, W, C), and labels (M,), with held-out images


def is_trunk(folder: str | Path) -> bool:
    """Checks that a folder has weights and their config, but no card and no state."""
    return [(Path(folder) / name).is_file() for name in (CONFIG, WEIGHTS, CARD, FILE)] == [True, True, False, False]


def weights_of(source: str | Path) -> dict[str, Tensor]:
    """Reads the weights, float32, of a training folder, a trunk, or a checkpoint as for :func:`ibinn_core.load`.

    These are the weights before an alignment. Raises a ValueError if the weights are damaged.
    """
    if (Path(source) / FILE).exists():
        return model_weights(read_state(Path(source))[0])
    weights = load(source).state_dict()
    if ALIGNED in weights:
        weights[MEANS] = weights[ALIGNED]
    return {name: value for name, value in weights.items() if not name.startswith("alignment.")}


def architecture_of(source: str | Path) -> FlowConfig:
    """Reads the architecture of the weights that :func:`weights_of` reads."""
    if (Path(source) / FILE).exists():
        return TrainingConfig.from_dict(read_state(Path(source))[2]).architecture
    return read(locate(source), is_measured=False).training.architecture


def is_finished(run: Path) -> bool:
    """Checks whether a training is finished; raises a ValueError if its state is damaged."""
    return (run / FILE).exists() and read_state(run)[1].finished


def training_of(run: Path) -> Trained:
    """Reads the training in the folder ``run``, finished or not; ``run`` may be a trunk.

    Raises a FileNotFoundError or a ValueError if the training or its images are missing or damaged.
    """
    if is_trunk(run):
        return _kept(run)
    tensors, progress, values = read_state(run)
    config, weights = TrainingConfig.from_dict(values), model_weights(tensors)
    images, labels = load_images(config, "train")
    of_classes = weights["mixture.phi"] if "mixture.phi" in weights else weights["head.bias"]
    model = config.new_model(len(of_classes))
    model.load_state_dict(weights)
    model.noise = config.noise
    description = {
        "training": without_paths(config.to_dict()),
        "num_classes": model.num_classes,
        "budget": {
            "epochs": progress.step * config.batch_size / (len(images) - min(config.held_out, len(images) // 2)),
            "steps": progress.step,
            "skipped_steps": progress.skipped,
            "seconds": round(progress.seconds),
        },
        "ancestry": ancestry(run, config.to_dict()),
        "data": {**describe_dataset(describe_images(config)), "training_images": len(images)},
    }
    return Trained(model.requires_grad_(False).eval(), config, description, (images, labels))


def _kept(run: Path) -> Trained:
    trunk = read(run, is_measured=False)
    images, labels = load_images(trunk.training, "train")
    if (count := trunk.config["data"].get("training_images")) != len(images):
        raise ValueError(
            f"{run} comes from {count} training images, but this copy of {trunk.dataset.title} has {len(images)}: "
            "so it is unknown which of them were held out"
        )
    return Trained(trunk.load(), trunk.training, trunk.config, (images, labels))


def ancestry(run: Path, config: dict) -> list[dict]:
    """Lists the earlier trainings of the weights in ``run``, from the first on.

    The first training has an ``origin``, which is the same for all branches of one tree. A training on another data set
    has that data set's name in ``data``.
    """
    dataset = without_paths(config)["dataset"]
    chain = _chain(config["init"], {run.resolve()})
    return [{key: value for key, value in step.items() if (key, value) != ("data", dataset)} for step in chain]


def _chain(source: str | None, seen: set[Path]) -> list[dict]:
    """Lists the trainings up to ``source``; each names its data set if that is known."""
    if not source or Path(source).resolve() in seen:  # a circle: the folder was trained again from a descendant
        return []
    if (Path(source) / FILE).exists():
        _, progress, training = read_state(Path(source))
        before = _chain(training["init"], seen | {Path(source).resolve()})
        epochs = progress.history[-1]["epoch"] if progress.history else 0.0
        return [*before, _step(training, epochs, round(progress.seconds), not training["init"])]
    try:
        known = read(locate(source), is_measured=False).config
        before, spent = known["ancestry"], known["budget"]
        last = _step(known["training"], spent["epochs"], spent["seconds"], not before)
    except (CheckpointError, KeyError):  # the checkpoint was removed, or trained by another program
        return [{"checkpoint": Path(source).name}]
    # An entry without a data set has that of the last training, unless it is only a name.
    return [*({"data": last["data"], **step} if "objective" in step else step for step in before), last]


def _step(training: dict, epochs: float, seconds: float, is_first: bool) -> dict:
    """Creates an entry of an ancestry."""
    training = without_paths(training)
    origin = {"origin": origin_of(training)} if is_first else {}
    return {
        "objective": training["objective"],
        "epochs": epochs,
        "seconds": seconds,
        "data": training["dataset"],
        **origin,
    }
