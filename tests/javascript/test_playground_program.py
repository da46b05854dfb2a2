"""The program that the playground offers trains the same model as the scripts of the page."""

import math
import re
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest

from app.play_text import Aim, Play
from app.playground.program import program

PLAY = Play(count=100, seed=4, couplings=3, width=8, rate=0.01, steps=30, aims=(Aim("ib", 1.0),))
KINDS = ["moons", "circles", "pinwheel", "blobs", "spiral"]

_TRAINED = """
    const { isOwn, steps, gamma, ...settings } = arg;
    const data = made(settings);
    const held = isOwn ? undefined : made({ ...settings, seed: settings.seed + 5000 });
    const training = new Training({ ...settings, ...data, held, gamma });
    for (let step = 0; step < steps; step++) training.step();
    const { lossX, lossY, error } = new Viewer(training).snapshot();
    return { ...(held ?? data), numbers: [lossX, lossY, 100 * error] };"""


def in_the_browser(play, given: Play, steps: int, is_own: bool = False) -> dict:
    (objective, gamma), *_ = given.aims
    aim = {"objective": objective, "gamma": gamma, "learningRate": given.rate}
    return play(_TRAINED, {**given._asdict(), **aim, "aims": None, "steps": steps, "isOwn": is_own})


def in_python(text: str) -> tuple[dict, list[float]]:
    """The variables at the end of the program, and the numbers that it prints."""
    names: dict = {}
    with redirect_stdout(StringIO()) as printed:
        exec(compile(text, "program", "exec"), names)
    *progress, last = printed.getvalue().splitlines()
    assert all(re.fullmatch(r"step \d+: loss \S+", line) for line in progress)
    numbers = re.fullmatch(r"L_X (\S+) nats/dim, L_Y (\S+) nats, (\S+) % wrong", last)
    assert numbers, last
    return names, [float(number) for number in numbers.groups()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [2, 5])
def test_it_makes_the_same_points(play, kind, classes):
    given = PLAY._replace(kind=kind, classes=classes)
    found = in_the_browser(play, given, 0)
    names, numbers = in_python(program(given, 0, has_own_points=False))
    np.testing.assert_allclose(names["points"].flatten(), found["points"], atol=1e-5)
    assert names["labels"].tolist() == found["labels"]
    np.testing.assert_allclose(numbers, found["numbers"], atol=6e-5)  # the numbers of the model before its training


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"kind": "pinwheel", "classes": 3, "aims": (Aim("ib", 0.1),), "couplings": 6},
        {"kind": "circles", "classes": 4, "aims": (Aim("class-nll", 1.0),), "seed": 2**32 - 5001},
        {"kind": "spiral", "aims": (Aim("ib", math.inf),), "width": 64},
        {"kind": "blobs", "aims": (Aim("ib", 0.0),), "classes": 5, "couplings": 2},
        {"aims": (Aim("ib", 10.0), Aim("ib", 0.1)), "noise": 0.3},
    ],
)
def test_it_trains_the_same_model(play, change):
    given = PLAY._replace(**change)
    before, wanted = (in_the_browser(play, given, steps)["numbers"] for steps in (0, 30))
    assert abs(wanted[0] - before[0]) + abs(wanted[1] - before[1]) > 0.1
    text = program(given, 30, has_own_points=False)
    assert "pip install" in text.splitlines()[0]
    _, numbers = in_python(text)
    np.testing.assert_allclose(numbers[:2], wanted[:2], rtol=1e-3, atol=1e-3)
    assert abs(numbers[2] - wanted[2]) <= 1.0  # one of 100 points may have another class


def test_it_reads_a_persons_own_points(play, tmp_path, monkeypatch):
    found = in_the_browser(play, PLAY, 30, is_own=True)
    rows = zip(np.reshape(found["points"], (-1, 2)).tolist(), found["labels"], strict=True)
    text = "".join(f"{x!r},{y!r},{label}\n" for (x, y), label in rows)
    (tmp_path / "points.csv").write_text(f"x,y,label\n{text}")
    monkeypatch.chdir(tmp_path)
    text = program(PLAY, 30, has_own_points=True)
    assert "# Save your points first" in text
    _, numbers = in_python(text)
    np.testing.assert_allclose(numbers[:2], found["numbers"][:2], rtol=1e-3, atol=1e-3)
