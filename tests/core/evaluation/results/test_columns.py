"""The catalogue of Table 1."""

import pytest

from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.columns import columns_of
from ibinn_core.measures import on

QUALITY = on("table")


def test_a_number_is_read_from_a_card_in_the_unit_of_its_column():
    card = {"error": 0.25, "bits_per_dim": {"mean": 4.5}, "overconfidence": None, "calibration_paper": {"ece": 0.01}}
    read = {column.key: column.of_card(card) for column in QUALITY}
    known = {"error": 25, "bits_per_dim.mean": 4.5, "calibration_paper.ece": 1}
    assert read == {**{column.key: None for column in QUALITY}, **known}


def test_the_paper_prints_its_columns_and_bits_per_dim_by_another_definition():
    assert paper.printed("ib-1", "bits_per_dim.mean") == 5.25
    assert paper.comparable("ib-1", "bits_per_dim.mean") == pytest.approx(5.90)
    assert paper.comparable("ib-1", "error") == paper.printed("ib-1", "error") == 10.27
    for read in (paper.printed, paper.comparable):
        assert read("resnet", "bits_per_dim.mean") is None  # a dash
    assert paper.printed(None, "error") is paper.printed("ib-1", "overconfidence") is None  # no such row, or column
    for name, table in paper.TABLES.items():
        keys = [column.key for column in columns_of(name)]
        assert len(set(keys)) == len(keys)
        assert all(row.keys() < set(keys) for row in table.rows.values())
