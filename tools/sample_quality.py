"""How good the models' samples are, judged by the ResNet among the checkpoints: python tools/sample_quality.py

Prints a Markdown table: the share of samples that the ResNet assigns to the class they were drawn for (chance: 1 / K),
around the class's images at three temperatures in units of the measured spread, as the app draws them at first (at the
temperature T and the guidance w of the data set), and from the mixture itself at T = 1; and the Fréchet
distance of its features of samples to those of the test images, at T = 1 around the images and as the app draws them.
Takes a minute a model on two cores; --count draws fewer.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.evaluation.sample_quality import (  # noqa: E402
    COUNT,
    TEMPERATURES,
    best_guidance,
    best_temperature,
    features_of,
    judge_samples,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="ids; all models with a likelihood if none is given")
    parser.add_argument("--data", default="cifar10", help="the models' data set")
    parser.add_argument("--judge", help="id of the ResNet; that of the data set if not given")
    parser.add_argument("--count", type=int, default=COUNT, help="samples of each class")
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


if __name__ == "__main__":
    main()
