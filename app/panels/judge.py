"""The panel Judge: each class's likelihood, Bayes' rule, and each model's verdict on an image (Fig. 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.answer import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN, Answer
from app.controls import ComparedState, picture, picture_of
from app.desk import Question, question
from app.figures.bayes import BOTTOM, FLOOR, TOP, Beside, LikelihoodRow, bayes_figure, digits_of, least_of
from app.figures.bits_scale import number_text
from app.figures.classes import MAX_CLASSES, shown_classes, with_number
from app.figures.layout import as_rgb, png_uri
from app.figures.text import plotly_texts
from app.images.pictures import Picture, pixels_of
from app.inference.bits import bits_per_dim
from app.inference.computations import evaluate, held_out, stacked
from app.latent_space import clouds
from app.models import registry
from app.models.live import as_picture
from app.models.names import name_of
from app.models.summary import caveat_of
from app.panel import Panel, Part, Plot, View
from app.widgets.markdown import markdown_text
from app.widgets.stage import is_on_stage
from ibinn_core.exploration import TYPICAL

VERDICTS = {"confident": CONFIDENT, "uncertain": UNCERTAIN, "out": OUT, "unknown": CLASS_UNKNOWN}


@dataclass(frozen=True)
class State(ComparedState):
    """The image."""

    image: str = picture("Image", "inspected")


def views(state: State) -> list[View]:
    """Bayes' rule with a row for each model, and the verdicts."""
    chosen = picture_of(state.image)

    def draw(*found: Any) -> Sequence[Part]:
        answers = [one for one in found if isinstance(one, Answer)]
        said = [] if is_on_stage() else [table(answers, chosen), *notes(models_of(state))]
        part = bayes(state, chosen, found)
        _add_image(part.figure, chosen)
        return [part, *said]

    return [View(asked(state, question(stacked, question(pixels_of, state.data, state.image))), draw)]


def models_of(state: ComparedState) -> Sequence[str]:
    """The models that have a row; on stage only the slider's model."""
    return [state.model] if is_on_stage() else state.models


def asked(state: ComparedState, images: Question) -> list[Question]:
    """The questions whose answers :func:`bayes` takes, for one image, ``(1, H, W, C)``."""
    return [*(question(evaluate, model, images) for model in (*models_of(state), *state.beside)), *known_of(state)]


def known_of(state: ComparedState) -> list[Question]:
    """The question for the data with which a row follows γ's slider; no question if the model is not on a curve."""
    return [question(held_out, state.model)] if clouds.curve_of(registry.by_id(state.model)) else []


def bayes(state: ComparedState, image: Picture, found: Sequence[Any]) -> Plot:
    """Bayes' rule on an image, from the answers to :func:`asked`."""
    answers = [one for one in found if isinstance(one, Answer)]
    generative = [one for one in answers if one.log_likelihood is not None]
    rows = [_row(one) for one in generative]
    others = [Beside(_heading(one), one.posterior[0]) for one in answers if one.log_likelihood is None]
    figure = bayes_figure(rows, others, image.label, classes=registry.by_id(state.model).classes)
    said = [f"{name_of(registry.by_id(one.model))}: {one.verdict().word}, {one.top(0, 1)}" for one in answers]
    live = None
    if known_of(state):
        row = [one.model for one in generative].index(state.model)
        live = (state.model, "bayes", _task(state.model, image, answers, rows, row, found[-1]))
        live[2]["others"] = _parts_of_others(figure, row)
    return Plot(
        "bayes",
        figure,
        f"{image.name}: likelihood, likelihood times prior, posterior; bits per dimension. {'; '.join(said)}",
        wide=True,
        tall=True,
        narrowest=640,
        live=live,
    )


def _add_image(figure: go.Figure, image: Picture) -> None:
    """Shows the image above the names of the classes."""
    height = 70 / (figure.layout.height - TOP - BOTTOM)  # type: ignore[attr-defined]
    place = {"xref": "paper", "yref": "paper", "x": -0.01, "y": 1, "xanchor": "right", "yanchor": "bottom"}
    figure.add_layout_image(place, source=png_uri(as_rgb(image.pixels), 3), sizex=0.2, sizey=height)
    figure.update_layout(margin_l=72)  # room for the image beside short names


def _parts_of_others(figure: go.Figure, row: int) -> list[str]:
    """The names of traces and annotations that show an image under models other than the row's."""
    drawn: Any = figure
    names = [one.uid for one in drawn.data] + [note.name for note in drawn.layout.annotations]
    own = {f"{kind}-{row}" for kind in ("heading", "likelihood", "joint", "posterior", "shares", "needle", "bits")}
    return [name for name in names if name and name not in own and not name.startswith(("prior", "strip"))]


