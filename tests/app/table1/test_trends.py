"""What γ does to the measures, in sentences."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest

from app.figures.metrics import Line
from app.table1 import trends
from app.table1.measures import EVERY, measured, our_lines, paper_lines
from app.table1.trends import corners_of, tolerance_of, trend_of
from ibinn_core.evaluation.scores import SurePredictions

ERROR = next(m for m in EVERY if m.key == "error")
#: As a sentence has it: 'it rises from 10.0 % at γ = 1 to 30.0 % at γ = 3, then falls to 20.0 % at γ = 5'.
LEG = re.compile(r"(rises|falls)(?:[^.;]*? from (-?[\d.]+) % at m(\d+))? to (-?[\d.]+) % at m(\d+)")


def sentences(measures, lines):
    """Beside the paper's lines, which are of the same data set."""
    return trends.sentences(measures, [*lines, *paper_lines()])


def series(values) -> Line:
    """A family with some errors at growing γ; its models are called m0, m1, ..."""
    ids = [f"m{i}" for i in range(len(values))]
    given = {m.key: [math.nan] * len(values) for m in EVERY} | {"error": list(values)}
    gammas = [0.1 * 2.0**i for i in range(len(values))]
    return Line("IB-INN", "ib", ids, ids, gammas, given, {m.key: [""] * len(values) for m in EVERY})


def test_sentences_say_what_the_numbers_do(family):
    lines = our_lines(family, [c.id for c in family], {})
    trend = trend_of(lines[0], ERROR)
    assert trend.directions == ("falls",)
    assert [name for name, _ in trend.corners] == ["gamma-0.02", "gamma-35"]
    assert sentences([ERROR], lines)[0].startswith("**Test error**: it falls, as in the paper, from ")
    turned = lines[0]._replace(values={**lines[0].values, "error": lines[0].values["error"][::-1]})
    (text,) = sentences([ERROR], [turned, *lines[1:]])
    assert "it rises from" in text and text.endswith("; in the paper, from γ = 1 to γ = ∞, it falls.")
    flat = lines[0]._replace(values={**lines[0].values, "error": [30.0] * len(lines[0].ids)})
    assert "it hardly changes" in sentences([ERROR], [flat])[0]
    finite = [i for i, gamma in enumerate(lines[0].gammas) if 0 < gamma < math.inf]
    bent = [30.0 if i in (finite[0], finite[-1]) else 40.0 for i in range(len(lines[0].ids))]
    text = sentences([ERROR], [lines[0]._replace(values={**lines[0].values, "error": bent})])[0]
    top, last = (lines[0].names[finite[i]] for i in (1, -1))
    assert (
        f"it rises from 30.0 % at gamma-0.02 to 40.0 % at {top}, then falls to 30.0 % at {last}; in the paper" in text
    )
    assert sentences([ERROR], lines[1:]) == []
    assert [m.key for m in measured(lines, EVERY)][:2] == ["error", "bits_per_dim"]


def test_overconfidence_of_a_few_images_is_counted_and_not_compared():
    measure = next(m for m in EVERY if m.key == "overconfidence")
    line = series([1, 2, 3])._replace(values={"overconfidence": [0.2, 0.4, 0.8]})
    few = line._replace(sure=[SurePredictions(1000, 1), SurePredictions(2000, 12), SurePredictions(0, 0)])
    (text,) = trends.sentences([measure], [few])
    assert "too few of the predictions above 99.7% are wrong" in text and "1 of 1,000 (m0), 12 of 2,000 (m1)." in text
    assert "rises" not in text and "m2" not in text  # which is never so sure
    (text,) = trends.sentences([measure], [line._replace(sure=[SurePredictions(9000, 10)] * 3)])
    assert "it rises from 0.2 × at m0 to 0.8 × at m2" in text


