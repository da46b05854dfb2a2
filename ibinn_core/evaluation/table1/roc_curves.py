"""ROC curves of out-of-distribution detection, compact enough for a page: ``curves.json`` beside ``table1.json``.

Plain JSON values: ``false_alarms``, the grid of rates from 0 to 1, the same for all; and ``models``, by id and
by the name of the set the share of its images that are found at each rate
(:func:`~ibinn_core.evaluation.scores.roc_curve`). The areas under the curves are in the table. What a model or a
machine does not have is not there.
"""

import json
from pathlib import Path

import numpy as np

from ...files import write_text
from ..measure import Scores
from ..scores import detection_curve

POINTS = 101
DIGITS = 4  # after the point: a ten thousandth is one of ten thousand test images
Curves = dict[str, list[float]]  # by the name of the set


def measure_curves(test: Scores, sets: dict[str, Scores], reference: np.ndarray | None) -> Curves:
    """The curves of one model; of a model without a likelihood none, and none where one is not finite.

    ``reference`` is log q(x) of held-out training images.
    """
    if test.log_prob is None or reference is None or not np.isfinite(test.log_prob).all():
        return {}
    return {
        name: detection_curve(test.log_prob, found.log_prob, reference, POINTS).round(DIGITS).tolist()
        for name, found in sets.items()
        if found.log_prob is not None and np.isfinite(found.log_prob).all()
    }


def collect_curves(models: dict[str, Curves]) -> dict:
    """What ``curves.json`` holds, from the curves of models by their ids."""
    return {"false_alarms": np.linspace(0, 1, POINTS).round(DIGITS).tolist(), "models": models}


def write_curves(curves: dict, path: Path) -> None:
    """Writes ``curves.json`` whole or not at all, a line a curve; the same curves give the same bytes."""
    models = []
    for model, sets in curves["models"].items():
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(values)}" for name, values in sets.items())
        models.append(f"{json.dumps(model)}: {{\n{lines}\n}}")
    grid, body = json.dumps(curves["false_alarms"]), ",\n".join(models)
    write_text(path, f'{{"false_alarms": {grid},\n"models": {{\n{body}\n}}}}\n')
