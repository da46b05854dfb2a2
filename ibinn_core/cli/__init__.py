"""The command line, ``python -m ibinn_core``.

``training`` has the commands that make models, ``results`` those that measure them, ``files`` those that write or check
their files. What a command needs it imports as it runs, so that ``--help`` is quick.
"""

import argparse
import sys

from . import files, results, training


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status. A user's mistake is one sentence, not a traceback."""
    options = _parse(arguments)
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


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ibinn_core", description="Train and examine IB-INNs.")
    commands = parser.add_subparsers(dest="command_name", required=True)
    for part in (training, results, files):
        part.add(commands)
    options, rest = parser.parse_known_args(arguments)
    # argparse does not find an argument that may be left out, such as OUT, behind options.
    if len(rest) == 1 and not rest[0].startswith("-") and getattr(options, "out", "") is None:
        options.out = rest.pop()
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options
