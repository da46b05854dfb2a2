"""The Trade-off page: from cards alone, with a table, with baselines, and with files that are damaged."""

import base64
import csv
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from baseline_helpers import BASELINES, write_results
from page_helpers import (
    PHOTOGRAPHS,
    clean,
    figures,
    given_to,
    loaded_at_figures,
    pick,
    roc_curves,
    shown_figures,
    text_of,
)

import ibinn_core as ib
from app.palette import ACCENT, KIND_COLORS
from app.table1.measures import GROUPS
from app.table1.results import read_results
from ibinn_core.checkpoint import default_folder
from ibinn_core.evaluation import detection_score, reliability
from ibinn_core.evaluation.results import paper

ROOT = Path(__file__).resolve().parents[3]
PAGE = "tradeoff"


@pytest.fixture
def no_results(monkeypatch, tmp_path, no_data):
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))


MEASURES, CALIBRATION, DETECTION, DISAGREEMENT = "Measures over γ", "Calibration", "Detection", "Disagreement"


def dots(*drawn) -> set[str]:
    return {id for figure in drawn for t in figure.data if t.customdata is not None for id in t.customdata}


def panel(page, key: str) -> go.Figure:
    """The panel of a measure."""
    return figures(page)[list(shown_figures(page)).index(f"panel-{key}")]


# --- the curve ----------------------------------------------------------------------------------------------


def place_of(figure, checkpoint) -> tuple[float, float]:
    """Where the mark of a model stands."""
    return next(
        (x, y)
        for t in figure.data
        if t.customdata is not None
        for id, x, y in zip(t.customdata, t.x, t.y, strict=True)
        if id == checkpoint.id
    )


def key_of(page) -> str:
    """What stands below the picture, of which kinds of marks it has."""
    (key,) = [h.proto.body for h in page.get("html") if 'class="symbols"' in h.proto.body]
    return key


def ring_of(figure) -> tuple[float, float]:
    (ring,) = [t for t in figure.data if t.marker.symbol == "circle-open" and t.marker.color == ACCENT]
    return ring.x[0], ring.y[0]


def test_the_page_opens_on_the_curve_with_every_measured_place(open_page, no_results):
    page = clean(open_page(PAGE))
    (figure,) = figures(page)
    (path,) = [t for t in figure.data if t.mode == "lines"]
    curve = ib.family("cifar10").curve
    assert np.allclose(path.x, [p.bits_per_dim for p in curve]) and np.allclose(path.y, [p.error for p in curve])
    mixed = next(t for t in figure.data if "mixed<br>from" in str(t.hovertemplate))
    assert np.allclose(mixed.y, [p.error for p in curve if p.share > 0])
    assert dots(figure) == {c.id for c in PHOTOGRAPHS} and "mixed from two neighbours" in key_of(page)
    for checkpoint in (c for c in PHOTOGRAPHS if c.has_likelihood):
        bits, (x, error) = checkpoint.card["bits_per_dim"]["mean"], place_of(figure, checkpoint)
        assert error == checkpoint.card["error"] and (x == bits if bits < 6 else x < 6)  # far off, it is at the edge
    assert "What to look for" in text_of(page) and "(the paper's Fig. 6)" in text_of(page)


def test_the_papers_models_are_open_and_what_is_far_off_stands_at_the_edge_with_its_number(open_page, no_results):
    (figure,) = figures(clean(open_page(PAGE)))
    assert not [t for t in figure.data if "the paper's" in str(t.hovertemplate)]
    page = clean(open_page(PAGE, paper="true"))
    (figure,) = figures(page)
    assert "○</span> open: the paper" in key_of(page)
    marks = next(t for t in figure.data if t.customdata is None and "-open" in str(t.marker.symbol) and len(t.x) > 1)
    both = [row for row in paper.TABLES["cifar10"].rows.values() if None not in (row["error"], row["bits_per_dim"])]
    assert sorted(marks.y) == pytest.approx(sorted(row["error"] / 100 for row in both))
    far = max(row["bits_per_dim"] + paper.BITS_CORRECTION for row in both)
    assert max(marks.x) < far and f"{far:.2f}" in str(marks.text)
    assert any(f"{far:.2f} bits/dim (off the scale)" in text for text in marks.hovertemplate)


