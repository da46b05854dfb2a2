"""Writes the index of the checkpoints that can be had by name: python tools/index.py [--check]

Their folder is what a maintainer publishes (docs/install.md); the index, ibinn_core/checkpoint/index.json, says what
each of its files must be. ``--check`` writes nothing, and says whether the index is that of the folder.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ibinn_core.checkpoint.index import PATH, index_of, text_of  # noqa: E402
from ibinn_core.files import write_text  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="Write the index of the checkpoints that can be had by name.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "checkpoints")
    parser.add_argument("--check", action="store_true", help="only say whether it is as it should be")
    options = parser.parse_args()
    text = text_of(index_of(options.folder))
    is_same = PATH.is_file() and PATH.read_text("utf-8") == text
    if options.check and not is_same:
        sys.exit(f"{PATH} is not the index of {options.folder}: run python tools/index.py")
    if not is_same:
        write_text(PATH, text)
    print(f"{PATH.relative_to(ROOT)}: {'as it is' if is_same else 'written'}")


if __name__ == "__main__":
    main()
