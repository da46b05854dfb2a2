"""The lessons of the playground: their texts agree with what the page trains."""

import pytest

from app.play_text import from_text
from app.playground.presets import named

pytestmark = pytest.mark.slow

#: The measures of a model on held-out points after each number of steps, with an optional change of γ between them.
#: `apart` is the share of the model's samples that are farther than half a unit from all points.
_MEASURED = """
    const { play, gamma, stops, later } = arg;
    const given = (seed) => made({ ...play, seed });
    const training = new Training({ ...play, ...given(play.seed), held: given(play.seed + 5000), objective: "ib",
        gamma, learningRate: play.rate });
    const viewer = new Viewer(training);
    const { points } = training.problem;
    const apart = ({ x, y }) => {
        let far = 0;
        for (let m = 0; m < y.length; m++) {
            let least = Infinity;
            for (let n = 0; n < points.length; n += 2) {
                least = Math.min(least, Math.hypot(points[n] - x[2 * m], points[n + 1] - x[2 * m + 1]));
            }
            if (least > 0.5) far++;
        }
        return far / y.length;
    };
    return stops.map((stop) => {
        if (later && training.taken) training.change({ gamma: later });
        while (training.taken < stop) training.step();
        const { lossX, error, samples } = viewer.snapshot();
        return { lossX, error: 100 * error, apart: apart(samples) };
    });"""


#: A lesson, changed settings, and the expected measures at some steps: each has a number and a tolerance.
CLAIMS = [
    ("Generative", {}, {1000: {"lossX": (1.11, 0.03), "error": (24, 1.5), "apart": (0, 0.03)}}),
    ("Generative", {"gamma": 10}, {1000: {"lossX": (1.25, 0.05), "error": (19, 1.5)}}),
    (
        "Discriminative",
        {"later": 1},
        {
            1000: {"lossX": (31, 5), "error": (21.5, 1), "apart": (0.4, 0.1)},
            2000: {"lossX": (1.1, 0.05), "error": (19, 1.5), "apart": (0, 0.05)},
        },
    ),
    ("Class-NLL of CIFAR-10", {}, {1000: {"error": (0, 5)}}),
    ("Class-NLL of CIFAR-10", {"gamma": 0.1}, {1000: {"error": (0, 10)}}),
    ("Class-NLL of CIFAR-10", {"gamma": 0.5}, {1000: {"error": (0, 10)}}),
    ("Class-NLL of CIFAR-10", {"gamma": 1 / 3072}, {1000: {"error": (75, 10)}, 4000: {"error": (75, 10)}}),
    ("A hole in the data", {"classes": 2}, {1000: {"error": (0, 12)}}),
    ("A hole in the data", {"classes": 3}, {1000: {"error": (0, 12)}}),
    ("Too few couplings", {}, {1000: {"error": (36, 2)}, 8000: {"error": (32, 2)}}),
    ("Too few couplings", {"couplings": 12}, {250: {"error": (0, 0.5)}}),
]


@pytest.mark.parametrize(("name", "changed", "claims"), CLAIMS)
def test_the_page_trains_what_a_lesson_says(play, name, changed, claims):
    given = from_text(named(name).play)
    known = {name: value for name, value in given._asdict().items() if name not in ("aims", "at", "steps")}
    settings = {"gamma": given.aims[0].gamma, "later": None, **changed}
    found = play(_MEASURED, {**settings, "play": known | changed, "stops": [*claims]})
    for one, claim in zip(found, claims.values(), strict=True):
        for measure, (number, off) in claim.items():
            assert one[measure] == pytest.approx(number, abs=off), measure


def test_the_gamma_of_class_nll_is_one_divided_by_the_dimensions():
    assert from_text(named("Class-NLL of CIFAR-10").play).aims[1].gamma == pytest.approx(1 / 3072, rel=1e-3)
