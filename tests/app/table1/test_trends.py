"""What γ does to the measures, in sentences."""

import math

from app.table1 import trends
from app.table1.measures import EVERY, measured, our_lines, paper_lines
from app.table1.trends import trend_of


def sentences(measures, lines):
    """Beside the paper's lines, which are of the same data set."""
    return trends.sentences(measures, [*lines, *paper_lines()])


def test_sentences_say_what_the_numbers_do(family):
    lines = our_lines(family, [c.id for c in family], {})
    error = next(m for m in EVERY if m.key == "error")
    trend = trend_of(lines[0], error)
    assert trend.direction == "falls" and trend.first[0] == "gamma-0.02" and trend.last[0] == "gamma-35"
    assert sentences([error], lines)[0].startswith("**Test error**: it falls, as in the paper, from ")
    turned = lines[0]._replace(values={**lines[0].values, "error": lines[0].values["error"][::-1]})
    assert "it rises, where in the paper it falls, from" in sentences([error], [turned])[0]
    flat = lines[0]._replace(values={**lines[0].values, "error": [30.0] * len(lines[0].ids)})
    assert "it hardly changes" in sentences([error], [flat])[0]
    finite = [i for i, gamma in enumerate(lines[0].gammas) if 0 < gamma < math.inf]
    bent = [30.0 if i in (finite[0], finite[-1]) else 40.0 for i in range(len(lines[0].ids))]
    text = sentences([error], [lines[0]._replace(values={**lines[0].values, "error": bent})])[0]
    assert "it goes up and down" in text and f"{lines[0].names[finite[1]]} is worst, 40.0 %" in text
    assert sentences([error], lines[1:]) == []
    assert [m.key for m in measured(lines, EVERY)][:2] == ["error", "bits_per_dim"]


def test_without_the_papers_lines_nothing_is_said_of_it(family):
    lines = our_lines(family, [c.id for c in family], {})
    error = next(m for m in EVERY if m.key == "error")
    assert trends.sentences([error], lines)[0].startswith("**Test error**: it falls, from ")
