"""Writes the documentation as a web site: python -m tools.docs_site.build [OUT]

The pages are the repository's texts, the lessons, and a reference made of the docstrings. Warnings and broken links are
errors. The site loads nothing from other sites. The build needs requirements-docs.txt, and the files that
``python tools/vendor.py docs`` downloads.

    DOCS_EXPLORER  address of the static site, whose live lessons the course then links to
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from tools.docs_site.check import problems
from tools.docs_site.pages import ROOT, contents, page, pictures, repository_address, texts

SOURCE = ROOT / "build" / "docs" / "source"
DOCTREES = ROOT / "build" / "docs" / "doctrees"


def sources() -> dict[str, bytes]:
    """Returns all source files of the documentation, by path."""
    from tools.docs_site.course import course
    from tools.docs_site.reference import commands, reference

    address = repository_address()
    found = {target: page((ROOT / name).read_text("utf-8"), name, address) for name, target in texts().items()}
    found["index.md"] += "\n" + contents()
    found["docs/commands.md"] = found["docs/commands.md"].replace("<!-- options -->", commands())
    found |= course(os.environ.get("DOCS_EXPLORER", "")) | reference()
    files = {name: text.encode() for name, text in found.items()}
    return files | {name: (ROOT / name).read_bytes() for name in pictures()}


def write(files: dict[str, bytes], folder: Path) -> None:
    """Makes ``folder`` contain exactly these files, without rewriting unchanged files."""
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def main() -> int:
    from sphinx.cmd.build import main as sphinx

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "build" / "docs" / "html")
    options = parser.parse_args()
    write(sources(), SOURCE)
    for folder in (options.out, DOCTREES):  # stale names of an earlier build would be reported as duplicates
        shutil.rmtree(folder, ignore_errors=True)
    settings = ["-c", str(Path(__file__).parent), "-d", str(DOCTREES), "-b", "html", "-W", "--keep-going", "-q"]
    status = sphinx([*settings, str(SOURCE), str(options.out)])
    if status:
        return status
    found = problems(options.out)
    print("\n".join(found) if found else f"{options.out}: {len(list(options.out.rglob('*.html')))} pages, no problems")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
