"""What lies around an image in latent space: python tools/around.py mnist-gamma-1 --count 1000

Prints a Markdown table of each model. A latent of each test image is drawn at several radii on the three paths of
`ib.exploration.around`, about μ of the class that the image is taken for, and decoded. Of the latents: the mean length
from μ, in units of √D, and the mean distance from the image's latent, in standard deviations of a dimension. Of the
pictures, clipped and rounded to 8 bits: the median of bits/dim, the share that is typical (95 % of held-out images
are), the shares that the ResNet of the data set and the model itself take for the same class as the image, and the mean
standard deviation of a picture's pixels, beside that of the image's: its contrast.
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
from ibinn_core.exploration.around import PATHS  # noqa: E402

RADII = (0.25, 0.5, 1.0, 2.0)
BATCH = 50
COLUMNS = ("length", "distance", "bits/dim", "typical", "ResNet: same class", "model: same class", "contrast")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="+", help="ids of models with a likelihood")
    parser.add_argument("--count", type=int, default=1000, help="test images")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    for name in options.checkpoint:
        entry = find(name)
        model, judge = ib.load(entry), ib.load(entry.dataset.id_prefix + "resnet")
        assert isinstance(model, ib.GenerativeClassifier), "a model with a likelihood is needed"
        images = ib.data.load(entry.dataset.name, "test")[0]
        images = images[np.sort(np.random.default_rng(0).permutation(len(images))[: options.count])]
        print(f"\n`{entry.id}`, {len(images)} test images\n")
        print(f"| r | path | {' | '.join(COLUMNS)} |")
        print("| --- " * (len(COLUMNS) + 2) + "|", flush=True)
        x = ib.dequantize(ib.to_unit(images), model.noise)
        z = torch.cat([model.encode(some) for some in x.split(BATCH)])
        means = model.class_means[model.mixture.log_posterior(z).argmax(1)]
        before = taken(model, judge, images)
        reference = entry.latent["reference"]
        cells = of_pictures(model, judge, images, before, reference)
        print(f"| 0 |  | {row_of(z, z, means)} | {cells} |", flush=True)
        for radius in RADII:
            for path in PATHS:
                moved = torch.stack(
                    [
                        ib.exploration.around(one, radius, 1, seed, path, mean)[0]
                        for seed, (one, mean) in enumerate(zip(z, means, strict=True))
                    ]
                )
                pictures = np.concatenate([ib.to_uint8(model.decode(some), missing=0.5) for some in moved.split(BATCH)])
                cells = of_pictures(model, judge, pictures, before, reference)
                print(f"| {radius:g} | {path} | {row_of(moved, z, means)} | {cells} |", flush=True)


def row_of(moved: torch.Tensor, z: torch.Tensor, means: torch.Tensor) -> str:
    length, distance = ((moved - of).norm(dim=1).mean() / z.shape[1] ** 0.5 for of in (means, z))
    return f"{length:.2f} | {distance:.2f}"


def of_pictures(model, judge, pictures, before, reference) -> str:
    x = ib.dequantize(ib.to_unit(pictures), model.noise)
    log_prob = torch.cat([model.log_prob(some) for some in x.split(BATCH)]).numpy()
    far = ib.exploration.typicality(log_prob, reference) <= ib.exploration.typicality_threshold(reference)
    bits = np.median(ib.bits_per_dim(log_prob.astype(np.float64), model.config.dims, model.noise))
    same = [share(now == then) for now, then in zip(taken(model, judge, pictures), before, strict=True)]
    contrast = (pictures / 256).std((1, 2, 3)).mean()
    return f"{bits:.2f} | {share(far)} | {' | '.join(same)} | {contrast:.2f}"


def taken(model, judge, pictures) -> list[torch.Tensor]:
    """What the ResNet and the model take pictures for."""
    x = ib.dequantize(ib.to_unit(pictures), model.noise)
    by_judge = [judge.predict(some) for some in ib.to_unit(pictures).split(BATCH)]
    return [torch.cat(by_judge), torch.cat([model.predict(some) for some in x.split(BATCH)])]


def share(which) -> str:
    return f"{100 * np.asarray(which, dtype=float).mean():.0f} %"


if __name__ == "__main__":
    main()
