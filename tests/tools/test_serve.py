"""Serving the app: only on this machine by default, with a clear message if a port is taken."""

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from ibinn_explorer import serving

ROOT = Path(__file__).resolve().parents[2]
STORED = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text("utf-8"))


def served(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "tools" / "serve.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, **environment})


def test_nobody_else_can_open_the_app_unless_it_is_asked_for():
    assert STORED["server"]["address"] == "127.0.0.1"
    assert serving.option("server.address", [], "::", ROOT / "app") == "127.0.0.1"


def test_streamlit_knows_every_option_of_the_app():
    known = {option.key for option in config._config_options_template.values()}
    for section in set(STORED) - {"theme"}:
        assert {f"{section}.{name}" for name in STORED[section]} <= known
    assert STORED["server"]["disconnectedSessionTTL"] == 20


@pytest.mark.parametrize("form", ["--server.port={}", "--server.port {}", ""])
def test_a_taken_port_is_told_in_a_sentence(form):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        environment = {} if form else {"STREAMLIT_SERVER_PORT": str(taken)}
        ended = served(*form.format(taken).split(), **environment)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.startswith(f"Port {taken} is taken") and ended.stderr.count("\n") == 1
    assert f"make app ARGS=--server.port={taken + 1}" in ended.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [*((f"--server.port={port}", "from 1 to 65535") for port in "x0²"), ("--server.address=192.0.2.1", "192.0.2.1")],
)
def test_a_port_or_an_address_that_is_none_is_told_in_a_sentence(option, said):
    ended = served(option)
    assert ended.returncode == 1 and said in ended.stderr and ended.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit, match="cannot write into .*vendor"):
        serving.serve([], "")
