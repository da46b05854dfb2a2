"""Lesson 3: the benefits and the costs of γ."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from app import state
from app.answer import Images
from app.desk import Question, question
from app.figures.latent import frame_of
from app.inference.computations import samples
from app.inference.models import is_continuous
from app.inference.slider import gamma_text
from app.latent_space import clouds
from app.latent_space.plane import Plane
from app.lessons.course import LESSONS, Found
from app.lessons.prose import change, percent
from app.models import registry
from app.models.gamma_slider import gamma_slider
from app.palette import class_colors
from app.panel import Part
from app.widgets.tiles import Tiles
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.weight_space import Family

CLASSES, COLUMNS, TEMPERATURE, SEED = (0, 3, 6, 9), 5, 1.0, 0  # for the samples


def family() -> Family | None:
    """Returns the family with a measured curve; ``None`` if there is none."""
    found = registry.weight_space(registry.families().get(DEFAULT, []))
    return found if found is not None and is_continuous(found) else None


def missing() -> str:
    """Says in a sentence why the lesson cannot be shown; empty if it can."""
    if family():
        return ""
    return "This lesson needs models that are not here: several γ, and their measured curve."


def _family() -> Family:
    found = family()
    assert found is not None  # otherwise the lesson is not shown
    return found


def ends(of: Family) -> tuple[float, float]:
    """Returns the smallest trained γ above 0, since γ = 0 does not train the classes, and the largest finite γ."""
    taught = [gamma for gamma in of.gammas if 0 < gamma < math.inf]
    return taught[0], taught[-1]


def shown(of: Family, revealed: bool) -> Checkpoint:
    """Returns the model to draw: the one with the smallest γ above 0, or the slider's after the answer."""
    low, high = ends(of)
    if revealed:
        low = state.begin(state.GAMMA, high, lambda gamma: min(max(gamma, of.gammas[0]), of.gammas[-1]))
    return registry.place(of, low)


def show_controls() -> None:
    """Shows the slider at the URL's γ."""
    of = _family()
    gamma = shown(of, True).gamma or 0.0
    gamma_slider(of, gamma, "lesson-gamma-slider", partial(state.put, state.GAMMA))
    state.link(state.GAMMA, gamma, ends(of)[1])


def questions(revealed: bool) -> list[Question]:
    """Returns questions for samples of the model: each row has one class, each column the same noise."""
    model, how = shown(_family(), revealed).id, (TEMPERATURE, "mean", 1.0, SEED)
    return [question(samples, model, (label,) * COLUMNS, *how) for label in CLASSES]


def found(*rows: Images) -> Found:
    """Returns the measures at the two γ of :func:`ends`, and the option that they make right."""
    of = _family()
    low, high = map(of.point, ends(of))
    is_better, is_likelier = high.error < low.error, high.bits_per_dim < low.bits_per_dim
    right = f"{'fewer' if is_better else 'more'}-{'more' if is_likelier else 'less'}"
    values = {
        "answer": LESSONS["gamma"].options[right].capitalize(),
        "low": gamma_text(ends(of)[0]),
        "high": gamma_text(ends(of)[1]),
        "error_low": percent(low.error, 1),
        "error_high": percent(high.error, 1),
        "error_change": change(low.error, high.error),
        "bits_low": f"{low.bits_per_dim:.2f}",
        "bits_high": f"{high.bits_per_dim:.2f}",
        "bits_change": change(low.bits_per_dim, high.bits_per_dim),
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        model, classes = shown(of, revealed), of.members[0].classes
        how = {"temperature": TEMPERATURE, "center": "mean", "guidance": 1.0, "seed": SEED}  # as in the panel Sample
        task = {"classes": CLASSES, "columns": COLUMNS, "shape": of.members[0].dataset.image_shape, **how}
        grid = Tiles(
            "lesson-samples",
            np.stack([row.shown for row in rows]),
            [f"a sample of {classes[k]}" for k in CLASSES for _ in range(COLUMNS)],
            f"Samples at γ = {gamma_text(model.gamma or 0)}.",
            rows=[classes[k] for k in CLASSES],
            marks=[mark for row in rows for mark in row.marks],
            largest=150,
            live=(model.id, "samples", task) if revealed else None,
            wide=False,
        )
        return [_plane(model, revealed), grid]

    return Found(values, [right], draw)


def _plane(model: Checkpoint, revealed: bool) -> Plane:
    """Draws the latents of the curve's test images, which follow γ once the answer is revealed."""
    track, places = clouds.track_of(model), clouds.cloud(model, "means")
    assert track is not None  # the model belongs to the family
    return Plane(
        "lesson-plane",
        f"The latents of {len(track.rows)} test images at γ = {gamma_text(model.gamma or 0)}, coloured by class.",
        model.id,
        places.points[track.rows],
        model.latent["labels"].astype(int)[track.rows],
        model.classes,
        class_colors(len(model.classes)),
        frame_of(track.points),
        places.means,
        track=track.among(track.rows) if revealed else None,
        beside=False,
    )
