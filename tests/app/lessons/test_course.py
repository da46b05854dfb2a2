"""The steps of the course, the way through them, the stored progress, and what is right."""

import json

import pytest
from page_helpers import ROOT

import ibinn_core as ib
from app.lessons import there_and_back
from app.lessons.course import END, LESSONS, PLACES, STEPS, Found, LessonStep, Link, PercentSlider, turned
from app.lessons.progress import Progress
from app.widgets.tiles import Tiles

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


@pytest.mark.parametrize(("name", "right"), [("there-and-back", "same"), ("gamma", "fewer-less"), ("style", "same")])
def test_what_is_right_follows_from_the_models(no_data, name, right):
    assert LESSONS[name].found().right == [right]


def test_what_comes_back_is_the_image_and_the_answer_is_hidden_before(no_data):
    drawn = [LESSONS["there-and-back"].found(revealed).draw("", revealed) for revealed in (False, True)]
    (_, hidden), (way, shown) = ([part for part in parts if isinstance(part, Tiles)] for parts in drawn)
    pixels = there_and_back.image().pixels
    assert (way.images[0] == pixels).all() and (shown.images[0] == pixels).all()
    assert len({image.tobytes() for image in shown.images}) == 3
    assert [one.captions[0].startswith("✓") for one in (hidden, shown)] == [False, True]
    model, x = ib.load("gamma-1"), ib.dequantize(ib.to_unit(pixels[None]))
    exact = 255 * float((model.decode(model.encode(x)) - x).abs().max())
    assert float(LESSONS["there-and-back"].found().values["difference"]) == pytest.approx(exact, rel=1, abs=1e-4)


def test_the_score_is_that_of_table_1(no_data, monkeypatch, tmp_path):
    rows = json.loads((ROOT / "docs" / "table1.json").read_text())["rows"]
    ours = next(row for row in rows if row["id"] == "gamma-1")["cells"]["detection.cifar100"]["ours"]
    assert f"in {ours:.0f}\u00a0% of pairs" in LESSONS["unknown"].found().values["limit"]
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    assert LESSONS["unknown"].found().values["limit"] == ""
