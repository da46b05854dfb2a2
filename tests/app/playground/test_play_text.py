"""The playground's state in a link."""

import math
import re
from urllib.parse import parse_qs

import pytest

from app.play_text import LONGEST, OWN, Aim, Play, checked, from_text, painted
from app.playground.element import same_in_python
from app.playground.presets import PRESETS, as_data

PLAYS = {
    "moons~a:ib:10": Play(aims=(Aim("ib", 10.0),)),
    "spiral~classes:3~noise:0.05~couplings:12~width:64~rate:0.01": Play(
        "spiral", 3, noise=0.05, couplings=12, width=64, rate=0.01
    ),
    "own~steps:12345": Play(OWN, steps=12345),
    "blobs~count:100~seed:7~steps:0~lesson:3~a:ib:0~b:class-nll:1~at:1.25:-2": Play(
        *("blobs", 2, 100, 0.1, 7, 6, 32, 0.005, 0, 3),
        aims=(Aim("ib", 0.0), Aim("class-nll", 1.0)),
        at=(1.25, -2.0),
    ),
    "moons~a:ib:inf~b:ib:0.0003255": Play(aims=(Aim("ib", math.inf), Aim("ib", 0.0003255))),
}


@pytest.mark.parametrize(("text", "play"), PLAYS.items())
def test_a_text_is_read(text, play):
    assert from_text(text) == play
    assert checked(text) == text and from_text("") == from_text("moons") == Play()


@pytest.mark.parametrize(
    "text",
    [
        *("stars", "moons~", "moons~classes:1", "moons~classes:2.5", "moons~count:5000", "moons~noise:nan"),
        *("moons~a:ib", "moons~a:ib:-1", "moons~a:vib:1", "moons~at:1", "moons~at:1:9", "moons~steps:-1", "moons~x:1"),
        *("moons~b:ib:nan", "moons~seed:٣", "moons~rate:1", "moons" + "~seed:1" * 20),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        from_text(text)


def test_painted_points_are_three_characters_each():
    assert painted("") == "" and painted("abcDEF..gh_") == "abcDEF..gh_"
    for text in ("ab", "abc.d", "abc.def.ghi.jkl.mno.pqr", "ab!", "abc~", "abc" * LONGEST):
        with pytest.raises(ValueError):
            painted(text)


@pytest.mark.parametrize("at", range(len(PRESETS)))
def test_a_lesson_is_short_sentences_and_a_link(at):
    preset, data = PRESETS[at], as_data()[at]
    assert 2 <= len(re.findall(r"[.?](?: |$)", preset.words)) <= 4 and preset.task.endswith(".")
    assert max(len(one.split()) for one in re.split(r"[.?:] ", f"{preset.words} {preset.task}")) <= 25
    assert from_text(preset.play).lesson == at + 1
    assert parse_qs(data["address"].removeprefix("?")) == {"play": [preset.play]}
    compile(same_in_python(preset.play), "program", "exec")
