"""The lessons. Each has its texts in ``NAME.toml``, and its questions and figures in ``NAME.py``.

The module of a lesson has two functions. ``questions(revealed)`` returns questions (:mod:`app.desk`), and
``found(*answers)`` turns the answers into a :class:`Found`. Two other functions are optional: ``missing()`` says why
the lesson cannot be shown, and ``show_controls()`` draws the controls that appear with the answer.
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

#: The steps of every lesson, in order.
STEPS = ("question", "reveal", "try")
END = "end"  # the summary after the last lesson
FILES = {"": "start", "test-an-image": "test_image"}  # file names of pages that have another name in URLs
STEP_NAMES = {"question": "Question", "reveal": "Answer", "try": "Try it", END: "The end"}


class LessonStep(NamedTuple):
    """The user's position in the course."""

    lesson: str  # name of the lesson
    step: str = STEPS[0]  # one of STEPS, or END
    guess: str = ""  # the prediction, as in the URL; empty if there is none


class Link(NamedTuple):
    """A link to a page of the app in a given state."""

    label: str  # text of the link
    page: str  # URL of the page, empty for Start
    query: Mapping[str, str]  # URL parameters

    @property
    def url(self) -> str:
        """Returns the URL relative to another page's address."""
        return f"./{self.page}?{urlencode(self.query, safe=',')}"

    @property
    def file(self) -> str:
        """Returns the page's file for Streamlit's page switch."""
        return f"views/{FILES.get(self.page, self.page)}.py"


class PercentSlider(NamedTuple):
    """A slider that predicts a percentage."""

    label: str  # the quantity to predict
    low: int  # least percentage
    high: int  # largest percentage
    start: int  # initial value

    def read(self, guess: str) -> int | None:
        """Reads the percentage from the URL's text; ``None`` if the text is no percentage."""
        percentage = percentage_of(guess)
        return None if percentage is None else min(max(percentage, self.low), self.high)


@dataclass(frozen=True)
class Found:
    """The models' answers for a lesson.

    Attributes:
        values: values for ``{names}`` in the texts. Each number is measured, or read from a card.
        right: the true share, 0 to 1, of a slider's question, or the names of the right options.
        draw: draws the picture, given the prediction as in the URL, and whether the answer is revealed.
    """

    values: Mapping[str, str]
    right: float | list[str]
    draw: Callable[[str, bool], Sequence[Part]]


@dataclass(frozen=True)
class Lesson:
    """A lesson. The markup of its texts is described in :class:`app.lessons.prose.Prose`."""

    name: str  # name of the files, and name in the URL
    number: int  # its place in the course
    title: str  # what it teaches
    needs: Sequence[str]  # ids of the models that it requires
    question: str  # the question to the reader
    ask: str  # how to answer
    reveal: str  # why the answer is right
    caption: str  # what the picture shows
    task: str  # what to try after the answer
    point: str  # the lesson's result, in a sentence without values
    notes: Sequence[tuple[int, str]]  # a lecturer's notes for each of STEPS: seconds, and what to say
    link: Mapping[str, Any]  # fields of a Link to the page for the task; its texts may hold values
    right: str = ""  # the right answer in a sentence; empty for a slider, whose answer is a number
    options: Mapping[str, str] = field(default_factory=dict)  # options to choose from, by their names in the URL
    several: bool = False  # whether several options may be chosen
    scale: Mapping[str, Any] = field(default_factory=dict)  # fields of a PercentSlider, if there are no options
    preset: Sequence[str] = ()  # a preset of the playground on the same topic and the label of its link, if any
    columns: str = ""  # columns of the picture, as in CSS; empty for as many as fit

    @cached_property
    def module(self) -> ModuleType:
        """Returns the lesson's Python module."""
        return import_module(f"{__package__}.{self.name.replace('-', '_')}")

    @property
    def guess(self) -> PercentSlider | None:
        """Returns the slider for the prediction; ``None`` if the lesson has options."""
        return PercentSlider(**self.scale) if self.scale else None

    def found(self, revealed: bool = False) -> Found:
        """Returns the models' answers."""
        return self.module.found(*asking.ask_all(self.module.questions(revealed)))

    def missing(self) -> str:
        """Says in a sentence why the lesson cannot be shown here; empty if it can."""
        known = {checkpoint.id for checkpoint in registry.of_data_set() if checkpoint.has_likelihood}
        absent = [id for id in self.needs if id not in known]
        if not absent:
            return self.module.missing() if hasattr(self.module, "missing") else ""
        return (
            f"This lesson needs models that are not here: {', '.join(absent)}. The repository has them; a wheel has "
            "only the digits' models. An empty entry in `IBINN_CHECKPOINTS` stands for the models of the wheel."
        )

    def verdict(self, guess: str, found: Found) -> str:
        """Comments on the prediction in a sentence; without a prediction, gives the right answer."""
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
        """Returns the links for the task. The linked pages link back to the lesson (:mod:`app.lessons.way_back`)."""
        query = {name: text.format_map(values) for name, text in self.link["query"].items()}
        found = [Link(self.link["label"].format_map(values), self.link["page"], query)]
        if self.preset:
            found.append(Link(self.preset[1], "playground", named(self.preset[0]).query))
        return [one._replace(query={**one.query, "lesson": self.name}) for one in found]

    @property
    def seconds(self) -> int:
        """Returns the time that the lesson takes in a lecture, in seconds."""
        return sum(seconds for seconds, _ in self.notes)


def percentage_of(guess: str) -> int | None:
    """Reads the percentage of a prediction, at most 100; ``None`` if it is not a number."""
    return min(int(guess), 100) if guess.isascii() and guess.isdigit() and len(guess) < 10 else None


def chosen_of(guess: str, options: Mapping[str, object]) -> set[str]:
    """Returns the options that a prediction names."""
    return set(guess.split(",")) & set(options)


def _read(path: Path) -> Lesson:
    return Lesson(path.stem.replace("_", "-"), **tomllib.loads(path.read_text("utf-8")))


#: All lessons by name, in order.
LESSONS = {
    one.name: one for one in sorted(map(_read, Path(__file__).parent.glob("*.toml")), key=lambda one: one.number)
}
PLACES = [(name, step) for name in LESSONS for step in STEPS] + [([*LESSONS][-1], END)]


def lesson_step(lesson: object, step: object, guess: object) -> LessonStep | None:
    """Reads the step from a URL or the browser's storage; ``None`` if there is no such lesson."""
    if not isinstance(lesson, str) or lesson not in LESSONS:
        return None
    known = step if isinstance(step, str) and (lesson, step) in PLACES else STEPS[0]
    return LessonStep(lesson, known, guess if isinstance(guess, str) else "")


def turned(place: LessonStep, direction: int) -> LessonStep:
    """Returns the next step (1) or the previous one (-1), across lessons, but not beyond either end of the course.

    The prediction is kept only within a lesson.
    """
    index = PLACES.index((place.lesson, place.step)) + direction
    lesson, step = PLACES[min(max(index, 0), len(PLACES) - 1)]
    return LessonStep(lesson, step, place.guess if lesson == place.lesson else "")
