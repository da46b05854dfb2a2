"""Each page, run as Streamlit runs it: with real checkpoints, with and without the data set."""

import json
import shutil
from pathlib import Path

import pytest
from grid_helpers import mostly_slow
from page_helpers import GENERATIVE, clean, figures, loaded_at_figures
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.inference import models
from ibinn_core.checkpoint import folders

ROOT = Path(__file__).resolve().parents[3]

PAGES = ("start", "results", "explore", "test_image")


@pytest.mark.parametrize("name", PAGES)
def test_opens_without_a_data_set(open_page, no_data, name):
    page = clean(open_page(name))
    assert figures(page)
    assert any("What to look for" in m.value for m in page.markdown)


@pytest.mark.data
@pytest.mark.skipif(not ib.data.available("cifar10"), reason="the CIFAR-10 test set is not on this machine")
@pytest.mark.slow
@pytest.mark.parametrize("name", mostly_slow(PAGES, "explore"))
def test_opens_with_the_data_set(open_page, name):
    assert figures(clean(open_page(name)))


def test_the_entry_script_opens_on_the_start_page():
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    clean(page)
    assert any("Generative or discriminative?" in m.value for m in page.markdown)


@pytest.mark.parametrize("checkpoints", mostly_slow([GENERATIVE[::4], GENERATIVE]), ids=["some", "all"])
def test_each_model_can_be_picked_and_shows_its_card(open_page, no_data, checkpoints):
    for checkpoint in checkpoints:
        page = clean(open_page("explore", model=checkpoint.id))
        text = " ".join(m.value for m in page.markdown)
        assert f"Test error **{100 * checkpoint.card['error']:.2f} %**" in text
        assert f"Bits/dim **{checkpoint.card['bits_per_dim']['mean']:.2f}**" in text


def test_a_nonsense_model_in_the_url_opens_the_default(open_page, no_data):
    page = clean(open_page("explore", model="gamma-banana"))
    assert page.session_state["model"] == "gamma-1" and "model" not in page.query_params


def test_pages_get_models_without_gradients():

    assert not any(p.requires_grad for p in models.current().load("gamma-1").parameters())


@pytest.fixture
def damaged(show_checkpoints, tmp_path, no_data):
    """A checkpoint folder with one good and three bad ones."""
    good = folders()[0] / "gamma-1"
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
    page = open_page("explore")
    assert len(page.exception) == 0
    assert "clone the whole repository" in page.error[0].value


@pytest.mark.slow
def test_the_first_figure_needs_no_torch_and_no_learning_library(tmp_path):
    found = loaded_at_figures(ROOT / "app" / "main.py", IBINN_DATA=str(tmp_path), IBINN_PROCESSES="")  # which compute
    assert found == [[]]


@pytest.mark.parametrize("name", mostly_slow(PAGES, "explore"))
def test_looking_at_a_page_does_not_change_the_model(open_page, no_data, compute_anew, name):

    model = models.current().load("gamma-1")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    clean(open_page(name, model="gamma-1", models="gamma-1"))
    assert models.current().load("gamma-1") is model  # cached across sessions
    assert all((before[key] == value).all() for key, value in model.state_dict().items())
    assert not model.training
