"""Inspect with classifiers that have no likelihood beside the others: a posterior, and nothing else."""

import csv

import numpy as np
import pytest
from page_helpers import clean, figures, row_of

import ibinn_core as ib
from app.inference import models

PAGE = "inspect_image"


def test_a_baseline_shows_its_posterior_and_says_what_it_lacks(open_page, with_baselines):
    page = clean(open_page(PAGE, models="gamma-1", beside="resnet,vib-1", image="sample-0"))
    images, _ = ib.data.load("sample")
    figure = figures(page)[0]
    for row, id in ((2, "vib-1"), (3, "resnet")):
        (bars,) = [t for t in figure.data if t.xaxis == f"x{4 * (row - 1) + 3}"]
        assert np.allclose(bars.x, ib.load(id).posterior(ib.dequantize(ib.to_unit(images[:1])))[0], atol=1e-5)
    assert sum(a.text == "no likelihood" for a in figure.layout.annotations) == 2
    row = row_of(page, "ResNet")
    assert "| – | – |" in row and "out of distribution" not in row and ("confident" in row or "uncertain" in row)


def test_the_resnet_stands_there_by_default_and_can_be_sent_away(open_page, with_baselines):
    page = clean(open_page(PAGE, models="gamma-1"))
    assert page.pills(key="beside").value == ["resnet"] and "beside" not in page.query_params
    page.pills(key="beside").set_value([]).run()
    assert "ResNet" not in "".join(a.text for a in figures(clean(page))[0].layout.annotations)
    clean(open_page(PAGE, models="gamma-1", beside="nonsense"))


def test_without_baselines_nothing_is_offered(open_page, no_data, registry_with_baselines, show_checkpoints, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "gamma-1").symlink_to(registry_with_baselines / "gamma-1")
    show_checkpoints(tmp_path / "checkpoints")
    page = clean(open_page(PAGE))
    assert [p.key for p in page.pills] == ["models"]


def test_its_export_leaves_the_likelihood_empty(open_page, with_baselines, monkeypatch):
    from app.judgement import shown

    made = {}
    monkeypatch.setattr(
        shown, "offer", lambda name, python=None, chart=None, title="", **makers: made.update({name: makers})
    )
    clean(open_page(PAGE, models="gamma-1", beside="i-revnet", image="sample-0"))
    rows = list(csv.DictReader(made["inspect"]["csv"]().decode().splitlines()))
    assert [r["model"] for r in rows] == ["gamma-1"] * 10 + ["i-revnet"] * 10
    assert all((r["log_likelihood"] == r["prior"] == "") == (r["model"] == "i-revnet") for r in rows)
    assert sum(float(r["posterior"]) for r in rows[10:]) == pytest.approx(1, abs=1e-5)


def test_other_pages_leave_baselines_out_and_the_model_bar_can_name_them(with_baselines):
    from app.models import registry
    from app.models.names import name_of
    from app.models.predictions import Prediction, predict, predict_with_likelihood

    assert {c.id for c in registry.all_checkpoints()} - {c.id for c in registry.with_likelihood()} == {
        *("vib-1", "resnet", "i-revnet")
    }
    names = [name_of(c) for c in registry.without_likelihood()]
    assert names == ["VIB, γ = 1", "ResNet", "i-RevNet"]
    images = ib.data.load("sample")[0][:2]
    for id in ("resnet", "i-revnet"):
        seen = predict(id, images)
        assert type(seen) is Prediction and seen.posterior.shape == (2, 10)
        with pytest.raises(ValueError, match="no likelihood"):
            predict_with_likelihood(id, images)
    assert models.current().load("i-revnet").encode(ib.to_unit(images)).shape == (2, 3072)
    seen = predict_with_likelihood("gamma-1", images)
    assert seen.latents.shape == (2, 3072) and seen.bits.shape == (2,) and seen.posterior.shape == (2, 10)
