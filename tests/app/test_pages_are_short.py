"""A page is heading, controls, figure, text: what it computes and draws lies in folders by subject."""

import ast
from pathlib import Path

import pytest

VIEWS = Path(__file__).resolve().parents[2] / "app" / "views"
PAGES = sorted(path.name for path in VIEWS.glob("*.py") if path.name != "__init__.py")
LINES, IMPORTS = 250, 20
#: Pages that are still to be split; one that has become short leaves the list.
LONG = {"draw.py", "inspect_image.py", "ood.py"}


def size_of(page: str) -> tuple[int, int]:
    """How many lines a page has, and from how many modules it imports."""
    text = (VIEWS / page).read_text(encoding="utf-8")
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)
    return len(text.splitlines()), len(modules)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short(page):
    lines, imports = size_of(page)
    is_short = lines <= LINES and imports <= IMPORTS
    assert is_short == (page not in LONG), f"{page} has {lines} lines and imports {imports} modules"


def test_every_page_that_is_to_be_split_is_there():
    assert set(PAGES) >= LONG
