"""The panel Calibration: whether predictions are right as often as their probability says (Appendix C)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.controls import names_of, one_of
from app.desk import question
from app.figures.diagrams import reliability_figure
from app.models import registry
from app.models.names import unique_names
from app.models.summary import measured
from app.panel import Panel, Part, Plot, View
from app.panels.pair import left_model, right_model
from app.results.questions import ALL_CLASSES, TOP_LABEL, Calibration, calibration
from ibinn_core.checkpoint import Checkpoint


@dataclass(frozen=True)
class State:
    """The two models, and the predictions that their diagrams count."""

    left: str = left_model()
    right: str = right_model()
    binning: str = one_of(
        "Predictions counted",
        names_of([ALL_CLASSES, TOP_LABEL]),
        help="Count the probabilities of all classes, in the paper's bins, or only those of the most probable class.",
    )


def views(state: State) -> list[View]:
    """A diagram for each model."""
    names = unique_names(registry.all_checkpoints())

    def diagrams(*found: Calibration) -> Sequence[Part]:
        plots = []
        for side, one in zip(("left", "right"), found, strict=True):
            text = _errors(registry.by_id(one.model), state.binning)
            figure = reliability_figure(f"<b>{names[one.model]}</b>: {text}", one.bins)
            plots.append(Plot(f"reliability-{side}", figure, f"Reliability diagram of {names[one.model]}: {text}"))
        return [*plots, *_note([registry.by_id(one.model) for one in found], names)]

    return [View([question(calibration, model, state.binning) for model in (state.left, state.right)], diagrams)]


def _errors(checkpoint: Checkpoint, binning: str) -> str:
    """The calibration errors that summarize a diagram, as text."""
    if binning == TOP_LABEL:
        return f"top-label ECE {measured(checkpoint, 'calibration_top_label')}"
    ece, mce, ice = (measured(checkpoint, f"calibration_paper.{name}") for name in ("ece", "mce", "ice"))
    return f"ECE {ece}, MCE {mce}, ICE {ice}"


def _note(pair: Sequence[Checkpoint], names: dict[str, str]) -> list[str]:
    """A note on the models: recalibration, and diagrams that show fewer images than the errors count."""
    tuned = dict.fromkeys(names[c.id] for c in pair if c.power is not None)
    said = [f"Recalibrated after training: {' and '.join(tuned)}."] if tuned else []
    counts = [(len(c.latent["labels"]), c.card["measured"]["images"]) for c in pair]
    if few := dict.fromkeys(f"{described:,} of {all_of:,}" for described, all_of in counts if described < all_of):
        said.append(f"The marks show {' and '.join(few)} test images; the errors use all.")
    return [" ".join(said)] if said else []


PANEL = Panel(
    "calibration",
    "Calibration",
    "On the line, confidence equals accuracy; below, the model is overconfident (orange); above, it is not confident "
    "enough (blue). ECE is the mean distance from the line, weighted by the number of predictions. MCE is the largest "
    "distance. ICE is the mean distance along the axis.",
    State,
    views,
)
