"""Table 2, of CIFAR-100: measured by the command on a small test set, then on the page."""

import json

import numpy as np
import pytest
from page_helpers import clean
from shape_helpers import labelled

from ibinn_core import __main__
from ibinn_core.data import DATASETS
from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.markdown import render


@pytest.fixture
def measured(all_families, tmp_path, monkeypatch):
    """The folder of results of two models of CIFAR-100, on a copy of some images that the test divides."""
    for name, count in (("cifar100", 200), ("cifar10", 40)):
        dataset = DATASETS[name]
        images, labels = labelled(count, dataset.image_shape, dataset.num_classes)
        np.savez(tmp_path / f"{name}.npz", x_test=images, y_test=labels)
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path / "docs"))
    ids = ["cifar100-only-lx", "cifar100-gamma-1"]
    assert __main__.main(["table", *ids, "--data", "cifar100", "--to", str(tmp_path / "docs")]) == 0
    return tmp_path / "docs"


def test_our_numbers_stand_beside_those_of_table_2(measured):
    assert sorted(path.name for path in measured.iterdir()) == ["curves2.json", "table2.json"]
    table = json.loads((measured / "table2.json").read_text())
    assert table["data_set"] == "cifar100" and table["test_set"]["images"] == 200
    rows = {row["id"] or row["paper_row"]: row for row in table["rows"]}
    assert rows["cifar100-only-lx"]["paper_row"] == "ib-0" and rows["cifar100-gamma-1"]["paper_row"] is None
    assert rows.keys() - {"cifar100-only-lx", "cifar100-gamma-1"} == paper.TABLES["cifar100"].rows.keys() - {"ib-0"}
    bits = rows["cifar100-only-lx"]["cells"]["bits_per_dim.mean"]
    assert bits["ours"] > 0 and (bits["paper"], bits["paper_corrected"]) == (4.82, 5.47)
    other = rows["cifar100-gamma-1"]["cells"]["detection.cifar10"]
    assert 0 <= other["ours"] <= 100 and not other["in_paper"]
    assert "detection.cifar100" not in rows["ib-0.1"]["cells"] and table["averaged"] == ["rgb-rotation", "noise"]
    text = render(table)
    assert "- 200 CIFAR-100 test images" in text and "Averages over: RGB-rot, Noise." in text
    assert "**The split is ours**: 300 training and 300 test images" in text


def test_the_page_shows_it_for_cifar100(measured, open_page):
    page = clean(open_page("results", tab="tables", data="cifar100"))
    shown = "".join(element.proto.body for element in page.get("html"))
    assert "97.92" in shown and "IB-INN, γ = 0.1" in shown and "4.82 → 5.47" in shown
    assert "The split into training and test images is ours" in shown
