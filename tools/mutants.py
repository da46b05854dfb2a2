"""Measures how many small faults the tests find: python tools/mutants.py FOLDER... [--mutants 400] [--seed 1]

Each mutant changes one operator, number, truth value, call or returned value of a random line of code. The command
writes the mutant into the file, runs the tests, and restores the file. A mutant is killed if a test fails. Run the
command in a clone that nothing else uses: python tools/mutants.py ibinn_core --seed 1

First, the tests of ``--tests`` run once, to record which run each line of Python. A mutant in Python meets only the
tests of its line, or, if the line runs on import alone, those of its file. The fastest come first, until one fails.
The slowest are left out, so that all together need less than ``SECONDS``. A mutant in JavaScript meets the tests of
the scripts, and then those with a browser.
"""

import argparse
import ast
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import coverage

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120
#: Options of pytest for each choice of tests.
MARKS = {"quick": ["-m", "not slow"], "whole": []}
#: Tests that a mutant in JavaScript meets.
SCRIPT_TESTS = ["tests/javascript", "tests/browser"]
OPERATORS: dict[type, type] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Mod: ast.Mult, ast.Pow: ast.Mult},
}
#: In a script: comments and texts, which stay, and then what changes.
SCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"[^"\n]*"|'[^'\n]*'|`[^`]*`|(?P<token>[=!]==|&&|\|\||(?<= )[<>]=?(?= )|"""
    r"""(?<= )[-+*/](?= )|\b(?:true|false)\b|(?<![\w.])\d+(?:\.\d+)?(?![\w.]))""",
    re.S,
)
SCRIPT_TOKENS = {
    **{"===": "!==", "!==": "===", "&&": "||", "||": "&&", "<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    **{"+": "-", "-": "+", "*": "/", "/": "*", "true": "false", "false": "true"},
}


class Mutant(NamedTuple):
    """One change: the characters from ``start`` to ``end`` of the file become ``new``."""

    path: str
    line: int
    start: int
    end: int
    old: str
    new: str


def changed(node: ast.AST) -> str | None:
    """The code of a changed node, or None if nothing of this node changes."""
    match node:
        case ast.Compare(left, [operator], [right]):
            return ast.unparse(ast.Compare(left, [OPERATORS[type(operator)]()], [right]))
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS:
            return ast.unparse(ast.BinOp(left, OPERATORS[type(operator)](), right))
        case ast.BoolOp(operator, values):
            return ast.unparse(ast.BoolOp(OPERATORS[type(operator)](), values))
        case ast.AugAssign(target, operator, value) if type(operator) in OPERATORS:
            return ast.unparse(ast.AugAssign(target, OPERATORS[type(operator)](), value))
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            return ast.unparse(operand)
        case ast.Constant(bool() as value):
            return str(not value)
        case ast.Constant(int() | float() as value):
            return repr(value + 1)
        case ast.Return(ast.expr() as value) if ast.unparse(value) != "None":
            return "return None"
        case ast.Expr(ast.Call()):
            return "pass"
    return None


def in_python(path: str, text: str) -> list[Mutant]:
    """All mutants of a Python file, without annotations and the parts of f-strings."""
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.JoinedStr):
            return
        new = changed(node)
        if new is not None:
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            new = f"({new})" if isinstance(node, ast.expr) and not isinstance(node, ast.Constant) else new
            found.append(Mutant(path, node.lineno, start, end, text.encode()[start:end].decode(), new))
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns"):
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, ast.AST):
                        visit(one)

    visit(ast.parse(text))
    return found


def in_script(path: str, text: str) -> list[Mutant]:
    """All mutants of a JavaScript file."""
    found = []
    for match in SCRIPT.finditer(text):
        if token := match["token"]:
            new = SCRIPT_TOKENS.get(token) or str(float(token) + 1).removesuffix(".0")
            start, end = (len(text[:at].encode()) for at in match.span())
            found.append(Mutant(path, text[: match.start()].count("\n") + 1, start, end, token, new))
    return found


def mutants(folders: list[str], number: int, seed: int) -> list[Mutant]:
    """A random choice of ``number`` mutants in the folders."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    every: list[Mutant] = []
    for path in sorted(listed.stdout.split()):
        if kind := {".py": in_python, ".js": in_script}.get(Path(path).suffix):
            every += kind(path, (ROOT / path).read_text("utf-8"))
    return random.Random(seed).sample(every, min(number, len(every)))


def pytest(*arguments: str, seconds: float | None = None) -> str:
    """Runs pytest in the repository: ``survived`` if no test failed, ``killed`` if one did, or ``timed out``."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    try:
        ended = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "timed out"
    return "survived" if ended.returncode in (0, 5) else "killed"


class Tests:
    """Which tests run a line, recorded in ``folder``, and how many seconds each of them needs."""

    def __init__(self, folder: Path, which: str) -> None:
        data, times = folder / f"{which}.coverage", folder / f"{which}.xml"
        if not times.exists():
            folder.mkdir(parents=True, exist_ok=True)
            os.environ["COVERAGE_FILE"] = str(data)
            pytest(
                "-n", "logical", "--cov", "--cov-context=test", "--cov-report=", f"--junitxml={times}", *MARKS[which]
            )
        self._data = coverage.CoverageData(str(data))
        self._data.read()
        self.seconds: Counter[str] = Counter()
        for case in ElementTree.parse(times).iter("testcase"):
            file = (case.get("classname") or "").replace(".", "/") + ".py"
            self.seconds[f"{file}::{case.get('name')}"] = float(case.get("time") or 0)

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that meet a mutant in Python, the fastest first, at most ``SECONDS`` in all."""
        lines = self._data.contexts_by_lineno(str(ROOT / mutant.path))
        contexts = set(lines.get(mutant.line, [])) - {""} or set().union(*lines.values()) - {""}
        names = sorted({one.rsplit("|", 1)[0] for one in contexts}, key=lambda name: self.seconds[name])
        total, chosen = 0.0, []
        for name in names:
            total += self.seconds[name]
            if total < SECONDS:
                chosen.append(name)
        return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--mutants", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", choices=list(MARKS), default="quick")
    parser.add_argument("--records", type=Path, default=ROOT / "runs" / "mutants")
    options = parser.parse_args()
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True).stdout:
        parser.error("the clone has changes: commit them, or use a fresh clone")
    tests = Tests(options.records, options.tests)
    states: Counter[str] = Counter()
    chosen = mutants(options.folders, options.mutants, options.seed)
    for number, mutant in enumerate(chosen, 1):
        path = ROOT / mutant.path
        before = path.read_bytes()
        names = SCRIPT_TESTS if path.suffix == ".js" else tests.of(mutant)
        try:
            path.write_bytes(before[: mutant.start] + mutant.new.encode() + before[mutant.end :])
            state = pytest("-x", *MARKS[options.tests], *names, seconds=4 * SECONDS) if names else "survived"
        finally:
            path.write_bytes(before)
        states[state] += 1
        print(f"{number} {state} {mutant.path}:{mutant.line}: {mutant.old!r} → {mutant.new!r}", flush=True)
    print(*(f"{count} of {len(chosen)} mutants {state} ({count / len(chosen):.1%})" for state, count in states.items()))


if __name__ == "__main__":
    main()
