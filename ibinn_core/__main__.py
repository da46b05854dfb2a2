"""Runs ``python -m ibinn_core train | family | trunk | export | evaluate | curve | table | sigma | data``."""

import sys

from .cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
