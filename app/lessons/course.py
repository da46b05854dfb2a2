"""Lessons: a text in ``NAME.toml``, and its questions and pictures in ``NAME.py``.

The module of a lesson has two functions. ``questions(revealed)`` gives its questions (:mod:`app.desk`), and
``found(*answers)`` turns the answers into a :class:`Found`. It may have two more: ``missing()`` says why the lesson
cannot be shown, and ``show_controls()`` draws what a person moves once the answer is revealed.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.lessons.prose import compared
from app.models import asking, registry
from app.panel import Part
from app.playground.presets import named

#: The steps of every lesson, in the order in which a person goes through them.
STEPS = ("question", "reveal", "try")
END = "end"  # a step after the last lesson's: what was learned
FILES = {"": "start", "test-an-image": "test_image"}  # of pages with another name in URLs
STEP_NAMES = {"question": "Question", "reveal": "Answer", "try": "Try it", END: "The end"}


class LessonStep(NamedTuple):
    """Where a person is in the course."""

    lesson: str  # its name
    step: str = STEPS[0]  # one of STEPS, or END
    guess: str = ""  # the prediction, as the URL has it; empty if there is none


class Link(NamedTuple):
    """A page of the app in a certain state."""

    label: str  # of the link
    page: str  # the page's URL, empty for Start
    query: Mapping[str, str]  # its parameters

    @property
    def url(self) -> str:
        """Relative to the address of another page."""
        return f"./{self.page}?{urlencode(self.query, safe=',')}"

    @property
    def file(self) -> str:
        """The page's file, as Streamlit switches to it."""
        return f"views/{FILES.get(self.page, self.page)}.py"


class PercentSlider(NamedTuple):
    """A prediction by drag: a percentage."""

    label: str  # what is predicted
    low: int  # least percentage
    high: int  # largest percentage
    start: int  # where the slider stands at first

    def read(self, guess: str) -> int | None:
        """The percentage that a URL holds; ``None`` if it holds none."""
        percentage = percentage_of(guess)
        return None if percentage is None else min(max(percentage, self.low), self.high)


@dataclass(frozen=True)
class Found:
    """The models' answers for a lesson.

    Attributes:
        values: the values of the texts' ``{names}``; each number is measured, or read from a card.
        right: the share, 0 to 1, that a scale asks for, or the names of the right options.
        draw: gives the parts of the picture; called with the prediction in the URL, and whether the answer is revealed.
    """

    values: Mapping[str, str]
    right: float | list[str]
    draw: Callable[[str, bool], Sequence[Part]]


