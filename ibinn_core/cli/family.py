"""``family``: trains and exports the whole family of models."""

import argparse
from pathlib import Path

from .arguments import Commands


def add(commands: Commands) -> None:
    family = commands.add_parser("family", help="train and export a family of models; resumable")
    family.add_argument(
        "only", nargs="*", help="ids to train, with their ancestors; the family and its competitors if none is given"
    )
    family.add_argument("--data", default="cifar10", help="data set of the family")
    family.add_argument("--out", type=Path, default=Path("runs/family"), help="folder of the trainings' states")
    family.add_argument(
        "--trunks",
        type=Path,
        help="folder of trunks and finished trainings that are not trained again, whatever --scale says, like trunks/",
    )
    family.add_argument("--to", type=Path, help="folder of the checkpoints; that of the library if not given")
    family.add_argument("--jobs", type=int, help="trainings at a time; one for each core if not given")
    family.add_argument("--scale", type=float, default=1.0, help="factor on all epochs: a small one for a quick try")
    family.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..checkpoint import default_folder
    from ..training import recipe
    from ..training.scheduler import train_family, usable_cores

    members = recipe.family(options.data, options.scale) + recipe.competitors(options.data, options.scale)
    if options.only:
        members = recipe.with_ancestors(members, options.only)
    jobs = len(usable_cores()) if options.jobs is None else options.jobs
    train_family(members, options.out, options.to or default_folder(), jobs, options.trunks)
