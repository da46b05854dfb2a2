"""What the README shows works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_library_in_ten_lines(tmp_path):
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IBINN_DATA": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", block + "\nprint(halfway.shape, frogs.shape)"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "(32, 32, 3) (8, 32, 32, 3)"
    reconstruction = float(re.search(r"tensor\((.*?)\)", result.stdout)[1])
    assert reconstruction < 1e-4


def test_every_file_that_it_names_is_there():
    links = re.findall(r"\]\(((?!http)[^)]+)\)", TEXT) + re.findall(r"`((?:ibinn_core|app)/[\w/]+\.py)`", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_that_it_names_is_known():
    commands = set(re.findall(r"python -m ibinn_core (\w+)", TEXT)) | set(re.findall(r"^    make (\w+)", TEXT, re.M))
    makefile = (ROOT / "Makefile").read_text()
    for command in commands:
        known = subprocess.run(
            [sys.executable, "-m", "ibinn_core", command, "--help"], cwd=ROOT, capture_output=True
        ).returncode
        assert known == 0 or re.search(rf"^{command}\b.*:", makefile, re.M), command


def test_its_table_of_the_models_is_what_the_cards_say():
    printed = subprocess.run([sys.executable, "tools/readme_table.py"], cwd=ROOT, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    tables = printed.stdout.strip().split("\n\n")
    assert len(tables) == 2
    for table in tables:
        assert table.count("\n") > 3 and table in TEXT