@pytest.mark.parametrize("query", [{"model": "gamma-0.02"}, {"left": "gamma-0.02"}])
def test_the_model_that_the_link_chooses_is_ringed(open_page, family, query):
    page = clean(open_page(PAGE, **query))
    (figure,) = figures(page)
    assert ring_of(figure) == place_of(figure, next(c for c in family if c.id == "gamma-0.02"))
    assert page.session_state["model"] == "gamma-0.02" and "**γ = 0.02**: " in text_of(page)


def test_on_stage_the_ring_follows_the_slider_between_trained_models_too(open_page, no_results):
    page = open_page(PAGE)
    page.session_state["stage"] = True  # which app/main.py takes from the URL
    page.session_state["model"] = "gamma-9.5"
    (figure,) = figures(clean(page.run()))
    blend = ib.family("cifar10").checkpoint(9.5)
    assert ring_of(figure) == place_of(figure, blend) == (blend.card["bits_per_dim"]["mean"], blend.card["error"])
    assert dots(figure) == {blend.id, *(c.id for c in PHOTOGRAPHS)}
    sizes = [figure.layout.title.font.size, *(t.textfont.size for t in figure.data if t.textfont.size)]
    sizes += [axis.tickfont.size for axis in (figure.layout.xaxis, figure.layout.yaxis)]
    sizes += [note.font.size for note in figure.layout.annotations]
    assert min(sizes) >= 24 and not page.tabs
    assert "◆</span> class-NLL" in key_of(page)


def test_the_ring_goes_along_the_curve_as_it_is_drawn(open_page, no_results):
    page = open_page(PAGE)
    page.session_state["stage"] = True
    (figure,) = figures(clean(page.run()))
    sent = given_to("following", page)
    assert sent["key"] == "curve" and shown_figures(page)["curve"]["gamma"] is not None
    track = sent["moving"]["ring"]["x"]
    x = track["scale"] * np.frombuffer(base64.b64decode(track["values"]["bdata"]), "<i2")
    curve, (path,) = ib.family("cifar10").curve, [t for t in figure.data if t.mode == "lines"]
    assert sent["places"] == len(curve) == len(x)
    assert np.abs(x[: len(path.x)] - path.x).max() <= track["scale"]
    assert x.max() <= figure.layout.xaxis.range[1]  # also where a model is off the scale


def test_two_models_that_disagree_are_on_stage_as_on_the_page_and_it_goes_back_there(open_page, family):
    page = clean(open_page(PAGE, part="Disagreement", left="gamma-0.02", right="gamma-1"))
    words = next(one.value for one in page.markdown if "The same answer on" in one.value)
    page.session_state["stage"] = True
    clean(page.run())
    del page.session_state["part"]  # as Streamlit forgets it, with its tabs
    page.query_params.pop("part", None)
    for _ in range(2):
        clean(page.run())
        assert "answers-figure" in shown_figures(page) and "curve" not in shown_figures(page) and not page.tabs
        assert words in [one.value for one in page.markdown]
        assert "**What γ = 0.02 and γ = 1 answer**" in [one.value for one in page.markdown]
    assert "Disagreement" in page.query_params["staged"]
    page.session_state["stage"] = False
    clean(page.run())
    assert page.session_state["part"] == "Disagreement" and "staged" not in page.query_params
    assert words in [one.value for one in page.markdown]


@pytest.mark.parametrize(
    "part, key",
    [
        ("Disagreement", "answers-figure"),
        ("Calibration", "reliability-left"),
        ("Detection", "roc-right"),
        ("Measures over γ", "panel-error"),
        ("Curve", "curve"),
        ("Nonsense", "curve"),
    ],
)
def test_a_link_to_the_stage_says_which_part_is_on_it(open_page, family, part, key):
    page = open_page(PAGE, staged=part)
    page.session_state["stage"] = True
    found = shown_figures(clean(page.run()))
    assert key in found and (key == "curve") == ("curve" in found) and not page.tabs


def test_a_part_goes_on_stage_with_what_was_chosen_in_it(open_page, family):
    page = clean(open_page(PAGE, part="Calibration", left="gamma-0.02", right="resnet", binning="Top label"))
    page.session_state["stage"] = True
    clean(page.run())
    assert {"reliability-left", "reliability-right"} == set(shown_figures(page))
    assert any(one.value.startswith("top-label ECE") for one in page.markdown)
    titles = [figure.layout.title.text for figure in figures(page)]
    assert titles == ["<b>γ = 0.02</b>", "<b>ResNet</b>"]


