"""The tools that print the numbers of the documents run on little data."""

import json
import sys

import pytest
from checkpoint_helpers import small_data_set

from tools import attacks, counterfactuals, front, sample_quality

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def small_cifar10(tmp_path_factory):
    with small_data_set(tmp_path_factory.mktemp("data"), 60, 30):
        yield


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a tool with arguments, and returns its output."""

    def printed(tool, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [tool.__name__, *arguments])
        tool.main()
        return capsys.readouterr().out

    return printed


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of the tables in a Markdown text, with the headings."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_attacks_are_measured_and_printed(run, tmp_path):
    out = tmp_path / "attacks.json"
    text = run(attacks, "gamma-1", "--count", "2", "--radius", "1", "--out", str(out), "--table")
    (model,) = json.loads(out.read_text())["models"].values()
    assert model["count"] == 2 and [row["attack"] for row in model["rows"]] == ["fgsm", "pgd", "adaptive"]
    assert [row[2] for row in rows(text)] == ["attack", "fgsm", "pgd", "adaptive"]


def test_counterfactuals_and_styles_are_printed(run):
    text = run(counterfactuals, "gamma-1", "--count", "3", "--pixels", "2", "--styles", "2")
    names = [row[0] for row in rows(text)]
    assert names[:7] == ["move", "none", "1 α*", "1.5 α*", "2 α*", "2.5 α*", "ECINN"]
    assert sum(name.startswith("gradients") for name in names) == 3 and {"style", "brightness"} <= set(names)


def test_samples_are_judged(run):
    (_, cells) = rows(run(sample_quality, "gamma-1", "--count", "1"))
    assert cells[0] == "gamma-1" and len(cells) == 8 and all(cell.endswith("%") for cell in cells[1:6])


def test_the_front_is_drawn(run, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(front, "picture", lambda figure, target: drawn.append((figure, target)))
    text = run(front, str(tmp_path / "front.png"))
    ((figure, target),) = drawn
    assert figure.data and target == tmp_path / "front.png" and "below the line" in text
