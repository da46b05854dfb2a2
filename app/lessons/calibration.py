"""Lesson 4: whether a model's confidence can be trusted."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.desk import Question, question
from app.figures.diagrams import reliability_figure
from app.lessons.course import Found, percentage_of
from app.lessons.prose import grouped, percent
from app.models import registry
from app.models.names import name_of
from app.palette import ACCENT, BAND_COLOR, rgba
from app.panel import Part, Plot
from app.results.questions import TOP_LABEL, Calibration, calibration
from ibinn_core.checkpoint import Checkpoint

ASKED = 11  # index of the bin in the question, from 0


def compared() -> list[Checkpoint]:
    """Returns the lesson's model and, if available, a purely discriminative model."""
    every = {c.id: c for c in registry.of_data_set()}
    return [every[id] for id in (registry.FIRST_MODEL, registry.FIRST_BESIDE) if id in every]


def questions(revealed: bool) -> list[Question]:
    """Returns questions for the models' calibration on the test set."""
    return [question(calibration, one.id, TOP_LABEL) for one in compared()]


def found(*answers: Calibration) -> Found:
    """Returns the calibration in the question's bin and overall."""
    models, bins = compared(), answers[0].bins
    errors = [percent(one.card["calibration_top_label"], 1) for one in models]
    scaled = f" {name_of(models[0])} was recalibrated after training." if models[0].power is not None else ""
    low, high = (float(bins.edges[edge]) for edge in (ASKED, ASKED + 1))
    values = {
        "low": percent(low),
        "high": percent(high),
        "count": grouped(bins.count[ASKED]),
        "expected": percent(bins.expected[ASKED]),
        "observed": percent(bins.observed[ASKED]),
        "name": name_of(models[0]),
        "error": errors[0],
        "beside": f" A ResNet is off by {errors[1]}." if len(models) > 1 else "",
        "scaled": scaled,
        "left": models[0].id,
        "right": models[-1].id,
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        figures = [reliability_figure(f"<b>{name_of(models[n])}</b>", one.bins) for n, one in enumerate(answers)]
        if not revealed:
            figures = [reliability_figure("", answers[0].bins)]
            figures[0].data = figures[0].data[:1]  # only the diagonal
        _ask(figures[0], (low, high), guess)
        alt = "How often {} is right." if revealed else "How often {} is right: not yet shown."
        return [
            Plot(f"lesson-calibration-{n}", one, alt.format(name_of(models[n])), bare=True)
            for n, one in enumerate(figures)
        ]

    return Found(values, float(bins.observed[ASKED]), draw)


def _ask(figure: go.Figure, asked: tuple[float, float], guess: str) -> None:
    """Marks the range of the question, and the user's prediction in percent."""
    figure.add_vrect(*asked, fillcolor=rgba(BAND_COLOR, 0.18), line_width=0, layer="below")
    if (share := percentage_of(guess)) is not None:
        style = {"size": 18, "symbol": "diamond-open", "color": ACCENT, "line_width": 4}
        said = f"your guess: {share} %<extra></extra>"
        figure.add_scatter(x=[sum(asked) / 2], y=[share / 100], marker=style, mode="markers", hovertemplate=said)
