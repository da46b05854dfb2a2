"""Lesson 7: why plain maximum likelihood forgets the classes."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.desk import Question, question
from app.figures.classes import OTHER
from app.figures.latent import frame_of
from app.figures.layout import finish, heading
from app.figures.text import plotly_texts
from app.latent_space import clouds
from app.latent_space.plane import Plane
from app.lessons.course import Found
from app.lessons.prose import grouped, percent
from app.lessons.questions import landscape
from app.models import registry
from app.models.names import colors_of, name_of
from app.palette import NEUTRAL, class_colors, rgba
from app.panel import Part, Plot
from ibinn_core.checkpoint import Checkpoint

MODELS = ("class-nll", registry.FIRST_MODEL)
DOTS = 2000
EDGE = 1.06  # width of the plane, relative to the larger cloud
SCALES = [n / 20 for n in range(41)]  # factors on the class means: 0 makes them coincide, 1 keeps them as trained
TRAINED = SCALES.index(1.0)
HEIGHT = 280


def questions(revealed: bool) -> list[Question]:
    """Returns questions for both models' losses at each distance of the class means."""
    return [question(landscape, model, SCALES) for model in MODELS]


def epochs_of(checkpoint: Checkpoint) -> float:
    """Counts the epochs of training behind a model's weights, including those of its ancestors."""
    return sum(step.get("epochs", 0) for step in (*checkpoint.config["ancestry"], checkpoint.config["budget"]))


def found(*landscapes: tuple[np.ndarray, np.ndarray]) -> Found:
    """Returns both models' errors and losses, and the bits of an image and of its class."""
    models = [registry.by_id(id) for id in MODELS]
    first, second = models
    dims = first.dataset.dims
    losses = [loss - loss[0] for _, loss in landscapes]
    image, label = first.card["bits_per_dim"]["mean"] * dims, math.log2(len(first.classes))
    values = {
        "rise": f"{-losses[0][TRAINED]:.3f}",
        "other_rise": f"{-losses[1][TRAINED]:.1f}",
        "image_bits": grouped(image),
        "class_bits": f"{label:.1f}",
        "share": percent(label / image, 2),
        "tiny": f"{1 / dims:.4f}",
        "other": name_of(second),
        "other_error": percent(second.card["error"]),
        "guessing": percent(1 - 1 / len(first.classes)),
        "epochs": f"{epochs_of(first):.0f}",
        "other_epochs": f"{epochs_of(second):.0f}",
        "taught": ", some with teachers" if second.config["training"].get("teachers") else "",
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        known = slice(0 if revealed else 1, None)
        return [*_planes(models, known), _landscape(models, losses, known)]

    return Found(values, float(first.card["error"]), draw)


def _planes(models: Sequence[Checkpoint], known: slice) -> list[Part]:
    """Draws test images in the plane of the linear discriminants, where a model's classes are farthest apart."""
    found = [clouds.cloud(model, "lda") for model in models]
    boxes = [frame_of(one.points) for one in found]
    span = EDGE * max(float((high - low).max()) for low, high in boxes)
    parts: list[Part] = []
    for model, (points, centres), (low, high) in zip(models, found, boxes, strict=True):
        name, error, middle = name_of(model), percent(model.card["error"]), (low + high) / 2
        is_shown = model in models[known]
        alt = f"The latents of {DOTS} test images under {name}, coloured by class; {error} are misclassified."
        parts.append(
            Plane(
                f"lesson-{model.id}",
                alt if is_shown else f"The latents of {DOTS} test images under {name}.",
                model.id,
                points[:DOTS],
                model.latent["labels"].astype(int)[:DOTS] if is_shown else np.full(DOTS, OTHER),
                model.classes,
                class_colors(len(model.classes)),
                np.stack([middle - span / 2, middle + span / 2]),
                centres if is_shown else None,
                heading=f"**{name}**: {f'{error} wrong' if is_shown else 'how many wrong?'}",
                beside=False,
            )
        )
    return parts


def _landscape(models: list[Checkpoint], losses: Sequence[np.ndarray], known: slice) -> Plot:
    """Draws the losses against the distance of the class means, with a dot at the trained distance."""
    figure, said = go.Figure(), []
    for model, color, loss in list(zip(models, colors_of(models), losses, strict=True))[known]:
        name = plotly_texts([name_of(model)])[0]
        hover = f"{name}, means %{{x:.1f}} times as far apart:<br>the loss is %{{y:+.4f}}<extra></extra>"
        style = {"name": name, "hovertemplate": hover, "line": {"color": color, "width": 3}}
        figure.add_scatter(x=SCALES, y=loss, mode="lines", **style)
        figure.add_scatter(x=[1], y=[loss[TRAINED]], mode="markers", marker={"size": 11, "color": color}, **style)
        place = {"xanchor": "right", "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(x=SCALES[-1], y=float(loss[-1]), text=f"<b>{name}</b>", **place)
        said.append(f"{name} {loss[TRAINED]:+.3f}")
    lowest = min(float(loss.min()) for loss in losses)
    figure.update_xaxes(title_text="◀ together · 1: as trained · apart ▶", dtick=1, showgrid=False, zeroline=False)
    figure.update_yaxes(range=[1.12 * lowest, -0.55 * lowest], nticks=4, gridcolor=rgba(NEUTRAL, 0.25))
    title, margin = heading("<b>Loss</b> as the class means move", 15), {"l": 8, "r": 12, "t": 32, "b": 8}
    finish(figure, HEIGHT, margin=margin, showlegend=False, dragmode=False, title=title)
    alt = f"The loss over the distance of the class means. Change from equal to trained means: {', '.join(said)}."
    return Plot("lesson-landscape", figure, alt, bare=True)
