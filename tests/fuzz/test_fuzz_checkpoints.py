"""Damaged and malicious checkpoints: each is refused in a sentence or works."""

import json
import random
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import build_parts, fake_umap
from mutations import (
    CASES,
    HOSTILE,
    damaged,
    fuzz,
    is_sentence,
    replaced_by_no_file,
    rewrite_arrays,
    rewrite_json,
    rewritten,
)
from safetensors.torch import load_file, save_file
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, MANIFEST, WEIGHTS, CheckpointError
from ibinn_core.cli import summary
from ibinn_core.evaluation import latent_views
from ibinn_core.models.objectives import Objective

pytestmark = pytest.mark.slow

KINDS = {"ib-inn": Objective(), "vib": Objective("vib", 1.0), "resnet": Objective("cross-entropy", None)}
FILES = (CONFIG, CARD, WEIGHTS, LATENT, MANIFEST)


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> list[Path]:
    """A small checkpoint of each kind; nothing touches them."""
    folder = tmp_path_factory.mktemp("originals")
    ancestor = {"objective": {"kind": "ib", "gamma": 0.0}, "epochs": 2.0, "seconds": 9, "origin": "0123456789ab"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_views, "_umap", fake_umap)
        for kind, objective in KINDS.items():
            parts = build_parts(kind, objective, LEAST, 40)
            if parts.model.has_likelihood:
                parts.model.fit_alignment(parts.model.encode(ib.to_unit(parts.images)))
                parts.latent["class_means"] = parts.model.class_means.numpy()
            budget = {**parts.config["budget"], "steps": 3, "skipped_steps": 0}
            parts._replace(config={**parts.config, "ancestry": [ancestor], "budget": budget}).save(folder / kind)
    return [folder / kind for kind in KINDS]


def use(folder: Path) -> str:
    """Lists, loads and shows a checkpoint as pages do; returns the last step that worked."""
    readable, refused = registry.scan(folder.parent)
    if refused:
        assert not readable and "\n" not in refused[0].reason and refused[0].reason.startswith("Checkpoint '")
        assert len(refused[0].reason) < 500 and refused[0].reason.endswith(".")
        return "refused by the listing"
    if not readable:
        return "gone"
    (entry,) = readable
    shown(entry)
    try:
        model = ib.load(entry)
        latent = entry.latent
    except CheckpointError as error:
        assert is_sentence(error) and str(error).startswith("Checkpoint '"), error
        return "refused by loading"
    x = torch.rand(2, *model.config.image_shape, generator=torch.Generator().manual_seed(0))
    seen = model.evaluate(x)
    assert all(bool(value.isfinite().all()) for value in seen.values())
    assert torch.allclose(seen["posterior"].sum(1), torch.ones(2), atol=1e-4)
    for name, values in latent.items():
        assert name == "empirical_means" or values.dtype.kind in "ui" or np.isfinite(values).all(), name
    assert latent["labels"].max() < len(entry.classes)
    if model.has_likelihood:
        ib.exploration.project(seen["latents"], registry.view(latent, "means"))
        ib.exploration.typicality_p_value(seen["log_prob"], latent["reference"])
        ib.to_uint8(model.sample([0, 1], 0.5, "mean"), missing=0.5)
    return "works"


def shown(entry: registry.Checkpoint) -> None:
    """Uses a listed checkpoint's values as pages and commands do."""
    card, steps = entry.card, [*entry.config["ancestry"], entry.config["budget"]]
    assert 0 <= card["error"] <= 1 and 0 <= card["confidence"] <= 1
    assert "nan" not in summary(card) and "%" in summary(card)
    assert f"{card['measured']['images']:,} {entry.dataset.title} {', '.join(entry.classes)}".isprintable()
    if all("epochs" in step for step in steps):
        total = sum(step["epochs"] for step in steps), sum(step.get("seconds", 0) for step in steps)
        assert all(0 <= value < 1e12 for value in total)
    if steps[:-1] and "objective" in steps[-2]:
        assert steps[-2]["objective"]["gamma"] in ("inf", None) or f"{steps[-2]['objective']['gamma']:g}"
    assert entry.noise == "uniform" or entry.noise > 0


def test_every_damage_is_detected(originals, tmp_path):
    """Every injected change of the content is detected."""

    def damage(rng: random.Random) -> str:
        folder = shutil.copytree(rng.choice(originals), tmp_path / "damaged")
        file = folder / rng.choice(FILES)
        before = file.read_bytes()
        after = damaged(before, rng)
        file.write_bytes(after)
        result = use(folder)
        shutil.rmtree(folder)
        is_harmless = after == before or (file.name == MANIFEST and says_the_same(before, after))
        assert result != "works" or is_harmless, file
        return "detected" if result != "works" else "nothing changed"

    found = fuzz(0, damage)
    assert found["detected"] > 0.95 * CASES


