"""CIFAR-100's and Fashion-MNIST's families by their recipes, tiny and in a few steps: from images to pages."""

import os
from dataclasses import replace

import numpy as np
import pytest
from checkpoint_helpers import agrees_with_card, fake_umap
from family_training_helpers import cluster_in_this_process
from page_helpers import clean, figures
from shape_helpers import labelled
from shared_helpers import shared_folder

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.evaluation import latent_views, styles
from ibinn_core.training import family as training
from ibinn_core.training import recipe
from ibinn_core.training.recipe import family

NAMES, TEST = ("cifar100", "fashion-mnist"), 200
PAGES = ("start", "results", "explore", "test_image")

pytestmark = pytest.mark.slow


def write_archive(folder, name: str) -> None:
    """A few images of every class; 64 are a batch of the recipes, and half of the training images are held out."""
    dataset, parts = ib.data.DATASETS[name], {}
    for seed, (part, count) in enumerate((("train", 300), ("test", TEST))):
        parts[f"x_{part}"], parts[f"y_{part}"] = labelled(count, dataset.image_shape, dataset.num_classes, seed=seed)
    np.savez(folder / f"{name}.npz", **parts)


def make_tiny(patch: pytest.MonkeyPatch, preset: str) -> None:
    """Keeps everything of a preset but the size of its networks."""
    blocks = (1,) * len(recipe.PRESETS[preset].blocks)
    tiny = recipe.PRESETS[preset].replace(blocks=blocks, widths=tuple(8 for _ in blocks))
    patch.setitem(recipe.PRESETS, preset, tiny)


@pytest.fixture(scope="module", params=NAMES)
def trained(request, tmp_path_factory):
    """The name of a data set, and the folder of the checkpoints that ``family`` made of it."""
    name = request.param

    def build(folder) -> None:
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch, cluster_in_this_process() as address:
            patch.setenv("IBINN_DATA", str(folder))
            patch.setenv("IBINN_CHECKPOINTS", f"{folder / 'checkpoints'}{os.pathsep}")
            patch.setattr(latent_views, "_umap", fake_umap)
            patch.setattr(styles, "RESPONDING", 5)
            patch.setattr(training, "TRUNKS", folder / "none")
            make_tiny(patch, recipe.recipe_of(name)["preset"])

            def train(dataset: str, target: str, *ids: str) -> None:
                write_archive(folder, dataset)
                places = ["--out", str(folder / "runs"), "--to", str(folder / target)]
                options = ["--data", dataset, "--scale", "0.001", "--cluster", address]
                assert __main__.main(["family", *ids, *options, *places]) == 0

            outside = sorted({m.config.init for m in family(name) if m.starts_outside})
            if outside:
                train("cifar10", "others", *outside)
            train(name, "checkpoints")

    return name, shared_folder(tmp_path_factory, f"trained-{name}", build)


def test_every_member_is_trained_exported_and_listed(trained, capsys):
    name, folder = trained
    wanted = {m.id for m in family(name) if m.exported}
    found = ib.checkpoints(folder / "checkpoints")
    assert {c.id for c in found} == wanted
    for one in found:
        scale = {"mean": one.dataset.mean, "std": one.dataset.std}  # of the data that its trunk was trained on
        assert one.dataset == replace(ib.data.DATASETS[name], **scale) and one.card["measured"]["images"] == TEST
        with np.load(one.path / "latent.npz") as arrays:
            assert arrays["posterior"].shape == (TEST, one.dataset.num_classes)


def test_it_is_evaluated_by_the_command(trained, capsys, monkeypatch):
    name, folder = trained
    monkeypatch.setenv("IBINN_DATA", str(folder))
    assert __main__.main(["evaluate", str(folder / "checkpoints" / f"{name}-gamma-1")]) == 0
    out = capsys.readouterr().out
    assert agrees_with_card(out) and ("has our own split:" in out) == (name == "cifar100")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_on_it(trained, show_checkpoints, no_data, open_page, page):
    name, folder = trained
    show_checkpoints(folder / "checkpoints")
    assert figures(clean(open_page(page, data=name)))
