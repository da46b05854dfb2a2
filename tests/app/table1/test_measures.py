"""The measures of Table 1, of the models and as printed."""

import dataclasses
import math

import numpy as np
import pytest

from app.table1.measures import GROUPS, our_lines, outdated, paper_lines, sure_of
from app.table1.results import read_results
from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.columns import numbers_of


def test_the_two_kinds_of_calibration_error_have_names_of_their_own():
    errors = [measure.name for measure in GROUPS["Calibration"] if measure.key != "overconfidence"]
    assert len(errors) == 5 and sum(title.startswith("All-classes ") for title in errors) == 4
    assert errors[-1] == "Top-label ECE"


def test_numbers_of_other_weights_are_left_out(place, family):
    rows = read_results(place / "docs").rows
    entry = next(c for c in family if c.id == "gamma-1")
    assert not outdated(family, rows)
    assert numbers_of(entry, rows["gamma-1"])["detection.noise"] == rows["gamma-1"]["cells"]["detection.noise"]["ours"]
    rows["gamma-1"]["cells"]["error"]["ours"] += 1
    assert outdated(family, rows) == ["gamma-1"]
    assert math.isnan(numbers_of(entry, rows["gamma-1"])["detection.noise"])
    assert numbers_of(entry, rows["gamma-1"])["error"] == pytest.approx(100 * entry.card["error"])


def test_older_cards_have_their_cross_entropy_from_the_stored_posteriors(family):
    entry = next(c for c in family if c.id == "gamma-1")
    (line,) = our_lines([entry], ["one"], {})
    labels, posterior = entry.latent["labels"], entry.latent["posterior"]
    expected = -np.log(posterior[np.arange(len(labels)), labels]).mean()
    assert line.values["cross_entropy"] == [pytest.approx(expected, rel=1e-5)]
    newer = dataclasses.replace(entry, card={**entry.card, "cross_entropy": 0.25})
    assert our_lines([newer], ["one"], {})[0].values["cross_entropy"] == [0.25]


def test_each_overconfidence_says_what_it_rests_on(family):
    entry = next(c for c in family if c.id == "gamma-1")
    (line,), sure = our_lines([entry], ["one"], {}), sure_of(entry)
    assert line.notes["overconfidence"] == [f"{sure.wrong:,} of {sure.all:,} predictions above 99.7 % are wrong"]


def test_a_newer_card_counts_the_sure_predictions_on_all_test_images(family):
    """The arrays beside it may describe a part of them only."""
    entry = next(c for c in family if c.id == "gamma-1")
    newer = dataclasses.replace(entry, card={**entry.card, "sure_predictions": {"all": 12_345, "wrong": 67}})
    (line,) = our_lines([newer], ["one"], {})
    assert line.notes["overconfidence"] == ["67 of 12,345 predictions above 99.7 % are wrong"]


def test_a_model_that_never_saw_a_label_has_the_numbers_that_the_table_prints(place, family):
    entry = next(c for c in family if c.gamma == 0)
    row = read_results(place / "docs").rows[entry.id]
    values, printed = numbers_of(entry, row), {key: cell["ours"] for key, cell in row["cells"].items()}
    known = {key for key, value in values.items() if not math.isnan(value)}
    assert known >= {key for key, value in printed.items() if value is not None} >= {"error", "detection.noise"}


def test_the_papers_lines_hold_all_of_its_table():
    every = [value for line in paper_lines() for key in ("error", "calibration.ece") for value in line.values[key]]
    printed = [row[key] for row in paper.TABLES["cifar10"].rows.values() for key in ("error", "calibration.ece")]
    assert sorted(v for v in every if not math.isnan(v)) == sorted(v for v in printed if v is not None)
    (ib_line,) = [line for line in paper_lines() if line.family == "ib"]
    assert ib_line.gammas == [0, 1, math.inf] and sum(len(line.ids) for line in paper_lines()) == len(
        paper.TABLES["cifar10"].rows
    )
