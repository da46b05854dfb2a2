"""The notes of a release, README as PyPI shows it, and the workflow that releases."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # which distributed brings

from tools import release_notes

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/owner/name"
CHANGELOG = """# Changelog

## 0.4.0 (unreleased)

### Added
- Not yet.

## 0.2.0 (2027-01-01)

### Added
- One thing ([docs](docs/a.md)).

## 0.1.0

- All.

## 0.0.1
"""


@pytest.fixture(scope="module")
def setup():
    """setup.py, which sets nothing up when it is imported."""
    spec = importlib.util.spec_from_file_location("setup_of_the_release", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_notes_are_what_the_changelog_says_of_the_version():
    assert release_notes.notes_of("0.2.0", CHANGELOG) == "### Added\n- One thing ([docs](docs/a.md)).\n"
    assert release_notes.notes_of("0.1.0", CHANGELOG) == "- All.\n"


@pytest.mark.parametrize(
    ("version", "tag", "said"),
    [
        ("0.3.0", "", "has no heading '## 0.3.0'"),
        ("0.2", "", "has no heading"),
        ("0.0.1", "", "says nothing"),
        ("0.4.0", "", "write its date"),
        ("", "v9.9.9", r"another version is named by pyproject.toml \(0.1.0\) and ibinn_core"),
        ("", "0.1.0", "is like v0.2.0"),
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


def test_the_command_ends_with_a_sentence():
    command = [sys.executable, str(ROOT / "tools" / "release_notes.py")]
    ended = subprocess.run([*command, "v9.9.9"], capture_output=True, text=True)
    assert ended.returncode == 1 and "another version is named" in ended.stderr and "Traceback" not in ended.stderr
    assert "# " not in ended.stdout
    (version,) = set(release_notes.versions(ROOT).values())
    ended = subprocess.run([*command, f"v{version}"], capture_output=True, text=True)
    assert ended.returncode == 0 and len(ended.stdout) > 100 and not re.search("^##? ", ended.stdout, re.M)


def test_no_link_of_the_readme_leads_to_a_file_beside_it_on_pypi(setup):
    text = setup.absolute((ROOT / "README.md").read_text("utf-8"), REPOSITORY, "v0.1.0")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets and [target for target in targets if not target.startswith("https://")] == []
    ours = [target.removeprefix(f"{REPOSITORY}/") for target in targets if target.startswith(REPOSITORY)]
    assert "raw/v0.1.0/docs/move.png" in ours and "blob/v0.1.0/docs/install.md" in ours
    assert all((ROOT / one.split("/", 2)[2].partition("#")[0]).exists() for one in ours)
    kept = "[a](#b) [c](https://d.example/e) [f](mailto:g@h) [i](/j) a[0] (k)"
    assert setup.absolute(kept, REPOSITORY, "main") == kept
    assert f"![p]({REPOSITORY}/raw/x/a.png)" in setup.absolute("[![p](a.png)](b.md#c)", REPOSITORY, "x")


def test_where_it_is_published_github_says(setup, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert setup.published() == ("", "") and "](docs/install.md)" in setup.description()
    for name, value in (("SERVER_URL", "https://github.com"), ("REPOSITORY", "owner/name"), ("REF_NAME", "v1.0.0")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert setup.published() == (REPOSITORY, "v1.0.0")
    assert f"({REPOSITORY}/blob/v1.0.0/docs/install.md)" in setup.description()


def test_the_workflow_publishes_a_tag_that_was_built_and_tried_and_nothing_else():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name for name, job in jobs.items() if "write" in (job.get("permissions") or {}).values()}
    assert writing == {"publish"} and jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert set(jobs["publish"]["needs"]) == {"build", "try"} and jobs["try"]["needs"] == "build"
    publishing = {name for name, job in jobs.items() for step in job["steps"] if "pypi-publish" in step.get("uses", "")}
    assert publishing == {"publish"} and "secrets." not in text
    scripts = re.findall(r"python (tools/\w+\.py)", text)
    assert scripts and all((ROOT / script).is_file() for script in scripts)


def test_workflows_may_do_little_and_run_what_was_read():
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(file.read_text("utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, file.name
        actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in actions), (file.name, actions)
