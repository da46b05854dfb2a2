"""The course on the site: words and pictures of :mod:`app.lessons`, drawn in advance."""

import itertools
from typing import Any

from app.lessons.contents import LESSONS
from app.lessons.course import AnyLesson, Choice, Scale
from app.lessons.gamma import Gamma
from app.lessons.parts import Chart, Part
from app.lessons.prose import Prose
from app.site.measure import Seen
from app.site.views import figure_of, samples_figure
from ibinn_core.weight_space import Family

#: What a lesson shows: figures as the site has them, ``{"html": …}``, or ``{"view": …}`` for a view's figure.
Parts = list[dict[str, Any]]


def lessons_of(family: Family, seen: Seen) -> list[dict[str, Any]]:
    """The lessons as plain JSON: see ``app/static/site/course.js``."""
    return [_lesson(number, lesson, family, seen) for number, lesson in enumerate(LESSONS)]


def _lesson(number: int, lesson: AnyLesson, family: Family, seen: Seen) -> dict[str, Any]:
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
    if isinstance(lesson, Gamma):  # both follow the slider
        following: Parts = [{"view": "latent"}, samples_figure(family, seen)]
        parts = {"before": following, "after": following}
    else:
        parts = {"before": _parts(lesson, False), "after": _parts(lesson, True)}
    return {"title": lesson.title, "texts": texts, "verdicts": verdicts, **asked, **parts}


def _guesses(guess: Choice | Scale) -> list[str]:
    """All predictions that a person may make, as a URL has them."""
    if isinstance(guess, Scale):
        return [str(number) for number in range(guess.low, guess.high + 1)]
    ids = [option.id for option in guess.options]
    counts = range(1, len(ids) + 1) if guess.several else (1,)
    return [",".join(chosen) for count in counts for chosen in itertools.combinations(ids, count)]


# Their pictures -----------------------------------------------------------------------------------------


def _parts(lesson: AnyLesson, revealed: bool) -> Parts:
    """What a lesson shows where nobody has predicted anything."""
    return [_of_site(part) for line in lesson.parts("", revealed) for part in line]


def _of_site(part: Part) -> dict[str, Any]:
    if not isinstance(part, Chart):
        return {"html": part.html}
    return {**figure_of(part.figure, part.key, part.alt), "title": part.title}
