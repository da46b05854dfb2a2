"""The tools that print the numbers of the documents run on little data."""

import json
import subprocess
import sys

import pytest
from checkpoint_helpers import small_data_set

from tools import attacks, counterfactuals, front, mutants, sample_quality

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


def test_mutants_are_killed_by_the_tests_of_their_lines_alone(run, tmp_path, monkeypatch):
    (tmp_path / "tested.py").write_text("def between(low, x, high):\n    return low < x and x < high\n")
    (tmp_path / "untested.py").write_text("def double(x):\n    return x * 2\n")
    (tmp_path / "test_tested.py").write_text(
        "from tested import between\n\n\ndef test_between():\n"
        "    assert [between(1, x, 3) for x in (1, 2, 3)] == [False, True, False]\n"
    )
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\nmarkers = ['slow']\npythonpath = ['.']\n[tool.coverage.run]\nsource = ['.']\n"
    )
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    lines = run(mutants, "tested.py", "untested.py", "--records", str(tmp_path / "runs")).splitlines()
    assert "4 of 7 mutants killed (57.1%)" in lines[-1]
    survivors = [line for line in lines[:-1] if "survived" in line]
    assert len(survivors) == 3 and all("untested.py" in line for line in survivors)
    assert (tmp_path / "untested.py").read_text() == "def double(x):\n    return x * 2\n"
