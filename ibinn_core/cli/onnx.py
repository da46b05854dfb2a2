"""``onnx``: writes a model as ONNX graphs, or a family for a browser."""

import argparse

from .arguments import Commands


def add(commands: Commands) -> None:
    onnx = commands.add_parser("onnx", help="write a model as ONNX graphs, which run without PyTorch")
    onnx.add_argument("checkpoint", help="id or folder; with --family or --gamma the name of a data set")
    onnx.add_argument("out", nargs="?", help="folder to write; one that is there is replaced")
    onnx.add_argument("--gamma", type=float, help="of the data set's family, in place of a checkpoint")
    onnx.add_argument(
        "--family",
        action="store_true",
        help="write what a browser needs of the family: beside the checkpoints, and to OUT whole if that is given",
    )
    onnx.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
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
