"""The command ``ibinn-explorer site OUT``: writes the static site."""

import argparse
import logging
import sys

from .copies import make_importable

LARGE = "cifar100"


def main(arguments: list[str]) -> None:
    """Writes the site, or exits with an error message."""
    parser = argparse.ArgumentParser("ibinn-explorer site", description="Write a static site, for any web server.")
    parser.add_argument("out", help="folder to write, which may hold an earlier site")
    parser.add_argument(
        "--data",
        action="append",
        metavar="NAME",
        help="a data set to include (repeatable); default: all with measured curves, except CIFAR-100, which is large",
    )
    options = parser.parse_args(arguments)
    try:
        _write(options.out, options.data)
    except (ValueError, OSError, RuntimeError) as error:
        sys.exit(f"ibinn-explorer site: {error}")


def _write(out: str, names: list[str] | None) -> None:
    import ibinn_core as ib
    from ibinn_core.data.datasets import DATASETS

    make_importable()
    from app.site.pages import write_site

    families = []
    for name in names or [name for name in DATASETS if name != LARGE]:
        try:
            one = ib.family(name)
        except ib.FamilyError:
            if names:
                raise
            continue
        if one.curve or names:
            families.append(one)
    if not families:
        raise ValueError("no family here has a measured curve: measure a curve with python -m ibinn_core curve")
    logging.disable(logging.WARNING)  # Streamlit would warn of each value that is used while no page runs
    try:
        print(write_site(families, out))
    finally:
        logging.disable(logging.NOTSET)
