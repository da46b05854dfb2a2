"""The page Explore: samples of classes, walks between two images, a lasso and moves."""

from pathlib import Path

import numpy as np
import pytest
import torch
from moves_helpers import Mover
from page_helpers import PHOTOGRAPHS, clean, figures, grids, planes, rows_of, text_of

import ibinn_core as ib
from app import panel
from app.images import pictures
from app.images.pictures import own, sample
from app.inference import models
from app.inference.computations import moved
from app.latent_space.lasso_text import to_text
from app.latent_space.questions import plane_axes
from app.models import registry
from app.move_text import as_text
from app.panels.sample import COUNT, count_for

PAGE = "explore"
SPREAD = float(next(c for c in PHOTOGRAPHS if c.id == "gamma-1").latent["spread"])


@pytest.fixture
def samples(open_page, no_data):
    """Opens the samples of some classes under γ = 1."""

    def open_samples(*classes: str, **query: str):
        return clean(open_page(PAGE, tab="sample", **{"models": "gamma-1", "classes": ",".join(classes), **query}))

    return open_samples


def rows(grid: dict) -> np.ndarray:
    """The images of a grid, int ``(R, C, H, W, 3)``."""
    images = grid["images"]
    return images.reshape(len(grid["rows"]), grid["columns"], *images.shape[1:]).astype(int)


def only(page) -> dict:
    (grid,) = grids(page).values()
    return grid


@pytest.mark.parametrize("tab", ["walk", "sample"])
def test_only_the_sliders_model_follows_the_slider(open_page, no_data, monkeypatch, tab):
    found = []
    monkeypatch.setattr(panel, "follow_live", lambda key, model, kind, task: found.append((model.id, task.get("rows"))))
    page = clean(open_page(PAGE, tab=tab, model="gamma-1", models="gamma-0.02,gamma-1"))
    rows = [{"row": 1, "path": "spherical"}, {"row": 2, "path": "linear"}]
    assert found == [("gamma-1", rows if tab == "walk" else None)] and "model" in page.query_params


@pytest.mark.parametrize("center", ["empirical", "mean"])
def test_the_library_samples_what_is_shown(samples, center):
    page = samples("cat", "frog", seed="5", temperature="1", guidance="1.5", center=center)
    drawn = {"empirical": (SPREAD, 1.5), "mean": (1.0, 1.0)}  # the mixture is drawn from as it is
    temperature, guidance = drawn[center]
    model = models.current().load("gamma-1")
    for label, shown in zip((3, 6), rows(only(page)), strict=True):
        x = model.sample([label] * COUNT, temperature, center, torch.Generator().manual_seed(5), guidance=guidance)
        assert np.abs(shown - ib.to_uint8(x)).max() <= 1
    assert ("guidance" in [slider.key for slider in page.slider]) == (center == "empirical")


def test_a_column_has_one_noise_whatever_the_class_the_model_and_what_is_drawn_beside(samples):
    among = rows(only(samples("car", "frog", "ship")))
    assert np.abs(among[1] - rows(only(samples("frog")))[0]).max() <= 1  # a batch of another size rounds otherwise
    both = grids(samples("frog", models="gamma-0.02,gamma-1"))
    assert np.abs(rows(both["samples-1"])[0] - among[1][: count_for(2)]).max() <= 1
    cold = samples("car", "frog", temperature="0")
    car, frog = rows(only(cold))[:, 0]
    assert np.abs(car - frog).max() > 1


def test_a_lasso_in_a_link_chooses_images_also_in_the_table(open_page, no_data, exported):
    hashes, labels = (registry.by_id("gamma-1").latent[name] for name in ("hashes", "labels"))
    page = clean(open_page("explore", model="gamma-1", lasso=to_text(hashes[:40], hashes, labels)))
    assert planes(page)["look-0"]["lasso"] == list(range(40)) and "**40 test images.**" in text_of(page)
    bars = next(trace for one in figures(page) for trace in one.data if trace.type == "bar")
    np.testing.assert_allclose(np.asarray(bars.x, float), np.bincount(labels[:40], minlength=10) / 40)
    assert sum(row["in_lasso"] == "True" for row in rows_of(exported, "look")) == 40
    clean(open_page("explore", model="gamma-1", point=(point := f"{hashes[3]:016x}")))
    answered = {row["image"] for row in rows_of(exported, "look") if row["verdict"] != "nan"}
    assert point in answered and len(answered) == 9  # with the eight test images nearest to it


def test_a_clicked_image_stays_chosen_under_a_mixed_model_that_was_not_measured_on_it(open_page, no_data, monkeypatch):
    hashes = [registry.by_id(model).latent["hashes"] for model in ("gamma-1", "gamma-4.5")]
    point = f"{np.setdiff1d(*hashes)[0]:016x}"
    token, read = sample(3).token, pictures.from_token
    monkeypatch.setattr(pictures, "from_token", lambda one, *rest: read({f"test-{point}": token}.get(one, one), *rest))
    page = clean(open_page(PAGE, model="gamma-4.5", point=point))
    assert planes(page)["look-0"]["star"] and f"{sample(3).name}, the star" in text_of(page)


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
    assert "This page needs a model that runs in a browser: choose another model." in text_of(page)
    assert "moves-mnist" not in [one.key for one in page.get("bidi_component")]
