"""The Trade-off page: from cards alone, with a table, with baselines, and with files that are damaged."""

import csv
from pathlib import Path

import numpy as np
import pytest
from baseline_helpers import BASELINES, write_results
from page_helpers import PHOTOGRAPHS, clean, figures, loaded_at_figures, text_of

import ibinn_core as ib
from app.table1.measures import GROUPS
from app.table1.results import read_results
from ibinn_core.evaluation import detection_score, reliability
from ibinn_core.evaluation.table1 import paper

ROOT = Path(__file__).resolve().parents[3]
PAGE = "tradeoff"


@pytest.fixture
def no_results(monkeypatch, tmp_path, no_data):
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))


def dots(figure) -> set[str]:
    return {id for t in figure.data if t.customdata is not None for id in t.customdata}


# --- from cards alone ---------------------------------------------------------------------------------------


def test_works_from_cards_alone_and_says_what_needs_the_table(open_page, no_results):
    page = clean(open_page(PAGE))
    metrics, calibration, detection = figures(page)
    assert dots(metrics) == {c.id for c in PHOTOGRAPHS}
    text = text_of(page)
    assert "the entropy increase" in text and "`python -m ibinn_core table`" in text and "What to look for" in text
    assert page.segmented_control(key="measures").options == ["Overview", "Calibration"]
    assert not page.tabs
    for checkpoint in PHOTOGRAPHS:
        drawn = [y for t in metrics.data if t.xaxis == "x" and t.customdata is not None for y in t.y]
        assert np.isclose(100 * checkpoint.card["error"], drawn).any() == (checkpoint.gamma != 0)


def test_the_live_detection_is_the_librarys_on_the_sample_images(open_page, no_results):
    from ibinn_core.data import ood
    from ibinn_core.evaluation import score_images

    page = clean(open_page(PAGE, left="gamma-1", right="gamma-0.02"))
    assert "twenty sample images" in text_of(page)
    curves = [t for t in figures(page)[2].data if t.legendgroup]
    assert [t.legendgroup for t in curves] == 2 * ["rgb-rotation", "noise", "gaussian-noise"]
    images, _ = ib.data.load("sample")
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    found = score_images(ib.load("gamma-1"), ood.load("rgb-rotation", images)).log_prob
    area = detection_score(checkpoint.latent["log_prob"], found, checkpoint.latent["reference"])
    assert f"area under the curve: {area:.1%}" in curves[0].hovertemplate


def test_the_first_figure_needs_no_torch_and_no_learning_library(tmp_path):
    script, results = ROOT / "app" / "views" / "tradeoff.py", {"IBINN_RESULTS": str(tmp_path)}
    loaded = loaded_at_figures(script, IBINN_DATA=str(tmp_path), **results)
    assert len(loaded) == 3 and loaded[:2] == [[], []]


# --- with baselines and a table -----------------------------------------------------------------------------


def test_baselines_stand_beside_the_family(open_page, family):
    page = clean(open_page(PAGE))
    assert dots(figures(page)[0]) == {c.id for c in family} > set(BASELINES)
    assert page.segmented_control(key="measures").options == list(GROUPS)
    names = page.selectbox(key="right").options
    assert {"ResNet", "i-RevNet", "VIB, γ = 0.2", "class-NLL", "only likelihood", "γ = 1"} <= set(names)
    assert "purely discriminative models have a test error of" in text_of(page)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_measures_has_its_panels(open_page, family, group):
    page = clean(open_page(PAGE, measures=group))
    titles = [a.text for a in figures(page)[0].layout.annotations if "is better" in a.text]
    expected = [m for m in GROUPS[group] if not m.key.endswith("imagenet")]
    assert len(titles) == len(expected)
    assert all(f"<b>{m.title}</b>" in title for m, title in zip(expected, titles, strict=True))
    assert "not on the machine: ImageNet" in text_of(page)


def test_a_click_chooses_the_model_here_and_on_the_other_pages(open_page, family):
    page = open_page(PAGE)
    page.session_state["metrics-Overview"] = {"selection": {"points": [{"customdata": "only-ly"}]}}
    clean(page.run())
    assert page.session_state["model"] == page.session_state["left"] == "only-ly"
    assert page.query_params["left"] in ("only-ly", ["only-ly"])
    assert [b.label for b in page.button if b.label] == [
        *("Start", "Latent space", "Interpolate", "Sample", "Inspect", "Out of distribution")
    ]
    page.session_state["metrics-Overview"] = {"selection": {"points": [{"customdata": ["resnet"]}]}}
    clean(page.run())  # which the other pages cannot show, but for Inspect
    assert page.session_state["left"] == "resnet" and page.session_state["model"] == "only-ly"
    assert [b.label for b in page.button if b.label] == ["Inspect", "Out of distribution"]


def test_the_link_reopens_the_view_and_nonsense_in_it_does_no_harm(open_page, family):
    page = clean(open_page(PAGE, left="vib-1", right="class-nll", measures="Calibration", binning="Top class"))
    assert [page.selectbox(key=key).value for key in ("left", "right")] == ["vib-1", "class-nll"]
    assert page.segmented_control(key="measures").value == "Calibration"
    assert "top-label ECE" in figures(page)[1].layout.annotations[0].text
    clean(open_page(PAGE, left="gamma-banana", right="7", measures="Nonsense", binning="x"))


