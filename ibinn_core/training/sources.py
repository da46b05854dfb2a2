"""Where weights come from: the state of a training, a trunk, or a checkpoint.

A trunk keeps the weights of a training for others to start from: ``config.json``, ``weights.safetensors`` and
``history.csv`` as in a checkpoint, but no card. One that keeps a finished training can be exported.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..checkpoint import CARD, CONFIG, WEIGHTS, CheckpointError, find, load
from ..checkpoint.format import origin_of
from ..checkpoint.verify import read_history, read_manifest
from ..models.classifier import Classifier
from ..models.config import TrainingConfig
from ..models.flow import FlowConfig
from ..models.kinds import OWN_FLOW
from .images import load_images, without_places
from .state import FILE, Progress, model_weights, num_classes_of, read_progress, read_state

ALIGNMENT = "alignment."


class Trained(NamedTuple):
    """The outcome of a training."""

    model: Classifier  # in evaluation mode, without gradients
    config: TrainingConfig
    progress: Progress
    training_set: tuple[np.ndarray, np.ndarray]  # images, uint8 (M, H, W, C), and labels (M,), held-out ones too


def is_trunk(folder: str | Path) -> bool:
    """Whether a folder holds a trunk: weights and their config, but no card."""
    folder = Path(folder)
    return [(folder / name).is_file() for name in (CONFIG, WEIGHTS, CARD)] == [True, True, False]


def is_kept(run: Path) -> bool:
    """Whether a folder is a trunk or a checkpoint, without a state to continue from."""
    return not (run / FILE).exists() and (run / CONFIG).is_file() and (run / WEIGHTS).is_file()


def weights_of(source: str | Path) -> dict[str, Tensor]:
    """The weights, float32, of a training folder, a trunk, or what :func:`ibinn_core.load` takes.

    Raises:
        ValueError: if they are damaged.
    """
    if (Path(source) / FILE).exists():
        return model_weights(read_state(Path(source))[0])
    if not is_trunk(source):
        return load(source).state_dict()
    try:
        weights = load_file(Path(source) / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"the weights of the trunk in {source} are damaged; fetch it again") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}


def without_alignment(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights as the training had them, before an export aligned the mixture."""
    if ALIGNMENT + "means" not in weights:
        return weights
    kept = {name: value for name, value in weights.items() if not name.startswith(ALIGNMENT)}
    return kept | {"mixture.means": weights[ALIGNMENT + "means"]}


def architecture_of(source: str | Path) -> FlowConfig:
    """The architecture that the weights of ``source`` have; ``source`` as for :func:`weights_of`."""
    if (Path(source) / FILE).exists():
        training = read_state(Path(source))[2]
    else:
        training = _described(source)["training"] if is_trunk(source) else find(source).config["training"]
    return TrainingConfig.from_dict(training).architecture


def _described(folder: str | Path) -> dict:
    """The contents of ``config.json`` of a trunk or a checkpoint; a ValueError if it is damaged."""
    try:
        return json.loads((Path(folder) / CONFIG).read_text())
    except ValueError as error:
        raise ValueError(f"the {CONFIG} of the trunk in {folder} is damaged; fetch it again") from error


# --- outcomes -------------------------------------------------------------------------------------------------------


def is_finished(run: Path) -> bool:
    """Whether the training that a folder holds, or keeps the outcome of, came to its end; raises if it does not say."""
    return _progress(run).finished


def finished_training(run: Path) -> Trained:
    """The finished training in the folder ``run``, or what a trunk keeps of one; raises if there is none."""
    if is_kept(run) and (run / CARD).is_file():
        raise ValueError(f"{run} is a checkpoint already: export the training or the trunk that it comes from")
    progress = _progress(run)
    if not progress.finished:
        raise ValueError(
            f"the training in {run} is not finished: continue it with train --resume, or keep it as a trunk"
        )
    return _kept_training(run, progress) if is_kept(run) else training_so_far(run)


def training_so_far(run: Path) -> Trained:
    """The training in ``run``, finished or not; a FileNotFoundError or ValueError if state or images are missing."""
    tensors, progress, values = read_state(run)
    config = TrainingConfig.from_dict(values)
    return _trained(config, model_weights(tensors), progress, load_images(config, "train"))


