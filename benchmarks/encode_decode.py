"""Measures images per second through the network, both ways, next to FrEIA's blocks of the same widths and depths.

    pip install --no-deps FrEIA && python benchmarks/encode_decode.py [--batch 64] [--rounds 7]

Both networks have the couplings of the preset `cpu`, random weights, float32 and evaluation mode. Our network also
has whitening, DCT and ActNorm layers. The two are measured alternately, and the first round does not count.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ibinn_core.layers import convolutional, fully_connected  # noqa: E402
from ibinn_core.models.architecture import FlowConfig, preset  # noqa: E402
from ibinn_core.models.flow import Flow  # noqa: E402


def peer(config: FlowConfig):
    """Returns FrEIA's AllInOneBlocks with the same sub-networks, between the same squeezes."""
    from FrEIA.framework import SequenceINN
    from FrEIA.modules import AllInOneBlock, Flatten, IRevNetDownsampling

    network = SequenceINN(*config.image_shape)
    for blocks, width in zip(config.blocks, config.widths, strict=True):
        network.append(IRevNetDownsampling)
        for _ in range(blocks):
            network.append(
                AllInOneBlock,
                subnet_constructor=lambda i, o, width=width: convolutional(i, o, width),
                permute_soft=True,
            )
    network.append(Flatten)
    for _ in range(config.fc_blocks):
        network.append(AllInOneBlock, subnet_constructor=lambda i, o: fully_connected(i, o, config.fc_width))
    return network.eval()


@torch.inference_mode()
def main() -> None:
    """Prints the median rates of several rounds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(0)
    config = preset("cpu")
    ours, theirs = Flow.from_config(config).eval(), peer(config)
    x = torch.rand(options.batch, *config.image_shape)
    z, w = ours(x)[0], theirs(x)[0]
    ways = {
        "encode": (lambda: ours(x), lambda: theirs(x)),
        "decode": (lambda: ours.inverse(z), lambda: theirs(w, rev=True)),
    }
    for name, pair in ways.items():
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(options.rounds):
            for function, record in zip(pair, times, strict=True):
                start = time.perf_counter()
                function()
                record.append(time.perf_counter() - start)
        here, there = (options.batch / statistics.median(record[1:]) for record in times)
        print(f"{name}: {here:.0f} images/s, FrEIA {there:.0f}, ratio {here / there:.2f}")


if __name__ == "__main__":
    main()
