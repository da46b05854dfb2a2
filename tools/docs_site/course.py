"""The lessons and the glossary as pages, with the numbers that the app would show."""

import re
from collections.abc import Mapping

from app.lessons.course import LESSONS, STEP_NAMES, STEPS, Lesson
from app.lessons.prose import TERMS

TERM = re.compile(r"\[([^\]|]+)(?:\|([^\]]+))?\]")
SUB = re.compile(r"\b([Lqgz])_([A-Z])\b")


def course(explorer: str = "") -> dict[str, str]:
    """Returns the pages of the course in MyST, by path.

    Arguments:
        explorer: address of the static site, whose lessons are live; empty if there is none.
    """
    pages = {f"course/lesson-{one.number}.md": _lesson(one, explorer) for one in LESSONS.values()}
    names = [f"lesson-{one.number}" for one in LESSONS.values()]
    return pages | {"course/index.md": _index(names), "course/glossary.rst": _glossary()}


def _index(names: list[str]) -> str:
    minutes = round(sum(lesson.seconds for lesson in LESSONS.values()) / 60)
    listed = "\n".join(names)
    return (
        f"# The course\n\nThe course has {len(LESSONS)} short lessons. As a lecture they take {minutes} minutes. Each"
        " lesson asks a question, lets you predict the answer, and shows it in a figure. In the app and on the static "
        "site, figures are live. The numbers are those of this repository's models. Each lesson ends with a "
        f"lecturer's notes for each step.\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )


def _lesson(lesson: Lesson, explorer: str) -> str:
    missing = lesson.missing()
    found = None if missing else lesson.found()
    values = found.values if found else {}
    live = [f"In the app: the page Lessons, `/lessons?lesson={lesson.name}`."]
    if explorer:
        address = f"{explorer}#view=lessons&lesson={lesson.name}"
        live.append(f"Live, without installing anything: [lesson {lesson.number}]({address}).")
    parts = [
        f"# {lesson.number}. {lesson.title}",
        marked(lesson.question, values),
        "## Predict",
        marked(lesson.ask, values) + "\n\n" + _answers(lesson),
        "## The answer",
    ]
    if found:
        parts += [marked(lesson.verdict("", found), values), marked(lesson.reveal, values)]
    else:
        parts.append(missing)
    parts += ["In the picture: " + marked(lesson.caption, values), "## Try it", marked(lesson.task, values)]
    if found:
        link = lesson.links(values)[0]
        parts.append(f"*{link.label}* opens `{link.url.removeprefix('.')}`.")
    parts += [*live, "## To keep", f"> {marked(lesson.point, values)}", "## For a lecturer", _notes(lesson, values)]
    return "\n\n".join(parts) + "\n"


def _answers(lesson: Lesson) -> str:
    if lesson.guess:
        return f"{lesson.guess.label}: from {lesson.guess.low} to {lesson.guess.high} %."
    how = "Choose any number of these:" if lesson.several else "Choose one of these:"
    return how + "\n\n" + "\n".join(f"- {label}" for label in lesson.options.values())


def _notes(lesson: Lesson, values: Mapping[str, str]) -> str:
    rows = zip(STEPS, lesson.notes, strict=True)
    return "\n".join(f"- **{STEP_NAMES[step]}**, {one} seconds. {marked(text, values)}" for step, (one, text) in rows)


def marked(text: str, values: Mapping[str, str]) -> str:
    """Converts a text of a lesson to MyST: links its terms to the glossary and fills in its values.

    Raises:
        KeyError: a value or a term does not exist.
    """

    def term(found: re.Match) -> str:
        shown, name = found[1], found[2] or found[1]
        if name not in TERMS:
            raise KeyError(name)
        return f"{{term}}`{shown}`" if shown == name else f"{{term}}`{shown} <{name}>`"

    linked = TERM.sub(lambda found: term(found).replace("{", "{{").replace("}", "}}"), text)
    return SUB.sub(r"\1<sub>\2</sub>", linked.format_map(values) if values else linked.format_map(_Unknown()))


class _Unknown(dict):
    """Stands for the values of a lesson whose models are missing: each value is an ellipsis."""

    def __missing__(self, name: str) -> str:
        return "…"


def _glossary() -> str:
    """Returns the glossary in reStructuredText, because MyST would merge its terms."""
    entries = "".join(f"   {term}\n      {meaning}\n\n" for term, meaning in TERMS.items())
    return f"Glossary\n========\n\nThe terms that the pages of the app explain.\n\n.. glossary::\n\n{entries}"
