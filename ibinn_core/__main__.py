"""Runs the commands of ``python -m ibinn_core``, which ``ibinn_core/cli/__init__.py`` lists."""

import sys

from .cli import main

if __name__ == "__main__":
    if sys.argv[1:2] == ["site"]:  # until version 0.2
        sys.exit("The app writes the site: python -m ibinn_explorer site OUT")
    sys.exit(main())
