"""The lessons of the playground: their texts agree with what the page trains."""

import numpy as np
import pytest

from app.play_text import from_text
from app.playground.presets import named

pytestmark = pytest.mark.slow

#: The measures of each model on held-out points after so many steps, with an optional change of γ on the way. `apart`
#: is the share of its samples farther than half a unit from all points.
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


@pytest.fixture
def measured(play):
    def measure(name: str, *stops: int, model: int = 0, later: float | None = None, **changed):
        given = from_text(named(name).play)
        gamma = changed.pop("gamma", given.aims[model].gamma)
        known = {name: value for name, value in given._asdict().items() if name not in ("aims", "at", "steps")}
        return play(_MEASURED, {"play": known | changed, "gamma": gamma, "stops": stops, "later": later})

    return measure


def test_a_small_gamma_has_the_better_l_x_and_a_large_one_the_fewer_errors(measured):
    (small,), (large,) = measured("Generative", 1000), measured("Generative", 1000, gamma=10)
    assert small["lossX"] == pytest.approx(1.11, abs=0.03) and large["lossX"] == pytest.approx(1.25, abs=0.05)
    assert small["error"] == pytest.approx(24, abs=1.5) and large["error"] == pytest.approx(19, abs=1.5)
    assert small["apart"] < 0.03


def test_where_only_classes_count_l_x_soars_and_comes_back_with_another_gamma(measured):
    before, later = measured("Discriminative", 1000, 1400, later=1)
    assert before["error"] == pytest.approx(21.5, abs=1) and before["lossX"] == pytest.approx(31, abs=5)
    assert before["apart"] == pytest.approx(0.4, abs=0.1)
    assert later["error"] == pytest.approx(19, abs=1.5) and later["lossX"] == pytest.approx(1.1, abs=0.05)
    assert later["apart"] < 0.05


def test_at_the_gamma_of_class_nll_of_cifar_three_of_four_are_misjudged_and_at_others_few(measured):
    name = "Class-NLL of CIFAR-10"
    assert from_text(named(name).play).aims[1].gamma == pytest.approx(1 / 3072, rel=1e-3)
    few = [measured(name, 1000)[0]["error"], *(measured(name, 1000, gamma=gamma)[0]["error"] for gamma in (0.1, 0.5))]
    many = [one["error"] for one in measured(name, 1000, 4000, model=1)]
    assert few[0] < 5 and max(few) < 10 and np.abs(np.array(many) - 75).max() < 10


def test_rings_are_told_apart(measured):
    assert max(measured("A hole in the data", 1000, classes=classes)[0]["error"] for classes in (2, 3)) < 12


def test_two_couplings_are_too_few_and_twelve_are_not(measured):
    first, *few = [one["error"] for one in measured("Too few couplings", 250, 1000, 8000)]
    assert first > few[0] and few == [pytest.approx(36, abs=2), pytest.approx(32, abs=2)]
    assert measured("Too few couplings", 250, couplings=12)[0]["error"] < 0.5
