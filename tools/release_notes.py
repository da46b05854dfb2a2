"""Prints the notes of a release from CHANGELOG.md: python tools/release_notes.py v0.2.0

It exits with an error unless the tag and all files of :func:`versions` name the same version, and the changelog has a
section for this version.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from setup import absolute, published  # noqa: E402


def notes_of(version: str, changelog: str) -> str:
    """Returns the text below a version's heading; raises a ValueError if it is empty, missing or called unreleased."""
    found = re.search(rf"^## {re.escape(version)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if found is None:
        raise ValueError(f"CHANGELOG.md has no heading '## {version}'.")
    if found[0].startswith(f"## {version} (unreleased)"):
        raise ValueError(f"CHANGELOG.md calls {version} unreleased: write its date there.")
    if not found[1].strip():
        raise ValueError(f"CHANGELOG.md says nothing about {version}.")
    return found[1].strip() + "\n"


def versions(root: Path) -> dict[str, str]:
    """Reads the version that each file names."""
    files = ("ibinn_core/__init__.py", "CITATION.cff", "README.md", "docs/install.md")
    library, citation, readme, install = ((root / name).read_text("utf-8") for name in files)
    return {
        "pyproject.toml": tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"],
        "ibinn_core/__init__.py": _first(r'^__version__ = "(.+)"$', library),
        "CITATION.cff": _first(r"^version: (.+)$", citation),
        "README.md": _first(r"^  version = \{(.+)\},$", readme),
        "docs/install.md": _first(r"ibinn_explorer-([^-]+)-py3-none-any.whl", install),
        ".zenodo.json": json.loads((root / ".zenodo.json").read_text("utf-8")).get("version", "none"),
    }


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.M)
    return found[1] if found else "none"


def check(tag: str, named: dict[str, str]) -> str:
    """Returns the version of a tag; raises a ValueError unless all files name this version."""
    version = tag.removeprefix("v")
    if not tag.startswith("v") or not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", version):
        raise ValueError(f"The tag of a release is like v0.2.0, not {tag!r}.")
    others = [f"{name} ({found})" for name, found in named.items() if found != version]
    if others:
        raise ValueError(f"The tag is {tag}, but these files name another version: {', '.join(others)}.")
    return version


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        notes = notes_of(check(sys.argv[1], versions(ROOT)), (ROOT / "CHANGELOG.md").read_text("utf-8"))
    except ValueError as error:
        sys.exit(str(error))
    print(absolute(notes, *published()), end="")


if __name__ == "__main__":
    main()
