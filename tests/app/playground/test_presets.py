"""The lessons of the playground."""

import re
from urllib.parse import parse_qs

import pytest

from app.play_text import RANGES, from_text
from app.playground.element import same_in_python
from app.playground.presets import PRESETS, as_data


@pytest.mark.parametrize("at", range(len(PRESETS)))
def test_a_lesson_is_two_sentences_one_thing_to_try_and_a_link(at):
    preset, data = PRESETS[at], as_data()[at]
    assert len(preset.words) == 2 and all(sentence[-1] in ".?" for sentence in (*preset.words, preset.task))
    assert preset.play.lesson == at + 1
    query = parse_qs(data["address"].removeprefix("?"))
    assert from_text(query["play"][0]) == from_text(data["play"])
    assert from_text(data["play"])._replace(aims=preset.play.aims) == preset.play  # whose γ may have more digits
    assert query.get("painted", [""]) == [preset.painted]


def test_what_a_task_does_is_another_link_of_the_same_lesson():
    changes = {}
    for preset, data in zip(PRESETS, as_data(), strict=True):
        assert bool(data["tried"]) == (preset.tried is not None)
        if preset.tried is not None:
            pairs = zip(preset.play._fields, preset.play, preset.tried, strict=True)
            (changes[preset.name],) = (name for name, before, after in pairs if before != after)
            assert from_text(data["tried"]) == preset.tried
    assert sorted(changes.values()) == ["aims", "aims", "aims", "classes", "couplings"]
    assert not any(preset.play.steps or preset.tried and preset.tried.steps for preset in PRESETS)


def test_a_link_has_room_for_all_lessons_and_their_names_are_different():
    assert len(PRESETS) <= RANGES["lesson"][1]
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    assert all(re.fullmatch(r"[A-Z][\w -]+", preset.name) for preset in PRESETS)


@pytest.mark.parametrize("at", range(len(PRESETS)))
def test_the_program_of_a_lesson_compiles(at):
    compile(same_in_python(PRESETS[at].play, PRESETS[at].painted), "program", "exec")
