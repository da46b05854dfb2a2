"""``site``: writes the static site of the families that are there."""

import argparse

from .arguments import Commands


def add(commands: Commands) -> None:
    """Declares the command and its options."""
    site = commands.add_parser("site", help="write a web site of the families, which needs no server of its own")
    site.add_argument("out", help="folder to write, which may hold an earlier site")
    site.add_argument(
        "--data",
        nargs="+",
        metavar="NAME",
        help="data sets of the families; all that have a measured curve if not given",
    )
    site.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Runs the command."""
    from ..checkpoint import checkpoints
    from ..data.datasets import DATASETS
    from ..site.pages import write_site
    from ..weight_space import FamilyError, family

    families = []
    for name in options.data or DATASETS:
        try:
            one = family(name)
        except FamilyError:
            if options.data:
                raise
            continue
        if one.curve or options.data:
            families.append(one)
    if not families:
        raise ValueError("no family here has a measured curve: measure one by python -m ibinn_core curve")
    in_a_family = {member.id for one in families for member in one.members}
    others = [one for one in checkpoints() if one.id not in in_a_family]
    print(write_site(families, options.out, others))
