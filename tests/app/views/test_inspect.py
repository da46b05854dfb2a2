"""The Inspect page, run as Streamlit runs it: with real checkpoints, with and without the data set."""

import csv
import math

import numpy as np
import pytest
from baseline_helpers import borrow
from grid_helpers import mostly_slow
from page_helpers import GENERATIVE, clean, figures, row_of, text_of
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.figures.bayes import FLOOR
from app.images.links import to_url
from app.judgement.verdict import VERDICTS
from app.models.names import name_of
from ibinn_core.data import CIFAR10_CLASSES as CLASSES

PAGE = "inspect_image"


def panel(page: AppTest, row: int, col: int) -> list:
    figure = figures(page)[0]
    index = 4 * (row - 1) + col
    return [t for t in figure.data if t.xaxis == ("x" if index == 1 else f"x{index}")]


def test_opens_without_a_data_set_and_says_what_to_look_for(open_page, no_data):
    page = clean(open_page(PAGE))
    assert figures(page)
    assert "What to look for" in text_of(page) and "Fig. 2" in text_of(page)


@pytest.mark.data
@pytest.mark.skipif(not ib.data.available("cifar10"), reason="the CIFAR-10 test set is not on this machine")
def test_judges_an_image_of_the_test_set(open_page):
    images, labels = ib.data.load("cifar10", "test")
    row = int(np.flatnonzero(labels == CLASSES.index("bird"))[0])
    page = clean(open_page(PAGE, image=f"test-{ib.data.pixel_hash(images[row : row + 1])[0]:016x}"))
    assert "The true class is bird" in text_of(page)


@pytest.mark.parametrize("checkpoints", mostly_slow([GENERATIVE[::4], GENERATIVE]), ids=["some", "all"])
def test_the_bars_are_what_the_library_says(open_page, no_data, checkpoints):
    images, _ = ib.data.load("sample")
    page = clean(open_page(PAGE, models=",".join(c.id for c in checkpoints), image="sample-5"))
    x = ib.dequantize(ib.to_unit(images[5:6]))
    for row, checkpoint in enumerate(checkpoints, start=1):
        model = ib.load(checkpoint)
        expected = model.log_prob(x, per_class=True)[0].numpy().astype(float)
        (likelihood,) = panel(page, row, 1)
        assert np.allclose(likelihood.x, np.maximum(expected - expected.max(), FLOOR), atol=5e-3)
        (posterior,) = panel(page, row, 3)
        assert np.allclose(posterior.x, model.posterior(x)[0], atol=1e-4)
        bits = float(ib.bits_per_dim(model.log_prob(x).double(), 3072, model.noise)[0])
        assert panel(page, row, 4)[1].x[0] == pytest.approx(bits, abs=1e-4)
        assert f"| {bits:.2f} |" in text_of(page)


def test_the_true_class_is_marked_and_an_own_image_has_none(open_page, no_data):
    page = clean(open_page(PAGE, image="sample-0"))
    assert "★ <b>cat</b>" in figures(page)[0].layout.yaxis.ticktext
    assert "The true class is cat" in text_of(page)
    own = clean(open_page(PAGE, models="gamma-1", image=f"own-{to_url(np.full((32, 32, 3), 90, np.uint8))}"))
    assert list(figures(own)[0].layout.yaxis.ticktext) == list(CLASSES)
    assert "Nobody knows the true class" in text_of(own)
    assert "✗" not in row_of(own, "γ = 1") and "✓" not in row_of(own, "γ = 1")


@pytest.mark.slow
def test_noise_is_out_of_distribution_under_every_model(open_page, no_data):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    models = ",".join(c.id for c in GENERATIVE)
    page = clean(open_page(PAGE, models=models, image=f"own-{to_url(pixels)}"))

    for checkpoint in GENERATIVE:
        assert "out of distribution" in row_of(page, name_of(checkpoint))
    assert any("▶" in a.text for a in figures(page)[0].layout.annotations)


def test_the_export_holds_a_row_a_model_and_class(open_page, no_data, monkeypatch):
    from app.judgement import shown

    made = {}
    monkeypatch.setattr(
        shown, "offer", lambda name, python=None, chart=None, title="", **makers: made.update({name: makers})
    )
    clean(open_page(PAGE, models="gamma-1", image="sample-0", beside=""))
    assert list(made["inspect"]) == ["csv"]
    rows = list(csv.DictReader(made["inspect"]["csv"]().decode().splitlines()))
    assert list(rows[0]) == ["model", "class", "log_likelihood", "prior", "posterior"] + [
        *("bits_per_dim", "verdict", "gamma", "data_set", "image", "library")
    ]
    assert {r["image"] for r in rows} == {f"{ib.data.pixel_hash(ib.data.sample()[0][:1])[0]:016x}"}
    assert float(rows[0]["bits_per_dim"]) > 0
    assert rows[0]["gamma"] == "1.0" and rows[0]["data_set"] == "cifar10"
    assert [r["class"] for r in rows] == list(CLASSES) and {r["model"] for r in rows} == {"gamma-1"}
    joint = np.array([float(r["log_likelihood"]) + math.log(float(r["prior"])) for r in rows])
    posterior = np.exp(joint - joint.max())
    assert np.allclose(posterior / posterior.sum(), [float(r["posterior"]) for r in rows])


@pytest.fixture
def family(show_checkpoints, tmp_path, no_data):
    """Twelve checkpoints with the objectives of the whole family; the weights are borrowed."""
    gammas = [0.0, 0.02, 0.1, 0.3, 1.0, 3.5, 10.0, 18.05, 50.12, "inf"]
    kinds = [("ib", gamma) for gamma in gammas] + [("class-nll", None), ("class-nll-regularized", None)]
    for kind, gamma in kinds:
        borrow(tmp_path / "family" / f"{kind}-{gamma}", "gamma-1", {"kind": kind, "gamma": gamma})
    show_checkpoints(tmp_path / "family")


def test_of_twelve_models_it_opens_with_that_of_the_slider(open_page, family):
    page = clean(open_page(PAGE))
    assert page.pills(key="models").value == [] and page.session_state["model"] == "ib-0.0"
    assert "models" not in page.query_params and len(figures(page)) == 1


def test_the_limits_say_what_they_do_not_know(open_page, family):
    page = clean(open_page(PAGE, models="ib-0.0,ib-inf,class-nll-None"))
    text = text_of(page)
    assert "posterior means nothing" in text and "left over" in text
    row = row_of(page, "only likelihood")
    assert "typical, class unknown" in row and "✓" not in row and "✗" not in row
    assert any(v.word in row_of(page, "only classes") for v in VERDICTS)


def test_another_pages_default_gives_way_but_a_choice_stays(family):
    """Models are shared by the pages, but those that nobody chose are not carried over."""

    def script():
        import streamlit as st

        from app.models.pickers import pick_models

        page = st.session_state.get("page")
        default = ["ib-0.02", "ib-50.12"] if page == "several" else []
        st.write(",".join(c.id for c in pick_models(default).models))

    page = AppTest.from_function(script, default_timeout=300).run()
    assert page.markdown[-1].value == "ib-0.0"
    page.session_state["page"] = "several"
    assert clean(page.run()).markdown[-1].value == "ib-0.0,ib-0.02,ib-50.12"
    page.pills(key="models").set_value(["ib-1.0"]).run()
    page.session_state["page"] = "other"
    assert clean(page.run()).markdown[-1].value == "ib-0.0,ib-1.0"