def says_the_same(before: bytes, after: bytes) -> bool:
    """Whether a changed manifest still has the same JSON values."""
    try:
        return json.loads(before) == json.loads(after)
    except ValueError:
        return False


def test_a_stranger_is_refused_in_a_sentence_or_understood(originals, tmp_path):
    def strange(rng: random.Random) -> str:
        folder = shutil.copytree(rng.choice(originals), tmp_path / "strange")
        rng.choice(STRANGE)(folder, rng)
        renew(folder)
        result = use(folder)
        shutil.rmtree(folder)
        return result

    found = fuzz(10**6, strange)
    assert found["refused by the listing"] > CASES / 3 and found["works"] > 0


def renew(folder: Path) -> None:
    """Writes a manifest that fits the changed files, or removes the manifest if this is impossible."""
    if (folder / MANIFEST).is_dir():
        return
    try:
        registry.write_manifest(folder)
    except CheckpointError:
        (folder / MANIFEST).unlink(missing_ok=True)


def strange_json(folder: Path, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 1, 2])):
        rewrite_json(folder / rng.choice([CONFIG, CONFIG, CARD]), rng)


def strange_arrays(folder: Path, rng: random.Random) -> None:
    with np.errstate(all="ignore"):
        rewrite_arrays(folder / LATENT, rng)


def strange_weights(folder: Path, rng: random.Random) -> None:
    tensors = load_file(folder / WEIGHTS)
    name = rng.choice(list(tensors))
    value = tensors[name]
    kind = rng.choice(["value", "value", "dtype", "shape", "drop", "add", "scale"])
    if kind == "value" and value.numel():
        number = rng.choice([float("nan"), float("inf"), 0.0, -1.0, 1e30, 1e4])
        wanted = number if value.is_floating_point() else rng.choice([0, -1, 999])
        value.view(-1)[: rng.choice([1, value.numel()])] = torch.tensor(wanted, dtype=torch.float64).to(value.dtype)
    elif kind == "dtype":
        tensors[name] = value.to(rng.choice([torch.float64, torch.int32, torch.bfloat16, torch.uint8, torch.bool]))
    elif kind == "shape":
        tensors[name] = rng.choice([value[None].clone(), value.reshape(-1).clone(), value.reshape(-1)[:1].clone()])
    elif kind == "drop":
        del tensors[name]
    elif kind == "add":
        tensors[rng.choice(["more", "flow.layers.999.x", "a\nb", ""])] = torch.zeros(rng.choice([0, 1, 1000]))
    elif value.is_floating_point():
        tensors[name] = value * rng.choice([-1.0, 1e3, 1e10])
    save_file(tensors, folder / WEIGHTS)


def strange_header(folder: Path, rng: random.Random) -> None:
    data = (folder / WEIGHTS).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    text = json.dumps(header).encode()
    if rng.random() < 0.3:
        length = rng.choice([0, 2**20, 63 * 2**20, 2**40, 2**63, 2**64 - 1])
    else:
        text = json.dumps(rewritten(header, rng)).encode()
        length = len(text)
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", length) + text + body)


def strange_file(folder: Path, rng: random.Random) -> None:
    replaced_by_no_file(folder / rng.choice(FILES), rng)


def strange_sizes(folder: Path, rng: random.Random) -> None:
    """Changes a number of the architecture, often to a value that would take forever to build."""
    config = json.loads((folder / CONFIG).read_text())
    names = "blocks widths fc_blocks fc_width image_shape whitening_shifts dropout seed".split()
    value = rng.choice([*HOSTILE, 128, [128, 128], [4096, 4096], [4, 64, 64], [0] * 10**5, 16384])
    config["training"]["architecture"][rng.choice(names)] = value
    (folder / CONFIG).write_text(json.dumps(config))


def other_files(folder: Path, rng: random.Random) -> None:
    """Replaces a file of the checkpoint by a copy of another file."""
    first, second = rng.sample(FILES, 2)
    shutil.copy(folder / first, folder / second)


STRANGE = [
    *(strange_json,) * 4,
    *(strange_arrays,) * 3,
    *(strange_weights,) * 3,
    *(strange_header, strange_sizes, strange_file, other_files),
]
