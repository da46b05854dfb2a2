"""The course on the site: words and pictures of :mod:`app.lessons`, drawn in advance."""

import itertools
from typing import Any

from app.lessons.course import LESSONS, Lesson
from app.lessons.prose import Prose
from app.panel import Html, Part, Plot
from app.site.measure import Seen
from app.site.views import figure_of, samples_figure
from app.widgets.tiles import Tiles, data_of
from ibinn_core.weight_space import Family

#: What a lesson shows: figures as the site has them, ``{"html": …}``, ``{"tiles": …}``, or ``{"view": …}`` for a view's
#: figure.
Parts = list[dict[str, Any]]


def lessons_of(family: Family, seen: Seen) -> list[dict[str, Any]]:
    """The lessons as plain JSON: see ``app/static/site/course.js``."""
    return [_lesson(lesson, family, seen) for lesson in LESSONS.values()]


def _lesson(lesson: Lesson, family: Family, seen: Seen) -> dict[str, Any]:
    if missing := lesson.missing():
        return {"title": lesson.title, "missing": missing}
    prose, found = Prose(f"lesson-{lesson.name}"), lesson.found()
    texts = {
        name: prose.html(getattr(lesson, name), found.values)
        for name in ("question", "ask", "caption", "reveal", "task")
    }
    verdicts = {guess: prose.html(lesson.verdict(guess, found), found.values) for guess in ("", *_guesses(lesson))}
    options = [{"id": id, "label": label} for id, label in lesson.options.items()]
    asked = {"scale": lesson.scale} if lesson.scale else {"options": options, "several": lesson.several}
    if lesson.name == "gamma":  # both follow the slider
        following: Parts = [{"view": "latent"}, samples_figure(family, seen)]
        parts = {"before": following, "after": following}
    else:
        steps = {"before": False, "after": True}
        parts = {step: [_of_site(part) for part in found.draw("", revealed)] for step, revealed in steps.items()}
    return {"title": lesson.title, "texts": texts, "verdicts": verdicts, **asked, **parts}


def _guesses(lesson: Lesson) -> list[str]:
    """All predictions that a person may make, as a URL has them."""
    if lesson.guess:
        return [str(number) for number in range(lesson.guess.low, lesson.guess.high + 1)]
    counts = range(1, len(lesson.options) + 1) if lesson.several else (1,)
    return [",".join(chosen) for count in counts for chosen in itertools.combinations(lesson.options, count)]


def _of_site(part: Part) -> dict[str, Any]:
    if isinstance(part, Plot):
        return figure_of(part.figure, part.key, part.alt)
    if isinstance(part, Tiles):
        return {"tiles": data_of(part)}
    assert isinstance(part, Html)  # lessons have no sentences between their pictures
    return {"html": part.text}