def _row(one: Answer) -> LikelihoodRow:
    checkpoint = registry.by_id(one.model)
    assert one.log_likelihood is not None and one.prior is not None and one.bits is not None and one.typical is not None
    return LikelihoodRow(
        _heading(one, has_class=True),
        one.log_likelihood[0],
        np.array(one.prior),
        one.joint(0),
        one.posterior[0],
        float(one.bits[0]),
        bits_per_dim(checkpoint, checkpoint.latent["reference"]),
        one.typical,
    )


def _heading(one: Answer, has_class: bool = False) -> str:
    """The model's name and its verdict, with the class that the verdict is about."""
    verdict = one.verdict()
    top = plotly_texts(one.classes)[int(one.posterior[0].argmax())]
    said = f"{verdict.word}: {top}" if has_class and verdict in (CONFIDENT, UNCERTAIN) else verdict.word
    sign = f"<span style='color:{verdict.ink}'><b>{verdict.sign} {said}</b></span>"
    return f"<b>{name_of(registry.by_id(one.model))}</b>  {sign}"


def _task(
    model: str, image: Picture, answers: Sequence[Answer], rows: Sequence[LikelihoodRow], row: int, known: dict
) -> dict[str, Any]:
    """The task that lets the row of the slider's model follow γ (``app/static/live/bayes.js``)."""
    focus = registry.by_id(model)
    family = clouds.curve_of(focus)
    assert family is not None  # known_of asks only about models on a curve
    shown = shown_classes(np.max([one.posterior[0] for one in answers], axis=0), image.label)
    names = plotly_texts(focus.classes)
    return {
        "picture": as_picture(focus, image.pixels),
        "row": row,
        "shown": shown,
        "names": [names[k] for k in shown],
        "floor": FLOOR,
        "digits": digits_of(rows[row].prior),
        "least": least_of([one for n, one in enumerate(rows) if n != row]) if len(rows) > 1 else 0.0,
        "reference": known,
        "sure": CONFIDENT_FROM,
        "verdicts": {name: {"sign": v.sign, "word": v.word, "ink": v.ink} for name, v in VERDICTS.items()},
        # The keys are γ in JavaScript's notation.
        "titles": {f"{one.gamma:g}".replace("inf", "Infinity"): name_of(one) for one in family.members},
    }


def table(answers: Sequence[Answer], image: Picture) -> str:
    """The verdicts as a Markdown table, a line for each model."""
    lines = ["| Model | Verdict | Top class | Bits/dim | Less typical than |", "| :-- | :-- | :-- | --: | --: |"]
    for one in answers:
        top = int(one.posterior[0].argmax())
        mark = "" if image.label is None or not one.labels_known else " ✓" if top == image.label else " ✗"
        answer = markdown_text(with_number(one.classes[top], f"{one.posterior[0, top]:.0%}{mark}"))
        numbers = "– | –"
        if one.bits is not None and one.p_value is not None:
            numbers = f"{number_text(float(one.bits[0]))} | {1 - float(one.p_value[0]):.0%} of images"
        name = markdown_text(name_of(registry.by_id(one.model)))
        lines.append(f"| **{name}** | {one.verdict().badge} | {answer} | {numbers} |".replace(" ", "\u00a0", 3))
    return "\n".join(lines)


def notes(able: Sequence[str]) -> list[str]:
    """Notes that help to read the rows of some models."""
    checkpoints = [registry.by_id(model) for model in able]
    found = [note for note in map(caveat_of, checkpoints) if note]
    if len(checkpoints[0].classes) > MAX_CLASSES:
        found.append(
            f"Ten of {len(checkpoints[0].classes)} classes are shown: each model's most probable, and the true class."
        )
    return found


PANEL = Panel(
    "judge",
    "Judge",
    "Read from 1 to 4. Parts 1 to 3 tell *confident* from *uncertain*. Part 3 is divided by the sum, "
    "so it does not show how large the sum was. Part 4 shows the sum, and tells what is *out of distribution*.",
    State,
    views,
    f"An image is **out of distribution** if {TYPICAL:.0%} of held-out training images are more typical: their "
    "log-likelihood is nearer to the average. An image can also be too likely. On any other image, a model is "
    f"**confident** from a top probability of {CONFIDENT_FROM:.0%} on, else **uncertain**. A confident answer can "
    "still be wrong. Likelihoods are densities over pixel values from 0 to 1, so their logarithms can be positive. A "
    "lead of a few nats decides between two classes; the likelihoods of two images differ by far more. A classifier "
    "without a likelihood has marks in part 3 only: it never says *out of distribution*.",
    has_slider=True,
)
