import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib
import pytest
import streamlit as st
from shared_helpers import shared_folder
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

os.environ["IBINN_PROCESSES"] = "0"

from app import desk, panel  # noqa: E402
from app.images import pictures  # noqa: E402
from app.inference import computations, models  # noqa: E402
from app.models import asking  # noqa: E402
from ibinn_core.checkpoint import Checkpoint, folders, listing, scan  # noqa: E402
from ibinn_core.models.classifier import Classifier  # noqa: E402
from ibinn_core.weight_space import MixedCheckpoint  # noqa: E402

#: What tests of this process have read and loaded, by the state of the files, and what models have computed.
READ: dict[tuple, Checkpoint] = {}
LOADED: dict[tuple, Classifier] = {}
COMPUTED: dict[str, object] = {}


@pytest.fixture(scope="session", autouse=True)
def components_once():
    from page_helpers import look_for_components_once

    with pytest.MonkeyPatch.context() as patch:
        look_for_components_once(patch)
        yield


def _state_of_files(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((entry.name, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in os.scandir(folder))


@pytest.fixture(autouse=True)
def checkpoints_read_once(monkeypatch):
    """A checkpoint whose files have not changed is not checked again by the next test that lists it."""
    read = listing.read

    def read_once(path: Path, **options: bool) -> Checkpoint:
        try:
            state = _state_of_files(path)
        except OSError:
            return read(path, **options)
        if (key := (str(path), *options.items(), *state)) not in READ:
            READ[key] = read(path, **options)
        return dataclasses.replace(READ[key])  # without the arrays that a test has had it load

    monkeypatch.setattr(listing, "read", read_once)


@pytest.fixture(autouse=True)
def models_loaded_once(monkeypatch):
    """A model with unchanged files is loaded once for all tests, even if the app drops it."""
    load = models._loaded

    def load_once(checkpoint: Checkpoint | MixedCheckpoint) -> Classifier:
        if isinstance(checkpoint, MixedCheckpoint):
            return load(checkpoint)
        key = str(checkpoint.path.resolve()), *_state_of_files(checkpoint.path)
        if key not in LOADED:
            LOADED[key] = load(checkpoint)
        return LOADED[key]

    monkeypatch.setattr(models, "_loaded", load_once)


@pytest.fixture(autouse=True)
def computed_once(monkeypatch):
    """A model's result for one test is reused for the next."""
    answer = desk.answer_here

    def answer_once(function: Callable, arguments: Sequence) -> object:
        if function.__module__ != computations.__name__ or not isinstance(arguments[0], str):
            return answer(function, arguments)
        # The model itself, and not its id: tests give the same one to others.
        model = models.current(fresh=0.0).load(str(arguments[0]))
        key = f"{id(model)} {joblib.hash((function.__name__, list(arguments)))}"
        if key not in COMPUTED:
            COMPUTED[key] = answer(function, arguments)
        return COMPUTED[key]

    monkeypatch.setattr(desk, "answer_here", answer_once)


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """A machine without any data set: only the embedded images are there."""
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    _forget_all_but_the_models()
    yield
    _forget_all_but_the_models()


def _forget_all_but_the_models() -> None:
    """So that each test reads its data sets and computes what it looks at; models are loaded once for all tests."""
    pictures.forget()
    st.cache_data.clear()
    asking.DESK.forget()


@pytest.fixture
def show_checkpoints(monkeypatch):
    """``show_checkpoints(folder)`` makes the checkpoints in a folder those of the app."""

    def forget() -> None:  # a model of another folder may have the same id
        st.cache_resource.clear()
        st.cache_data.clear()
        asking.DESK.forget()
        models.forget()

    def show(folder: Path | str) -> None:
        monkeypatch.setenv("IBINN_CHECKPOINTS", str(folder))
        forget()

    yield show
    forget()


@pytest.fixture(scope="session")
def other_families(tmp_path_factory):
    """A folder with small families of MNIST, of CIFAR-100 and of a person's three classes."""
    from family_helpers import DIGITS, HUNDRED, SHAPES, build_family

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for dataset in (DIGITS, HUNDRED, SHAPES):
                build_family(folder, dataset, patch)

    return shared_folder(tmp_path_factory, "families", build)


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """A folder with the repository's own checkpoints, but without those of digits."""
    folder = tmp_path_factory.mktemp("photographs")
    for one in scan(folders()[0])[0]:
        if one.dataset.name == "cifar10":
            (folder / one.id).symlink_to(one.path)
    return folder


@pytest.fixture
def all_families(photographs, other_families, show_checkpoints, no_data):
    """The app on those families and on CIFAR-10's, without a data set."""
    show_checkpoints(f"{photographs}{os.pathsep}{other_families}")


@pytest.fixture
def open_page():
    """Opens a page of the app with a query string."""

    def run(name: str, **query) -> AppTest:
        page = AppTest.from_file(str((ROOT / "app" / "views" / f"{name}.py").resolve()), default_timeout=300)
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return run


@pytest.fixture
def exported(monkeypatch):
    """The exports of each panel, by its key."""
    made = {}
    monkeypatch.setattr(panel, "export_menu", lambda name, **given: made.update({name: given}))
    return made
