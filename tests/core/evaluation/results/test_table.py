"""python -m ibinn_core table: its columns, and our numbers beside the paper's, each measured or marked."""

import json
import math
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from checkpoint_helpers import build_parts, colourful_images, edit_json, one_sentence

import ibinn_core as ib
from ibinn_core import __main__, data
from ibinn_core import checkpoint as registry
from ibinn_core.data import ood
from ibinn_core.evaluation import Measured, out_of_distribution, score_images
from ibinn_core.evaluation.results import paper, table
from ibinn_core.evaluation.results.columns import columns_of
from ibinn_core.evaluation.results.markdown import render
from ibinn_core.evaluation.results.table import detection_curves, measure_cells
from ibinn_core.measures import on
from ibinn_core.measures.scores import detection_curve

TEST = 90
WRITTEN = ("table1.json", "curves.json")
ROWS = paper.TABLES["cifar10"].rows
ALL_CELLS = [column.key for column in columns_of("cifar10")]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two checkpoints, at γ = 1 and only L_Y, test sets of CIFAR-10 and CIFAR-100, no other set, and the table."""
    folder = tmp_path_factory.mktemp("table")
    images, labels = colourful_images(TEST, seed=5)
    np.savez(folder / "cifar10.npz", x_test=images, y_test=np.random.default_rng(0).permutation(labels))
    np.savez(folder / "cifar100.npz", x_test=colourful_images(40, seed=6)[0][::-1], y_test=np.arange(40))
    with pytest.MonkeyPatch.context() as patch:
        parts = build_parts()
        parts.save(folder / "checkpoints" / "gamma-1", kind="ib", gamma=1.0)
        parts.save(folder / "checkpoints" / "gamma-inf", kind="ib", gamma=math.inf)
        patch.setenv("IBINN_DATA", str(folder))
        patch.setenv("IBINN_CHECKPOINTS", str(folder / "checkpoints"))
        assert __main__.main(["table", "--to", str(folder / "docs")]) == 0
    return folder


@pytest.fixture
def command(place, tmp_path, monkeypatch, ibinn):
    """Runs the command on copies of the data and checkpoints in ``tmp_path``."""
    for name in ("cifar10.npz", "cifar100.npz"):
        shutil.copy(place / name, tmp_path)
    shutil.copytree(place / "checkpoints", tmp_path / "checkpoints")
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: ibinn("table", "--to", str(tmp_path / "docs"), *arguments)


def read(folder) -> dict:
    return json.loads((folder / "docs" / "table1.json").read_text())


def row_of(written: dict, name: str) -> dict:
    (row,) = [row for row in written["rows"] if row["id"] == name]
    return row


def files(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_command_writes_the_same_files_and_changes_no_checkpoint(command, place, tmp_path):
    status, out, err = command()
    assert status == 0 and err == ""
    assert "gamma-1, 1 of 2" in out and "drawings: not measured. There is no set drawings" in out
    assert out.splitlines()[-2:] == [str(tmp_path / "docs" / name) for name in WRITTEN]
    assert files(tmp_path / "docs") == files(place / "docs")
    assert files(tmp_path / "checkpoints") == files(place / "checkpoints")
    shutil.rmtree(tmp_path / "checkpoints")
    assert command()[0] == 0
    assert [row["paper_row"] for row in read(tmp_path)["rows"]] == list(ROWS)  # those remain


def test_every_number_is_the_models_own(place, command):
    cells = {key: cell["ours"] for key, cell in row_of(read(place), "gamma-1")["cells"].items()}
    images, _ = data.load("cifar10", "test")
    entry = registry.find("gamma-1")
    model = ib.load(entry)
    test = score_images(model, images)
    for column in on("table"):
        value = column.of_checkpoint(entry)
        assert cells[column.key] == (value if value is None else pytest.approx(value, abs=1e-6))

    def entropy(posterior):
        return -(posterior * np.log(np.maximum(posterior, 1e-300))).sum(1).mean()

    from sklearn.metrics import roc_auc_score  # here, because its import takes seconds

    centre = entry.latent["reference"].astype(float).mean()
    for name in ("rgb-rotation", "noise", "gaussian-noise", "cifar100"):
        found = score_images(model, ood.load(name, images))
        difference = entropy(found.posterior.astype(float)) - entropy(test.posterior.astype(float))
        assert cells[f"entropy_increase.{name}"] == pytest.approx(difference, abs=1e-6)
        scores = abs(np.concatenate([test.log_prob, found.log_prob]).astype(float) - centre)
        auc = roc_auc_score(np.arange(len(scores)) >= TEST, scores)
        assert cells[f"detection.{name}"] == pytest.approx(100 * auc, abs=1e-6)
    averaged = ("rgb-rotation", "noise")
    mean = np.mean([cells[f"entropy_increase.{name}"] for name in averaged])
    assert cells["entropy_increase.average"] == pytest.approx(mean, abs=1e-5)
    product = np.prod([cells[f"detection.{name}"] for name in averaged])
    assert cells["detection.average"] == pytest.approx(product**0.5, abs=1e-5)


def test_the_curves_are_those_of_the_detection_scores(place, command):
    written = json.loads((place / "docs" / "curves.json").read_text())
    assert written["false_alarms"] == [k / 100 for k in range(101)] and "curves" not in read(place)
    images, entry = data.load("cifar10", "test")[0], registry.find("gamma-1")
    model, curves = ib.load(entry), written["models"]["gamma-1"]
    assert curves.keys() == {"rgb-rotation", "noise", "gaussian-noise", "cifar100"}
    for name, curve in curves.items():
        both = (score_images(model, some).log_prob for some in (images, ood.load(name, images)))
        expected = detection_curve(*both, entry.latent["reference"])
        assert len(curve) == 101 and curve == pytest.approx(expected, abs=5.1e-5)


def test_absent_sets_say_so_and_nothing_is_filled_from_the_paper(place):
    written = read(place)
    absent = [(None, name) for name in ROWS if name not in ("ib-1", "ib-inf")]
    rows = [(row["id"], row["paper_row"]) for row in written["rows"]]
    assert rows == [("gamma-1", "ib-1"), ("gamma-inf", "ib-inf"), *absent]
    assert written["averaged"] == ["rgb-rotation", "noise"]
    assert written["sets"]["cifar100"]["images"] == 40 and written["test_set"]["images"] == TEST
    for row in written["rows"]:
        assert list(row["cells"]) == ALL_CELLS
        for key, cell in row["cells"].items():
            assert (cell["ours"] is None) == (cell["why"] is not None)
            if row["id"] is None:
                assert cell["ours"] is None and cell["why"] == "no checkpoint"
            elif key.split(".")[-1] in ("drawings", "imagenet"):
                assert cell["ours"] is None and cell["why"] == "not on this machine"
            printed = ROWS.get(row["paper_row"], {})
            assert cell["paper"] == printed.get(key) and cell["in_paper"] == (key in printed)


def test_models_that_are_not_in_the_repository_are_marked(command, tmp_path, monkeypatch):
    assert command("gamma-inf")[0] == 0
    text, mark = render(read(tmp_path)), " †<br>`gamma-inf` |"
    assert row_of(read(tmp_path), "gamma-inf")["elsewhere"] and mark in text
    assert "- † The weights are not in the repository: gamma-inf." in text
    monkeypatch.setattr(table, "CHECKPOINTS", (tmp_path / "checkpoints",))
    assert command("gamma-inf")[0] == 0
    assert "elsewhere" not in row_of(read(tmp_path), "gamma-inf")
    assert "†" not in render(read(tmp_path))


def given(*names: str) -> dict[str, np.ndarray]:
    """Some arguments of the measures of sets."""
    rng = np.random.default_rng(0)
    posterior, log_prob = rng.dirichlet(np.full(10, 0.3), 90), rng.normal(size=95)
    every = {"posterior": posterior[:50], "ood_posterior": posterior[50:]}
    every |= {"log_prob": log_prob[:50], "ood_log_prob": log_prob[50:90], "reference": log_prob[90:]}
    return {name: every[name] for name in names}


POSTERIORS, LIKELIHOODS = ("posterior", "ood_posterior"), ("log_prob", "ood_log_prob", "reference")


def cells_of(has_likelihood: bool = True, **scores: dict[str, np.ndarray]) -> dict:
    """The cells of a model that is never sure."""
    latent = {"posterior": np.full((20, 10), 0.1), "labels": np.arange(20) % 10}
    return measure_cells(SimpleNamespace(card={}, has_likelihood=has_likelihood, latent=latent), scores)


def test_a_classifier_without_a_likelihood_has_errors_and_entropies_only():
    cells = cells_of(False, noise=given(*POSTERIORS), cifar100=given(*POSTERIORS))
    for key in ("bits_per_dim.mean", "detection.noise", "detection.cifar100", "detection.average"):
        assert cells[key] == "no likelihood"
    for key in ("error", "calibration_paper.ece", "entropy_increase.noise", "entropy_increase.average"):
        assert isinstance(cells[key], float)
    assert cells["detection.drawings"] == cells["entropy_increase.drawings"] == "not on this machine"
    assert cells["overconfidence"] == "none above 99.7 %"
    assert cells_of()["entropy_increase.average"] == "not on this machine"


def test_a_model_that_breaks_down_on_some_images_loses_those_cells_and_curves_only():
    scores = {"rgb-rotation": given(*POSTERIORS, "log_prob", "reference"), "noise": given(*POSTERIORS, *LIKELIHOODS)}
    cells = cells_of(**scores)
    assert cells["detection.rgb-rotation"] == cells["detection.average"] == "not finite"
    assert isinstance(cells["detection.noise"], float) and isinstance(cells["entropy_increase.average"], float)
    assert detection_curves(scores).keys() == {"noise"}
    assert cells_of(noise=given("posterior", *LIKELIHOODS))["entropy_increase.noise"] == "not finite"


def test_arrays_that_are_not_finite_are_not_scores(monkeypatch):
    found = Measured(None, np.array([0.0, -np.inf]), np.full((2, 2), 0.5))
    monkeypatch.setattr(out_of_distribution, "score_images", lambda model, images: found)
    scores = out_of_distribution.score_sets(None, None, {"noise": None}, np.zeros(3))
    assert scores.keys() == {"noise"} and scores["noise"].keys() == {*POSTERIORS, "reference"}


def test_where_a_set_is_damaged_nothing_is_written(command, tmp_path):
    (tmp_path / "drawings32.npz").write_bytes(b"hello")
    status, _, err = command()
    assert status == 1 and not (tmp_path / "docs").exists()
    one_sentence(f"{err.strip().rstrip('.')}.", "ibinn table: ", "drawings32.npz is damaged")


def test_a_model_of_another_data_set_is_left_out_where_it_was_not_asked_for(command, tmp_path):
    config = tmp_path / "checkpoints" / "gamma-1" / registry.CONFIG
    edit_json(config, lambda values: values["data"].update(name="cifar100"))
    assert command()[0] == 0
    assert [row["id"] for row in read(tmp_path)["rows"] if row["id"]] == ["gamma-inf"]


@pytest.mark.parametrize(
    "objective, gamma, kind, dataset, name",
    [
        ("ib", 1.0, "ib-inn", "cifar10", "ib-1"),
        ("ib", math.inf, None, "cifar10", "ib-inf"),
        ("ib", 0.1, None, "cifar10", None),
        ("ib", 0.1, None, "cifar100", "ib-0.1"),
        ("vib", 1.0, "vib", "cifar100", None),
        ("cross-entropy", None, "i-revnet", "cifar10", "i-revnet"),
        ("cross-entropy", None, None, "cifar10", None),
    ],
)
def test_which_row_of_the_paper_a_model_belongs_to(objective, gamma, kind, dataset, name):
    assert paper.row_name(objective, gamma, kind, dataset) == name


def test_the_text_shows_our_number_above_the_papers_and_the_temperature(command, tmp_path):
    alignment = {"power": 1.149, "held_out_images": 1000}
    edit_json(tmp_path / "checkpoints" / "gamma-1" / "card.json", lambda card: card.update(alignment=alignment))
    assert command()[0] == 0
    text, cells = render(read(tmp_path)), row_of(read(tmp_path), "gamma-1")["cells"]
    error, bits = cells["error"]["ours"], cells["bits_per_dim.mean"]["ours"]
    assert f"| {error:.2f}<br>*10.27* | {bits:.2f}<br>*5.25 → 5.90* |" in text
    assert "by 1.15 for `gamma-1`." in text and str(tmp_path) not in text
    # What has no number of ours is left out: sets that are not here, and the paper's rows without a checkpoint.
    assert "Draw ↑" not in text and "Class-NLL" not in text and "no checkpoint" not in text
    assert "split" not in text and "100 training and 20 test" in render({**read(tmp_path), "custom_split": [100, 20]})


def test_a_number_is_read_from_a_card_in_the_unit_of_its_column():
    card = {"error": 0.25, "bits_per_dim": {"mean": 4.5}, "overconfidence": None, "calibration_paper": {"ece": 0.01}}
    read = {column.key: column.of_card(card) for column in on("table")}
    known = {"error": 25, "bits_per_dim.mean": 4.5, "calibration_paper.ece": 1}
    assert read == {**{column.key: None for column in on("table")}, **known}


DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.mark.parametrize("title, table", [("CIFAR-10", "table1"), ("CIFAR-100", "table2")])
def test_there_are_five_lessons_and_every_number_in_them_is_one_of_the_table(title, table):
    rows = json.loads((DOCS / f"{table}.json").read_text("utf-8"))["rows"]
    page = (DOCS / "models.md").read_text("utf-8")
    (section,) = re.findall(rf"^## {title}: what to learn\n(.*?)^## ", page, re.M | re.S)
    items = re.findall(r"^\d+\. (.+(?:\n   .+)*)", section, re.M)
    assert len(items) == 5
    cells = [cell for row in rows for cell in row["cells"].values()]
    values = [cell.get(key) for cell in cells for key in ("ours", "paper", "paper_corrected")]
    known = {f"{value:.2f}" for value in values if value is not None}
    found = [number for item in items for number in re.findall(r"-?\d+\.\d\d\b", re.sub(r"γ = [\d.]+", "", item))]
    assert len(found) >= 5 and not set(found) - known
