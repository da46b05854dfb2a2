"""The command line itself: its name in the wheel, its help, and misuse in one sentence."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from ibinn_core.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


def test_the_wheel_calls_the_same_command_line_ibinn():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, name = scripts["ibinn"].partition(":")
    assert getattr(import_module(module), name) is main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["family", "-h"], ["onnx", "--help"]])
def test_help_is_no_error(arguments, capsys):
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith("Usage: ") and said.err == ""


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["fly"], "ibinn fly: No such command 'fly'."),
        (["trunk", "runs/a"], "ibinn trunk: Missing argument 'TARGET'."),
        (["curve", "--places", "many"], "ibinn curve: Invalid value for '--places': 'many' is not a valid integer"),
        (["curve", "--places", "0"], "ibinn curve: Invalid value for '--places'"),
    ],
)
def test_misuse_is_one_sentence(arguments, message, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith(message) and said.err.count("\n") == 1
