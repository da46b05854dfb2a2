"""Serves the app, or says in one sentence that its port is taken: python tools/serve.py [options of Streamlit].

Streamlit by itself goes to the next port without a word, or says only that one is not available.
"""

import errno
import os
import socket
import sys
import tomllib
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "app"


def option(name: str, arguments: list[str], otherwise: str) -> str:
    """An option of Streamlit as it will find it: in the arguments, in the environment, or in the app's own config."""
    found = None
    for place, argument in enumerate(arguments):
        if argument == f"--{name}" and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif argument.startswith(f"--{name}="):
            found = argument.partition("=")[2]
    section, key = name.split(".")
    stored = tomllib.loads((APP / ".streamlit" / "config.toml").read_text("utf-8")).get(section, {}).get(key)
    return found or os.environ.get(f"STREAMLIT_{section}_{key}".upper()) or str(stored or otherwise)


def why_not(address: str, port: int) -> str:
    """Why nothing can be served at a port, in a sentence; empty if it can."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":  # where it would find a taken port free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"Port {port} is taken, perhaps by an app that runs already: open http://localhost:{port}, end "
                    f"what runs there, or take another port, as in 'make app ARGS=--server.port={port + 1}'."
                )
            return f"The app cannot be served at {address}, port {port} ({error.strerror or error})."
    return ""


def main() -> None:
    """Takes the place of this process by Streamlit's, or ends with a sentence."""
    arguments = sys.argv[1:]
    address, port = option("server.address", arguments, "127.0.0.1"), option("server.port", arguments, "8501")
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 2**16:
        sys.exit(f"A port is a number from 1 to 65535, not {port!r}.")
    problem = why_not(address, int(port))
    if problem:
        sys.exit(problem)
    command = [sys.executable, "-m", "streamlit", "run", str(APP / "main.py"), *arguments]
    command += [] if any(a.startswith("--server.port") for a in arguments) else ["--server.port", port]
    if os.name == "nt":  # which has no exec that keeps the terminal
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