def test_calibration_is_drawn_from_the_test_sets_posterior(open_page, family):
    page = clean(open_page(PAGE, left="gamma-1", right="resnet"))
    figure = figures(page)[1]
    for id, ending in (("gamma-1", ""), ("resnet", "2")):
        latent = next(c for c in family if c.id == id).latent
        bins = reliability(latent["posterior"], latent["labels"])
        drawn = [t for t in figure.data if t.xaxis == f"x{ending}"][-1]
        assert np.allclose(drawn.y, bins.observed[bins.count > 0])


def test_a_model_without_a_likelihood_detects_nothing_and_says_so(open_page, family):
    page = clean(open_page(PAGE, left="gamma-1", right="resnet"))
    figure = figures(page)[2]
    assert any("ResNet has no likelihood" in a.text for a in figure.layout.annotations)
    assert {t.xaxis for t in figure.data if t.legendgroup} == {"x"}
    assert "twenty sample images" not in text_of(page)  # the table's own curves
    clean(open_page(PAGE, left="vib-1", right="resnet"))


def test_the_exports_hold_what_is_drawn(open_page, family, monkeypatch):
    from app.widgets import export_menu

    made = {}
    monkeypatch.setattr(export_menu, "offer", lambda name, **makers: made.update({name: makers}))
    clean(open_page(PAGE, left="gamma-1", right="resnet"))
    assert {name: list(makers) for name, makers in made.items()} == dict.fromkeys(
        ("trade-off", "reliability", "detection"), ["csv"]
    )
    rows = {name: list(csv.DictReader(makers["csv"]().decode().splitlines())) for name, makers in made.items()}
    error = {r["id"]: float(r["value"]) for r in rows["trade-off"] if r["measure"] == "error" and r["source"] == "here"}
    assert error == pytest.approx({c.id: 100 * c.card["error"] for c in family if c.gamma != 0})
    printed = [float(r["value"]) for r in rows["trade-off"] if r["measure"] == "error" and r["source"] == "paper"]
    assert sorted(printed) == sorted(row["error"] for row in paper.ROWS.values() if row["error"] is not None)
    assert {r["model"] for r in rows["reliability"]} == {"gamma-1", "resnet"} and len(rows["reliability"]) == 2 * 19
    assert {r["model"] for r in rows["detection"]} == {"gamma-1"} and len(rows["detection"]) == 5 * 101


def test_a_model_that_is_chosen_on_another_page_is_the_left_one_here(open_page, family):
    page = open_page(PAGE)
    page.selectbox(key="left").set_value("only-ly").run()
    assert clean(page).session_state["left"] == "only-ly"
    page.session_state["model"] = "gamma-0.02"  # as Start and Latent space do
    page.run()
    assert clean(page).selectbox(key="left").value == "gamma-0.02"
    page.selectbox(key="left").set_value("resnet").run()
    assert clean(page).selectbox(key="left").value == "resnet"  # and what is chosen here stays


def test_a_model_that_the_table_does_not_have_is_named(open_page, family, place, tmp_path, monkeypatch):
    write_results(tmp_path / "docs", [c for c in family if c.id != "resnet"])
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path / "docs"))
    text = text_of(clean(open_page(PAGE)))
    assert "Not in the table yet: ResNet." in text
    assert "Not in the table yet" not in text_of(read_page(open_page, place, monkeypatch))


def read_page(open_page, place, monkeypatch):
    monkeypatch.setenv("IBINN_RESULTS", str(place / "docs"))
    return clean(open_page(PAGE))


def test_every_measure_and_every_kind_of_model_is_explained(open_page, family):
    page = clean(open_page(PAGE, measures="Calibration"))
    text = text_of(page)
    for measure in GROUPS["Calibration"]:
        assert f"- **{measure.title}**: {measure.explanation}." in text
    for name in ("IB-INN", "class-NLL", "VIB", "ResNet", "i-RevNet"):
        assert f"- **{name}**: " in text
    hover = [text for t in figures(page)[0].data if t.customdata is not None for text in t.hovertext]
    assert all("<i>" in text for text in hover)


# --- what does not fit --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["table1.json", "curves.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", '{"rows": 7, "models": 3}', '{"columns": [], "rows": [{"id": 1}]}'])
def test_a_damaged_file_of_results_is_one_sentence(open_page, no_data, monkeypatch, tmp_path, place, name, content):
    for file in (place / "docs").iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / name).write_text(content)
    found = read_results(tmp_path)
    assert name in found.problem and (found.table is None) == (name == "table1.json")
    if content == "{":
        monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
        assert f"{name} in {tmp_path} cannot be read" in text_of(clean(open_page(PAGE)))


def test_without_any_checkpoint_it_says_what_to_do(open_page, show_checkpoints, tmp_path, no_results):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page(PAGE)
    assert not page.exception and "clone the whole repository" in page.error[0].value
