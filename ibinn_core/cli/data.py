"""``data``: downloads a data set from its official source."""

import argparse
from pathlib import Path

from ..data.datasets import DATASETS
from .arguments import Commands


def add(commands: Commands) -> None:
    fetch = commands.add_parser("data", help="download a data set from its official source")
    fetch.add_argument("dataset", choices=[dataset.name for dataset in DATASETS.values() if dataset.official])
    fetch.add_argument("--to", type=Path, help="folder; IBINN_DATA or ./data if not given")
    fetch.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import data

    print(data.download(options.dataset, options.to))
