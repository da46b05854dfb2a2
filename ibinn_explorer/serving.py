"""Serves the app, or says in one sentence why it cannot: ``ibinn-explorer [options of Streamlit]``.

Streamlit alone would silently use the next port, or say only that a port is not available.
"""

import errno
import os
import socket
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from . import copies, site

USAGE = """Opens IB-INN Explorer in the browser: ibinn-explorer [options of Streamlit]

  site OUT                    write a static site into the folder OUT, and do not open the app

  --server.port=8600          another port than 8501
  --server.headless=true      serve without opening a browser
  --version                   the version, and nothing else

Environment:
  IBINN_CHECKPOINTS  folders of checkpoints; an empty entry stands for the default folders
  IBINN_FLOWS        Python files that build your own flows, which checkpoints name
  IBINN_DATA         the folder of the data sets
  IBINN_HOME         the folder for what is written: a copy of the app, data sets, checkpoints

All options of the server: streamlit run --help"""


def option(name: str, arguments: list[str], otherwise: str, app: Path) -> str:
    """The value of a Streamlit option: from the arguments, the environment, or the app's own config."""
    found = None
    for place, argument in enumerate(arguments):
        if argument == f"--{name}" and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif argument.startswith(f"--{name}="):
            found = argument.partition("=")[2]
    section, key = name.split(".")
    stored = tomllib.loads((app / ".streamlit" / "config.toml").read_text("utf-8")).get(section, {}).get(key)
    return found or os.environ.get(f"STREAMLIT_{section}_{key}".upper()) or str(stored or otherwise)


def why_not(address: str, port: int, command: str) -> str:
    """Says in a sentence why a port cannot be used; empty if it can.

    Arguments:
        address: address of this machine to serve on.
        port: from 1 to 65535.
        command: command for the advice to use another port.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":  # on Windows, a port in use would look free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"Port {port} is taken, perhaps by an app that runs already: open http://localhost:{port}, end "
                    f"the program there, or choose another port, as in '{command}--server.port={port + 1}'."
                )
            return f"The app cannot be served at {address}, port {port} ({error.strerror or error})."
    return ""


def serve(arguments: list[str], command: str) -> None:
    """Replaces this process by Streamlit's, or exits with an error message.

    Arguments:
        arguments: options for Streamlit.
        command: as in :func:`why_not`.
    """
    root = copies.root()
    app = root / "app"
    static = app / "static"
    if not all(os.access(folder, os.W_OK) for folder in (static, static / "vendor") if folder.exists()):
        sys.exit(f"The app cannot write into {static / 'vendor'}, where files for browsers go: make it writable.")
    address = option("server.address", arguments, "127.0.0.1", app)
    port = option("server.port", arguments, "8501", app)
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 2**16:
        sys.exit(f"A port is a number from 1 to 65535, not {port!r}.")
    problem = why_not(address, int(port), command)
    if problem:
        sys.exit(problem)
    run = [sys.executable, "-m", "streamlit", "run", str(app / "main.py"), *arguments]
    run += [] if any(a.startswith("--server.port") for a in arguments) else ["--server.port", port]
    if os.name == "nt":  # Windows has no exec that keeps the terminal
        import subprocess

        sys.exit(subprocess.call(run))
    os.execv(sys.executable, run)


def main() -> None:
    """Runs the command ``ibinn-explorer``."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["site"]:
        site.main(arguments[1:])
    elif "--help" in arguments or "-h" in arguments:
        print(USAGE)
    elif "--version" in arguments:
        print(metadata.version("ibinn-explorer"))
    else:
        serve(arguments, "ibinn-explorer ")
