"""Finds and measures directions of style for a checkpoint."""

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..data.images import to_unit
from ..exploration.attributes import attributes
from ..exploration.geometry import class_averages
from ..exploration.style import style_components, style_direction

if TYPE_CHECKING:
    from ..models.classifier import GenerativeClassifier

COMPONENTS = 6
MEASURED = 2000  # number of held-out images for correlations
RESPONDING = 50  # number of held-out images that are moved and decoded
LEAST_RESPONSE = 0.25  # standard deviations; directions with a smaller response keep their length
MAX_STRETCHED = 2.0  # largest factor on a direction's length
INVERTS = 0.05  # largest error of a decoded pixel for which float32 suffices
_PART = 500  # images whose attributes are measured at a time


class Encoded(NamedTuple):
    """Images, uint8 ``(N, H, W, C)``, their classes, integers ``(N,)``, and their latents, ``(N, D)`` float32."""

    images: np.ndarray
    labels: np.ndarray
    latents: np.ndarray


def style_arrays(model: "GenerativeClassifier", training: Encoded, held_out: Encoded) -> dict[str, np.ndarray]:
    """Computes all arrays of a ``style.npz``.

    Directions are found on training images and measured on held-out images. An attribute's direction is scaled so that
    a step changes the attribute of the decoded image by one standard deviation. The length at most halves or doubles.
    """
    means = model.class_means.cpu().numpy()
    found, directions = _attribute_directions(means, training)
    names = list(found)
    deviations = np.array([values.std() for values in found.values()])
    count = min(COMPONENTS, means.shape[1] - len(means), len(training.latents) - len(means))
    if count > 0:
        directions += list(style_components(training.latents, training.labels, means, count))
    steps = np.stack(directions) if directions else np.zeros((0, means.shape[1]), np.float32)
    # The rows are random, since some copies of a data set are sorted by class.
    rows = np.random.default_rng(0).permutation(len(held_out.images))[:MEASURED]
    measured = Encoded(*(values[rows] for values in held_out))
    moved, decoder = measured.latents[:RESPONDING], _decoder(model, measured)
    responses = _responses(decoder, moved, steps, names, deviations)
    strengths = np.diagonal(responses).copy()
    factors = np.where(strengths >= LEAST_RESPONSE, np.clip(strengths, 1 / MAX_STRETCHED, MAX_STRETCHED), 1.0)
    steps[: len(names)] /= factors[:, None].astype(np.float32)
    responses[: len(names)] = _responses(decoder, moved, steps[: len(names)], names, deviations)
    correlations = _correlations(measured, steps, names)
    # Choose the sign of a principal direction so that its most correlated attribute grows.
    for row in range(len(names), len(steps)) if names else ():
        if correlations[row, np.abs(correlations[row]).argmax()] < 0:
            steps[row], correlations[row], responses[row] = -steps[row], -correlations[row], -responses[row]
    return {
        "attributes": np.array(names, dtype="S"),
        "directions": steps.astype(np.float16),
        "correlations": correlations.astype(np.float32),
        "responses": responses.astype(np.float32),
        "deviations": deviations.astype(np.float32),
    }


def _attribute_directions(means: np.ndarray, training: Encoded) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    found, directions = {}, []
    for name, values in _measured(training.images).items():
        try:
            direction = style_direction(training.latents, values, means, training.labels)
        except ValueError:  # the attribute is constant
            continue
        found[name] = values
        directions.append(direction)
    return found, directions


def _measured(images: np.ndarray) -> dict[str, np.ndarray]:
    parts = [attributes(images[start : start + _PART]) for start in range(0, len(images), _PART)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _responses(
    model: "GenerativeClassifier", latents: np.ndarray, steps: np.ndarray, names: list[str], deviations: np.ndarray
) -> np.ndarray:
    """Measures how a step changes each attribute, in deviations: the mean of a step forwards and a step back."""
    result = np.zeros((len(steps), len(names)))
    for row, step in enumerate(steps):
        ahead, back = (_measured(_shown(model, latents + sign * step)) for sign in (1, -1))
        change = np.array([(ahead[name] - back[name]).mean() / 2 for name in names])
        result[row] = change / deviations
    return result


def _decoder(model: "GenerativeClassifier", measured: Encoded) -> "GenerativeClassifier":
    """Returns the model, in double precision if float32 is too coarse for its inverse."""
    few = slice(0, 20)
    error = np.abs(_shown(model, measured.latents[few]) - to_unit(measured.images[few]).numpy()).max()
    return model if error < INVERTS else copy.deepcopy(model).double()


def _shown(model: "GenerativeClassifier", latents: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        x = model.decode(torch.from_numpy(latents).to(model.device, model.dtype))
    return x.nan_to_num(0.5).clamp(0, 1).float().cpu().numpy()


def _correlations(measured: Encoded, steps: np.ndarray, names: list[str]) -> np.ndarray:
    """Correlates each direction's coordinates with each attribute, within classes; 0 for constant values."""
    found, labels = _measured(measured.images), measured.labels
    coordinates = measured.latents.astype(np.float64) @ steps.T.astype(np.float64)
    columns = np.array([found[name] for name in names]).reshape(len(names), len(labels)).T
    coordinates, columns = (
        one - class_averages(one, labels, labels.max() + 1)[labels] for one in (coordinates, columns)
    )
    sizes = np.linalg.norm(coordinates, axis=0)[:, None] * np.linalg.norm(columns, axis=0)
    return np.divide(coordinates.T @ columns, sizes, out=np.zeros_like(sizes), where=sizes > 0)
