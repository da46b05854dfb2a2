"""Third-party code from a registry that misbehaves."""

import base64
import copy
import hashlib
import io
import json
import re
import tarfile

import pytest

from app.vendor import ensure_plotly
from tools import vendor

SCRIPT, FONT, LICENCE = b"export {};\n", b"\0font", b"free\n"


def packed(**files: bytes) -> bytes:
    """A tarball with these members, and with some that nobody should unpack."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name.replace('__', '.')}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name in ("package/../../outside.js", "/outside.js", "package/linked.js"):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
        escape = tarfile.TarInfo("package/../../escape.js")
        tar.addfile(escape, io.BytesIO())
    return buffer.getvalue()


TARBALLS = {
    "/@some/font/-/font-1.0.0.tgz": packed(bold__ttf=FONT, LICENSE=LICENCE),
    "/script/-/script-2.1.0.tgz": packed(a__js=SCRIPT, b__js=SCRIPT, c__txt=b""),
}


def entry(name: str, version: str, files: dict[str, str], data: bytes) -> dict:
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
    return {"name": name, "version": version, "integrity": integrity, "files": files}


FONTS, SCRIPTS = TARBALLS.values()
GROUP = {
    "folder": "vendor",
    "purpose": "nothing works",
    "packages": [
        entry("@some/font", "1.0.0", {"bold.ttf": "font.ttf", "LICENSE": "font-LICENSE.txt"}, FONTS),
        entry("script", "2.1.0", {"*.js": "scripts/"}, SCRIPTS),
    ],
}


class Registry:
    """A registry: ``answers`` are its tarballs by path, ``asked`` the paths it was asked for."""

    def __init__(self) -> None:
        self.answers, self.asked, self.is_cut = dict(TARBALLS), [], False

    def copy(self, url: str, file, *limits: int) -> None:
        assert url.startswith("https://registry.test/")
        self.asked.append(url.removeprefix("https://registry.test"))
        if self.is_cut or self.asked[-1] not in self.answers:
            raise OSError("the server has ended" if self.is_cut else "it answers 404")
        file.write(self.answers[self.asked[-1]])


@pytest.fixture
def registry(monkeypatch):
    found = Registry()
    monkeypatch.setattr(vendor, "copy_address", found.copy)
    monkeypatch.setenv("NPM_REGISTRY", "https://registry.test/")
    monkeypatch.delenv("NPM_TARBALLS", raising=False)
    return found


def test_only_what_is_wanted_is_unpacked_and_nothing_is_fetched_twice(registry, tmp_path):
    folder = tmp_path / "x" / "vendor"
    assert vendor.bring(GROUP, folder) == ""
    found = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()
    }
    found.pop(f"x/vendor/{vendor.STAMP}")
    assert found == {
        "x/vendor/font.ttf": FONT,
        "x/vendor/font-LICENSE.txt": LICENCE,
        "x/vendor/scripts/a.js": SCRIPT,
        "x/vendor/scripts/b.js": SCRIPT,
        "x/vendor/scripts/escape.js": b"",  # whatever a name says, it stays below the folder
    }
    assert registry.asked == list(TARBALLS)
    assert vendor.bring(GROUP, folder) == "" and registry.asked == list(TARBALLS)


def test_what_is_lost_or_of_another_version_is_fetched_again(registry, tmp_path):
    assert vendor.bring(GROUP, tmp_path) == ""
    (tmp_path / "scripts" / "b.js").unlink()
    registry.asked.clear()
    assert vendor.bring(GROUP, tmp_path) == "" and registry.asked == ["/script/-/script-2.1.0.tgz"]
    newer = copy.deepcopy(GROUP)
    newer["packages"][0]["version"] = "1.0.1"
    registry.answers["/@some/font/-/font-1.0.1.tgz"] = FONTS
    registry.asked.clear()
    assert vendor.bring(newer, tmp_path) == "" and registry.asked == ["/@some/font/-/font-1.0.1.tgz"]


def sentence(problem: str) -> str:
    assert problem.startswith("vendor lacks ") and problem.endswith("NPM_TARBALLS to a folder of tarballs.")
    assert "\n" not in problem and ". " not in problem and "without which nothing works" in problem
    return problem


@pytest.mark.parametrize(
    ("tarball", "change", "said"),
    [
        (packed(a__js=b"evil()", b__js=SCRIPT), {}, "lacks script 2.1.0, .*script-2.1.0.tgz is not the file"),
        (SCRIPTS, {"version": "9.0.0"}, "lacks script 9.0.0, .*answers 404"),
        (SCRIPTS, {"files": {"*.js": "scripts/", "linked.js": "link.js"}}, "its tarball has no linked.js"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_and_nothing_of_it_stays(registry, tmp_path, tarball, change, said):
    registry.answers["/script/-/script-2.1.0.tgz"] = tarball
    group = copy.deepcopy(GROUP)
    group["packages"][1].update(change)
    assert re.search(said, sentence(vendor.bring(group, tmp_path)))
    assert not (tmp_path / "scripts").exists() and (tmp_path / "font.ttf").exists()


def test_a_server_that_ends_is_asked_again_and_what_it_lacked_is_fetched_later(registry, tmp_path):
    registry.is_cut = True
    said = r"lacks @some/font 1.0.0, script 2.1.0, .*cannot be read \(the server has ended"
    assert re.search(said, sentence(vendor.bring(GROUP, tmp_path))) and len(registry.asked) == vendor.TRIES
    assert not list(tmp_path.rglob("*.js"))
    registry.is_cut = False
    assert vendor.bring(GROUP, tmp_path) == ""


def test_without_a_network_a_folder_of_tarballs_is_enough(registry, tmp_path, monkeypatch):
    registry.answers.clear()
    assert "registry.test/@some/font/-/font-1.0.0.tgz" in sentence(vendor.bring(GROUP, tmp_path / "vendor"))
    offline = tmp_path / "offline"
    offline.mkdir()
    (offline / "some-font-1.0.0.tgz").write_bytes(FONTS)
    (offline / "script-2.1.0.tgz").write_bytes(SCRIPTS)
    monkeypatch.setenv("NPM_TARBALLS", str(offline))
    assert vendor.bring(GROUP, tmp_path / "vendor") == ""
    (offline / "script-2.1.0.tgz").write_bytes(SCRIPTS[:-1])
    assert str(offline / "script-2.1.0.tgz") in sentence(vendor.bring(GROUP, tmp_path / "other"))


def test_plotly_comes_out_of_the_python_package(tmp_path):
    ensure_plotly(tmp_path)
    script = tmp_path / "plotly.min.js"
    assert b"plotly.js v" in script.read_bytes()[:200]
    before = script.stat()
    ensure_plotly(tmp_path)
    assert script.stat().st_ino == before.st_ino
    script.write_bytes(b"half")
    ensure_plotly(tmp_path)
    assert script.stat().st_size == before.st_size


def test_every_package_is_pinned_with_its_licence_and_told_in_the_notice():
    notice = (vendor.ROOT / "NOTICE.md").read_text("utf-8")
    groups = json.loads((vendor.ROOT / "tools" / "vendor.json").read_text("utf-8"))
    for package in groups["app"]["packages"]:
        assert any(member.startswith("LICENSE") for member in package["files"]), package["name"]
        assert f"{package['name']} {package['version']}" in notice
        assert all(f"`{target}`" in notice for target in package["files"].values() if not target.endswith(".txt"))
    assert all(package["integrity"].startswith("sha512-") for group in groups.values() for package in group["packages"])
