"""``trunk``: keeps the weights of a training for others to start from."""

import argparse
from pathlib import Path

from .arguments import Commands


def add(commands: Commands) -> None:
    trunk = commands.add_parser("trunk", help="keep the weights of a training for others to start from")
    trunk.add_argument("run", type=Path, help="folder of the training's state")
    trunk.add_argument("target", type=Path, help="folder to write, e.g. trunks/trunk-labels")
    trunk.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..training.export import save_trunk

    save_trunk(options.run, options.target)
    print(options.target)
