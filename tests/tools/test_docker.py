"""The image and its services; no test needs Docker."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["docker/torch.lock", "docker/requirements.lock"]


def joined(path: str) -> list[str]:
    """The lines of a file without comments; a line that ends in a backslash is joined with the next line."""
    text = re.sub(r"^#.*\n", "", (ROOT / path).read_text("utf-8"), flags=re.M)
    return text.replace("\\\n", " ").splitlines()


def copied() -> list[str]:
    """The paths of the repository that are copied into the image."""
    own = [shlex.split(line) for line in joined("Dockerfile") if line.startswith("COPY ") and "--from=" not in line]
    return [path for _, *words in own for path in [word for word in words if not word.startswith("--")][:-1]]


def test_hadolint_finds_nothing():
    program = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.mark.parametrize("path", copied())
def test_what_is_copied_is_part_of_the_repository_and_is_sent_to_the_builder(path):
    listed = subprocess.run(["git", "ls-files", path], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:  # else this is no clone
        assert listed.stdout
    assert (ROOT / path).exists()
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    assert any(path.rstrip("/") == one or path.startswith(f"{one}/") for one in sent), sent


def test_nothing_else_is_sent_to_the_builder():
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert all(any(path.rstrip("/") == one or path.startswith(f"{one}/") for path in copied()) for one in sent)


def test_the_builder_knows_images_by_digest_and_packages_by_hash():
    text = "\n".join([*joined("Dockerfile"), *joined("compose.yaml")])
    images = re.findall(r"^FROM (\S+)|image: (\S+/\S+)", text, flags=re.M)
    assert len(images) == 3 and all(re.search("@sha256:[0-9a-f]{64}$", "".join(names)) for names in images)
    installs = re.findall(r"pip install (.*)", text)
    assert [re.search(r"-r (\S+)", one)[1] for one in installs if "--require-hashes" in one] == LOCKS == copied()[:2]
    assert len(installs) == 2


@pytest.mark.parametrize("path", LOCKS)
def test_each_locked_package_has_a_version_and_hashes(path):
    packages = joined(path)
    assert packages and all(re.match(r"[\w-]+==\S+.*(--hash=sha256:[0-9a-f]{64}\s*)+$", one) for one in packages)


def test_the_locks_have_the_packages_of_the_app():
    packages = [Requirement(line.split(" --hash")[0].strip()) for path in LOCKS for line in joined(path)]
    locked = {package.name: package.specifier for package in packages}
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "distributed", "umap-learn")):
            needed = Requirement(line.split(" #")[0])
            (pinned,) = locked[needed.name]
            assert needed.specifier.contains(pinned.version), needed.name


@pytest.mark.slow
def test_the_app_finds_all_it_imports_and_reads_in_what_is_copied(tmp_path):
    """A copy of what the image has lists its models and imports its pages' modules, without the repository."""
    for path in copied():
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, tmp_path / path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("vendor"))
        else:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    program = (
        "import ibinn_core as ib, ibinn_explorer.serving, app.site.lessons, app.results.questions, pathlib\n"
        "print(pathlib.Path(ib.__file__).parents[1], len(ib.checkpoints()), ib.evaluation.__name__)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    models = len(list((ROOT / "checkpoints").glob("*/card.json")))
    assert ended.stdout.split() == [str(tmp_path), str(models), "ibinn_core.evaluation"], ended.stderr[-2000:]


@pytest.mark.parametrize(
    "given, name",
    [({}, "localhost"), ({"SPACE_HOST": "a.hf.space"}, "a.hf.space"), ({"EXPLORER_HOST": "b", "SPACE_HOST": "a"}, "b")],
)
def test_the_start_names_the_host(tmp_path, given, name):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", **given}
    ended = subprocess.run(
        ["sh", "docker/start.sh", "--more"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ended.stdout == f"tools/serve.py --browser.serverAddress={name} --more\n"
