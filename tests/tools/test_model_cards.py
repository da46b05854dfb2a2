"""Model cards: their numbers, their programs, and the committed cards."""

import re

import numpy as np
import pytest
from committed_helpers import committed
from PIL import Image

from tools.model_cards import CARD_FILE, model_card

ALL = committed()


@pytest.mark.parametrize("checkpoint", ALL, ids=[one.id for one in ALL])
def test_the_committed_one_is_what_the_checkpoint_says(checkpoint):
    text = (checkpoint.path / CARD_FILE).read_text("utf-8")
    assert text == model_card(checkpoint), "python tools/model_cards.py"


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
