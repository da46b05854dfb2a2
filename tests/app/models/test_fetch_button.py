"""The button that fetches the models of a data set, where the app has none of them."""

import os
from pathlib import Path

import pytest
from page_helpers import clean

from app.models import fetch_button, registry
from ibinn_core.checkpoint import hub, listing
from ibinn_core.checkpoint import index as index_module
from ibinn_core.checkpoint.index import Index, index, text_of

ROOT = Path(__file__).resolve().parents[3]
LABEL = "Fetch the models of CIFAR-10 (10 MB)"  # one of 7 MB, and 3 beside it


@pytest.fixture
def digits_alone(no_data, show_checkpoints, tmp_path, monkeypatch) -> Path:
    """The app of a wheel: a model of digits is here, and one of photographs can be had."""
    whole = index()
    (tmp_path / "index.json").write_text(
        text_of(Index({"gamma-1": whole.checkpoints["gamma-1"]}, {"cifar10": whole.beside["cifar10"]}))
    )
    monkeypatch.setattr(index_module, "PATH", tmp_path / "index.json")
    index.cache_clear()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mnist-gamma-1").symlink_to(ROOT / "checkpoints" / "mnist-gamma-1")
    monkeypatch.setattr(listing, "CHECKPOINTS", (tmp_path / "own",))
    monkeypatch.setenv("IBINN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IBINN_HUB", str(ROOT / "checkpoints"))
    show_checkpoints("")
    yield tmp_path
    index.cache_clear()


def fetch_buttons(page) -> list[str]:
    return [button.label for button in page.button if str(button.key).startswith("fetch-")]


def press(page, name: str = "fetch-cifar10"):
    return page.button(key=name).click().run()


@pytest.mark.parametrize("name", ["start", "lessons", "table1"])
def test_where_photographs_are_needed_their_models_are_offered(digits_alone, open_page, name):
    assert fetch_buttons(clean(open_page(name))) == [LABEL]


def test_pressed_it_fetches_them_and_the_page_has_them(digits_alone, open_page):
    page = clean(open_page("start"))
    clean(press(page))
    assert fetch_buttons(page) == [] and [c.id for c in registry.of_data_set()] == ["gamma-1"]
    assert hub.is_fetched("gamma-1") and (hub.folder() / "cifar10.curve.json").is_file()


def test_what_goes_wrong_is_said(digits_alone, open_page, monkeypatch):
    page = clean(open_page("start"))
    monkeypatch.setenv("IBINN_HUB", str(digits_alone))
    press(page)
    assert [error.value for error in page.error] and "could not be fetched" in page.error[0].value
    assert fetch_buttons(page) == [LABEL] and not page.exception


def test_where_nobody_has_published_them_there_is_no_button(digits_alone, open_page, monkeypatch):
    monkeypatch.delenv("IBINN_HUB")
    assert fetch_buttons(clean(open_page("start"))) == []


def test_where_they_would_not_be_found_there_is_no_button(digits_alone, monkeypatch):
    assert fetch_button.can_fetch()
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(digits_alone / "own"))
    assert not fetch_button.can_fetch()


def test_where_there_is_no_model_at_all_they_are_offered(digits_alone, open_page, show_checkpoints):
    os.unlink(digits_alone / "own" / "mnist-gamma-1")
    show_checkpoints("")
    page = open_page("start")
    assert fetch_buttons(page) == [LABEL] and "No checkpoint is in" in page.error[0].value
