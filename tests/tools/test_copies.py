"""The copy of an installed app from which a server runs."""

import os
import time

import pytest

from ibinn_explorer import copies


@pytest.fixture
def app(tmp_path):
    """The folder of an installed app, to which nobody may write."""
    folder = tmp_path / "site" / "app"
    (folder / "static").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    for name in ("main.py", "static/a.js", "__pycache__/main.pyc"):
        (folder / name).write_text(name)
        (folder / name).chmod(0o444)
    for place in (folder / "static", folder):
        place.chmod(0o555)
    yield folder
    for place in (folder, folder / "static"):
        place.chmod(0o755)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def names(folder) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_a_copy_can_be_written_where_the_installed_app_cannot(app, home):
    copy = copies.copy_of(app, home)
    assert names(copy) == ["app/main.py", "app/static/a.js"]
    assert (copy / "app" / "static" / "a.js").read_text() == "static/a.js"
    for place in (copy / "app", copy / "app" / "static", copy / "app" / "main.py"):
        assert place.stat().st_mode & 0o200
    assert [place.name for place in home.iterdir()] == [copy.name]  # no unfinished copy is left


def test_the_copy_is_made_once_and_keeps_what_a_server_has_put_there(app, home):
    copy = copies.copy_of(app, home)
    (copy / "app" / "static" / "plotly.js").write_text("")
    assert copies.copy_of(app, home) == copy and (copy / "app" / "static" / "plotly.js").exists()


def test_another_version_has_another_copy_although_it_is_as_large_and_as_old(app, home):
    copy, file = copies.copy_of(app, home), app / "main.py"
    file.chmod(0o644)
    before = file.stat()
    file.write_text("niam.py")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    other = copies.copy_of(app, home)
    assert other != copy and (other / "app" / "main.py").read_text() == "niam.py"
    assert (copy / "app" / "main.py").read_text() == "main.py"  # a server may still run from this copy


def test_of_two_servers_that_begin_at_once_one_makes_the_copy(app, home, monkeypatch):
    copy = copies.copy_of(app, home)
    (copy / "app" / "mark").write_text("")
    is_dir, asked = type(home).is_dir, []

    def not_yet(place):
        if place == copy and not asked:
            asked.append(place)
            return False
        return is_dir(place)

    monkeypatch.setattr(type(home), "is_dir", not_yet)
    assert copies.copy_of(app, home) == copy and asked
    assert (copy / "app" / "mark").exists() and [place.name for place in home.iterdir()] == [copy.name]


def test_copies_that_nobody_uses_are_removed(app, home):
    old, left, other = home / "app-0123", home / ".app-half", home / "data"
    long_ago = time.time() - 2 * copies._UNUSED
    for place in (old, left, other):
        place.mkdir(parents=True)
        os.utime(place, (long_ago, long_ago))
    copy = copies.copy_of(app, home)
    assert set(home.iterdir()) == {copy, other}


@pytest.mark.skipif(os.name != "posix", reason="folders have an owner otherwise")
def test_a_folder_of_somebody_else_is_not_used(app, home, monkeypatch):
    home.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="belongs to another user"):
        copies.copy_of(app, home)
    assert list(home.iterdir()) == []


def test_without_a_folder_of_ones_own_it_runs_from_a_temporary_one(app, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IBINN_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(copies, "_HERE", app.parent)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    root = copies.root()
    assert root.parent.parent == tmp_path and names(root) == ["app/main.py", "app/static/a.js"]
