"""The course on the site: the words of :mod:`app.lessons`, and pictures of what it has computed, drawn in advance."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from app.figures.lessons import (
    Mark,
    Promise,
    bits_figure,
    likelihood_figure,
    plane_figure,
    promise_figure,
    strip_figure,
)
from app.images.alterations import ALTERATIONS
from app.images.pictures import sample
from app.lessons import bayes, calibration, class_nll, there_and_back, unknown
from app.lessons.contents import LESSONS
from app.lessons.course import AnyLesson, Choice, Scale
from app.lessons.picture_row import Tile, row_html
from app.lessons.prose import Prose, percent
from app.models import registry
from app.models.names import colors_of, name_of
from app.models.predictions import bits_per_dim, typical_bits
from app.site.views import figure_of
from ibinn_core.data.datasets import DATASETS, DEFAULT

#: What a lesson shows: figures as the site has them, ``{"html": …}``, or ``{"view": …}`` for a view's last figure,
#: of which ``changes`` say what is different here.
Parts = list[dict[str, Any]]


def lessons_of() -> list[dict[str, Any]]:
    """The lessons as plain JSON: see ``app/static/site/course.js``."""
    return [
        _lesson(number, lesson, picture)
        for number, (lesson, picture) in enumerate(zip(LESSONS, _PICTURES, strict=True))
    ]


def _lesson(number: int, lesson: AnyLesson, picture: Callable[[bool], Parts]) -> dict[str, Any]:
    if missing := lesson.missing():
        return {"title": lesson.title, "missing": missing}
    prose, values = Prose(f"lesson-{number}"), lesson.values()
    texts = {
        name: prose.html(text, values)
        for name, text in (
            *(("question", lesson.question), ("ask", lesson.ask), ("caption", lesson.caption)),
            *(("reveal", lesson.reveal()), ("task", lesson.task)),
        )
    }
    verdicts = {guess: prose.html(lesson.verdict(guess), values) for guess in ("", *_guesses(lesson.guess))}
    guess = lesson.guess
    asked = (
        {"options": [option._asdict() for option in guess.options], "several": guess.several}
        if isinstance(guess, Choice)
        else {"scale": guess._asdict()}
    )
    parts = {"before": picture(False), "after": picture(True)}
    return {"title": lesson.title, "texts": texts, "verdicts": verdicts, **asked, **parts}


def _guesses(guess: Choice | Scale) -> list[str]:
    """All predictions that a person may make, as a URL has them."""
    if isinstance(guess, Scale):
        return [str(number) for number in range(guess.low, guess.high + 1)]
    ids = [option.id for option in guess.options]
    counts = range(1, len(ids) + 1) if guess.several else (1,)
    return [",".join(chosen) for count in counts for chosen in itertools.combinations(ids, count)]


# Their pictures -----------------------------------------------------------------------------------------


def _row(tiles: Sequence[Tile], size: int, columns: int, narrow: int = 3) -> dict[str, Any]:
    return {"html": row_html(tiles, size, columns, narrow)}


def _there_and_back(revealed: bool) -> Parts:
    picture = sample(there_and_back.IMAGE, DATASETS[DEFAULT])
    gone = there_and_back.journey(registry.FIRST_MODEL, picture.pixels, picture.label or 0)
    way = [
        Tile(picture.pixels, "the image", f"the image: {picture.class_name}"),
        Tile(gone.latent, "its latent", "the latent, drawn as a picture: it looks like noise", "network"),
        Tile(gone.back if revealed else None, "what comes out", "what comes out", "backwards"),
    ]
    answers = [picture.pixels, ALTERATIONS["blurred"](picture.pixels), gone.sample]
    marks = ["right", "wrong", "wrong"] if revealed else [""] * 3
    options = [
        Tile(pixels, letter, f"picture {letter}", mark=mark)
        for pixels, letter, mark in zip(answers, "ABC", marks, strict=True)
    ]
    return [_row(way, 190, 3), _row(options, 130, 3)]


def _bayes(revealed: bool) -> Parts:
    picture, judgement = bayes.judged()
    relative = judgement.log_likelihood - judgement.log_likelihood.max()
    classes = registry.by_id(registry.FIRST_MODEL).classes
    caption = f"a test image: {picture.class_name}" if revealed else "a test image"
    drawn = likelihood_figure(relative, judgement.posterior if revealed else None, None, classes=classes)
    return [
        _row([Tile(picture.pixels, caption, caption)], 150, 1),
        figure_of(drawn, "bayes", "Likelihoods of the classes."),
    ]


def _gamma(_: bool) -> Parts:
    """Both follow the slider; of the samples the first of each class is enough."""
    return [{"view": "latent"}, {"view": "samples", "changes": {"layout": {"yaxis": {"range": [1, 0]}}}}]


def _calibration(revealed: bool) -> Parts:
    models = calibration.Calibration().models() if revealed else []
    edges = calibration.reliability_of(registry.FIRST_MODEL).edges
    promises = [
        Promise(name_of(c), color, *calibration.used(calibration.reliability_of(c.id)))
        for c, color in zip(models, colors_of(models), strict=True)
    ]
    asked = (edges[calibration.ASKED], edges[calibration.ASKED + 1])
    return [
        figure_of(promise_figure(promises, asked, None), "promise", "How many answers are right, by how sure it is.")
    ]


def _unknown(revealed: bool) -> Parts:
    every = list(enumerate(unknown.judged(), 1))
    if not revealed:
        return [_row([Tile(one.pixels, f"{n} · {one.name}", one.name) for n, one in every], 185, 3)]
    captions = [f"{n} · {one.answer} {percent(one.sure)}\n{one.verdict.sign} {one.verdict.word}" for n, one in every]
    tiles = [Tile(one.pixels, caption, one.name) for (_, one), caption in zip(every, captions, strict=True)]
    checkpoint = registry.by_id(registry.FIRST_MODEL)
    marks = [Mark(str(n), one.bits, one.verdict.ink, one.name) for n, one in every]
    reference = bits_per_dim(checkpoint, checkpoint.latent["reference"])
    strip = strip_figure(marks, reference, typical_bits(checkpoint))
    return [_row(tiles, 112, 6), figure_of(strip, "unknown", "Bits/dim of the pictures among those of photographs.")]


def _class_nll(revealed: bool) -> Parts:
    lesson = class_nll.ClassNLL()
    image, label = lesson.bits()
    parts: Parts = [
        figure_of(bits_figure(image, label), "bits", f"Of {image:.0f} bits, its class may save {label:.1f}.")
    ]
    for checkpoint, points, bounds in lesson.planes():
        name, error = name_of(checkpoint), percent(checkpoint.card["error"])
        if not revealed and checkpoint.id == class_nll.MODEL:
            parts.append({"html": f'<p class="heading"><b>{name}</b>: how many wrong?</p>'})
            continue
        labels = checkpoint.latent["labels"][: len(points)].astype(int)
        drawn = plane_figure(points, labels, bounds, class_nll.CLOUD, classes=checkpoint.classes)
        part = figure_of(drawn, checkpoint.id, f"Latents of {len(points)} test images under {name}.")
        parts.append({**part, "title": f"{name}: {error} wrong"})
    return parts


_PICTURES = (_there_and_back, _bayes, _gamma, _calibration, _unknown, _class_nll)
