"""A small but complete checkpoint, for tests that read, write or measure one."""

import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from flow_helpers import randomise, seeded
from shape_helpers import SMALL, labelled
from training_helpers import write_data_set

from ibinn_core import checkpoint, to_unit
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.evaluation.latent_views import latent_arrays, posterior_arrays
from ibinn_core.models.classifier import Classifier, GenerativeClassifier
from ibinn_core.models.flow import FlowConfig
from ibinn_core.models.objectives import Objective
from ibinn_core.training import TrainingConfig
from ibinn_core.training.export import _round_as_stored, card_of


class Bomb:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.write_text, (self.trace, "unpickled")


class Parts(NamedTuple):
    """The arguments of checkpoint.write_checkpoint, and their images."""

    model: GenerativeClassifier
    config: dict
    card: dict
    latent: dict[str, np.ndarray]
    images: np.ndarray
    labels: np.ndarray

    def save(self, path: Path, **objective) -> checkpoint.Checkpoint:
        """Writes the checkpoint; with ``kind`` and ``gamma`` one that says it was trained with them."""
        config = self.config
        if objective:
            training = TrainingConfig(objective=Objective(**objective), architecture=SMALL)
            config = {**config, "training": training.to_dict()}
        return checkpoint.write_checkpoint(path, self.model, config, self.card, self.latent)


def colourful_images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random images of ten classes, uint8 ``(count, 32, 32, 3)``, that differ in brightness; int64 labels."""
    return labelled(count, SMALL.image_shape, seed=seed)


@contextmanager
def small_data_set(folder: Path, train: int, test: int):
    """``train`` images and labels, while a small cifar10.npz in ``folder`` is what trainings and exports use."""
    images, labels = write_data_set(folder, train, test)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.accelerator, "is_available", lambda: False)
        patch.setenv("IBINN_DATA", str(folder))
        patch.setattr(latent_views, "_umap", fake_umap)
        yield images, labels


def small_model(seed: int = 1) -> GenerativeClassifier:
    """A model with every parameter away from its initial value, its sub-networks in half precision's steps."""
    model = randomise(GenerativeClassifier(SMALL).eval(), seeded(seed))
    model.flow.fit(to_unit(colourful_images(100)[0]))
    _round_as_stored(model)
    return model.requires_grad_(False)


def build_parts(
    kind: str = "ib-inn",
    objective: Objective | None = None,
    architecture: FlowConfig = SMALL,
    count: int = 300,
    classes: int = 10,
    model: Classifier | None = None,
) -> Parts:
    """All of a checkpoint, of a ``model`` or of a new one."""
    training = TrainingConfig(model=kind, objective=objective or Objective(), architecture=architecture)
    images, labels = labelled(count, architecture.image_shape, classes)
    if model is None and kind == "ib-inn" and architecture == SMALL:
        model = small_model()
    elif model is None:
        torch.manual_seed(0)
        model = training.new_model(10)
        model.fit(to_unit(images))
        model.requires_grad_(False).eval()
    test = encode_images(model, images)
    rows = latent_views.described_rows(count, classes)
    arrays = posterior_arrays(images[rows], labels[rows], test.of(rows).posterior)
    if model.has_latents:
        means, likely = (model.class_means.numpy(), test.log_prob[:40]) if model.has_likelihood else (None, None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(latent_views, "_umap", fake_umap)
            arrays = latent_arrays(means, images[rows], labels[rows], test.of(rows), test, labels, likely)
    config = {
        "training": training.to_dict(),
        "num_classes": classes,
        "budget": {"epochs": 1.0, "seconds": 60},
        "ancestry": [],
        "data": {"name": "cifar10", "training_images": count, "test_images": count},
    }
    return Parts(model, config, card_of(model, images, labels, test), arrays, images, labels)


def fake_umap(coordinates: np.ndarray) -> np.ndarray:
    return coordinates[:, :2].astype(np.float32)


def edit_json(file: Path, change: Callable[[dict], object]) -> None:
    """Rewrites a JSON file of a checkpoint after ``change`` has been at its values, and its manifest."""
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))
    renew_manifest(file.parent)


def renew_manifest(folder: Path) -> None:
    """Updates the manifest to changed files, for tests of other checks."""
    if (folder / checkpoint.MANIFEST).exists():
        checkpoint.write_manifest(folder)


def edit_arrays(change: Callable[[dict], object]) -> Callable[[Path], None]:
    """A function that applies ``change`` to the arrays of a checkpoint's latent.npz, and updates the manifest."""

    def damage(folder: Path) -> None:
        with np.load(folder / checkpoint.LATENT) as file:
            values = dict(file)
        change(values)
        np.savez(folder / checkpoint.LATENT, **values)
        renew_manifest(folder)

    return damage


def agrees_with_card(out: str) -> bool:
    """Whether each number of ``ibinn evaluate`` equals the card's number, which is printed behind it."""
    pairs = re.findall(r"^    .*: (\S+.*) \(card: (.*)\)$", out, re.MULTILINE)
    assert len(pairs) > 3
    return all(measured == recorded for measured, recorded in pairs)


def one_sentence(said: BaseException | str, *parts: object) -> None:
    """Asserts that an error, or a line that was printed, is one sentence, and holds ``parts``."""
    text = str(said) if isinstance(said, BaseException) else said.strip()
    assert "\n" not in text and "Traceback" not in text and len(text) < 400, text
    assert text.endswith(".") and not re.search(r"\.\s+[A-Z]", text), text
    assert all(str(part) in text for part in parts), (parts, text)


def refusal(call: Callable[[], object], *parts: object, kind: type[Exception] = checkpoint.CheckpointError) -> str:
    """The message of the error that ``call`` raises, which is one sentence and holds ``parts``."""
    with pytest.raises(kind) as caught:
        call()
    one_sentence(caught.value, *parts)
    return str(caught.value)


def assert_refused(result: tuple[int, str, str], *parts: object) -> None:
    """That a command ends with one sentence, and nothing else."""
    status, out, err = result
    assert status == 1 and out == "" and err.startswith("ibinn ") and err.count("\n") == 1, result
    assert all(str(part) in err for part in parts), err
