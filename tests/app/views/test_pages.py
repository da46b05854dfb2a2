"""Each page, run as Streamlit runs it: with real checkpoints, with and without the data set."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from grid_helpers import mostly_slow
from page_helpers import GENERATIVE, clean, figures, loaded_at_figures, tiles
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.inference import models
from app.latent_space import clouds
from ibinn_core.checkpoint import default_folder

ROOT = Path(__file__).resolve().parents[3]

PAGES = ("start", "results", "latent", "interpolate", "sample", "inspect_image", "ood")


@pytest.mark.parametrize("name", PAGES)
def test_opens_without_a_data_set(open_page, no_data, name):
    page = clean(open_page(name))
    assert figures(page)
    assert any("What to look for" in m.value for m in page.markdown)


@pytest.mark.data
@pytest.mark.skipif(not ib.data.available("cifar10"), reason="the CIFAR-10 test set is not on this machine")
@pytest.mark.slow
@pytest.mark.parametrize("name", mostly_slow(PAGES, "latent"))
def test_opens_with_the_data_set(open_page, name):
    assert figures(clean(open_page(name)))


def test_the_entry_script_opens_on_the_start_page():
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    clean(page)
    assert any("One invertible network" in m.value for m in page.markdown)


@pytest.mark.parametrize("checkpoints", mostly_slow([GENERATIVE[::4], GENERATIVE]), ids=["some", "all"])
def test_each_model_can_be_picked_and_shows_its_card(open_page, no_data, checkpoints):
    for checkpoint in checkpoints:
        page = clean(open_page("latent", model=checkpoint.id))
        text = " ".join(m.value for m in page.markdown)
        assert f"**{100 * checkpoint.card['error']:.1f} %**" in text
        assert f"Bits/dim **{checkpoint.card['bits_per_dim']['mean']:.2f}**" in text


def test_a_nonsense_model_in_the_url_opens_the_default(open_page, no_data):
    page = clean(open_page("latent", model="gamma-banana"))
    assert page.session_state["model"] == "gamma-1" and "model" not in page.query_params


@pytest.mark.parametrize(
    ("view", "color"),
    [
        ("Plane of the means", "Mistakes"),
        ("Principal components", "Class"),
        ("Linear discriminants", "Class"),
        ("UMAP", "Mistakes"),
    ],
)
def test_every_view_and_colour_of_the_latent_space(open_page, no_data, view, color):
    page = clean(open_page("latent", model="gamma-1", view=view, color=color))
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    cloud = [t for t in figures(page)[0].data if t.customdata is not None]
    count, every = sum(len(t.customdata) for t in cloud), len(checkpoint.latent["labels"])
    assert count == (round(checkpoint.card["error"] * every) if color == "Mistakes" else every)
    circles = [t for t in figures(page)[0].data if t.mode == "lines"]
    assert bool(circles) == (view != "UMAP")


def test_latent_figure_draws_the_stored_coordinates(open_page, no_data):
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    page = open_page("latent", model="gamma-1")
    for trace in (t for t in figures(page)[0].data if t.customdata is not None):
        rows = list(trace.customdata)
        assert np.allclose(np.asarray(trace.x), checkpoint.latent["means_coordinates"][rows, 0], atol=1e-5)


def test_interpolation_begins_and_ends_with_the_two_images(open_page, no_data):
    page = clean(open_page("interpolate", **{"from": "sample-3", "to": "sample-5"}))
    images, _ = ib.data.load("sample")
    canvas = tiles(figures(page)[0])
    first = canvas[4 : 4 + 128 : 4, 4 : 4 + 128 : 4, :3].astype(int)
    last = canvas[4 : 4 + 128 : 4, -4 - 128 : -4 : 4, :3].astype(int)
    assert np.abs(first - images[3]).max() <= 1
    assert np.abs(last - images[5]).max() <= 1


def test_interpolation_shows_two_paths_of_the_model_and_the_cross_fade_of_the_pixels(open_page, no_data):
    page = open_page("interpolate", **{"from": "sample-3", "to": "sample-5", "steps": "5"})
    canvas = tiles(figures(page)[0])
    cell = len(canvas) // 3
    circle, line, fade = (canvas[row * cell : (row + 1) * cell, 2 * cell : 3 * cell, :3] for row in range(3))
    assert not np.array_equal(circle, line) and not np.array_equal(line, fade)
    images, _ = ib.data.load("sample")
    middle = (images[3].astype(float) + images[5]) / 2
    assert np.abs(fade[4 : 4 + 128 : 4, 4 : 4 + 128 : 4] - middle).max() <= 1
    longer = open_page("interpolate", steps="13")
    assert len(figures(longer)[0].layout.xaxis.ticktext) == 13


def test_samples_follow_seed_and_temperature(open_page, no_data):
    page = open_page("sample", models="gamma-1", classes="cat")
    first = tiles(figures(page)[0])
    again = tiles(figures(open_page("sample", models="gamma-1", classes="cat"))[0])
    assert np.array_equal(first, again)
    page.number_input(key="seed").set_value(1).run()
    assert not np.array_equal(first, tiles(figures(clean(page))[0]))
    page.slider(key="temperature").set_value(0.0).run()
    cold = tiles(figures(clean(page))[0])
    cell = cold.shape[1] // 10
    assert np.array_equal(cold[:, :cell], cold[:, cell : 2 * cell])  # all samples are the centre


def test_a_classs_samples_do_not_depend_on_the_other_classes(open_page, no_data):
    alone = tiles(figures(open_page("sample", models="gamma-1", classes="frog"))[0])
    among = tiles(figures(open_page("sample", models="gamma-1", classes=["car", "frog", "ship"]))[0])
    row = among[len(alone) : 2 * len(alone)]
    assert np.abs(row.astype(int) - alone).max() <= 1  # as exact as a batch of another size is


@pytest.mark.parametrize(
    ("source", "center"), [("Around the class's images", "empirical"), ("From the model's own mixture", "mean")]
)
def test_the_page_draws_what_the_library_samples_of_each_class(open_page, no_data, source, center):
    import torch

    from app.models import registry

    page = open_page("sample", models="gamma-1", classes=["cat", "frog"], seed="5", temperature="1.0", guidance="1.5")
    canvas = tiles(figures(clean(page.segmented_control(key="source").set_value(source).run()))[0])
    cell = canvas.shape[1] // 10
    spread = float(registry.by_id("gamma-1").latent["spread"])
    temperature = spread if center == "empirical" else 1.0
    guidance = 1.5 if center == "empirical" else 1.0  # the mixture is drawn from as it is
    model = models.current().load("gamma-1")
    for row, label in enumerate((3, 6)):
        x = model.sample([label] * 10, temperature, center, torch.Generator().manual_seed(5), guidance=guidance)
        for column, pixels in enumerate(ib.to_uint8(x)):
            top, left = row * cell + 4, column * cell + 4
            tile = canvas[top : top + 128 : 4, left : left + 128 : 4, :3]
            assert np.abs(tile.astype(int) - pixels).max() <= 1


def test_a_tile_in_the_url_is_ringed_and_judged_under_every_model(open_page, no_data):
    page = clean(open_page("sample", models="gamma-0.02,gamma-1", classes=["cat", "frog"], tile="frog-3"))
    grids = [figure for figure in figures(page) if figure.data[0].type == "image"]
    assert [len(grid.layout.shapes) for grid in grids] == [1, 1]
    for shape in (grid.layout.shapes[0] for grid in grids):
        assert 2 < shape.x0 < shape.x1 < 3 and 1 < shape.y0 < shape.y1 < 2
    assert sum("Drawn as **frog**" in m.value for m in page.markdown) == 2
    assert page.query_params["tile"] in ("frog-3", ["frog-3"])


@pytest.mark.parametrize("token", ["frog-11", "frog-0", "ship-1", "banana"])
def test_a_tile_that_is_not_shown_is_not_ringed(open_page, no_data, token):
    page = clean(open_page("sample", models="gamma-1", classes=["cat", "frog"], tile=token))
    assert [len(figure.layout.shapes) for figure in figures(page)] == [0]
    assert "tile" not in page.query_params


def test_several_models_stand_in_rows_of_two(open_page, no_data):
    def side_by_side(models: str) -> int:
        page = clean(open_page("sample", models=models, classes="cat"))
        return sum(any("**: error" in m.value for m in column.markdown) for column in page.columns)

    assert side_by_side("gamma-1") == 0
    assert side_by_side("gamma-0.02,gamma-1,only-ly") == 3


def test_models_judge_their_samples_when_all_of_them_are_shown(open_page, no_data, monkeypatch):
    from app.figures import sent
    from app.sampling import judgement

    happened = []
    for owner, name in ((sent, "as_json"), (judgement, "predict_with_likelihood")):
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *a, f=original, n=name, **k: (happened.append(n), f(*a, **k))[1])
    page = clean(open_page("sample", models="gamma-0.02,gamma-1", classes=["cat", "frog"]))
    assert happened == ["as_json"] * 2 + ["predict_with_likelihood"] * 2
    assert [len(figure.data[1].customdata) for figure in figures(page)] == [14, 14]
    said = [caption.value for caption in page.caption if "recognised as their class, of 14" in caption.value]
    assert len(said) == 2 and all("**the model itself**" in text for text in said)
    assert sum("The samples' median" in caption.value and "bits/dim" in caption.value for caption in page.caption) == 2


def test_pages_get_models_without_gradients():

    assert not any(p.requires_grad for p in models.current().load("gamma-1").parameters())


@pytest.mark.parametrize(("name", "key"), [("sample", "classes")])
def test_nothing_chosen_asks_for_a_choice(open_page, no_data, name, key):
    page = open_page(name)
    page.pills(key=key).set_value([]).run()
    assert "Choose at least one" in clean(page).info[0].value


@pytest.mark.slow
def test_a_clicked_image_stays_when_the_model_changes(open_page, no_data):
    latent = GENERATIVE[0].latent
    token = f"{latent['hashes'][123]:016x}"
    for checkpoint in GENERATIVE:
        page = clean(open_page("latent", model=checkpoint.id, point=token))
        assert any("**A test image**" in m.value for m in page.markdown)
        mark = figures(page)[0].data[-1]
        place = clouds.place_of_row(checkpoint, 123)
        assert np.allclose([mark.x[0], mark.y[0]], place, atol=1e-5)


@pytest.fixture
def damaged(show_checkpoints, tmp_path, no_data):
    """A checkpoint folder with one good and three bad ones."""
    good = default_folder() / "gamma-1"
    folder = tmp_path / "checkpoints"
    for name in ("good", "newer", "truncated-card", "no-weights"):
        shutil.copytree(good, folder / name)
    config = json.loads((folder / "newer" / "config.json").read_text())
    (folder / "newer" / "config.json").write_text(json.dumps({**config, "format": 99}))
    card = (folder / "truncated-card" / "card.json").read_text()
    (folder / "truncated-card" / "card.json").write_text(card[: len(card) // 2])
    (folder / "no-weights" / "weights.safetensors").unlink()
    show_checkpoints(folder)


def test_damaged_checkpoints_are_named_and_the_rest_works(damaged):
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    assert len(page.exception) == 0
    warnings = [w.value for w in page.warning]
    assert len(warnings) == 3
    for name in ("newer", "truncated-card", "no-weights"):
        assert sum(f"'{name}'" in w for w in warnings) == 1
    assert figures(page)


def test_no_checkpoint_at_all_says_what_to_do(open_page, show_checkpoints, tmp_path, no_data):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page("latent")
    assert len(page.exception) == 0
    assert "clone the whole repository" in page.error[0].value


@pytest.mark.slow
def test_the_first_figure_needs_no_torch_and_no_learning_library(tmp_path):
    assert loaded_at_figures(ROOT / "app" / "main.py", IBINN_DATA=str(tmp_path)) == [[]] * 2


@pytest.mark.parametrize("name", mostly_slow(PAGES, "sample"))
def test_looking_at_a_page_does_not_change_the_model(open_page, no_data, compute_anew, name):

    model = models.current().load("gamma-1")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    clean(open_page(name, model="gamma-1", models="gamma-1"))
    assert models.current().load("gamma-1") is model  # cached across sessions
    assert all((before[key] == value).all() for key, value in model.state_dict().items())
    assert not model.training
