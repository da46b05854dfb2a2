"""What the README shows works as it stands there."""

import re
import runpy
from pathlib import Path

import pytest

from ibinn_core.cli.commands import main

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


def test_every_file_that_it_names_is_there():
    links = re.findall(r"\]\(((?!http)[^)]+)\)", TEXT) + re.findall(r"`((?:ibinn_core|app)/[\w/]+\.py)`", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_that_it_names_is_known():
    commands = set(re.findall(r"python -m ibinn_core (\w+)", TEXT)) | set(re.findall(r"^    make (\w+)", TEXT, re.M))
    makefile = (ROOT / "Makefile").read_text()
    for command in commands:
        if not re.search(rf"^{command}\b.*:", makefile, re.M):
            with pytest.raises(SystemExit) as ended:
                main([command, "--help"])
            assert ended.value.code == 0, command


def test_its_table_of_the_models_is_what_the_cards_say(capsys):
    runpy.run_path(str(ROOT / "tools" / "readme_table.py"), run_name="__main__")
    tables = capsys.readouterr().out.strip().split("\n\n")
    assert len(tables) == 2
    for table in tables:
        assert table.count("\n") > 3 and table in TEXT
