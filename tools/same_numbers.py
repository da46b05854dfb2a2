"""Compares all committed models with their state at another commit, bit by bit: python tools/same_numbers.py [REVISION]

This tree and a checkout of ``REVISION`` (by default the commit before) each use their own code and checkpoints. Both
compute latents, log-likelihoods for each class and posteriors of the same test images. The command prints a line for
each model, and exits with status 1 if an array differs. It lists models that only one tree has, without failing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SAME = "identical"
#: This program runs in both trees, so it uses only public names that both have.
PROGRAM = """
import sys
import numpy as np
import torch
import ibinn_core as ib

folder, count, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
torch.set_num_threads(1)  # sums in another order would round differently
torch.manual_seed(0)
for checkpoint in ib.checkpoints():
    if wanted and checkpoint.id not in wanted:
        continue
    model, found = ib.load(checkpoint.id), {}
    x = ib.to_unit(ib.data.load(checkpoint.dataset.name, "test")[0][:count])
    asked = {"latents": model.encode, "posteriors": model.posterior}
    asked["log-likelihoods"] = lambda x: model.log_prob(x, per_class=True)
    for name, ask in asked.items():
        try:
            found[name] = torch.cat([ask(part) for part in x.split(50)]).numpy()
        except ib.UnsupportedError:
            pass
    np.savez(f"{folder}/{checkpoint.id}.npz", **found)
"""


def compute(tree: Path, folder: Path, count: int, models: list[str]) -> dict[str, dict[str, np.ndarray]]:
    """Computes the results of a tree's code and checkpoints: arrays by name, for each model.

    Arguments:
        tree: root of a clone.
        folder: new folder for the arrays.
        count: number of images of each test set.
        models: checkpoint ids; empty for all.
    """
    folder.mkdir()
    data = os.environ.get("IBINN_DATA", str(ROOT / "data"))
    environment = {**os.environ, "PYTHONPATH": str(tree), "IBINN_DATA": data}
    command = [sys.executable, "-W", "ignore:8-bit pixels", "-c", PROGRAM, folder, str(count), *models]
    subprocess.run(command, cwd=tree, env=environment, check=True)
    return {file.stem: dict(np.load(file)) for file in sorted(folder.glob("*.npz"))}


def compare(before: dict[str, dict[str, np.ndarray]], now: dict[str, dict[str, np.ndarray]]) -> dict[str, str]:
    """Compares the models that both trees have: names of arrays with different bytes, or :data:`SAME`."""
    found = {}
    for model in before.keys() & now.keys():
        old, new = before[model], now[model]
        same = {name for name in old.keys() & new.keys() if old[name].tobytes() == new[name].tobytes()}
        found[model] = ", ".join(sorted((old.keys() | new.keys()) - same)) or SAME
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revision", nargs="?", default="HEAD~1", help="commit to compare with (default: %(default)s)")
    parser.add_argument("--images", type=int, default=200, help="images of each test set (default: %(default)s)")
    parser.add_argument("--models", nargs="+", default=[], metavar="ID", help="checkpoints (default: all)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, tree = Path(temporary), Path(temporary, "tree")
        git = ("git", "-C", str(ROOT), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", tree, options.revision], check=True)
        try:
            before = compute(tree, folder / "before", options.images, options.models)
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)
        now = compute(ROOT, folder / "now", options.images, options.models)
    differences = compare(before, now)
    for model in sorted(before.keys() | now.keys()):
        missing = f"only in {options.revision}" if model in before else "only here"
        print(f"{model}: {differences.get(model, missing)}")
    differing = [model for model, what in differences.items() if what != SAME]
    print(f"{len(differing)} of {len(differences)} models differ.")
    sys.exit(bool(differing or not differences))


if __name__ == "__main__":
    main()
