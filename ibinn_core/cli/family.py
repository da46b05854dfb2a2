"""``family``: trains and exports the whole family of models."""

import argparse
from pathlib import Path

from .arguments import Commands


def add(commands: Commands) -> None:
    """Declares the command and its options."""
    family = commands.add_parser("family", help="train and export the whole family of models, or go on with it")
    family.add_argument("only", nargs="*", help="ids to train, with their ancestors; the twelve if none is given")
    family.add_argument("--out", type=Path, default=Path("runs/family"), help="folder of the trainings' states")
    family.add_argument("--trunks", type=Path, help="folder with trunks that are done, e.g. trunks/")
    family.add_argument("--to", type=Path, help="folder of the checkpoints; that of the library if not given")
    family.add_argument("--jobs", type=int, help="trainings at a time; one a core if not given")
    family.add_argument("--trunk-epochs", type=float, help="as many as those of the committed models if not given")
    family.add_argument("--limb-epochs", type=float, help="likewise")
    family.add_argument("--branch-epochs", type=float, help="likewise")
    family.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Runs the command."""
    from ..checkpoint import default_folder
    from ..training import recipe
    from ..training.scheduler import train_family, usable_cores

    epochs = (
        options.trunk_epochs or recipe.TRUNK_EPOCHS,
        options.limb_epochs or recipe.LIMB_EPOCHS,
        options.branch_epochs or recipe.BRANCH_EPOCHS,
    )
    twelve, others, ablation = recipe.family(*epochs), recipe.competitors(*epochs), recipe.noise_ablation()
    members = recipe.with_ancestors(twelve + others + ablation, options.only or [member.id for member in twelve])
    jobs = len(usable_cores()) if options.jobs is None else options.jobs
    train_family(members, options.out, options.to or default_folder(), jobs, options.trunks)
