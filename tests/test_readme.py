"""What the README shows works as it stands there."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from ibinn_core.cli import main

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_library_in_ten_lines(tmp_path, monkeypatch, capsys):
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


@pytest.mark.parametrize("arguments, file, count", [([], "docs/models.md", 3), (["--short"], "README.md", 1)])
def test_the_tables_of_the_models_are_what_the_cards_say(arguments, file, count, capsys, monkeypatch):
    program = str(ROOT / "tools" / "models_table.py")
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    runpy.run_path(program, run_name="__main__")
    tables = capsys.readouterr().out.strip().split("\n\n")
    assert len(tables) == count
    for table in tables:
        assert table.count("\n") > 3 and table in (ROOT / file).read_text()
