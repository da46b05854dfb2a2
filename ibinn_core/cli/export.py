"""``export``: turns a finished training into a measured checkpoint."""

import argparse
from pathlib import Path

from .arguments import Commands
from .summary import summary


def add(commands: Commands) -> None:
    export = commands.add_parser("export", help="turn a finished training into a measured checkpoint")
    export.add_argument(
        "run", type=Path, help="folder of the training's state, or of a trunk or checkpoint that keeps one"
    )
    export.add_argument("checkpoint", type=Path, help="folder to write, e.g. checkpoints/gamma-1")
    export.add_argument("--mix-in", help="trunk, training folder or checkpoint from before, whose weights are mixed in")
    export.add_argument("--share", type=float, default=0.4, help="of the weights of --mix-in")
    export.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..training.export import export
    from ..training.mixed_in import MixedIn

    mixed_in = MixedIn(options.mix_in, options.share) if options.mix_in else None
    checkpoint = export(options.run, options.checkpoint, mixed_in=mixed_in)
    print(f"{checkpoint.path}: {summary(checkpoint.card)}")
