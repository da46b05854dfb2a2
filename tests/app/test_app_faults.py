"""Faults while the app serves: models that vanish, are replaced, or turn out to be damaged when they are loaded."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import renew_manifest
from grid_helpers import mostly_slow
from page_helpers import ROOT, figures
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from url_helpers import PARAMETERS

import ibinn_core as ib
from app.inference import models
from app.models import faults, registry
from ibinn_core.checkpoint import CheckpointError, folders
from ibinn_core.weight_space import FamilyError

#: The URLs of pages that are called otherwise than their files.
URLS = {"start": "", "test_image": "test-an-image"}


@pytest.fixture
def folder(other_families, tmp_path, show_checkpoints, no_data):
    """A folder with models of three classes and of digits, which a test may damage."""
    target = tmp_path / "checkpoints"
    target.mkdir()
    for one in other_families.iterdir():
        if one.name.startswith(("my-shapes", "mnist")):
            shutil.copytree(one, target / one.name)
    show_checkpoints(target)
    return target


def opened(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    for key, value in query.items():
        app.query_params[key] = value
    app._page_hash = calc_hash(URLS.get(name, name))  # what switch_page does for pages that are called as their files
    return app.run()


def sound(app: AppTest) -> AppTest:
    assert [e.message for e in app.exception] == []
    return app


@pytest.mark.parametrize("name", mostly_slow(PARAMETERS, "explore", "test_image"))
def test_the_shown_model_is_removed_and_then_all_are(folder, name):
    app = sound(opened(name, data="my-shapes"))
    shutil.rmtree(folder / "my-shapes-gamma-1")
    models.refresh()
    sound(app.run())
    for one in folder.iterdir():
        shutil.rmtree(one)
    models.refresh()
    sound(app.run())
    assert not figures(app)


@pytest.mark.parametrize("name", mostly_slow(PARAMETERS, "explore", "test_image"))
def test_only_models_without_a_likelihood_are_left(tmp_path, show_checkpoints, no_data, name):
    for one in ("resnet", "vib-1", "i-revnet"):
        (tmp_path / one).symlink_to(folders()[0] / one)
    show_checkpoints(tmp_path)
    sound(opened(name))


def damage_weights(folder: Path) -> None:
    tensors = load_file(folder / "weights.safetensors")
    name = next(name for name, value in tensors.items() if value.dtype.kind == "f" and value.size)
    tensors[name] = np.full_like(tensors[name], np.nan)
    save_file(tensors, folder / "weights.safetensors")
    renew_manifest(folder)


def damage_latents(folder: Path) -> None:
    with np.load(folder / "latent.npz") as file:
        arrays = dict(file)
    arrays["neighbors"] = np.full_like(arrays["neighbors"], np.iinfo(arrays["neighbors"].dtype).max)
    np.savez(folder / "latent.npz", **arrays)
    renew_manifest(folder)


@pytest.mark.parametrize("damage", [damage_weights, damage_latents])
@pytest.mark.parametrize("name", mostly_slow(["start", "explore", "test_image"]))
def test_what_only_loading_finds_is_a_quiet_line(folder, name, damage):
    damage(folder / "my-shapes-gamma-1")
    models.refresh()
    tab = {"tab": "judge"} if name == "test_image" else {}  # the first is about digits
    app = opened(name, data="my-shapes", **tab)
    assert not registry.refused()  # the listing cannot know
    if damage is damage_weights and name == "explore":  # which needs no network
        assert figures(sound(app))
    else:
        (said,) = [one.value for one in (*sound(app).warning, *app.error)]
        assert "'my-shapes-gamma-1' is refused" in said and "Traceback" not in said and said.endswith(".")
    # Another model can be chosen all the same.
    other = opened(name, data="my-shapes", model="my-shapes-only-lx", models="my-shapes-only-lx", **tab)
    assert figures(sound(other)) and not other.warning


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CheckpointError("Checkpoint 'x' is [bad](y); do."), r"Checkpoint 'x' is \[bad\](y); do."),
        (FamilyError("the curve at /x is damaged"), "The curve at /x is damaged"),
        (FileNotFoundError(2, "None", "/x/_y_"), r"The file /x/\_y\_ cannot be read (None). Restore it"),
        (OSError(), "OSError"),
    ],
)
def test_an_error_is_said_in_a_sentence(error, said):
    assert faults.sentence(error).startswith(said)


def test_what_streamlit_raises_by_itself_and_a_mistake_of_ours_pass_through():
    def script():
        import streamlit as st

        from app.models.faults import quiet_faults

        with quiet_faults():
            st.write("before")
            if st.query_params:
                raise KeyError("ours")
            st.stop()
        st.write("after")

    page = AppTest.from_function(script)
    assert [m.value for m in sound(page.run()).markdown] == ["before"]
    page.query_params["ours"] = "true"
    assert len(page.run().exception) == 1


@pytest.mark.parametrize("page", mostly_slow(["explore", "start", "test_image"]))
def test_where_the_curve_is_damaged_pages_go_on_with_the_trained_models(
    open_page, show_checkpoints, tmp_path, no_data, page
):
    folder = tmp_path / "models"
    folder.mkdir()
    for file in folders()[0].iterdir():
        if file.name != "cifar10.curve.npz":
            (folder / file.name).symlink_to(file)
    (folder / "cifar10.curve.npz").write_bytes(b"PK no archive")
    show_checkpoints(folder)
    shown = open_page(page, model="gamma-9.5")
    assert figures(sound(shown)) and not shown.warning
    assert shown.session_state["model"] in {c.id for c in ib.checkpoints()}  # a trained one