def test_diagrams_of_many_classes_say_of_how_many_images_they_are(open_page, no_data):
    said = "The marks are of 1,000 of the 10,000 test images, the errors are of all."
    assert said in text_of(clean(open_page(PAGE, data="cifar100", part=CALIBRATION)))
    assert "The marks are of" not in text_of(clean(open_page(PAGE, part=CALIBRATION)))


def test_who_leaves_the_stage_between_two_models_has_the_nearer_one_chosen(open_page, no_results):
    page = clean(open_page(PAGE, model="gamma-9.5"))
    point = ib.family("cifar10").checkpoint(9.5).point
    assert page.session_state["model"] == (point.right if point.share >= 0.5 else point.left)


def test_a_model_without_a_likelihood_is_a_line_that_can_be_chosen(open_page, family):
    page = open_page(PAGE, model="gamma-0.02")
    pick(page, "curve", "resnet")
    (figure,) = figures(clean(page.run()))
    resnet = next(c for c in family if c.id == "resnet")
    line = next(t for t in figure.data if t.customdata is not None and "resnet" in t.customdata)
    assert list(line.y) == [resnet.card["error"]] * 2 and line.x[1] > line.x[0]
    assert ring_of(figure) == (line.x[0], line.y[0])
    assert page.session_state["model"] == "gamma-0.02" and "**ResNet**: " in text_of(page)


def test_without_a_measured_curve_the_line_runs_through_the_trained_models(open_page, family):
    (figure,) = figures(clean(page := open_page(PAGE)))
    (path,) = [t for t in figure.data if t.mode == "lines"]
    trained = sorted((c for c in family if c.has_likelihood and c.gamma is not None), key=lambda c: c.gamma)
    assert np.allclose(path.y, [c.card["error"] for c in trained])
    assert not any("mixed<br>from" in str(t.hovertemplate) for t in figure.data)
    assert "mixed" not in key_of(page)


def test_a_damaged_curve_is_one_sentence(open_page, show_checkpoints, tmp_path, no_results):
    for name in ("gamma-0.02", "gamma-1"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / name).symlink_to(default_folder() / name)
    (tmp_path / "models" / "cifar10.curve.json").write_text("{")
    show_checkpoints(tmp_path / "models")
    page = clean(open_page(PAGE))
    assert "damaged or of another version" in text_of(page) and len(figures(page)) == 1


# --- from cards alone ---------------------------------------------------------------------------------------


def test_works_from_cards_alone_and_says_what_needs_the_table(open_page, no_results):
    page = clean(open_page(PAGE, part=MEASURES))
    metrics = figures(page)
    assert dots(*metrics) == {c.id for c in PHOTOGRAPHS}
    text = text_of(page)
    assert "the entropy increase" in text and "`python -m ibinn_core table`" in text and "What to look for" in text
    assert page.segmented_control(key="measures").options == ["Overview", "Calibration"]
    for checkpoint in PHOTOGRAPHS:
        drawn = [y for t in panel(page, "error").data if t.customdata is not None for y in t.y]
        assert np.isclose(100 * checkpoint.card["error"], drawn).any()


def test_the_live_detection_is_the_librarys_on_the_sample_images(open_page, no_results):
    from ibinn_core.data import ood
    from ibinn_core.evaluation import score_images

    page = clean(open_page(PAGE, part=DETECTION, left="gamma-1", right="gamma-0.02"))
    assert "twenty example images" in text_of(page)
    curves = [roc_curves(figure) for figure in figures(page)]
    assert [list(one) for one in curves] == 2 * [["rgb-rotation", "noise", "gaussian-noise"]]
    images, _ = ib.data.load("sample")
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    found = score_images(ib.load("gamma-1"), ood.load("rgb-rotation", images)).log_prob
    area = detection_score(checkpoint.latent["log_prob"], found, checkpoint.latent["reference"])
    assert f"area under the curve: {100 * area:.1f} %" in curves[0]["rgb-rotation"].hovertemplate


@pytest.mark.slow
@pytest.mark.parametrize(("part", "count"), [("Curve", 1), (MEASURES, 4), (CALIBRATION, 2)])
def test_no_part_but_detection_needs_torch_or_a_learning_library(tmp_path, part, count):
    script, results = ROOT / "app" / "views" / "tradeoff.py", {"IBINN_RESULTS": str(tmp_path)}
    loaded = loaded_at_figures(script, [f"part={part}"], IBINN_DATA=str(tmp_path), **results)
    assert loaded == [[]] * count


