"""Places of the course, how a person goes through them, and what is remembered."""

import pytest

from app.lessons.contents import LESSONS
from app.lessons.course import STEPS, Choice, Link, Place, Scale
from app.lessons.progress import Progress


def test_a_clicker_goes_through_every_step_of_every_lesson_and_back():
    place, seen = Place(), [Place()]
    while (following := place.turned(1, len(LESSONS))) != place:
        place = following
        seen.append(place)
    assert [one[:2] for one in seen] == [(n, step) for n in range(1, len(LESSONS) + 1) for step in STEPS]
    for expected in reversed(seen[:-1]):
        place = place.turned(-1, len(LESSONS))
        assert place == expected
    assert place.turned(-1, len(LESSONS)) == place


def test_a_prediction_stays_in_its_lesson():
    assert Place(2, "prediction", "70").turned(1, 6) == Place(2, "reveal", "70")
    assert Place(2, "try", "70").turned(1, 6) == Place(3, "question", "")


@pytest.mark.parametrize(
    ("lesson", "step", "guess", "expected"),
    [
        ("3", "reveal", "fewer-less", Place(3, "reveal", "fewer-less")),
        ("3", "middle", None, Place(3, "question", "")),
        ("0", "reveal", "", None),
        ("-1", "reveal", "", None),
        ("²", "reveal", "", None),
        (None, None, None, None),
    ],
)
def test_what_a_url_says(lesson, step, guess, expected):
    assert Place.parse(lesson, step, guess) == expected


def test_a_percentage_in_a_url_is_kept_within_the_scale():
    scale = Scale("share", 10, 90, 50)
    assert [scale.read(text) for text in ("40", "3", "100", "", "many", "-5")] == [40, 10, 90, None, None, None]


def test_progress_survives_the_browser():
    progress = Progress().at(Place(1, "try", "same")).at(Place(2, "prediction", "60"))
    assert progress.finished == {1} and progress.last == 2
    assert Progress.from_json(progress.as_json()) == progress


def test_older_progress_fills_the_gaps_only():
    older = Progress().at(Place(1, "try", "mean")).at(Place(2, "reveal", "10"))
    joined = Progress().at(Place(2, "question")).joined(older)
    assert joined.places == {1: Place(1, "try", "mean"), 2: Place(2, "question")}
    assert joined.finished == {1} and joined.last == 2


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        "nonsense",
        {"last": 7, "places": {}, "finished": "all"},
        {"last": "1", "places": {"x": {"step": "try"}, "0": {}, "2": 5}, "finished": [None, "3"]},
    ],
)
def test_what_somebody_else_wrote_into_the_browser_is_no_progress(kept):
    assert Progress.from_json(kept) == Progress()


def test_a_link_is_relative_and_keeps_commas():
    assert Link("", "results", {"models": "a,b", "image": "sample-1"}).url == "./results?models=a,b&image=sample-1"
    assert Link("", "", {"model": "only-ly"}).url == "./?model=only-ly"


def test_each_lesson_takes_two_to_four_minutes_and_has_a_note_a_step():
    for lesson in LESSONS:
        assert len(lesson.notes) == len(STEPS)
        assert 120 <= lesson.seconds <= 240
        assert not isinstance(lesson.guess, Choice) or len({o.id for o in lesson.guess.options}) > 2
