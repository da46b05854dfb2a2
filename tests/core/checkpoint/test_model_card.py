"""Model cards: their numbers and their programs; the committed ones."""

import dataclasses
import re
import shutil

import numpy as np
import pytest
from committed_helpers import committed
from PIL import Image

from ibinn_core.__main__ import main
from ibinn_core.checkpoint import find
from ibinn_core.checkpoint.model_card import CARD_FILE, model_card

ALL = committed()


@pytest.mark.parametrize("checkpoint", ALL, ids=[one.id for one in ALL])
def test_the_committed_one_is_what_the_checkpoint_says(checkpoint):
    text = (checkpoint.path / CARD_FILE).read_text("utf-8")
    assert text == model_card(checkpoint), f"python -m ibinn_core card {checkpoint.id}"


@pytest.mark.parametrize("id", ["gamma-1", "mnist-gamma-0.2", "vib-1", "mnist-resnet"])
def test_its_program_runs(id, tmp_path, monkeypatch):
    checkpoint = next(one for one in ALL if one.id == id)
    (text,) = re.findall(r"```python\n(.*?)```", model_card(checkpoint), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)).save("image.png")
    names: dict = {}
    exec(compile(text, "card", "exec"), names)
    assert names["posterior"].shape == (1, 10) and ("log_prob" in names) == checkpoint.has_likelihood
    assert "samples" not in names or names["samples"].shape == (3, *checkpoint.dataset.image_shape)


def test_it_names_what_is_known_of_the_training_and_nothing_else(pristine):
    checkpoint = find(pristine)
    ancestor = {"objective": {"kind": "ib", "gamma": 1}, "epochs": 3.0, "seconds": 9.0}
    ancestry = [{**ancestor, "data": "cifar100"}, {**ancestor, "data": "pets"}, ancestor]
    text = model_card(dataclasses.replace(checkpoint, config={**checkpoint.config, "ancestry": ancestry}))
    rows = ["| epochs before, with other settings | 9 |", "| of these on CIFAR-100 | 3 |", "| of these on pets | 3 |"]
    assert all(row in text for row in rows) and "| epochs | 1 |" in text and "averaged with" not in text
    lost = {"budget": {}, "ancestry": [{"checkpoint": "lost"}, *ancestry]}
    text = model_card(dataclasses.replace(checkpoint, config={**checkpoint.config, **lost}))
    assert "| epochs before, with other settings | unknown |" in text and "| epochs |" not in text


def test_the_command_writes_one(tmp_path, capsys):
    folder = tmp_path / "mine"
    shutil.copytree(next(one for one in ALL if one.id == "mnist-gamma-1").path, folder)
    (folder / CARD_FILE).unlink()
    assert main(["card", str(folder)]) == 0
    assert str(folder / CARD_FILE) in capsys.readouterr().out
    assert (folder / CARD_FILE).read_text("utf-8").startswith("# IB-INN, γ = 1 on MNIST\n")
    assert len(find(folder).classes) == 10  # it is a checkpoint still


def test_it_says_that_a_posterior_was_tempered_by_held_out_images(pristine):
    checkpoint = find(pristine)
    assert "power" not in model_card(checkpoint) and checkpoint.power is None
    alignment = {"power": 1.149, "held_out_images": 1000}
    tempered = dataclasses.replace(checkpoint, card={**checkpoint.card, "alignment": alignment})
    assert "| power of the posterior, by held-out images | 1.15 |" in model_card(tempered)
    of_l_x = {**alignment, "power": 1.0, "held_out_images": 0}
    assert "power" not in model_card(dataclasses.replace(checkpoint, card={**checkpoint.card, "alignment": of_l_x}))
