"""Typesets paper/paper.md on two pages: python tools/paper.py [OUT.pdf] [--png FOLDER]

pandoc reads the text and its references, and Typst sets them. Both are Python packages, in requirements-docs.txt. The
command exits with an error if the paper has more pages, or if a reference is not in paper.bib.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "paper"
PAGES = 2
#: References to figures in LaTeX's notation, as JOSS requires.
MENTION, LABEL = re.compile(r"\\autoref\{fig:(\w+)\}"), re.compile(r"\\label\{fig:\w+\}")


def prepared(text: str) -> str:
    """Replaces LaTeX's references to figures by numbers, in order."""
    labels = [found[0].removeprefix(r"\label") for found in LABEL.finditer(text)]
    numbered = MENTION.sub(lambda found: f"Figure {labels.index(f'{{fig:{found[1]}}}') + 1}", text)
    return LABEL.sub("", numbered)


def typst_source(text: str) -> str:
    """Converts the paper to Typst.

    Raises:
        ValueError: a reference is not in paper.bib.
    """
    import pypandoc

    options = [
        "--citeproc",
        "--fail-if-warnings",
        "--standalone",
        f"--template={PAPER / 'template.typ'}",
        f"--resource-path={PAPER}",
    ]
    placed = prepared(text).replace("bibliography: paper.bib", f"bibliography: {PAPER / 'paper.bib'}")
    try:
        made = pypandoc.convert_text(placed, "typst", format="markdown", extra_args=options)
    except RuntimeError as error:  # a warning of pandoc, such as a missing reference
        raise ValueError(" ".join(str(error).split())) from error
    return made.replace("../docs/", "/docs/")  # relative to Typst's root, the repository


def main() -> int:
    import typst

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "build" / "paper" / "paper.pdf")
    parser.add_argument("--png", type=Path, help="folder for a picture of each page")
    options = parser.parse_args()
    try:
        source = typst_source((PAPER / "paper.md").read_text("utf-8"))
    except ValueError as error:
        print(f"paper/paper.md: {error}.", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    written = options.out.with_suffix(".typ")
    written.write_text(source, "utf-8")
    pages = typst.compile(str(written), root=str(ROOT), format="png", ppi=110)
    pages = pages if isinstance(pages, list) else [pages]
    options.out.write_bytes(typst.compile(str(written), root=str(ROOT)))
    for number, page in enumerate(pages if options.png else [], 1):
        options.png.mkdir(parents=True, exist_ok=True)
        (options.png / f"page-{number}.png").write_bytes(page)
    print(f"{options.out}: {len(pages)} pages")
    if len(pages) > PAGES:
        print(f"paper/paper.md: it has {len(pages)} pages, but may have only {PAGES}: shorten it.", file=sys.stderr)
    return len(pages) > PAGES


if __name__ == "__main__":
    sys.exit(main())