def test_without_the_papers_lines_nothing_is_said_of_it(family):
    lines = our_lines(family, [c.id for c in family], {})
    assert trends.sentences([ERROR], lines)[0].startswith("**Test error**: it falls from ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([33, 53, 38], "it rises from 33.0 % at m0 to 53.0 % at m1, then falls to 38.0 % at m2."),
        ([33, 41, 40.5, 53], "it rises from 33.0 % at m0 to 53.0 % at m3."),
        ([50, 20, 21, 20.5], "it falls from 50.0 % at m0 to 20.5 % at m3; of the finite γ, m1 is best, 20.0 %."),
        ([30, 50, 30, 50, 30], "it goes up and down between 30.0 % at m0 and 50.0 % at m1."),
        ([50, 51, 50.5], "it hardly changes, between 50.0 % at m0 and 51.0 % at m1."),
        ([50, 50], "it hardly changes."),
        ([0.42, 0.4, 0.45], "it goes up and down"),
    ],
)
def test_a_word_for_each_course(values, said):
    (text,) = trends.sentences([ERROR], [series(values)])
    if said == "it goes up and down":  # less than a unit of the last digit that is shown is no change
        assert "rises" not in text and "falls" not in text
    else:
        assert text == f"**Test error**: {said}"


def random_series(seed: int) -> list[float]:
    """A walk, a bow, a flat line or noise, with a drift, of 2 to 14 errors in percent."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 15))
    steps = rng.normal(rng.normal(0, 2), 10 ** rng.uniform(-2, 1), count)
    values = np.cumsum(steps) if seed % 2 else steps
    bow = rng.normal(0, 15) * np.sin(np.linspace(0, rng.uniform(0, 2) * np.pi, count))
    return [float(v) for v in np.abs(50 + values + bow * (seed % 3 == 0))]


@pytest.mark.parametrize("block", range(10))
def test_what_a_sentence_claims_is_true_of_the_numbers(block):
    for seed in range(100 * block, 100 * (block + 1)):
        check_claims(random_series(seed))


def check_claims(values):
    (text,) = trends.sentences([ERROR], [series(values)])
    slack = max(0.05 * (max(values) - min(values)), 0.1)
    spread = max(values) - min(values)
    if "hardly changes" in text:
        assert "rises" not in text and "falls" not in text
        assert spread <= max(0.05 * max(map(abs, values)), slack) + 1e-9
        return
    if "goes up and down" in text:
        assert "rises" not in text and "falls" not in text
        corners = corners_of(values, slack)
        assert len(corners) > 3 and np.abs(np.diff([values[i] for i in corners])).min() > slack
        return
    legs = LEG.findall(text)
    assert 1 <= len(legs) <= 2 and legs[0][2]
    begin = int(legs[0][2])
    assert f"{values[begin]:.1f}" == legs[0][1]
    start = begin
    for direction, _, _, number, row in legs:
        end = int(row)
        assert f"{values[end]:.1f}" == number and end > begin
        sign = 1 if direction == "rises" else -1
        leg = [sign * value for value in values[begin : end + 1]]
        assert leg[-1] - leg[0] > slack
        assert max(high - low for i, high in enumerate(leg) for low in leg[i:]) <= slack + 1e-9  # how far it goes back
        begin = end
    # And nothing is left out: before the first and after the last corner hardly anything happens.
    assert all(abs(value - values[start]) <= slack + 1e-9 for value in values[:start])
    assert all(abs(value - values[begin]) <= slack + 1e-9 for value in values[begin:])
    if "is best" in text:
        assert f"{min(values):.1f} %" in text


def test_random_series_have_every_course():
    """So that the test above does not pass for want of cases."""
    texts = [trends.sentences([ERROR], [series(random_series(seed))])[0] for seed in range(400)]
    for words in (
        "it rises from",
        "it falls from",
        ", then falls",
        ", then rises",
        "goes up and down",
        "hardly changes",
    ):
        assert sum(words in text for text in texts) >= 10, words


def test_corners_turn_and_lie_farther_apart_than_the_tolerance():
    for seed in range(200):
        values = random_series(seed)
        tolerance = tolerance_of(values, 1)
        corners = corners_of(values, tolerance)
        steps = [values[b] - values[a] for a, b in pairwise(corners)]
        assert corners == sorted(set(corners)) and all(abs(step) > tolerance for step in steps)
        assert all(a * b < 0 for a, b in pairwise(steps))


def test_where_the_paper_has_other_gammas_these_are_compared_alone():
    bent, printed = series([40, 30, 20, 30, 40]), series([7, 9])._replace(is_paper=True)
    assert (
        "; from γ = 0.4 to γ = 1.6 it rises, as in the paper."
        in sentences([ERROR], [bent, printed._replace(gammas=[0.4, 1.6])])[0]
    )
    assert (
        "; in the paper, from γ = 0.1 to γ = 0.4, it rises."
        in sentences([ERROR], [bent, printed._replace(gammas=[0.1, 0.4])])[0]
    )
