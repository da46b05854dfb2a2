"""The lock file: all that the requirements files ask for, at one version, with hashes."""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / name for name in ("requirements.txt", "requirements-test.txt", "requirements-lint.txt")]


def entries() -> list[str]:
    """The lock file's entries, each with all its lines."""
    lines = [line for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if line.strip()[:1] != "#"]
    return re.split(r"\n(?=\S)", "\n".join(lines))


def test_what_is_asked_for_is_locked_within_its_bounds():
    locked = {canonicalize_name(one.name): one for one in (Requirement(e.partition(" \\")[0]) for e in entries())}
    lines = (line.partition("#")[0].strip() for file in FILES for line in file.read_text("utf-8").splitlines())
    assert all("--hash=sha256:" in entry for entry in entries())
    for wanted in map(Requirement, filter(None, lines)):
        (version,) = (one.version for one in locked[canonicalize_name(wanted.name)].specifier)
        assert version in wanted.specifier, wanted
