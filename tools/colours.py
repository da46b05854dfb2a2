"""What temperature does to the colours of samples: python tools/colours.py

Prints a Markdown table: a row for test images, and one for each way to draw. Its columns are the mean colour; how far
the frequencies of an image are from zero, as the flow's first layers see them, where those of photographs have a
deviation of 1 (root mean squares: of frequency 0, which is the mean colour, and of bands of the others); and the share
of samples that the ResNet assigns to the class they were drawn for, as they are, and with each part of the mean
colour held within two deviations. "Noise within 1" draws the latents' noise from a normal distribution that is cut off
at 1 deviation, and scales it back to the same variance. Takes two minutes, and needs the test set.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.layers import CosineWhitening  # noqa: E402
from ibinn_core.layers.dct import dct_matrix  # noqa: E402

BANDS = (0, 2, 6, 16, 44)  # radii of frequencies between which a band lies, after the mean colour's
WAYS = (  # temperature in units of the measured spread around the class's images, guidance, and the noise's bound
    *((0.2, 1.0, None), (0.4, 1.0, None), (0.7, 1.0, None), (1.0, 1.0, None)),
    *((0.7, 1.4, None), (0.85, 1.4, None), (0.85, 1.4, 1.0)),
)
HELD = 2.0  # deviations


class Frequencies:
    """The frequencies of images ``(N, 3, 32, 32)`` with deviations of 1, by the first layers of a model."""

    def __init__(self, model: ib.GenerativeClassifier) -> None:
        size = model.config.image_shape[-1]
        last = next(n for n, layer in enumerate(model.flow.layers) if isinstance(layer, CosineWhitening))
        self.layers, self.cosines = model.flow.layers[: last + 1], dct_matrix(size).float()
        y, x = np.mgrid[:size, :size]
        self.radius = np.hypot(y, x)

    def of(self, x: Tensor) -> Tensor:
        """Maps images to frequencies of the same shape."""
        for layer in self.layers:
            x, _ = layer(x)
        return self.cosines @ x @ self.cosines.mT

    def back(self, frequencies: Tensor) -> Tensor:
        """The inverse."""
        x = self.cosines.mT @ frequencies @ self.cosines
        for layer in reversed(self.layers):
            x, _ = layer.inverse_and_log_det(x)
        return x

    def sizes(self, x: Tensor) -> list[float]:
        """Root mean squares: of the mean colour and of each band."""
        squares = self.of(x).square().mean((0, 1)).numpy()
        bands = zip(BANDS, BANDS[1:], strict=False)
        within = [self.radius == 0, *((self.radius > low) & (self.radius <= high) for low, high in bands)]
        return [float(squares[band].mean() ** 0.5) for band in within]

    def held(self, x: Tensor) -> Tensor:
        """The images with each part of their mean colour at most :data:`HELD` deviations from that of photographs."""
        frequencies = self.of(x)
        frequencies[..., 0, 0].clamp_(-HELD, HELD)
        return self.back(frequencies)


def noise(count: int, dims: int, bound: float | None) -> Tensor:
    """Normal noise ``(count, dims)``, cut off at a bound and of variance 1."""
    drawn = torch.empty(count, dims)
    generator = torch.Generator().manual_seed(0)
    if bound is None:
        return drawn.normal_(generator=generator)
    torch.nn.init.trunc_normal_(drawn, a=-bound, b=bound, generator=generator)
    return drawn / drawn.std()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="gamma-1", help="id of an IB-INN whose images are coloured")
    parser.add_argument("--judge", default="resnet", help="id of the ResNet")
    parser.add_argument("--count", type=int, default=30, help="samples of each class")
    options = parser.parse_args()
    model, judge = ib.load(options.model), ib.load(options.judge)
    assert isinstance(model, ib.GenerativeClassifier)
    images, labels = ib.data.load("cifar10", "test")
    classes = np.tile(np.arange(model.num_classes), options.count)
    images, labels = images[: len(classes)], labels[: len(classes)]
    frequencies = Frequencies(model)

    def row(name: str, x: Tensor, of: np.ndarray) -> None:
        red, green, blue = x.mean((0, 2, 3)).tolist()
        sizes = " | ".join(f"{size:.2f}" for size in frequencies.sizes(x))
        shown = [ib.to_uint8(some, missing=0.5) for some in (x, frequencies.held(x))]
        shares = [(ib.evaluation.score_images(judge, some, 0).posterior.argmax(1) == of).mean() for some in shown]
        recognised = " | ".join(f"{100 * share:.1f} %" for share in shares)
        print(f"| {name} | {red:.2f}, {green:.2f}, {blue:.2f} | {sizes} | {recognised} |", flush=True)

    bands = " | ".join(f"to {high}" for high in BANDS[1:])
    print(f"| {options.model} | red, green, blue | mean colour | {bands} | recognised | mean colour held |")
    print("| --- " * (len(BANDS) + 4) + "|")
    row("photographs", ib.dequantize(ib.to_unit(images)), labels)
    for temperature, guidance, bound in WAYS:
        drawn = noise(len(classes), model.config.dims, bound)
        spread = temperature * model.latent_spread
        x = model.sample(classes.tolist(), spread, "empirical", noise=drawn, guidance=guidance)
        within = "" if bound is None else f", noise within {bound:g}"
        row(f"T = {temperature:g}, w = {guidance:g}{within}", x, classes)


if __name__ == "__main__":
    main()
