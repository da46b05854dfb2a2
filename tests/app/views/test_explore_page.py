"""The page Explore: samples of classes, and walks between two images."""

import numpy as np
import pytest
import torch
from page_helpers import PHOTOGRAPHS, clean, grids, text_of

import ibinn_core as ib
from app import panel
from app.inference import models
from app.panels.sample import COUNT, MAX_CLASSES, count_for

PAGE = "explore"
ENDS = {"first": "sample-3", "second": "sample-5", "steps": "5"}
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
    clean(open_page(PAGE, tab=tab, model="gamma-1", models="gamma-0.02,gamma-1"))
    rows = [{"row": 1, "path": "spherical"}, {"row": 2, "path": "linear"}]
    assert found == [("gamma-1", rows if tab == "walk" else None)]


# --- samples ------------------------------------------------------------------------------------------------


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


def test_samples_beyond_white_are_scaled_and_say_how_far_they_reach(samples):
    wild = samples("cat", "frog", model="gamma-35.65", models="gamma-35.65", temperature="1")
    assert f"{2 * COUNT} samples are mostly brighter than white" in text_of(wild)
    assert all(float(mark.removesuffix("×")) > 2 for mark in only(wild)["marks"])
    assert (only(wild)["images"] == 255).mean() < 0.1
    tame = samples("cat")
    assert "brighter than white" not in text_of(tame) and not any(only(tame)["marks"])


def test_a_superclass_stands_for_its_classes_of_which_ten_are_shown(open_page, no_data):
    page = clean(open_page(PAGE, tab="sample", data="cifar100", classes="fish,bee"))
    assert set(only(page)["rows"]) == {*ib.data.DATASETS["cifar100"].superclasses["fish"], "bee"}
    page = clean(open_page(PAGE, tab="sample", data="cifar100", classes="fish,people,flowers"))
    assert len(only(page)["rows"]) == MAX_CLASSES


# --- walks --------------------------------------------------------------------------------------------------


def test_both_paths_and_the_cross_fade_begin_and_end_with_the_images(open_page, no_data):
    page = clean(open_page(PAGE, tab="walk", models="gamma-1", **ENDS))
    grid, (images, _) = only(page), ib.data.embedded("cifar10")
    assert grid["rows"] == ["great circle", "straight line", "cross-fade"] and grid["columns"] == 5
    shown = rows(grid)
    for end, number in ((0, 3), (-1, 5)):
        assert np.abs(shown[:, end] - images[number]).max() <= 1
    circle, line, fade = shown[:, 2]
    assert not np.array_equal(circle, line) and not np.array_equal(line, fade)
    assert np.abs(fade - (images[3].astype(float) + images[5]) / 2).max() <= 1
    model = models.current().load("gamma-1")
    z = model.encode(model.preprocess(images[[3, 5]]))
    halfway = model.decode(ib.exploration.interpolate(z[0], z[1], 5, "spherical"))
    assert np.abs(shown[0] - ib.to_uint8(halfway)).max() <= 1
