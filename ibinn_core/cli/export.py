"""``export``: turns a finished training into a measured checkpoint."""

import argparse
from pathlib import Path

from .arguments import Commands
from .summary import summary


def add(commands: Commands) -> None:
    """Declares the command and its options."""
    export = commands.add_parser("export", help="turn a finished training into a measured checkpoint")
    export.add_argument("run", type=Path, help="folder of the training's state")
    export.add_argument("checkpoint", type=Path, help="folder to write, e.g. checkpoints/gamma-1")
    export.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Runs the command."""
    from ..training.export import export

    checkpoint = export(options.run, options.checkpoint)
    print(f"{checkpoint.path}: {summary(checkpoint.card)}")
