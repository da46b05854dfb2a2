"""``fetch``: gets checkpoints by name, or lists those that can be had."""

import argparse
from typing import TYPE_CHECKING

from .arguments import Commands

if TYPE_CHECKING:
    from ..checkpoint.index import Index


def add(commands: Commands) -> None:
    fetch = commands.add_parser("fetch", help="get checkpoints by name into a cache; without a name, list them")
    fetch.add_argument(
        "name", nargs="*", help="ids of checkpoints, names of data sets for their whole families, or owner/name"
    )
    fetch.add_argument("--all", action="store_true", help="all that the list has")
    fetch.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..checkpoint import hub, hugging_face
    from ..checkpoint.index import index

    known = index()
    wanted = list(dict.fromkeys(known.data_sets if options.all else options.name))
    if not wanted:
        _list(known)
        return
    strangers = [n for n in wanted if n not in (*known.checkpoints, *known.data_sets) and not hugging_face.is_name(n)]
    if strangers:
        raise ValueError(
            f"nothing is called {' or '.join(strangers)}: `python -m ibinn_core fetch` lists what can be had by name."
        )
    if hub.folder() not in _folders():
        raise ValueError(
            "IBINN_CHECKPOINTS names folders, and what is fetched would not be found: add an empty entry to it, which "
            "stands for the cache too."
        )
    for name in wanted:
        ids = [name] if name in known.checkpoints else known.of_data(name)
        if name in known.beside and not all(map(_is_elsewhere, ids)):
            hub.fetch_beside(name)
        for id in ids:
            place = None if _is_elsewhere(id) else hub.fetch(id)
            print(f"{id}: {place or 'on this machine already'}")
        if not ids:
            print(f"{name}: {hugging_face.fetch(name)}")


def _folders() -> list:
    from ..checkpoint import folders

    return folders()


def _is_elsewhere(id: str) -> bool:
    """Whether a checkpoint is on this machine, and not in the cache."""
    from ..checkpoint import hub, on_this_machine

    place = on_this_machine(id)
    return place is not None and place.parent != hub.folder()


def _list(known: "Index") -> None:
    """Prints what can be had, how large it is, and what of it is here."""
    from ..checkpoint import hub

    for data in known.data_sets:
        ids, beside = known.of_data(data), known.beside[data]
        print(f"{data}: {_megabytes(beside.bytes + sum(known.checkpoints[id].bytes for id in ids))} MB in all")
        for id in ids:
            here = "in the cache" if hub.is_fetched(id) else "not here"
            where = "on this machine" if _is_elsewhere(id) else here
            print(f"  {id:24}{_megabytes(known.checkpoints[id].bytes):>6} MB  {where}")
        print(f"  {'beside them':24}{_megabytes(beside.bytes):>6} MB  {', '.join(beside.files)}")
    source = hub.hub() or "nowhere yet, since nobody has published them: set IBINN_HUB to an address or a folder"
    print(f"from: {source}")
    print(f"to:   {hub.folder()}")


def _megabytes(count: int) -> str:
    return f"{count / 10**6:.1f}"
