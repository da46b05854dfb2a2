"""What a lesson is: a question, a person's prediction, the reveal, and one thing to try."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

import streamlit as st

from app.lessons.parts import Part
from app.models import registry

#: The steps of every lesson, in the order in which a person goes through them.
STEPS = ("question", "prediction", "reveal", "try")
STEP_NAMES = {"question": "Question", "prediction": "Prediction", "reveal": "Reveal", "try": "Try it"}
LONGEST = 9  # digits of a number that a URL holds; Python refuses to read one of five thousand


def whole_number(text: object) -> int | None:
    """The number from 0 on that a text is, in digits; ``None`` if it is none. Of one beyond all use, a large one."""
    text = str(text) if type(text) is int else text
    if not (isinstance(text, str) and text.isascii() and text.isdigit()):
        return None
    return int(text[-LONGEST:]) if len(text.lstrip("0")) <= LONGEST else 10**LONGEST


class Place(NamedTuple):
    """Where a person is in the course."""

    lesson: int = 1  # its number, from 1
    step: str = STEPS[0]  # one of :data:`STEPS`
    guess: str = ""  # the prediction, as the URL has it; empty if there is none

    @classmethod
    def parse(cls, lesson: object, step: object, guess: object) -> "Place | None":
        """From texts of a URL or of the browser's memory; ``None`` if the lesson is no number from 1."""
        number = whole_number(lesson) or 0
        known = step if isinstance(step, str) and step in STEPS else STEPS[0]
        return cls(number, known, guess if isinstance(guess, str) else "") if number else None

    def turned(self, direction: int, lessons: int) -> "Place":
        """The place one step on (1) or back (-1), across lessons; at either end of the course it stays.

        The prediction is kept within a lesson only.
        """
        index = STEPS.index(self.step) + direction
        if 0 <= index < len(STEPS):
            return self._replace(step=STEPS[index])
        number = self.lesson + direction
        return Place(number, STEPS[0 if direction > 0 else -1]) if 1 <= number <= lessons else self


class Option(NamedTuple):
    """One answer of several."""

    id: str  # for the URL
    label: str  # for people


class Choice(NamedTuple):
    """A prediction by click."""

    options: tuple[Option, ...]  # the answers
    several: bool = False  # whether more than one may be chosen


class Scale(NamedTuple):
    """A prediction by drag: a percentage."""

    label: str  # what is predicted
    low: int  # least percentage
    high: int  # largest percentage
    start: int  # where the slider stands at first

    def read(self, guess: str) -> int | None:
        """The percentage that a URL holds; ``None`` if it holds none."""
        number = whole_number(guess)
        return None if number is None else min(max(number, self.low), self.high)


Guess = TypeVar("Guess", Choice, Scale)


#: Of the pages that lessons lead to, by their URLs.
FILES = {
    "": "views/start.py",
    "playground": "views/playground.py",
    "results": "views/results.py",
    "latent": "views/latent.py",
    "move": "views/move.py",
    "explore": "views/explore.py",
    "test-an-image": "views/test_image.py",
}


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
        return FILES[self.page]

    def from_lesson(self, number: int) -> "Link":
        """The same page, which then links back to a lesson (see :mod:`app.lessons.way_back`)."""
        return self._replace(query={**self.query, "lesson": str(number)})


class Note(NamedTuple):
    """What a lecturer says at a step."""

    seconds: int  # how long it takes
    text: str  # marked up as :class:`app.lessons.prose.Prose` reads it, without terms


class Lesson(ABC, Generic[Guess]):
    """A lesson; its texts are marked up as :class:`app.lessons.prose.Prose` reads them."""

    title: str  # what it teaches
    question: str  # what a person is asked
    ask: str  # how to predict
    guess: Guess  # what may be predicted
    caption: str  # what the picture draws
    task: str  # what to try afterwards
    point: str  # what to keep of it, in a sentence without values
    notes: tuple[Note, ...]  # a lecturer's, one for each of :data:`STEPS`
    needs: tuple[str, ...]  # ids of the models without which it cannot be shown
    has_chart: bool = True  # whether what is revealed has a chart
    widths: tuple[int, ...] = (1, 1)  # of the columns of a line of several parts, relative to one another

    @property
    def name(self) -> str:
        """That of its file, by which style sheets know its picture."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @abstractmethod
    def values(self) -> dict[str, str]:
        """What the texts' ``{names}`` stand for: each number is measured, or read from a card."""

    @abstractmethod
    def reveal(self) -> str:
        """What the picture shows, in two sentences."""

    @abstractmethod
    def verdict(self, guess: str) -> str:
        """What a prediction is worth, in a sentence; what is right if there is none."""

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """The picture in lines, with the prediction as the URL has it, and the answer if that is revealed.

        There are none if the lesson draws its picture in another way.
        """
        return []

    def show(self, guess: str, revealed: bool) -> None:
        """Draws the picture; of a line of several parts each has a column."""
        for line in self.parts(guess, revealed):
            # No container around a part that is alone: on stage it has the height that the others leave.
            places = st.columns(self.widths) if len(line) > 1 else [nullcontext()]
            for place, part in zip(places, line, strict=True):
                with place:
                    part.show()

    @abstractmethod
    def link(self) -> Link:
        """Where to try it."""

    def playground(self) -> Link | None:
        """Where a small model that trains shows more than the picture; nowhere for most lessons."""
        return None

    def missing(self) -> str:
        """Why it cannot be shown here, in a sentence; empty if it can."""
        known = {checkpoint.id for checkpoint in registry.of_data_set() if checkpoint.has_likelihood}
        absent = [id for id in self.needs if id not in known]
        if not absent:
            return ""
        ids = " and ".join(f"'{id}'" for id in absent)
        return (
            f"This lesson needs the model {ids}, which is not among the checkpoints here: the repository has it, a "
            "wheel only the digits' models."
        ) + (registry.how_to_see_the_projects() or " `IBINN_CHECKPOINTS` names other folders of checkpoints.")

    @property
    def seconds(self) -> int:
        """How long the lesson takes in a lecture."""
        return sum(note.seconds for note in self.notes)


AnyLesson = Lesson[Choice] | Lesson[Scale]
