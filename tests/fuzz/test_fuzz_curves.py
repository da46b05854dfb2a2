"""Damaged and malicious measured curves: each is refused in a sentence or used."""

import hashlib
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from mutations import CASES, damaged, fuzz, is_sentence, replaced_by_no_file, rewrite_arrays, rewritten

import ibinn_core as ib
from ibinn_core.weight_space import Family
from ibinn_core.weight_space.curve import NUMBERS

pytestmark = pytest.mark.slow

JSON, ARRAYS = "cifar10.curve.json", "cifar10.curve.npz"


@pytest.fixture(scope="module")
def members(measured):
    """The checkpoints, and the digests of their weights, which take longest."""
    family = ib.family("cifar10", measured)
    return family.members, family.fingerprints


def damage_places(folder: Path, rng: random.Random) -> None:
    stored = json.loads((folder / JSON).read_text())
    kind = rng.choice(["rewrite", "rewrite", "rewrite", "repeat", "drop", "many"])
    if kind == "rewrite":
        rewritten(stored, rng)
    elif kind == "repeat":
        stored["places"].insert(0, dict(rng.choice(stored["places"])))
    elif kind == "drop":
        stored["places"].pop(rng.randrange(len(stored["places"])))
    else:
        stored["places"] *= rng.choice([50, 5000])
    (folder / JSON).write_text(json.dumps(stored))


def damage_bytes(folder: Path, rng: random.Random) -> None:
    file = folder / rng.choice([JSON, ARRAYS])
    file.write_bytes(damaged(file.read_bytes(), rng))


def damage_arrays(folder: Path, rng: random.Random) -> None:
    with np.errstate(all="ignore"):
        rewrite_arrays(folder / ARRAYS, rng)
    stored = json.loads((folder / JSON).read_text())
    stored["arrays_sha256"] = hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest()
    (folder / JSON).write_text(json.dumps(stored))


def replace_file(folder: Path, rng: random.Random) -> None:
    replaced_by_no_file(folder / rng.choice([JSON, ARRAYS]), rng)


DAMAGE = (damage_places, damage_bytes, damage_arrays, damage_arrays, replace_file)


def use(folder: Path, checkpoints: list, fingerprints: dict[str, str], rng: random.Random) -> str:
    """Uses a curve as pages do, and returns the result as a text."""
    family = Family(checkpoints, folder / JSON)
    family.__dict__["fingerprints"] = fingerprints
    try:
        if not family.curve:
            return "no curve"
        for gamma in (family.gammas[0], rng.uniform(0.01, 50), family.gammas[-1]):
            point = family.point(gamma)
            assert not np.isinf([getattr(point, name) for name in NUMBERS]).any()
            assert np.isfinite([point.error, point.bits_per_dim]).all()
        mixed = family.checkpoint(rng.uniform(0.6, 7.9))
        assert 0 <= mixed.card["confidence"] <= 1
        latent = mixed.latent
        assert all(np.isfinite(values).all() for values in latent.values() if values.dtype.kind == "f")
        assert latent["posterior"].shape == (len(latent["labels"]), 10)
        return "works"
    except ib.FamilyError as error:
        assert is_sentence(error), error
        return "refused"


def test_a_curve_is_refused_in_a_sentence_or_used(measured, members, tmp_path):
    def damage(rng: random.Random) -> str:
        folder = tmp_path / "curve"
        folder.mkdir()
        for name in (JSON, ARRAYS):
            shutil.copy(measured / name, folder / name)
        rng.choice(DAMAGE)(folder, rng)
        result = use(folder, *members, rng)
        shutil.rmtree(folder)
        return result

    found = fuzz(2 * 10**6, damage)
    assert found["refused"] > CASES / 3 and found["works"] > 0
