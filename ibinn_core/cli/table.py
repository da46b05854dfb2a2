"""``table``: measures the paper's Table 1 or 2, its numbers beside ours."""

import argparse
from pathlib import Path

from ..places import IS_INSTALLED, RESULTS
from .arguments import Commands


def add(commands: Commands) -> None:
    table = commands.add_parser("table", help="measure the paper's Table 1 or 2, its numbers beside ours")
    table.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    table.add_argument(
        "--to",
        type=Path,
        help="folder of table1.md, table1.json and curves.json; the clone's docs/ if not given, ./docs without one",
    )
    table.add_argument(
        "--data", choices=["cifar10", "cifar100"], default="cifar10", help="cifar100 for Table 2: table2.md and so on"
    )
    table.add_argument("--cache", type=Path, help="folder that keeps the numbers of models already measured")
    table.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry
    from .. import data
    from ..evaluation.table1.markdown import write_table
    from ..evaluation.table1.table import build_table, load_sets

    name = options.data
    chosen = [registry.find(name) for name in options.checkpoint] or registry.checkpoints()
    other = [checkpoint.id for checkpoint in chosen if checkpoint.config["data"]["name"] != name]
    if options.checkpoint and other:
        raise ValueError(f"the table is of models of {name}, which {' and '.join(other)} is not.")
    images, labels = data.load(name, "test")
    chosen = [checkpoint for checkpoint in chosen if checkpoint.id not in other]
    table = build_table(chosen, images, labels, load_sets(images, dataset=name), cache=options.cache, dataset=name)
    for path in write_table(table, options.to or (Path("docs") if IS_INSTALLED else RESULTS)):
        print(path)
