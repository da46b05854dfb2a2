"""A person's progress in the course, kept in the browser: guesses, and the step that each lesson has reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.lessons.course import LESSONS, STEPS, LessonStep, lesson_step


@dataclass(frozen=True)
class Progress:
    """A person's progress."""

    last: str = ""  # the lesson that was open last; empty before the first
    places: Mapping[str, LessonStep] = field(default_factory=dict)  # of each lesson that was opened: where it was left
    finished: frozenset[str] = frozenset()  # the lessons whose last step was reached

    def at(self, place: LessonStep) -> "Progress":
        """The progress of a person who is now at ``place``."""
        done = set() if place.step in STEPS[:-1] else {place.lesson}
        places = {**self.places, place.lesson: place}
        return replace(self, last=place.lesson, places=places, finished=self.finished | done)

    def joined(self, older: "Progress") -> "Progress":
        """This progress, completed by an older one."""
        return Progress(self.last or older.last, {**older.places, **self.places}, self.finished | older.finished)

    def as_json(self) -> dict[str, Any]:
        """The progress in the form of the browser's storage."""
        places = {name: {"step": place.step, "guess": place.guess} for name, place in self.places.items()}
        return {"last": self.last, "places": places, "finished": sorted(self.finished)}

    @classmethod
    def from_json(cls, stored: object) -> "Progress":
        """From the browser's storage, which anybody may have changed: invalid entries are left out."""
        kept = stored if isinstance(stored, dict) else {}
        entries = kept.get("places")
        found = [
            lesson_step(name, entry.get("step"), entry.get("guess"))
            for name, entry in (entries.items() if isinstance(entries, dict) else ())
            if isinstance(entry, dict)
        ]
        places = {place.lesson: place for place in found if place}
        last, done = kept.get("last"), kept.get("finished")
        finished = frozenset(name for name in LESSONS if name in done) if isinstance(done, list) else frozenset()
        return cls(last if isinstance(last, str) and last in places else "", places, finished)