def _trained(
    config: TrainingConfig, weights: dict[str, Tensor], progress: Progress, images: tuple[np.ndarray, np.ndarray]
) -> Trained:
    model = config.new_model(num_classes_of(weights))
    model.load_state_dict(weights)
    model.noise = config.noise
    return Trained(model.requires_grad_(False).eval(), config, progress, images)


def _progress(run: Path) -> Progress:
    if not is_kept(run):
        return read_progress(run)
    config, spent, images = _kept_budget(run)
    return Progress(
        spent["steps"],
        spent.get("skipped_steps", 0),
        spent.get("seconds", 0.0),
        finished=max(1, round(config.epochs * (images // config.batch_size))) <= spent["steps"],
        history=read_history(run, read_manifest(run)),
    )


def _kept_budget(run: Path) -> tuple[TrainingConfig, dict, int]:
    """The config of a kept training, what it has cost, and the number of images that it used."""
    try:
        description = _described(run)
        config, spent = TrainingConfig.from_dict(description["training"]), description["budget"]
        images = round(spent["steps"] * config.batch_size / spent["epochs"])
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise ValueError(
            f"{run} does not say how it was trained: export the training itself, or fetch the folder again"
        ) from error
    if config.model == OWN_FLOW:
        raise ValueError(f"{run} holds a flow that was trained elsewhere: export it with its own program")
    return config, spent, images


def _kept_training(run: Path, progress: Progress) -> Trained:
    config, _, used = _kept_budget(run)
    images, labels = load_images(config, "train")
    if len(images) - min(config.held_out, len(images) // 2) != used:
        raise ValueError(
            f"{run} was trained on {used:,} images beside those that it held out, and this copy of {config.dataset} "
            f"has {len(images):,} in all: which of these were held out is not known here"
        )
    return _trained(config, without_alignment(weights_of(run)), progress, (images, labels))


def budget(progress: Progress, config: TrainingConfig, images: int) -> dict:
    """What a training on that many ``images`` has cost so far."""
    return {
        "epochs": progress.step * config.batch_size / images,
        "steps": progress.step,
        "skipped_steps": progress.skipped,
        "seconds": round(progress.seconds),
    }


# --- lineage --------------------------------------------------------------------------------------------------------


def ancestry(run: Path, config: dict) -> list[dict]:
    """The trainings that a training's weights went through before it, the first one first.

    The first has an ``origin``, which is the same for all branches of one tree. One on another data set than this
    training has the name of that data set, ``data``.
    """
    if is_kept(run):
        return _described(run)["ancestry"]
    own = without_places(config).get("dataset")
    chain = _chain(config.get("init"), {run.resolve()})
    return [{key: value for key, value in step.items() if (key, value) != ("data", own)} for step in chain]


def _chain(source: str | None, seen: set[Path]) -> list[dict]:
    """The trainings up to ``source``; each names its data set if that is known."""
    if not source or Path(source).resolve() in seen:  # a folder that was trained again, from its own descendant
        return []
    if (Path(source) / FILE).exists():
        _, progress, training = read_state(Path(source))
        before = _chain(training.get("init"), seen | {Path(source).resolve()})
        epochs = progress.history[-1]["epoch"] if progress.history else 0.0
        return [*before, _step(training, epochs, round(progress.seconds), not training.get("init"))]
    try:
        kept = _described(source if is_trunk(source) else find(source).path)
        before, spent = kept["ancestry"], kept["budget"]
        own = _step(kept["training"], spent["epochs"], spent["seconds"], not before)
    except (CheckpointError, KeyError):  # it is gone, or was not trained here
        return [{"checkpoint": Path(source).name}]
    # An entry that does not say so was of the same images as what it led to, unless nothing is known of it.
    data = {"data": own["data"]} if "data" in own else {}
    return [*({**data, **step} if "objective" in step else step for step in before), own]


def _step(training: dict, epochs: float, seconds: float, is_first: bool) -> dict:
    """An entry of an ancestry."""
    known = "dataset" in training  # which an old checkpoint may not say
    training = without_places(training) if known else training
    data = {"data": training["dataset"]} if known else {}
    origin = {"origin": origin_of(training)} if is_first else {}
    return {"objective": training["objective"], "epochs": epochs, "seconds": seconds, **data, **origin}
