"""The course on the site: words and pictures of :mod:`app.lessons`, drawn in advance."""

import itertools
from typing import Any
from urllib.parse import urlencode

from app.lessons.course import Lesson, Link
from app.lessons.prose import Prose
from app.site.parts import of_site
from app.site.views import TABS

#: The site's views by the app's pages that they stand for.
PAGES = {"playground": "playground", "results": "results", "test-an-image": "test", "explore": "explore"}


def lesson_of(lesson: Lesson) -> dict[str, Any]:
    """A lesson as plain JSON: see ``app/static/site/course.js``."""
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
    steps = {"before": False, "after": True}
    parts = {
        step: [of_site(part) for part in lesson.found(revealed).draw("", revealed)] for step, revealed in steps.items()
    }
    links = [{"label": link.label, "url": url} for link in lesson.links(found.values) if (url := _url(link))]
    return {"title": lesson.title, "texts": texts, "verdicts": verdicts, "links": links, **asked, **parts}


def _url(link: Link) -> str:
    """The address on the site of what a lesson leads to; empty if only the app has it."""
    query = {name: value for name, value in link.query.items() if name in ("tab", "play", "data")}
    if link.page not in PAGES or (link.page == "explore" and query.get("tab", "look") not in TABS):
        return ""
    return f"#{urlencode({'view': PAGES[link.page], **query}, safe='~,:')}"


def _guesses(lesson: Lesson) -> list[str]:
    """All predictions that a person may make, as a URL has them."""
    if lesson.guess:
        return [str(number) for number in range(lesson.guess.low, lesson.guess.high + 1)]
    counts = range(1, len(lesson.options) + 1) if lesson.several else (1,)
    return [",".join(chosen) for count in counts for chosen in itertools.combinations(lesson.options, count)]
