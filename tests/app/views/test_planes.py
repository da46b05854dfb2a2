"""The panels on the plane of the class means: Start, Look and Move."""

from pathlib import Path

import numpy as np
import pytest
from grid_helpers import mostly_slow
from moves_helpers import Mover
from page_helpers import GENERATIVE, clean, figures, grids, planes, rows_of, text_of

import ibinn_core as ib
from app.images.pictures import own, sample
from app.inference.computations import moved
from app.latent_space import clouds
from app.latent_space.lasso_text import to_text
from app.latent_space.questions import answer_of, neighbors_of, plane_axes
from app.models import registry
from app.move_text import as_text
from ibinn_core.exploration import project
from ibinn_core.weight_space import MixedCheckpoint

ONE = GENERATIVE[0].latent["hashes"][123]  # a test image
GUESSING = 0.8  # error of a model that does little more


def bars(page) -> np.ndarray:
    return np.asarray(next(t for f in figures(page) for t in f.data if t.type == "bar").x, float)


# Start


@pytest.mark.parametrize("number", mostly_slow(range(len(GENERATIVE)), 0, len(GENERATIVE) - 1))
def test_start_shows_what_the_network_says(open_page, no_data, number):
    checkpoint = GENERATIVE[number]
    page = clean(open_page("start", model=checkpoint.id, image="sample-3"))
    images, _ = ib.data.load("sample", "test")
    model = ib.load(checkpoint.id)
    x = ib.dequantize(ib.to_unit(images[3:4]), model.noise)
    place = clouds.place(checkpoint, "means", model.encode(x).numpy())[0]
    np.testing.assert_allclose(planes(page)["start"]["star"], place, atol=1e-3)
    np.testing.assert_allclose(bars(page), model.posterior(x)[0].numpy(), atol=1e-4)
    there, back = grids(page)["start-images"]["images"].astype(int)
    assert np.array_equal(there, images[3]) and "grey level" in text_of(page)
    if checkpoint.card["error"] < GUESSING:
        assert np.abs(there - back).max() <= 1


# Look


@pytest.mark.parametrize(("view", "color"), [("means", "mistakes"), ("pca", "class"), ("umap", "class")])
def test_every_view_and_colour(open_page, no_data, view, color):
    page = clean(open_page("explore", model="gamma-1", view=view, color=color))
    checkpoint, plane = registry.by_id("gamma-1"), planes(page)["look-0"]
    stored = checkpoint.latent[f"{view}_coordinates"][:, :2].astype(np.float32)
    np.testing.assert_allclose(plane["places"], stored, atol=2e-2)  # its own plane is everybody's
    labels, predicted = checkpoint.latent["labels"], checkpoint.latent["posterior"].argmax(1)
    drawn = labels != predicted if color == "mistakes" else np.ones(len(labels), bool)
    assert np.array_equal(plane["groups"] >= 0, drawn) and np.array_equal(plane["groups"][drawn], labels[drawn])
    assert plane["circles"] == (view == "means") and bool(plane["means"]) == (view != "umap")


@pytest.mark.parametrize("number", mostly_slow(range(len(GENERATIVE)), 0))
def test_a_chosen_image_is_ringed_and_said_whatever_the_model(open_page, no_data, number):
    checkpoint = GENERATIVE[number]
    page = clean(open_page("explore", model=checkpoint.id, models=checkpoint.id, point=f"{ONE:016x}"))
    plane, row = planes(page)["look-0"], np.flatnonzero(checkpoint.latent["hashes"] == ONE)[0]
    assert plane["ring"] == row and "A test image" in text_of(page)
    np.testing.assert_allclose(plane["places"][row], clouds.cloud(checkpoint, "means").points[row], atol=1e-5)
    np.testing.assert_allclose(bars(page), checkpoint.latent["posterior"][row], atol=1e-3)


