"""The program that the playground offers: it trains the very model that the browser trains."""

import math
import re
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from playground_helpers import Playground, one_thread

from app.playground.program import program

pytestmark = IN_A_BROWSER

SETTINGS = {
    "kind": "moons",
    "classes": 2,
    "count": 100,
    "noise": 0.1,
    "seed": 4,
    "couplings": 3,
    "width": 8,
    "objective": "ib",
    "gamma": 1.0,
    "rate": 0.01,
    "batch": 0,
    "steps": 30,
    "has_own_points": False,
}
KINDS = ["moons", "circles", "pinwheel", "blobs", "spiral"]

_TRAINED = """
    const { rate, steps, has_own_points: isOwn, gamma, ...rest } = arg.settings;
    const data = made(rest);
    const held = isOwn ? undefined : made({ ...rest, seed: rest.seed + 5000 });
    const settings = { ...rest, ...data, held, learningRate: rate, gamma: gamma === "inf" ? Infinity : gamma };
    const training = new Training(settings);
    for (let step = 0; step < steps; step++) training.step();
    const { lossX, lossY, error } = new Viewer(training).snapshot(0);
    return { ...(held ?? data), numbers: [lossX, lossY, 100 * error] };"""


@pytest.fixture
def play(bare):
    with one_thread():
        yield Playground(bare.tab)


def in_the_browser(play: Playground, settings: dict) -> dict:
    gamma = "inf" if math.isinf(settings["gamma"]) else settings["gamma"]
    return play.run(_TRAINED, {"settings": {**settings, "gamma": gamma}})


def in_python(text: str) -> tuple[dict, list[float]]:
    """What the program's names are in the end, and the numbers that it prints."""
    names: dict = {}
    with redirect_stdout(StringIO()) as printed:
        exec(compile(text, "program", "exec"), names)
    *progress, last = printed.getvalue().splitlines()
    assert all(re.fullmatch(r"step \d+: loss \S+", line) for line in progress)
    numbers = re.fullmatch(r"L_X (\S+) nats/dim, L_Y (\S+) nats, (\S+) % wrong", last)
    assert numbers, last
    return names, [float(number) for number in numbers.groups()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [2, 5])
def test_it_makes_the_same_points(play, kind, classes):
    settings = {**SETTINGS, "kind": kind, "classes": classes, "steps": 0, "batch": 16}
    found = in_the_browser(play, settings)
    names, numbers = in_python(program(**settings))
    np.testing.assert_allclose(names["points"].flatten(), found["points"], atol=1e-5)
    assert names["labels"].tolist() == found["labels"]
    np.testing.assert_allclose(numbers, found["numbers"], atol=6e-5)  # of the new model


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"kind": "pinwheel", "classes": 3, "batch": 32, "gamma": 0.1, "couplings": 6},
        {"kind": "circles", "classes": 4, "objective": "class-nll", "seed": 2**32 - 5001},
        {"kind": "spiral", "objective": "only-ly", "batch": 100, "width": 64},
        {"kind": "blobs", "objective": "only-lx", "classes": 5, "batch": 33, "couplings": 2},
        {"gamma": math.inf, "noise": 0.3},
    ],
)
def test_it_trains_the_same_model(play, change):
    settings = {**SETTINGS, **change}
    before = in_the_browser(play, {**settings, "steps": 0})["numbers"]
    wanted = in_the_browser(play, settings)["numbers"]
    assert abs(wanted[0] - before[0]) + abs(wanted[1] - before[1]) > 0.1
    text = program(**settings)
    assert "pip install" in text.splitlines()[0]
    _, numbers = in_python(text)
    np.testing.assert_allclose(numbers[:2], wanted[:2], rtol=1e-3, atol=1e-3)
    assert abs(numbers[2] - wanted[2]) <= 1.0  # one of 100 points


@pytest.mark.slow
def test_it_reads_a_persons_own_points(play, tmp_path, monkeypatch):
    settings = {**SETTINGS, "has_own_points": True}
    found = in_the_browser(play, settings)
    rows = zip(np.reshape(found["points"], (-1, 2)).tolist(), found["labels"], strict=True)
    text = "".join(f"{x!r},{y!r},{label}\n" for (x, y), label in rows)
    (tmp_path / "points.csv").write_text(f"x,y,label\n{text}")
    monkeypatch.chdir(tmp_path)
    text = program(**settings)
    assert "# Save your points first" in text
    _, numbers = in_python(text)
    np.testing.assert_allclose(numbers[:2], found["numbers"][:2], rtol=1e-3, atol=1e-3)


def test_it_is_short():
    for kind in KINDS:
        lines = program(**{**SETTINGS, "kind": kind, "batch": 64}).splitlines()
        assert len(lines) < 70 and max(map(len, lines)) <= 120
