"""The switch of the data set, on the whole app: the values that it changes, keeps and restores."""

import pytest
from page_helpers import clean
from streamlit.testing.v1 import AppTest

from app.models import registry


def query(page: AppTest, name: str) -> str:
    value = page.query_params.get(name, "")
    return value[-1] if isinstance(value, list) else value


@pytest.fixture
def app(all_families, open_page):
    return lambda **query: clean(open_page("../main", **query))


def test_families_are_those_of_all_folders_cifar10_first(all_families):
    families = registry.families()
    assert list(families) == ["cifar10", "cifar100", "mnist", "my-shapes"]
    assert {c.dataset.name for c in families["mnist"]} == {"mnist"} and len(families["mnist"]) == 3
    assert list(registry.titles().values()) == ["CIFAR-10", "CIFAR-100", "MNIST", "My shapes"]


def test_a_link_to_what_is_not_here_says_so_and_is_corrected(app):
    page = app(data="nowhere", model="nothing")
    assert [what in said.value for what, said in zip(("a data set", "a model"), page.info, strict=True)] == [True] * 2
    assert query(page, "data") == query(page, "model") == "" and not clean(page.run()).info


def test_a_family_that_is_removed_while_it_is_shown_gives_way(app, show_checkpoints, other_families, tmp_path):
    page = app(data="mnist")
    (tmp_path / "left").mkdir()
    for path in other_families.glob("my-shapes-*"):
        (tmp_path / "left" / path.name).symlink_to(path)
    show_checkpoints(tmp_path / "left")
    clean(page.run())
    assert page.session_state["model"] == "my-shapes-gamma-1"


def test_below_models_of_cifar100_stands_that_its_split_is_ours(app):
    said = "uses its own split here, 300 training and 300 test images"
    assert any(said in caption.value for caption in app(data="cifar100").caption)
    assert not any("was not divided" in caption.value for caption in app(data="mnist").caption)
