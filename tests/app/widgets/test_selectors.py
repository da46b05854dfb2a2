"""Streamlit's class names stand in one file, and every alias for one is known."""

import re
from pathlib import Path

import pytest

from app.widgets import selectors
from app.widgets.selectors import SELECTORS, with_selectors

APP = Path(selectors.__file__).parents[1]
FILES = {
    path.relative_to(APP).as_posix(): path.read_text("utf-8")
    for kind in ("py", "js", "css", "html")
    for path in APP.rglob(f"*.{kind}")
    if "vendor" not in path.parts
}


def test_nothing_else_knows_streamlits_names():
    assert len(FILES) > 100
    assert [name for name, text in FILES.items() if "data-testid" in text] == ["widgets/selectors.py"]


def test_nothing_but_one_module_reads_plotlys_private_fields():
    private = re.compile(r"\._(full|transition|context|ev\b|hover|size|length|offset)\w*")
    scripts = {name: text for name, text in FILES.items() if name.endswith(".js")}
    assert [name for name, text in scripts.items() if private.search(text)] == ["static/figure/plotly.js"]


def test_each_name_in_a_style_sheet_or_a_script_stands_for_a_selector():
    used = {name for text in FILES.values() for name in re.findall(r"«([a-z ]+)»", text)}
    assert len(used) > 15 and used <= SELECTORS.keys()
    assert with_selectors("«main» > «blocks» {}").count("data-testid") == 2
    with pytest.raises(KeyError, match="nothing"):
        with_selectors("«nothing»")
