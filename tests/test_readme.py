"""The examples in README run as written."""

import re
from pathlib import Path

import pytest

from ibinn_core.cli import ibinn, main
from tools import models_table

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_library_in_twelve_lines(tmp_path, monkeypatch, capsys):
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(block, "README.md", "exec"), names)
    assert (names["halfway"].shape, names["frogs"].shape) == ((32, 32, 3), (8, 32, 32, 3))
    reconstruction = float(re.search(r"tensor\((.*?)\)", capsys.readouterr().out)[1])
    assert reconstruction < 1e-4


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_it_names_is_there(name):
    text = (ROOT / name).read_text("utf-8")
    links = re.findall(r"\]\(((?!http)[^)#]+)(?:#[^)]*)?\)", text)
    paths = re.findall(r"`((?:ibinn_core|app|docs|tests|tools|\.github)/[\w/.-]*)`", text)
    assert links and [path for path in links + paths if not (ROOT / path).exists()] == []


def test_every_command_that_it_names_is_known():
    commands = set(re.findall(r"python -m ibinn_core (\w+)", TEXT)) | set(re.findall(r"^    make (\w+)", TEXT, re.M))
    makefile = (ROOT / "Makefile").read_text()
    for command in commands:
        if not re.search(rf"^{command}\b.*:", makefile, re.M):
            assert main([command, "--help"]) == 0, command


@pytest.mark.parametrize("file, count", [("README.md", 1), ("docs/models.md", 3)])
def test_its_numbers_are_those_of_the_cards_and_tables(file, count):
    text = (ROOT / file).read_text("utf-8")
    assert text.count("<!-- generated: ") == text.count("<!-- end -->") == count
    assert models_table.filled(text) == text, "run python tools/models_table.py"


def test_every_command_and_environment_variable_is_documented():
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    shown = [name for name, command in ibinn.commands.items() if not command.hidden]
    assert shown and [name for name in shown if f"| `{name} " not in page and f"| `{name}`" not in page] == []
    code = [
        file.read_text("utf-8")
        for part in ("app", "ibinn_core", "ibinn_explorer")
        for file in (ROOT / part).rglob("*.py")
    ]
    read = set(re.findall(r"environ(?:\.get\(|\[)\W(\w+)|\W(IBINN_[A-Z]+)\W", "\n".join(code)))
    names = {name for pair in read for name in pair if name}
    assert {"IBINN_FLOWS", "IBINN_PROCESSES"} <= names and [name for name in names if f"`{name}`" not in page] == []
