"""Measures the quality of models' samples with the ResNet of their data set: python tools/sample_quality.py

It prints a Markdown table of two measures:

- The share of samples that the ResNet assigns to their class (chance: 1 / K). Samples are drawn around the class's
  mean latent at three temperatures, in units of the measured spread. They are also drawn with the app's defaults (the
  temperature T and the guidance w of the data set), and from the mixture at T = 1.
- The Fréchet distance between the ResNet's features of samples and of test images. Samples are drawn around the
  mean latent at T = 1, and with the app's defaults.

It takes a minute per model on two cores; --count draws fewer samples.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.models.baselines import ResNet  # noqa: E402

COUNT = 200  # samples per class
SEED = 0
TEMPERATURES = (0.4, 0.7, 1.0)  # factors on the spread of a class's latents around their mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="ids; all models with a likelihood if none is given")
    parser.add_argument("--data", default="cifar10", help="the models' data set")
    parser.add_argument("--judge", help="id of the ResNet (default: the data set's)")
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
    best, guidance = dataset.temperature, dataset.guidance
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


class SampleQuality(NamedTuple):
    """The ResNet's scores of samples."""

    recognised: float  # share of samples that the ResNet assigns to their class, 0 to 1
    frechet: float  # Fréchet distance, 0 or more, in squared units of the features


def judge_samples(
    model: ib.GenerativeClassifier,
    judge: ResNet,
    reference_features: np.ndarray,
    temperature: float,
    center: str = "empirical",
    count: int = COUNT,
    guidance: float = 1.0,
) -> SampleQuality:
    """Draws ``count`` samples of each class and scores them as the app shows them: clipped, in 8 bits.

    Arguments:
        model: a model; if ``center`` is ``"empirical"``, with the empirical class means.
        judge: the ResNet that scores the samples.
        reference_features: features of other images, ``(M, F)``, from :func:`features_of`, for the Fréchet distance.
        temperature: in units of the measured spread for ``"empirical"`` centres, otherwise of the mixture's spread.
        center: as for :meth:`.GenerativeClassifier.sample`.
        count: samples per class.
        guidance: as for :meth:`.GenerativeClassifier.sample`.
    """
    unit = (model.latent_spread or 1.0) if center == "empirical" else 1.0
    classes = np.tile(np.arange(model.num_classes), count)
    generator, parts = torch.Generator().manual_seed(SEED), []
    for part in np.array_split(classes, max(1, len(classes) // 250)):
        x = model.sample(torch.from_numpy(part), temperature * unit, center, generator, guidance=guidance)
        parts.append(_judge(judge, ib.to_uint8(x, missing=0.5)))
    features, predicted = (np.concatenate(some) for some in zip(*parts, strict=True))
    return SampleQuality(float((predicted == classes).mean()), frechet_distance(features, reference_features))


def features_of(judge: ResNet, images: np.ndarray) -> np.ndarray:
    """Computes the input of the ResNet's last layer, ``(N, F)``, for 8-bit images ``(N, H, W, C)``."""
    return np.concatenate([_judge(judge, part)[0] for part in np.array_split(images, max(1, len(images) // 500))])


def _judge(judge: ResNet, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes features and predictions of 8-bit images."""
    with torch.no_grad():
        features = judge.body(ib.to_unit(images).to(judge.device))
        return features.cpu().numpy(), judge.head(features).argmax(1).cpu().numpy()


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Computes the Fréchet distance (Heusel et al. 2017) of two sets of features, ``(N, F)`` and ``(M, F)``.

    It is |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^(1/2)) of their means m and covariances S.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (first, second))
    covariances = [np.atleast_2d(np.cov(values, rowvar=False)) for values in (first, second)]
    root = _square_root(covariances[0])
    # tr (S1 S2)^(1/2) = tr (S1^(1/2) S2 S1^(1/2))^(1/2), whose argument is symmetric.
    cross = np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0)
    distance = np.square(first.mean(0) - second.mean(0)).sum()
    return float(distance + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * np.sqrt(cross).sum())


def _square_root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(values.clip(0)) @ vectors.T


if __name__ == "__main__":
    main()
