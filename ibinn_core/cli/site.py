"""``site``: writes the static site of the families that are there."""

import argparse

from .arguments import Commands


def add(commands: Commands) -> None:
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
    from ..data.datasets import DATASETS
    from ..weight_space import FamilyError, family

    # The only place where the core asks for the app: the site is made of the app's figures, but it is a command beside
    # the others to whoever has families, and nothing else of the core needs this.
    try:
        from ibinn_explorer.copies import make_importable

        make_importable()  # of a wheel a copy that the app can write to
        from app.site.pages import write_site
    except ModuleNotFoundError as error:
        raise ValueError(
            f"the site is made of the app's figures, and {error.name} is not installed here: run the command in the "
            "folder of the repository, by make site"
        ) from error

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
    print(write_site(families, options.out))
