"""How good the models' samples are, judged by the ResNet among the checkpoints: python tools/sample_quality.py

Prints a Markdown table: the share of samples that the ResNet assigns to the class they were drawn for (chance: 1 / K),
around the class's images at three temperatures in units of the measured spread, as the app draws them at first (at the
temperature T and the guidance w of the data set), and from the mixture itself at T = 1; and the Fréchet
distance of its features of samples to those of the test images, at T = 1 around the images and as the app draws them.
Takes a minute a model on two cores; --count draws fewer.

With --training N another table: samples with and without guidance, and with the covariance of their class in N
training images, all of it or its widest directions, and once with that of as many images of any classes; how far two
of a class are apart in the ResNet's features (diversity); and the median distance, in grey levels of 0 to 1 a pixel, to
the nearest of the N images, which of copies would be 0. The Fréchet distance is then to training images that were held
out; the last row is these images themselves.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.data.held_out import some_of, split_held_out  # noqa: E402
from ibinn_core.evaluation.measure import encode_images, known  # noqa: E402
from ibinn_core.evaluation.sample_quality import (  # noqa: E402
    COUNT,
    TEMPERATURES,
    best_guidance,
    best_temperature,
    draw_samples,
    features_of,
    judge_images,
    judge_samples,
)
from ibinn_core.exploration.geometry import class_centers  # noqa: E402
from ibinn_core.models.baselines import ResNet  # noqa: E402

WAYS = ((1.0, 1.0), (1.0, 1.25), (0.8, 1.25), (0.85, 1.4), (1.0, 1.5))  # temperatures and guidances
RANKS = (8, 32)  # of the classes' covariances, beside whole ones


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="ids; all models with a likelihood if none is given")
    parser.add_argument("--data", default="cifar10", help="the models' data set")
    parser.add_argument("--judge", help="id of the ResNet; that of the data set if not given")
    parser.add_argument("--count", type=int, default=COUNT, help="samples of each class")
    parser.add_argument("--training", type=int, default=0, help="training images, for the table of ways to draw")
    options = parser.parse_args()
    dataset = ib.data.describe(options.data)
    judge = ib.load(options.judge or dataset.id_prefix + "resnet")
    models = [
        entry
        for entry in ib.checkpoints()
        if entry.dataset.name == options.data
        and entry.has_likelihood
        and (not options.only or entry.id in options.only)
    ]
    if options.training:
        for entry in models:
            compare_ways(entry, judge, options.training, options.count)
        return
    images, _ = ib.data.load(options.data, "test")
    reference = features_of(judge, images)
    best, guidance = best_temperature(dataset), best_guidance(dataset)
    shown = f"T = {best:g}, w = {guidance:g}"
    print("| samples of | " + " | ".join(f"T = {t:g}" for t in TEMPERATURES) + f" | {shown} | mixture, T = 1 |", end="")
    print(f" Fréchet distance, T = 1 | {shown} |\n" + "| --- " * (len(TEMPERATURES) + 5) + "|")
    for entry in models:
        model = ib.load(entry)
        found = [judge_samples(model, judge, reference, t, count=options.count) for t in TEMPERATURES]
        guided = judge_samples(model, judge, reference, best, count=options.count, guidance=guidance)
        own = judge_samples(model, judge, reference, 1.0, "mean", options.count)
        shares = [f"{100 * quality.recognised:.1f} %" for quality in (*found, guided, own)]
        print(f"| {entry.id} | {' | '.join(shares)} | {found[-1].frechet:.1f} | {guided.frechet:.1f} |", flush=True)


def compare_ways(entry: ib.Checkpoint, judge: ResNet, training: int, count: int) -> None:
    """Prints the table of a model's ways to draw."""
    model, held_out = ib.load(entry), entry.config["training"]["held_out"]
    images, labels = ib.data.load(entry.dataset.name, "train")
    used, held = split_held_out(len(images), held_out)
    rows = some_of(used, training)
    bank, reference = images[rows], features_of(judge, images[held])
    latents = known(encode_images(model, bank).latents, "latents"), labels[rows].astype(int)
    classes = np.tile(np.arange(model.num_classes), count)
    print(f"| {entry.id} | T | guidance | recognised | Fréchet distance | diversity | nearest |\n" + "| --- " * 7 + "|")
    kinds = [("around", None, None), *((f"{rank} directions", latents, rank) for rank in RANKS)]
    kinds.append(("covariance", latents, None))
    centred = latents[0] - class_centers(*latents)[latents[1]]
    shuffled = centred, np.random.default_rng(0).permutation(latents[1])
    control = ("covariance of any classes", shuffled, None, *WAYS[0])
    for name, of, rank, temperature, guidance in [*((*kind, *way) for kind in kinds for way in WAYS), control]:
        drawn = draw_samples(model, classes, temperature, guidance=guidance, training=of, rank=rank)
        found = judge_images(judge, drawn, classes, reference)
        print(f"| {name} | {temperature:g} | {guidance:g} | {_cells(found, nearest(drawn, bank))}", flush=True)
    photos = judge_images(judge, images[held], labels[held], reference)
    print(f"| photographs | | | {_cells(photos, nearest(images[held], bank))}")


def _cells(found: tuple[float, float, float], near: float) -> str:
    recognised, frechet, diversity = found
    return f"{100 * recognised:.1f} % | {abs(frechet):.1f} | {diversity:.2f} | {near:.3f} |"


def nearest(images: np.ndarray, bank: np.ndarray) -> float:
    """The median root mean square distance of images to the nearest of a bank, both uint8 ``(N, H, W, C)``, 0 to 1."""
    flat = [torch.from_numpy(some.reshape(len(some), -1).astype(np.float32) / 255) for some in (images, bank)]
    parts = [torch.cdist(part, flat[1]).amin(1) for part in flat[0].split(500)]
    return float(torch.cat(parts).median()) / flat[0].shape[1] ** 0.5


if __name__ == "__main__":
    main()
