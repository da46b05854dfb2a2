"""The notes of a release, README as PyPI shows it, the workflow that releases, and the lock file."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml  # which distributed brings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import release_notes

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/owner/name"
CHANGELOG = """## 0.4.0 (unreleased)
- Not yet.

## 0.2.0 (2027-01-01)

### Added
- One thing ([docs](docs/a.md)).

## 0.0.1
"""


def test_the_notes_are_what_the_changelog_says_of_the_version():
    assert release_notes.notes_of("0.2.0", CHANGELOG) == "### Added\n- One thing ([docs](docs/a.md)).\n"


@pytest.mark.parametrize(
    ("version", "tag", "said"),
    [
        ("0.2", "", "has no heading"),
        ("0.0.1", "", "says nothing"),
        ("0.4.0", "", "write its date"),
        ("", "v9.9.9", r"these files name another version: pyproject.toml \(0.1.0\), ibinn_core"),
        ("", "v1", "is like v0.2.0"),
    ],
)
def test_a_version_without_notes_and_another_tag_are_refused(version, tag, said):
    with pytest.raises(ValueError, match=said):
        if version:
            release_notes.notes_of(version, CHANGELOG)
        else:
            release_notes.check(tag, {"pyproject.toml": "0.1.0", "ibinn_core/__init__.py": "0.1.0"})


def test_all_files_name_one_version():
    named = release_notes.versions(ROOT)
    assert len(named) == 6 and len(set(named.values())) == 1
    (version,) = set(named.values())
    assert release_notes.check(f"v{version}", named) == version


def test_no_link_of_the_readme_leads_to_a_file_beside_it_on_pypi():
    spec = importlib.util.spec_from_file_location("setup_of_the_release", ROOT / "setup.py")
    setup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup)  # which sets nothing up when it is imported
    text = setup.absolute((ROOT / "README.md").read_text("utf-8"), REPOSITORY, "v0.1.0")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets and [target for target in targets if not target.startswith("https://")] == []
    ours = [target.removeprefix(f"{REPOSITORY}/") for target in targets if target.startswith(REPOSITORY)]
    assert "raw/v0.1.0/docs/move.png" in ours and "blob/v0.1.0/docs/install.md" in ours
    assert all((ROOT / one.split("/", 2)[2].partition("#")[0]).exists() for one in ours)
    kept = "[a](#b) [c](https://d.example/e) [f](mailto:g@h) [i](/j) a[0] (k)"
    assert setup.absolute(kept, REPOSITORY, "main") == kept
    assert f"![p]({REPOSITORY}/raw/x/a.png)" in setup.absolute("[![p](a.png)](b.md#c)", REPOSITORY, "x")


def test_workflows_may_do_little_and_run_what_was_read():
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(file.read_text("utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, file.name
        actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in actions), (file.name, actions)


FILES = [ROOT / name for name in ("requirements.txt", "requirements-test.txt", "requirements-lint.txt")]


def entries() -> list[str]:
    """The lock file's entries, each with all its lines."""
    lines = [line for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if line.strip()[:1] != "#"]
    return re.split(r"\n(?=\S)", "\n".join(lines))


def test_all_that_the_requirements_ask_for_is_locked_within_its_bounds():
    locked = {canonicalize_name(one.name): one for one in (Requirement(e.partition(" \\")[0]) for e in entries())}
    lines = (line.partition("#")[0].strip() for file in FILES for line in file.read_text("utf-8").splitlines())
    assert all("--hash=sha256:" in entry for entry in entries())
    for wanted in map(Requirement, filter(None, lines)):
        (version,) = (one.version for one in locked[canonicalize_name(wanted.name)].specifier)
        assert version in wanted.specifier, wanted
