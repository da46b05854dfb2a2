"""The steps of the course, the way through them, and the stored progress."""

import pytest

from app.lessons.course import END, LESSONS, PLACES, STEPS, Found, LessonStep, Link, PercentSlider, lesson_step, turned
from app.lessons.progress import Progress

NAMES = list(LESSONS)


def test_a_clicker_goes_through_every_step_of_every_lesson_to_the_end_and_back():
    place, seen = LessonStep(NAMES[0]), [LessonStep(NAMES[0])]
    while (following := turned(place, 1)) != place:
        place = following
        seen.append(place)
    assert [one[:2] for one in seen] == [*((n, step) for n in NAMES for step in STEPS), (NAMES[-1], END)] == PLACES
    for expected in reversed(seen[:-1]):
        place = turned(place, -1)
        assert place == expected
    assert turned(place, -1) == place
    assert turned(LessonStep("bayes", "question", "70"), 1) == LessonStep("bayes", "reveal", "70")
    assert turned(LessonStep("bayes", "try", "70"), 1) == LessonStep("gamma", "question", "")


@pytest.mark.parametrize(
    ("lesson", "step", "guess", "expected"),
    [
        ("gamma", "reveal", "fewer-less", LessonStep("gamma", "reveal", "fewer-less")),
        ("gamma", "middle", None, LessonStep("gamma", "question", "")),
        ("gamma", END, "", LessonStep("gamma", "question", "")),
        ("3", "reveal", "", None),
        ([], "reveal", "", None),
        (None, None, None, None),
    ],
)
def test_what_a_url_says(lesson, step, guess, expected):
    assert lesson_step(lesson, step, guess) == expected


def test_a_percentage_in_a_url_is_kept_within_the_scale():
    scale = PercentSlider("share", 10, 90, 50)
    texts = ("40", "3", "100", "", "many", "-5", "9" * 5000)
    assert [scale.read(text) for text in texts] == [40, 10, 90, None, None, None, None]


def test_progress_survives_the_browser():
    progress = Progress().at(LessonStep("bayes", "try", "60")).at(LessonStep("style", "question", "same"))
    assert progress.finished == {"bayes"} and progress.last == "style"
    assert Progress.from_json(progress.as_json()) == progress


def test_older_progress_fills_the_gaps_only():
    older = Progress().at(LessonStep("bayes", "try", "10")).at(LessonStep("style", "reveal", "less"))
    joined = Progress().at(LessonStep("style", "question")).joined(older)
    assert joined.places == {"bayes": LessonStep("bayes", "try", "10"), "style": LessonStep("style", "question")}
    assert joined.finished == {"bayes"} and joined.last == "style"


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "nonsense",
        {"last": "bayes", "places": {}, "finished": "all"},
        {"last": 1, "places": {"x": {"step": "try"}, "1": {}, "bayes": 5}, "finished": [None, "3", []]},
    ],
)
def test_what_somebody_else_wrote_into_the_browser_is_no_progress(kept):
    assert Progress.from_json(kept) == Progress()


def test_a_link_is_relative_and_keeps_commas():
    assert Link("", "results", {"models": "a,b", "image": "sample-1"}).url == "./results?models=a,b&image=sample-1"
    assert Link("", "", {"model": "only-ly"}).url == "./?model=only-ly"


@pytest.mark.parametrize(
    ("name", "right", "guess", "said"),
    [
        ("bayes", 0.63, "60", "very close"),
        ("bayes", 0.63, "", "It is **63"),
        ("style", ["same"], "same", "You are right."),
        ("style", ["same"], "less", "No. It is **C**"),
        ("style", ["same"], "", "It is **C**"),
        ("unknown", ["noise", "digit"], "noise,frog", "right about **4** of 6"),
    ],
)
def test_a_verdict_compares_the_prediction_with_what_is_right(name, right, guess, said):
    assert said in LESSONS[name].verdict(guess, Found({}, right, lambda guess, revealed: []))
