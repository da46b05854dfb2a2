"""A wheel of this clone, built and installed without a network, for the tests that look at it."""

import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.screenshots import answering

ROOT = Path(__file__).resolve().parents[3]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def build_wheel(folder: Path) -> None:
    """Writes ``dist/`` with the wheel, and ``site/`` with what it installs, into a new folder."""
    made, begun = folder / "build", folder / "egg"
    made.mkdir(parents=True)
    begun.mkdir()
    config = folder / "elsewhere.cfg"  # so that nothing is written into the clone, where other tests run
    config.write_text(f"[build]\nbuild_base = {made}\n[egg_info]\negg_base = {begun}\n")
    offline = ("--no-deps", "--no-index")
    _run(
        *(*PIP, "wheel", str(ROOT), *offline, "--no-build-isolation", "--wheel-dir", str(folder / "dist")),
        DIST_EXTRA_CONFIG=str(config),
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    _run(*PIP, "install", *offline, "--no-compile", "--target", str(folder / "site"), str(wheel))


def environment(site: Path, home: Path, **more: str) -> dict[str, str]:
    """The variables of a process that finds the installed wheel, and nothing of this clone."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("IBINN_", "STREAMLIT_"))}
    places = {"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**ours, **places, "IBINN_HOME": str(home), **more}


@contextmanager
def opened(built: Path, home: Path, **variables: str):
    """The address of the app that the installed command serves."""
    command = [sys.executable, str(built / "site" / "bin" / "ibinn-explorer")]
    with answering(command, home / "log", home, environment(built / "site", home, **variables)) as address:
        yield address


def answer(url: str) -> bytes:
    """A server's answer; empty while there is no server."""
    with suppress(OSError), urllib.request.urlopen(url, timeout=30) as response:
        return response.read()
    return b""


def _run(*command: str, **variables: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, cwd="/", env={**os.environ, **variables})
    assert ended.returncode == 0, ended.stdout + ended.stderr
