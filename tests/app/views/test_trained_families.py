"""CIFAR-100's and Fashion-MNIST's families as their recipes train them, in a few steps: from images to pages."""

import math
import os
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
from checkpoint_helpers import fake_umap
from family_training_helpers import InThisProcess
from page_helpers import clean, figures, text_of
from shape_helpers import labelled
from shared_helpers import shared_folder

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.evaluation import latent_views
from ibinn_core.training import scheduler
from ibinn_core.training.recipe import competitors, family

NAMES = ("cifar100", "fashion-mnist")
PAGES = ("start", "tradeoff", "latent", "interpolate", "sample", "inspect_image", "ood", "move", "table1")

pytestmark = pytest.mark.slow


def write_archive(folder, name: str) -> None:
    """A few images of every class; 64 are a batch of the recipes, and as many are held out."""
    dataset = ib.data.DATASETS[name]
    train, test = (
        labelled(count, dataset.image_shape, dataset.num_classes, seed) for seed, count in enumerate((200, 100))
    )
    np.savez(folder / f"{name}.npz", x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])


@pytest.fixture(scope="module", params=NAMES)
def trained(request, tmp_path_factory):
    """The name of a data set, and the folder of the checkpoints that ``family`` made of it."""
    name = request.param

    def build(folder) -> None:
        folder.mkdir()
        write_archive(folder, name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IBINN_DATA", str(folder))
            patch.setenv("IBINN_CHECKPOINTS", f"{folder / 'checkpoints'}{os.pathsep}")
            patch.setattr(latent_views, "_umap", fake_umap)
            patch.setattr(scheduler, "subprocess", SimpleNamespace(Popen=InThisProcess, STDOUT=subprocess.STDOUT))
            arguments = ["family", "--data", name, "--scale", "0.001", "--jobs", "1"]
            places = ["--out", str(folder / "runs"), "--to", str(folder / "checkpoints")]
            assert __main__.main([*arguments, *places]) == 0

    return name, shared_folder(tmp_path_factory, f"trained-{name}", build)


def test_every_member_is_trained_exported_and_listed(trained, capsys):
    name, folder = trained
    wanted = {m.id for m in [*family(name), *competitors(name)] if m.exported}
    found = ib.checkpoints(folder / "checkpoints")
    assert {c.id for c in found} == wanted
    for one in found:
        assert one.dataset == ib.data.DATASETS[name] and one.card["measured"]["images"] == 100
        with np.load(one.path / "latent.npz") as arrays:
            assert arrays["posterior"].shape == (100, one.dataset.num_classes)


def test_its_models_mix_to_any_gamma(trained):
    name, folder = trained
    tree = ib.family(name, folder / "checkpoints")
    plan = {m.config.objective.gamma for m in family(name) if m.exported and m.config.objective.kind == "ib"}
    assert set(tree.gammas) == plan and {0.0, 1.0, math.inf} <= plan
    images, _ = ib.data.embedded(name)
    posterior = tree.load(0.05).posterior(ib.to_unit(images))
    assert posterior.shape == (20, ib.data.DATASETS[name].num_classes)
    assert np.allclose(posterior.sum(1), 1, atol=1e-5)


def test_it_is_evaluated_by_the_command(trained, capsys, monkeypatch):
    name, folder = trained
    monkeypatch.setenv("IBINN_DATA", str(folder))
    assert __main__.main(["evaluate", str(folder / "checkpoints" / f"{name}-gamma-1")]) == 0
    measured, of_card = capsys.readouterr().out.strip().splitlines()
    assert measured.split(": ", 1)[1] == of_card.split(": ", 1)[1]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_on_it(trained, show_checkpoints, no_data, open_page, page):
    name, folder = trained
    show_checkpoints(folder / "checkpoints")
    opened = clean(open_page(page, data=name))
    if page == "table1":
        assert ib.data.DATASETS[name].title in text_of(opened) + opened.info[0].value
    elif page != "move":  # its figure is the browser's
        assert figures(opened)
