"""Runs the commands of ``python -m ibinn_core``, which ``ibinn_core/cli/__init__.py`` lists."""

import sys

from .cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