@dataclass(frozen=True)
class Lesson:
    """A lesson. Its texts are marked up as :class:`app.lessons.prose.Prose` reads them."""

    name: str  # of its files, and in the URL
    number: int  # its place in the course
    title: str  # what it teaches
    needs: Sequence[str]  # ids of the models without which it cannot be shown
    question: str  # what a person is asked
    ask: str  # how to predict
    reveal: str  # the answer in two lines; more is in the notes
    caption: str  # what the picture shows
    task: str  # what to try afterwards
    point: str  # what to keep of it, in a sentence without values
    notes: Sequence[tuple[int, str]]  # a lecturer's for each of STEPS: how many seconds it takes, and what to say
    link: Mapping[str, Any]  # where to try it: the fields of a Link, whose texts may hold values
    right: str = ""  # the right answer, in a sentence; for a slider it is made from the numbers
    options: Mapping[str, str] = field(default_factory=dict)  # to choose from, by what the URL calls them
    several: bool = False  # whether more than one may be chosen
    scale: Mapping[str, Any] = field(default_factory=dict)  # the fields of a PercentSlider, where there are no options
    preset: Sequence[str] = ()  # the lesson of the playground about it, if there is one, and the label of the link
    columns: str = ""  # of the picture, as CSS has them; as many as fit if empty

    @cached_property
    def module(self) -> ModuleType:
        """Its Python."""
        return import_module(f"{__package__}.{self.name.replace('-', '_')}")

    @property
    def guess(self) -> PercentSlider | None:
        """How a percentage is predicted; ``None`` if a person chooses from options."""
        return PercentSlider(**self.scale) if self.scale else None

    def found(self, revealed: bool = False) -> Found:
        """The models' answers."""
        return self.module.found(*asking.ask_all(self.module.questions(revealed)))

    def missing(self) -> str:
        """The reason why it cannot be shown here, in a sentence; empty if it can."""
        known = {checkpoint.id for checkpoint in registry.of_data_set() if checkpoint.has_likelihood}
        absent = [id for id in self.needs if id not in known]
        if not absent:
            return self.module.missing() if hasattr(self.module, "missing") else ""
        return (
            f"This lesson needs models that are not here: {', '.join(absent)}. The repository has them; a wheel has "
            "only the digits' models. An empty entry in `IBINN_CHECKPOINTS` stands for the models of the wheel."
        )

    def verdict(self, guess: str, found: Found) -> str:
        """A sentence on the prediction; without one, the right answer."""
        if not isinstance(found.right, list):
            assert self.guess is not None
            return compared(self.guess.read(guess), found.right)
        chosen = chosen_of(guess, self.options)
        if not chosen:
            return self.right
        if self.several:
            hits = sum((one in chosen) == (one in found.right) for one in self.options)
            return f"You were right about **{hits}** of {len(self.options)}. {self.right}"
        return f"{'You are right.' if chosen == set(found.right) else 'No.'} {self.right}"

    def links(self, values: Mapping[str, str]) -> list[Link]:
        """A link to try it; these pages then link back to the lesson (:mod:`app.lessons.way_back`)."""
        query = {name: text.format_map(values) for name, text in self.link["query"].items()}
        found = [Link(self.link["label"].format_map(values), self.link["page"], query)]
        if self.preset:
            found.append(Link(self.preset[1], "playground", named(self.preset[0]).query))
        return [one._replace(query={**one.query, "lesson": self.name}) for one in found]

    @property
    def seconds(self) -> int:
        """How long the lesson takes in a lecture."""
        return sum(seconds for seconds, _ in self.notes)


def percentage_of(guess: str) -> int | None:
    """The percentage that a prediction names, 100 for a larger one; ``None`` if it names none."""
    return min(int(guess), 100) if guess.isascii() and guess.isdigit() and len(guess) < 10 else None


def chosen_of(guess: str, options: Mapping[str, object]) -> set[str]:
    """The options that a prediction names."""
    return set(guess.split(",")) & set(options)


def _read(path: Path) -> Lesson:
    return Lesson(path.stem.replace("_", "-"), **tomllib.loads(path.read_text("utf-8")))


#: The lessons by their names, in their order.
LESSONS = {
    one.name: one for one in sorted(map(_read, Path(__file__).parent.glob("*.toml")), key=lambda one: one.number)
}
PLACES = [(name, step) for name in LESSONS for step in STEPS] + [([*LESSONS][-1], END)]


def lesson_step(lesson: object, step: object, guess: object) -> LessonStep | None:
    """From texts of a URL or of the browser's memory; ``None`` if they name no lesson."""
    if not isinstance(lesson, str) or lesson not in LESSONS:
        return None
    known = step if isinstance(step, str) and (lesson, step) in PLACES else STEPS[0]
    return LessonStep(lesson, known, guess if isinstance(guess, str) else "")


def turned(place: LessonStep, direction: int) -> LessonStep:
    """The place one step on (1) or back (-1), across lessons; at either end of the course it stays.

    The prediction is kept within a lesson only.
    """
    index = PLACES.index((place.lesson, place.step)) + direction
    lesson, step = PLACES[min(max(index, 0), len(PLACES) - 1)]
    return LessonStep(lesson, step, place.guess if lesson == place.lesson else "")
