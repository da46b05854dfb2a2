"""The course on the site: texts and figures of :mod:`app.lessons`, drawn in advance."""

import itertools
from typing import Any
from urllib.parse import urlencode

from app.images.pictures import pixels_of
from app.lessons.course import Lesson, Link
from app.lessons.prose import Prose
from app.models.live import packed
from app.site.parts import of_site
from app.site.views import WORDS
from ibinn_core.data.datasets import DEFAULT

#: The site's views for some pages of the app.
VIEWS = {"playground": "playground", "results": "results", "test-an-image": "test"}
PAGES = {"playground": ("",), "results": ("trade-off",), "test-an-image": ("judge", "write")}


def lesson_of(lesson: Lesson) -> dict[str, Any]:
    """Converts a lesson to plain JSON: see ``app/static/site/course.js``."""
    if missing := lesson.missing():
        return {"title": lesson.title, "missing": missing}
    prose, found = Prose(f"lesson-{lesson.name}"), lesson.found()
    texts = {
        name: prose.html(getattr(lesson, name), found.values)
        for name in ("question", "ask", "caption", "reveal", "task")
    }
    if lesson.number == 1:
        texts["caption"] += WORDS["about"]
    verdicts = {guess: prose.html(lesson.verdict(guess, found), found.values) for guess in ("", *_guesses(lesson))}
    options = [{"id": id, "label": label} for id, label in lesson.options.items()]
    asked = {"scale": lesson.scale} if lesson.scale else {"options": options, "several": lesson.several}
    steps = {"before": False, "after": True}
    parts = {
        step: [of_site(part) for part in lesson.found(revealed).draw("", revealed)] for step, revealed in steps.items()
    }
    first, *others = map(_link, lesson.links(found.values))
    if not first:
        texts["task"] = ""  # the site lacks the page for the task
    links = [link for link in (first, *others) if link]
    return {"title": lesson.title, "texts": texts, "verdicts": verdicts, "links": links, **asked, **parts}


def _link(link: Link) -> dict[str, str] | None:
    """Returns the link of a lesson on the site; ``None`` if the site lacks the link's page or tab."""
    tabs = PAGES.get(link.page, ())
    if link.query.get("tab", tabs[0] if tabs else None) not in tabs:
        return None
    data = link.query.get("data", DEFAULT)
    query = {name: value for name, value in link.query.items() if name in ("tab", "play", "strokes")}
    if link.page != "playground":
        query |= {"data": data, "gamma": "1"}  # the lessons' model
    if "image" in link.query:
        query["image"] = packed(pixels_of(data, link.query["image"]))
    return {"label": link.label, "url": f"#{urlencode({'view': VIEWS[link.page], **query}, safe='~,:')}"}


def _guesses(lesson: Lesson) -> list[str]:
    """Returns all predictions that a user can make, as in the URL."""
    if lesson.guess:
        return [str(number) for number in range(lesson.guess.low, lesson.guess.high + 1)]
    counts = range(1, len(lesson.options) + 1) if lesson.several else (1,)
    return [",".join(chosen) for count in counts for chosen in itertools.combinations(lesson.options, count)]