# --- with baselines and a table -----------------------------------------------------------------------------


def test_baselines_stand_beside_the_family(open_page, family):
    page = clean(open_page(PAGE))
    assert dots(*figures(page)) == {c.id for c in family} > set(BASELINES)
    page = clean(open_page(PAGE, part=MEASURES))
    assert dots(*figures(page)) == {c.id for c in family} > set(BASELINES)
    assert page.segmented_control(key="measures").options == list(GROUPS)
    names = clean(open_page(PAGE, part=CALIBRATION)).selectbox(key="right").options
    assert {"ResNet", "i-RevNet", "VIB, γ = 1", "class-NLL", "only likelihood", "only classes", "γ = 1"} <= set(names)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_measures_has_its_panels(open_page, family, group):
    page = clean(open_page(PAGE, measures=group))  # a link from before there were tabs
    assert page.query_params.get("part") in (None, MEASURES, [MEASURES])
    titles = [a.text for figure in figures(page) for a in figure.layout.annotations if "is better" in a.text]
    expected = [m for m in GROUPS[group] if not m.key.endswith(("imagenet", "cifar10"))]  # the latter: Table 2's
    assert len(titles) == len(expected)
    assert all(f"<b>{m.name}</b>" in title for m, title in zip(expected, titles, strict=True))
    assert ("not on the machine: ImageNet" in text_of(page)) == (group != "Calibration")


@pytest.mark.parametrize(("chart", "part"), [("curve", "Curve"), ("panel-bits_per_dim", MEASURES)])
def test_a_click_chooses_the_model_here_and_on_the_other_pages(open_page, family, chart, part):
    page = open_page(PAGE, part=part)
    pick(page, chart, "only-ly")
    clean(page.run())
    assert page.session_state["model"] == page.session_state["left"] == "only-ly"
    assert page.query_params["left"] in ("only-ly", ["only-ly"])
    pick(page, chart, "resnet")
    clean(page.run())  # which most pages cannot show
    assert page.session_state["left"] == "resnet" and page.session_state["model"] == "only-ly"


def test_the_link_reopens_the_view_and_nonsense_in_it_does_no_harm(open_page, family):
    page = clean(open_page(PAGE, part=CALIBRATION, left="vib-1", right="class-nll", binning="Top label"))
    assert [page.selectbox(key=key).value for key in ("left", "right")] == ["vib-1", "class-nll"]
    assert "top-label ECE" in figures(page)[0].layout.title.text
    page = clean(open_page(PAGE, part=MEASURES, measures="Calibration"))
    assert page.segmented_control(key="measures").value == "Calibration"
    for part in (MEASURES, CALIBRATION, "Nonsense"):
        nonsense = {"left": "gamma-banana", "right": "7", "model": "None", "measures": "Nonsense", "binning": "x"}
        clean(open_page(PAGE, part=part, **nonsense))


def test_calibration_is_drawn_from_the_test_sets_posterior(open_page, family):
    page = clean(open_page(PAGE, part=CALIBRATION, left="gamma-1", right="resnet"))
    for id, figure in zip(("gamma-1", "resnet"), figures(page), strict=True):
        latent = next(c for c in family if c.id == id).latent
        bins = reliability(latent["posterior"], latent["labels"])
        assert np.allclose(figure.data[-1].y, bins.observed[bins.count > 0])
    scaled = "was scaled to be as sure as it is right"
    assert f"After the training, γ = 1 {scaled}." in text_of(page)
    assert scaled not in text_of(clean(open_page(PAGE, part=CALIBRATION, left="vib-1", right="resnet")))


def test_a_model_without_a_likelihood_detects_nothing_and_says_so(open_page, family):
    page = clean(open_page(PAGE, part=DETECTION, left="gamma-1", right="resnet"))
    left, right = figures(page)
    assert any("ResNet has no likelihood" in a.text for a in right.layout.annotations)
    assert not roc_curves(right) and roc_curves(left)
    assert "twenty example images" not in text_of(page)  # the table's own curves
    clean(open_page(PAGE, part=DETECTION, left="vib-1", right="resnet"))


