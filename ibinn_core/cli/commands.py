"""The parser of all commands, and the run of one."""

import argparse
import sys

from . import (
    card,
    curve,
    data,
    evaluate,
    export,
    family,
    manifest,
    onnx,
    style,
    table,
    train,
    trunk,
)

COMMANDS = (train, family, trunk, export, evaluate, style, curve, table, onnx, data, manifest, card)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status. A user's mistake is one sentence, not a traceback."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"ibinn_core {options.command_name}: {error}", file=sys.stderr)
        signum = getattr(error, "signum", None)  # of what has asked the command to end
        return 1 if signum is None else 128 + signum
    except KeyboardInterrupt:
        print(f"\nibinn_core {options.command_name}: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ibinn_core", description="Train and examine IB-INNs.")
    commands = parser.add_subparsers(dest="command_name", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
