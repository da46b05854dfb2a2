"""Where latents of images lie, and what is between them and their class's mean: python tools/typical_latents.py gamma-1

Prints of each model, for training images that were held out: the squared distance of a latent to the mean of its class,
a dimension, where that of a sample at temperature T is T² (1st and 99th percentile); the variance of latents along the
widest directions within the classes, which are found on other training images; and a table of latents between images,
and of what they are decoded to: the share that the ResNet still assigns to the class, and the share of pictures most of
whose values lie outside the range of pixels. The first rows go a share of the way from an image to the mean of its
class, the next adds two images of a class, the last draws noise with the covariance of the class. Takes a minute a
model on two cores, and needs the training set.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.checkpoint import find  # noqa: E402
from ibinn_core.data.held_out import some_of, split_held_out  # noqa: E402
from ibinn_core.evaluation.measure import encode_images, known  # noqa: E402
from ibinn_core.exploration.geometry import class_centers  # noqa: E402
from ibinn_core.models.baselines import ResNet  # noqa: E402

TRAINING = 10_000  # images on which means and directions are found
SHARES = (0.0, 0.1, 0.2, 0.3)  # of the way to the mean
DIRECTIONS = (1, 2, 3, 128)  # by their variance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="+", help="ids of models with a likelihood")
    for id in parser.parse_args().checkpoint:
        describe(id)


def describe(id: str) -> None:
    """Prints what is known of one model's latents."""
    entry = find(id)
    model, judge = ib.load(entry), ib.load(entry.dataset.id_prefix + "resnet")
    images, labels = ib.data.load(entry.dataset.name, "train")
    used, held = split_held_out(len(images), entry.config["training"]["held_out"])
    rows = some_of(used, TRAINING)
    z, y = known(encode_images(model, images[rows]).latents, "latents"), labels[rows]
    means = class_centers(z, y)
    z_held, y_held = known(encode_images(model, images[held]).latents, "latents"), labels[held]
    differences = z_held - means[y_held]
    low, high = np.percentile((differences**2).mean(1), (1, 99))
    print(f"{id}: squared distance to the class's mean, a dimension: {low:.2f} to {high:.2f}")
    within = torch.from_numpy(z - means[y])
    widest = torch.linalg.eigh(within.T @ within)[1].flip(1).numpy()  # columns, the widest first
    variances = [f"{np.var(differences @ widest[:, n - 1]):.1f} along {n}" for n in DIRECTIONS]
    print(f"variances within the classes: {', '.join(variances)}\n")
    print("| latents | recognised | mostly out of range |\n| --- | --- | --- |")
    for share in SHARES:
        row(f"{share:g} of the way to the mean", means[y_held] + (1 - share) * differences, y_held, model, judge)
    pairs = [np.flatnonzero(y_held == label) for label in range(model.num_classes)]
    first, second = (np.concatenate([some[: len(some) // 2 * 2][n::2] for some in pairs]) for n in range(2))
    added = means[y_held[first]] + (differences[first] + differences[second]) / np.sqrt(2, dtype=np.float32)
    row("two images of a class, added and divided by √2", added, y_held[first], model, judge)
    noise = ib.exploration.class_noise(z, y.astype(int), y_held.astype(int))
    row("noise with the covariance of the class", means[y_held] + noise, y_held, model, judge)


def row(name: str, z: np.ndarray, classes: np.ndarray, model: ib.GenerativeClassifier, judge: ResNet) -> None:
    """Prints the row of some latents."""
    x = torch.cat([model.decode(part) for part in torch.from_numpy(z.astype(np.float32)).split(250)])
    is_out = ((x < 0) | (x > 1) | ~torch.isfinite(x)).flatten(1).float().mean(1) > 0.5
    shown = ib.to_uint8(x, missing=0.5)
    recognised = (judge.posterior(ib.to_unit(shown)).argmax(1).numpy() == classes).mean()
    print(f"| {name} | {100 * recognised:.1f} % | {100 * is_out.float().mean():.1f} % |", flush=True)


if __name__ == "__main__":
    main()