def compared(first: str, second: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What two models answer on the test images, and the true classes."""
    one, other = (next(c for c in ib.checkpoints() if c.id == id).latent for id in (first, second))
    assert (one["hashes"] == other["hashes"]).all()
    return one["posterior"].argmax(1), other["posterior"].argmax(1), one["labels"]


def test_two_models_disagree_where_their_answers_differ(open_page, no_data):
    page = clean(open_page(PAGE, part=DISAGREEMENT, left="gamma-1", right="resnet"))
    first, second, labels = compared("gamma-1", "resnet")
    assert list(shown_figures(page)) == ["answers-figure", "judged-figure"]
    figure, tiles = figures(page)
    heat, squares = figure.data
    for i in range(10):
        for j in range(10):
            count = ((first == i) & (second == j)).sum()
            assert heat.z[i][j] == pytest.approx(0 if i == j else np.sqrt(count))
            assert squares.texttemplate[10 * i + j] == (f"{count:,}" if count else "")
    differ = first != second
    for number in (differ.sum(), (differ & (first == labels)).sum(), (differ & (second == labels)).sum()):
        assert f"{number:,}" in text_of(page)
    assert tiles.data[1].text[0].startswith("true class: ")


def test_models_of_different_test_images_cannot_be_compared(open_page, family):
    page = clean(open_page(PAGE, part=DISAGREEMENT, left="gamma-1", right="resnet"))
    (said,) = page.info
    assert "measured on different test images" in said.value and not figures(page)


def test_what_two_models_answer_is_exported(open_page, no_data, monkeypatch):
    made = {}
    monkeypatch.setattr("app.tradeoff.disagreement.offer", lambda name, **given: made.update({name: given}))
    clean(open_page(PAGE, part=DISAGREEMENT, left="gamma-1", right="resnet"))
    rows = list(csv.DictReader(made["disagreement"]["csv"]().decode().splitlines()))
    first, second, labels = compared("gamma-1", "resnet")
    classes = PHOTOGRAPHS[0].classes
    assert [row["first_answer"] for row in rows] == [classes[k] for k in first]
    assert [row["second_answer"] for row in rows] == [classes[k] for k in second]
    assert [row["class"] for row in rows] == [classes[k] for k in labels]


def test_a_square_has_its_images_and_an_image_says_what_each_model_makes_of_it(open_page, no_data):
    first, second, labels = compared("gamma-1", "resnet")
    page = clean(open_page(PAGE, part=DISAGREEMENT, left="gamma-1", right="resnet"))
    pick(page, "answers-figure", 3 * 10 + 3)  # both say cat, as of some example image
    page = clean(page.run())
    both = ((first == 3) & (second == 3)).sum()
    assert page.query_params["answers"] == "3-3" and f"{both:,} images" in text_of(page)
    assert "γ = 1: cat, ResNet: cat" in text_of(page)
    pick(page, "judged-figure", 0)
    page = clean(page.run())
    hash = int(page.query_params["judged"], 16)
    latent = next(c for c in ib.checkpoints() if c.id == "gamma-1").latent
    (row,) = np.flatnonzero(latent["hashes"] == hash)
    assert first[row] == second[row] == 3
    assert f"cat {latent['posterior'][row].max():.0%}" in text_of(page)
    pick(page, "answers-figure", 3 * 10 + 3)
    page = clean(page.run())
    assert "answers" not in page.query_params and "judged" not in page.query_params


def test_the_exports_hold_what_is_drawn(open_page, family, monkeypatch):
    made = {}
    for module in ("picture", "panels", "calibration", "detection"):
        monkeypatch.setattr(f"app.tradeoff.{module}.offer", lambda name, **given: made.update({name: given}))
    for part in ("Curve", MEASURES, CALIBRATION, DETECTION):
        clean(open_page(PAGE, part=part, left="gamma-1", right="resnet", paper="true"))
    assert {name: given["chart"] for name, given in made.items()} == {
        "curve": "curve",
        "trade-off": "panel-",
        "reliability": "reliability-",
        "detection": "roc-",
    }
    assert ["●", KIND_COLORS["ib"]] in [[mark, color] for mark, color, _ in made["trade-off"]["legend"]]
    rows = {name: list(csv.DictReader(makers["csv"]().decode().splitlines())) for name, makers in made.items()}
    error = {r["id"]: float(r["value"]) for r in rows["trade-off"] if r["measure"] == "error" and r["source"] == "here"}
    assert error == pytest.approx({c.id: 100 * c.card["error"] for c in family})
    printed = [float(r["value"]) for r in rows["trade-off"] if r["measure"] == "error" and r["source"] == "paper"]
    assert sorted(printed) == sorted(
        row["error"] for row in paper.TABLES["cifar10"].rows.values() if row["error"] is not None
    )
    assert {r["model"] for r in rows["reliability"]} == {"gamma-1", "resnet"} and len(rows["reliability"]) == 2 * 19
    assert {r["model"] for r in rows["detection"]} == {"gamma-1"} and len(rows["detection"]) == 5 * 101
    for name, of_model in (("curve", "id"), ("trade-off", "id"), ("reliability", "model"), ("detection", "model")):
        (own,) = {(r["gamma"], r["data_set"], r["library"]) for r in rows[name] if r[of_model] == "gamma-1"}
        assert own == ("1.0", "cifar10", f"ibinn_core {ib.__version__}")
    papers = {r["model"]: r["gamma"] for r in rows["curve"] if r["kind"] == "paper"}
    assert papers["the paper's IB-INN, γ = 1"] == "1.0" and papers["the paper's Class-NLL"] == ""
    drawn = {r["id"]: float(r["error"]) for r in rows["curve"] if r["id"]}
    assert drawn == pytest.approx({c.id: c.card["error"] for c in family})
    assert {r["kind"] for r in rows["curve"]} == {"trained", "paper", "without likelihood"}  # nothing mixed is measured


def test_a_model_that_is_chosen_on_another_page_is_the_left_one_here(open_page, family):
    page = open_page(PAGE, part=CALIBRATION)
    page.selectbox(key="left").set_value("only-ly").run()
    assert clean(page).session_state["left"] == page.session_state["model"] == "only-ly"
    page.session_state["model"] = "gamma-0.02"  # as Start and Latent space do
    page.run()
    assert clean(page).selectbox(key="left").value == "gamma-0.02"
    page.selectbox(key="left").set_value("resnet").run()
    assert clean(page).selectbox(key="left").value == "resnet"  # and what is chosen here stays
    assert page.session_state["model"] == "gamma-0.02"


def test_a_model_that_the_table_does_not_have_is_named(open_page, family, place, tmp_path, monkeypatch):
    write_results(tmp_path / "docs", [c for c in family if c.id != "resnet"])
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path / "docs"))
    text = text_of(clean(open_page(PAGE, part=MEASURES)))
    assert "Not in the table yet: ResNet." in text
    assert "Not in the table yet" not in text_of(read_page(open_page, place, monkeypatch))


def read_page(open_page, place, monkeypatch):
    monkeypatch.setenv("IBINN_RESULTS", str(place / "docs"))
    return clean(open_page(PAGE, part=MEASURES))


def test_every_measure_is_explained(open_page, family):
    page = clean(open_page(PAGE, part=MEASURES, measures="Calibration"))
    text = text_of(page)
    for measure in GROUPS["Calibration"]:
        assert f"- **{measure.name}**: {measure.explanation}." in text
    hover = [text for f in figures(page) for t in f.data if t.customdata is not None for text in t.hovertext]
    assert all("<i>" in text for text in hover)


@pytest.mark.parametrize("part", ["Curve", MEASURES, CALIBRATION, DETECTION])
def test_text_in_figures_can_be_read_from_the_last_row(open_page, family, part):
    for figure in figures(clean(open_page(PAGE, part=part, right="resnet"))):
        layout = figure.layout
        sizes = [a.font.size for a in layout.annotations] + [layout.xaxis.tickfont.size, layout.yaxis.tickfont.size]
        sizes += [layout.hoverlabel.font.size] + [layout.title.font.size] * bool(layout.title.text)
        sizes += [axis.title.font.size for axis in (layout.xaxis, layout.yaxis) if axis.title.text]
        sizes += [t.textfont.size for t in figure.data if t.mode and "text" in t.mode]
        sizes += [layout.legend.font.size, layout.legend.title.font.size] if layout.showlegend else []
        assert min(sizes) >= 14
        # Its colour is the theme's: none is set that one of the two grounds would swallow.
        assert not [a for a in layout.annotations if a.font.color] and not [t for t in figure.data if t.textfont.color]
        texts = [a.text for a in layout.annotations] + [t.text for t in figure.data] + [layout.title.text]
        assert not any("L_" in str(text) for text in texts)


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
        assert f"{name} in {tmp_path} cannot be read" in text_of(clean(open_page(PAGE, part=MEASURES)))


def test_without_any_checkpoint_it_says_what_to_do(open_page, show_checkpoints, tmp_path, no_results):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page(PAGE)
    assert not page.exception and "clone the whole repository" in page.error[0].value
