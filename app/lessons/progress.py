"""The user's progress in the course, stored in the browser: predictions, and the last step of each lesson."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.lessons.course import LESSONS, STEPS, LessonStep, lesson_step


@dataclass(frozen=True)
class Progress:
    """The user's progress in the course."""

    last: str = ""  # the last open lesson; empty before the first
    places: Mapping[str, LessonStep] = field(default_factory=dict)  # last step in each opened lesson
    finished: frozenset[str] = frozenset()  # completed lessons

    def at(self, place: LessonStep) -> "Progress":
        """Returns the progress after a visit to ``place``."""
        done = set() if place.step in STEPS[:-1] else {place.lesson}
        places = {**self.places, place.lesson: place}
        return replace(self, last=place.lesson, places=places, finished=self.finished | done)

    def joined(self, older: "Progress") -> "Progress":
        """Returns this progress, with the gaps filled from an ``older`` progress."""
        return Progress(self.last or older.last, {**older.places, **self.places}, self.finished | older.finished)

    def as_json(self) -> dict[str, Any]:
        """Converts the progress for the browser's storage."""
        places = {name: {"step": place.step, "guess": place.guess} for name, place in self.places.items()}
        return {"last": self.last, "places": places, "finished": sorted(self.finished)}

    @classmethod
    def from_json(cls, stored: object) -> "Progress":
        """Reads the browser's storage, which anybody may have edited: skips invalid entries."""
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
