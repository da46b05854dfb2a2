"""How far a person is in the course, kept in the browser: what was guessed, and which step each lesson has reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.lessons.course import STEPS, Place


@dataclass(frozen=True)
class Progress:
    """How far a person is."""

    last: int = 0  # the lesson that was open last, from 1; 0 before the first
    places: Mapping[int, Place] = field(default_factory=dict)  # of each lesson that was opened: where it was left
    finished: frozenset[int] = frozenset()  # the lessons whose last step was reached

    def at(self, place: Place) -> "Progress":
        """The progress of a person who is now at ``place``."""
        done = {place.lesson} if place.step == STEPS[-1] else set()
        return replace(
            self, last=place.lesson, places={**self.places, place.lesson: place}, finished=self.finished | done
        )

    def joined(self, older: "Progress") -> "Progress":
        """This progress, with what only an older one knows."""
        return Progress(self.last or older.last, {**older.places, **self.places}, self.finished | older.finished)

    def as_json(self) -> dict[str, Any]:
        """As the browser keeps it."""
        places = {str(n): {"step": place.step, "guess": place.guess} for n, place in self.places.items()}
        return {"last": self.last, "places": places, "finished": sorted(self.finished)}

    @classmethod
    def from_json(cls, stored: object) -> "Progress":
        """From what the browser kept, which anybody may have changed: what cannot be used is left out."""
        kept = stored if isinstance(stored, dict) else {}
        places: dict[int, Place] = {}
        for number, entry in _items(kept.get("places")):
            place = Place.parse(number, entry.get("step"), entry.get("guess")) if isinstance(entry, dict) else None
            if place is not None:
                places[place.lesson] = place
        last = kept.get("last")
        done = kept.get("finished")
        finished = frozenset(n for n in done if isinstance(n, int)) if isinstance(done, list) else frozenset()
        return cls(last if isinstance(last, int) and last in places else 0, places, finished)


def _items(mapping: object) -> list[tuple[Any, Any]]:
    return list(mapping.items()) if isinstance(mapping, dict) else []
