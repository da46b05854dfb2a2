"""The lessons of the playground."""

import re
from urllib.parse import parse_qs

import pytest

from app.play_text import from_text
from app.playground.element import same_in_python
from app.playground.presets import PRESETS, as_data


@pytest.mark.parametrize("at", range(len(PRESETS)))
def test_a_lesson_is_two_sentences_one_thing_to_try_and_a_link(at):
    preset, data = PRESETS[at], as_data()[at]
    assert len(re.findall(r"[.?](?: |$)", preset.words)) == 2 and preset.task.endswith(".")
    assert from_text(preset.play).lesson == at + 1
    assert parse_qs(data["address"].removeprefix("?")) == {"play": [preset.play]}
    compile(same_in_python(preset.play), "program", "exec")
