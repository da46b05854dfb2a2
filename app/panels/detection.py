"""The panel Detection: whether the typicality test distinguishes other images from test images (Section 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.desk import Question, question
from app.figures.diagrams import roc_figure
from app.images.pictures import sample_pixels
from app.models import asking, registry
from app.models.names import unique_names
from app.panel import Panel, Part, Plot, View
from app.panels.pair import left_model, right_model
from app.results.questions import Detection, detection, measured_detection
from ibinn_core.evaluation.results.columns import SET_NAMES

POINTS = 101  # points of a curve


@dataclass(frozen=True)
class State:
    """The two models."""

    left: str = left_model()
    right: str = right_model()


def views(state: State) -> list[View]:
    """The ROC curves of each model, as measured for the tables, or computed from the example images."""
    names = unique_names(registry.all_checkpoints())
    able = [model for model in (state.left, state.right) if registry.by_id(model).has_likelihood]

    def diagrams(*found: Detection) -> Sequence[Part]:
        by_model = {one.model: one for one in found}
        plots: list[Part] = []
        for side, model in (("left", state.left), ("right", state.right)):
            one, name = by_model.get(model), names[model]
            grid, curves, areas = (one.grid, one.curves, one.areas) if one else (np.zeros(0), {}, {})
            said = ", ".join(f"{SET_NAMES[n]} {area:.0%}" for n, area in areas.items()) or "no likelihood"
            reason = "" if one else f"{name} has no likelihood:<br>nothing to test"
            figure = roc_figure(f"<b>{name}</b>", grid, curves, areas, SET_NAMES, reason)
            plots.append(Plot(f"roc-{side}", figure, f"ROC curves of detection: {name}: {said}"))
        if any(not one.is_measured for one in found):
            plots.append("The curves are coarse: they come from a few images, most of them corrupted examples.")
        return plots

    return [View(_asked(able), diagrams)]


def _asked(able: Sequence[str]) -> list[Question]:
    """The questions for measured curves if all models have them, else for curves of the example images."""
    if all(asking.ask(question(measured_detection, model)) for model in able):
        return [question(measured_detection, model) for model in able]
    images = question(sample_pixels, registry.dataset().name)
    return [question(detection, model, images, POINTS) for model in able]


PANEL = Panel(
    "detection",
    "Detection",
    "Does the model know what it does not know? On the dashed line the test is as good as a guess. Below this line, "
    "the model finds the other images more typical than the test set.",
    State,
    views,
)
