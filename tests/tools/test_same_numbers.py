"""The tool that compares committed models with those of another commit, bit by bit."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.same_numbers import SAME, compare

ROOT = Path(__file__).resolve().parents[2]


def test_one_bit_is_a_difference():
    latents = np.array([0.0, 1.0])
    before = {"a": {"latents": latents}, "b": {"latents": latents}, "gone": {"latents": latents}}
    now = {"a": {"latents": latents.copy()}, "b": {"latents": np.nextafter(latents, 2)}}
    assert compare(before, now) == {"a": SAME, "b": "latents"}


@pytest.mark.slow
def test_models_are_the_same_as_those_of_their_own_commit(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)
    both = {f"{what}_{part}": value for part in ("train", "test") for what, value in (("x", images), ("y", [3, 7]))}
    np.savez(tmp_path / "mnist.npz", **both)
    command = [sys.executable, "tools/same_numbers.py", "HEAD", "--images", "2", "--models", "mnist-gamma-1"]
    environment = {**os.environ, "IBINN_DATA": str(tmp_path)}
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [f"mnist-gamma-1: {SAME}", "0 of 1 models differ."]