def test_a_click_and_a_lasso_choose_images(open_page, no_data):
    page = open_page("explore", model="gamma-1")
    hashes, labels = (registry.by_id("gamma-1").latent[name] for name in ("hashes", "labels"))
    page.query_params["lasso"] = to_text(hashes[:40], hashes, labels)
    page = clean(open_page("explore", model="gamma-1", lasso=to_text(hashes[:40], hashes, labels)))
    assert planes(page)["look-0"]["lasso"] == list(range(40)) and "**40 test images.**" in text_of(page)
    shares = np.bincount(labels[:40].astype(int), minlength=10) / 40
    np.testing.assert_allclose(bars(page), shares)


def test_a_marked_image_is_a_star_where_the_network_puts_it(open_page, no_data):
    page = clean(open_page("explore", model="gamma-1", add="true", mine="sample-5"))
    images, _ = ib.data.load("sample", "test")
    z = ib.load("gamma-1").encode(ib.dequantize(ib.to_unit(images[5:6]))).numpy()
    latent = registry.by_id("gamma-1").latent
    exact = project(z, (latent["means_origin"], latent["means_directions"]))[0, :2]
    plane = planes(page)["look-0"]
    np.testing.assert_allclose(plane["star"], exact, atol=1e-3)
    assert plane["ring"] is None and plane["hand"]["mark"] == "star"


def test_between_trained_models_only_the_plane_of_the_means_is_known(open_page, no_data):
    page = clean(open_page("explore", model="gamma-9.5", models="gamma-9.5", view="umap"))
    assert isinstance(registry.by_id("gamma-9.5"), MixedCheckpoint) and planes(page)["look-0"]["means"]


def test_the_stored_answer_on_a_test_image_is_that_of_the_model(no_data):
    images, _ = ib.data.load("sample", "test")
    latent = registry.by_id("gamma-1").latent
    token = f"{ib.data.pixel_hash(images[4:5])[0]:016x}"
    found, row = answer_of("gamma-1", token), np.flatnonzero(latent["hashes"] == int(token, 16))[0]
    posterior = ib.load("gamma-1").posterior(ib.dequantize(ib.to_unit(images[4:5])))[0].numpy()
    assert np.abs(found.posterior[0] - posterior).max() < 0.15  # measured under another noise
    assert found.log_prob[0] == latent["log_prob"][row] and found.verdict().word
    places = latent["means_coordinates"].astype(np.float32)
    nearest = np.argsort(((places - places[row]) ** 2).sum(1))[1:9]
    assert neighbors_of("gamma-1", token) == [f"{latent['hashes'][n]:016x}" for n in nearest]


def test_the_cloud_is_exported_with_a_row_for_each_image(open_page, no_data, exported):
    clean(open_page("explore", model="gamma-1", models="gamma-1"))
    lines, hashes = rows_of(exported, "look"), registry.by_id("gamma-1").latent["hashes"]
    assert [line["image"] for line in lines[: len(hashes)]] == [f"{one:016x}" for one in hashes]


# Move


@pytest.mark.parametrize(
    "moves", [{"to:3": 0.5, "x": 0.4, "y": -0.2, "ink": 1.0}, {"x": 1.0}, {"slant": -2.0}, {"class": 1.0},
     {"class": 0.25, "all else": 0.5}]
)  # fmt: skip
def test_what_python_moves_is_what_the_moves_say(moves):
    mover = Mover(registry.by_id("mnist-gamma-1"))
    one, other = (own(sample(n, ib.data.DATASETS["mnist"]).pixels).pixels for n in (11, 7))
    found = moved("mnist-gamma-1", one, as_text(moves), plane_axes("mnist-gamma-1"), other)
    wanted = mover.decode(mover.after(one, moves, other))
    assert np.abs(found.pixels[0].astype(int) - wanted.astype(int)).max() <= 1


def test_a_model_that_no_browser_runs_is_said_in_one_sentence(open_page, no_data, monkeypatch):
    monkeypatch.setattr("app.models.in_browser.archive_path", lambda _: Path("nothing"))
    page = clean(open_page("explore", tab="move", data="mnist"))
    assert "This model does not run in a browser, which this page needs: choose another model." in text_of(page)
    assert "moves-mnist" not in [one.key for one in page.get("bidi_component")]
