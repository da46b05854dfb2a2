"""The commands that write files of models or check them: ``onnx``, ``manifest`` and ``card``."""

import argparse
from pathlib import Path

from .results import Commands, checkpoints


def add(commands: Commands) -> None:
    """Adds these commands."""
    for one in (_add_onnx, _add_manifest, _add_card):
        one(commands)


def _add_onnx(commands: Commands) -> None:
    onnx = commands.add_parser("onnx", help="write a model as ONNX graphs, which run without PyTorch")
    onnx.add_argument("checkpoint", help="id or folder; with --family or --gamma the name of a data set")
    onnx.add_argument("out", nargs="?", help="folder to write; one that is there is replaced")
    onnx.add_argument("--gamma", type=float, help="of the data set's family, in place of a checkpoint")
    onnx.add_argument(
        "--family",
        action="store_true",
        help="write what a browser needs of the family: beside the checkpoints, and to OUT whole if that is given",
    )
    onnx.set_defaults(command=_onnx)


def _onnx(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry
    from ..onnx import publish, to_onnx, write_archive
    from ..weight_space import family

    if options.family:
        chosen = family(options.checkpoint)
        print(write_archive(chosen))
        if options.out:
            print(publish(chosen, options.out))
        return
    if not options.out:
        raise ValueError("say which folder to write: python -m ibinn_core onnx ID OUT")
    by_name = options.gamma is None
    model = registry.load(options.checkpoint) if by_name else family(options.checkpoint).at(options.gamma)
    print(to_onnx(model, options.out))


def _add_manifest(commands: Commands) -> None:
    manifest = commands.add_parser(
        "manifest", help="compare the files of checkpoints with their manifests; write those that are missing"
    )
    manifest.add_argument("checkpoint", nargs="*", help="ids or folders; all that are listed if none is given")
    manifest.add_argument(
        "--replace", action="store_true", help="write a new manifest where files differ: the change was meant"
    )
    manifest.set_defaults(command=_manifest)


def _manifest(options: argparse.Namespace) -> None:
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


def _add_card(commands: Commands) -> None:
    card = commands.add_parser("card", help="write the model card of checkpoints, README.md")
    card.add_argument("checkpoint", nargs="*", help="ids or folders; all that are listed if none is given")
    card.set_defaults(command=_card)


def _card(options: argparse.Namespace) -> None:
    from ..checkpoint.model_card import CARD_FILE, model_card
    from ..files import write_text

    for one in checkpoints(options.checkpoint):
        file = one.path / CARD_FILE
        write_text(file, model_card(one))
        print(file)
