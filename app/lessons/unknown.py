"""Lesson 5: unfamiliar images that a likelihood detects, and others that it misses."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

import ibinn_core as ib
from app.answer import OUT, Answer
from app.desk import Question, at_once, question
from app.figures.layout import finish
from app.images.links import to_url
from app.images.pictures import images_of
from app.inference.bits import bits_per_dim
from app.inference.computations import evaluate
from app.lessons.course import Found, chosen_of
from app.lessons.prose import percent
from app.models import registry
from app.palette import BAND_COLOR, NEUTRAL, rgba
from app.panel import Part, Plot
from app.results.questions import Detection, measured_detection
from app.widgets.markdown import listed, with_article
from app.widgets.tiles import Tiles
from ibinn_core.data import DatasetNotFoundError, ood
from ibinn_core.data.datasets import DATASETS, DEFAULT
from ibinn_core.exploration import TYPICAL

LICENCE = "CC BY 2.0"  # licence of the pagoda's photograph
FAR = "cifar100"  # a data set similar enough to be mistaken for the training data


def pictures() -> dict[str, tuple[str, np.ndarray]]:
    """Loads the available pictures: name and pixels, uint8 ``(32, 32, 3)``, by their names in the URL.

    They come with the packages foolbox and scikit-learn. The first picture resembles the training images.
    """
    images, _, _ = images_of("sample", DATASETS[DEFAULT])
    digit = np.pad(ib.data.embedded("mnist")[0][0, ..., 0], 2)[..., None].repeat(3, axis=2)
    every = {
        "frog": ("a frog", images[5]),
        "noise": ("faint noise", ood.load("noise", images)[5]),
        "colours": ("false colours", ood.load("rgb-rotation", images)[13]),
        "digit": ("a digit", digit),
        "apples": ("apples", ib.data.embedded(FAR)[0][9]),
    }
    # A photograph by danielbuechele from scikit-learn's folder; importing scikit-learn would be slow.
    spec = importlib.util.find_spec("sklearn")
    for place in (spec and spec.submodule_search_locations) or ():
        if (path := Path(place, "datasets", "images", "china.jpg")).is_file():
            every["pagoda"] = ("a pagoda", ib.read_image(path))
    return every


def missing() -> str:
    """Says in a sentence why the lesson cannot be shown; empty if it can."""
    try:
        pictures()
    except DatasetNotFoundError as error:
        return str(error)
    return ""


def questions(revealed: bool) -> list[Question]:
    """Returns questions for the model's answers on the pictures, and for its detection of another data set."""
    model = registry.FIRST_MODEL
    return [question(evaluate, model, question(images)), question(measured_detection, model)]


@at_once
def images() -> np.ndarray:
    """Returns the pixels of the pictures, uint8 ``(N, 32, 32, 3)``."""
    return np.stack([image for _, image in pictures().values()])


def found(answer: Answer, detection: Detection | None) -> Found:
    """Returns the pictures that the model detects, and those that it accepts."""
    every = pictures()
    names = [name for name, _ in every.values()]
    verdicts = [answer.verdict(row) for row in range(len(every))]
    tops = [answer.classes[row.argmax()] for row in answer.posterior]
    out = [verdict is OUT for verdict in verdicts]
    noticed = [name for name, is_out in zip(names, out, strict=True) if is_out]
    passed = [
        f"{name} ({with_article(top)}, {verdict.word})"
        for name, top, verdict in list(zip(names, tops, verdicts, strict=True))[1:]
        if verdict is not OUT
    ]
    values = {
        "level": percent(TYPICAL),
        "noticed": listed(noticed) if noticed else "none of them",
        "passed": listed(passed) if passed else "none of these",
        "licence": LICENCE,
        "limit": _limit(detection.areas[FAR]) if detection and FAR in detection.areas else "",
        "last": names[-1],
        "image": f"own-{to_url(every[[*every][-1]][1])}",
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        captions, marks, chosen = names, [""] * len(names), chosen_of(guess, every)
        if revealed:
            rows = zip(names, verdicts, tops, answer.posterior.max(1), strict=True)
            captions = [
                f"{name}\n{verdict.sign + ' ' if verdict is OUT else ''}{top}\n{percent(sure)}"
                for name, verdict, top, sure in rows
            ]  # a check mark beside a name would look like the right answer
        if revealed and chosen:
            marks = [
                f"guess {'right' if (id in chosen) == is_out else 'wrong'}"
                for id, is_out in zip(every, out, strict=True)
            ]
        grid = Tiles(
            "lesson-pictures",
            images(),
            captions,
            f"{len(every)} pictures: {', '.join(captions)}",
            columns=3,
            marks=marks,
            captions=captions,
            largest=300,
            wide=False,
        )
        return [grid, _scale(names, answer, revealed)]

    return Found(values, [id for id, is_out in zip(every, out, strict=True) if is_out], draw)


def _limit(score: float) -> str:
    far = ib.data.describe(FAR).title
    return f" Given a familiar photograph and a new one ({far}), it tells which is new in {percent(score)} of pairs."


def _scale(names: Sequence[str], answer: Answer, revealed: bool) -> Plot:
    """Draws the distribution of bits/dim of familiar photographs, and a dot for each picture."""
    checkpoint = registry.by_id(registry.FIRST_MODEL)
    familiar = bits_per_dim(checkpoint, checkpoint.latent["reference"][:1000])
    style = {"orientation": "h", "side": "positive", "width": 1.6, "points": False, "hoverinfo": "skip"}
    figure = go.Figure(go.Violin(x=familiar, y0="photographs", line_color=NEUTRAL, **style))
    assert answer.bits is not None and answer.typical is not None
    verdicts = [answer.verdict(row) for row in range(len(names))]
    figure.add_scatter(
        x=answer.bits if revealed else [None] * len(names),
        y=names,
        mode="markers",
        marker={"size": 14, "color": [OUT.ink if verdict is OUT else NEUTRAL for verdict in verdicts]},
        hovertemplate="%{y}: %{x:.2f} bits/dim<extra></extra>",
        cliponaxis=False,
    )
    figure.add_vrect(*answer.typical, fillcolor=rgba(BAND_COLOR, 0.18), line_width=0, layer="below")
    every = np.concatenate([familiar, answer.bits])
    ends = [every.min() - 0.2, every.max() + 0.2]
    title = "bits/dim<br>◀ simpler · more complicated ▶"
    figure.update_xaxes(title_text=title, showgrid=False, zeroline=False, range=ends)
    figure.update_yaxes(categoryarray=["photographs", *names[::-1]], gridcolor=rgba(NEUTRAL, 0.25))
    finish(figure, 380, margin={"l": 8, "r": 16, "t": 4, "b": 8}, showlegend=False, dragmode=False)
    rows = zip(names, answer.bits, verdicts, strict=True)
    said = "; ".join(f"{name} {bits:.2f}, {verdict.word}" for name, bits, verdict in rows)
    alt = "Bits/dim of familiar photographs" + (f", and of each picture: {said}" if revealed else "")
    return Plot("lesson-scale", figure, alt, bare=True)
