"""Converts a Markdown page to a notebook: python tools/notebook.py docs/your-own-images.md

Each block of Python becomes a code cell, and the text between becomes text cells. Edit the page, not the notebook,
which has the same name.
"""

import argparse
import json
import re
from pathlib import Path

#: A block of Python. Blocks of other languages stay part of the text.
BLOCK = re.compile(r"^```python\n(.*?)^```\n?", re.M | re.S)


def cells(text: str) -> list[tuple[str, str]]:
    """Splits a page into cells: kind ("markdown" or "code") and source of each."""
    parts = BLOCK.split(text)  # text and code alternate
    kinds = ("markdown", "code")
    return [(kinds[i % 2], part.strip("\n")) for i, part in enumerate(parts) if part.strip()]


def notebook(text: str) -> str:
    """Returns the notebook of a page, in version 4.5 of Jupyter's format, without outputs."""
    made = []
    for number, (kind, source) in enumerate(cells(text)):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source.splitlines(keepends=True)}
        made.append(cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes the notebooks of the given pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, nargs="+")
    for page in parser.parse_args().page:
        page.with_suffix(".ipynb").write_text(notebook(page.read_text()))


if __name__ == "__main__":
    main()
