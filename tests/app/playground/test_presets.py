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
    assert len(re.findall(r"[.?](?: |$)", preset.words)) == 2 and preset.task.endswith(".")
    assert from_text(preset.play).lesson == at + 1
    assert parse_qs(data["address"].removeprefix("?")) == {"play": [preset.play]}


def test_what_a_task_does_is_another_link_of_the_same_lesson():
    changes = {}
    for preset in PRESETS:
        play = from_text(preset.play)
        assert play.steps is None
        if preset.tried:
            pairs = zip(play._fields, play, from_text(preset.tried), strict=True)
            (changes[preset.name],) = (name for name, before, after in pairs if before != after)
    assert sorted(changes.values()) == ["aims", "aims", "aims", "classes", "couplings"]


def test_a_link_has_room_for_all_lessons_and_their_names_are_different():
    assert len(PRESETS) <= RANGES["lesson"][1]
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    assert all(re.fullmatch(r"[A-Z][\w -]+", preset.name) for preset in PRESETS)


@pytest.mark.parametrize("at", range(len(PRESETS)))
def test_the_program_of_a_lesson_compiles(at):
    compile(same_in_python(PRESETS[at].play), "program", "exec")
