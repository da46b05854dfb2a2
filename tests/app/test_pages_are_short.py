"""A page is heading, controls, figure and text; its computations and figures lie in folders by subject."""

import ast
from pathlib import Path

import pytest

VIEWS = Path(__file__).resolve().parents[2] / "app" / "views"
PAGES = sorted(path.name for path in VIEWS.glob("*.py") if path.name != "__init__.py")
LINES, IMPORTS = 250, 20


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
    assert lines <= LINES and imports <= IMPORTS, f"{page} has {lines} lines and imports {imports} modules"
