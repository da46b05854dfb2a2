"""``manifest``: compares the files of checkpoints with their manifests, and writes those that are missing."""

import argparse
from pathlib import Path

from .arguments import Commands


def add(commands: Commands) -> None:
    manifest = commands.add_parser(
        "manifest", help="compare the files of checkpoints with their manifests; write those that are missing"
    )
    manifest.add_argument("checkpoint", nargs="*", help="ids or folders; all that are listed if none is given")
    manifest.add_argument(
        "--replace", action="store_true", help="write a new manifest where files differ: the change was meant"
    )
    manifest.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry

    folders = [registry.locate(name) for name in options.checkpoint] or _listed(registry.folders())
    strangers = [str(folder) for folder in folders if not (folder / registry.CONFIG).is_file()]
    if strangers:
        raise ValueError(f"{' and '.join(strangers)}: no checkpoint and no trunk, since it has no {registry.CONFIG}")
    if not folders:
        raise ValueError(f"there is no checkpoint in {' or '.join(map(str, registry.folders()))}")
    damaged = []
    for folder in folders:
        manifest = registry.read_manifest(folder) if not options.replace else None
        changed = [] if manifest is None else registry.changed_files(folder, manifest)
        if changed:
            damaged.append(f"{' and '.join(changed)} of {folder}")
        elif manifest is None:
            registry.write_manifest(folder)
            print(f"{folder}: manifest written")
        else:
            print(f"{folder}: as its manifest says")
    if damaged:
        raise ValueError(
            f"{', '.join(damaged)} differ from what the manifest names: fetch or export them again, or accept the "
            "change by --replace."
        )


def _listed(places: list[Path]) -> list[Path]:
    """The folders of checkpoints, also of those that are refused."""
    from ..checkpoint import CARD, CONFIG
    from ..checkpoint.listing import folders_in

    inside = [place / name for place in places for name in sorted(folders_in(place))]
    return [child for child in inside if (child / CONFIG).is_file() and (child / CARD).is_file()]
