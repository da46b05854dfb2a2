"""Damaged and malicious archives of graphs: each is refused in a sentence, or published without other files."""

import json
import random
import shutil
import zipfile
import zlib
from pathlib import Path

import pytest
from mutations import CASES, HOSTILE, damaged, fuzz, is_sentence, replaced_by_no_file, rewritten
from onnx_helpers import with_archive

import ibinn_core as ib
from ibinn_core.onnx import archive_path, publish

pytestmark = pytest.mark.slow

MANIFEST = "family.json"
STORED = ("graphs", "inputs", "check", "check_of")  # what the archive alone knows


@pytest.fixture(scope="module")
def family(measured, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz") / "family"
    return ib.family("cifar10", shutil.copytree(with_archive(measured, tmp_path_factory), folder))


def write(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def damage_manifest(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    values = rewritten(json.loads(files[MANIFEST]), rng)
    write(path, {**files, MANIFEST: json.dumps(values).encode()})


def damage_file(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    """Damages a member, and in half of the cases writes its new checksum and size to the manifest."""
    name = rng.choice([name for name in files if name != MANIFEST])
    data = damaged(files[name], rng)
    manifest = files[MANIFEST].decode()
    if rng.random() < 0.5:
        for before, after in ((zlib.crc32(files[name]), zlib.crc32(data)), (len(files[name]), len(data))):
            manifest = manifest.replace(f": {before}", f": {after}")
    write(path, {**files, MANIFEST: manifest.encode(), name: data})


def add_members(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    names = ["evil.html", "sw.js", "../../outside.bin", "/etc/hostname", "a/b", "x" * 60_000, "encode.00000000.onnx"]
    more = dict.fromkeys(rng.sample(names, rng.randrange(1, 4)), b"<script>")
    write(path, {**files, **more, **{f"{at}.bin": b"" for at in range(rng.choice([0, 50, 200]))}})


def rename_member(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    """Gives a member a hostile name or the name of another member, also in the manifest."""
    name = rng.choice(list(files))
    new = rng.choice(["../x.bin", "/tmp/x.bin", "encode.onnx", "a.00000000.html", "a.00000000.bin\n", *files])
    manifest = files[MANIFEST].replace(name.encode(), json.dumps(new)[1:-1].encode())
    write(path, {new if one == name else one: data for one, data in {**files, MANIFEST: manifest}.items()})


def compress_otherwise(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    method = rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    write(path, {**files, MANIFEST: files[MANIFEST] + b" " * rng.choice([0, 2**16, 2**20])}, method)


def replace_manifest(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    data = rng.choice([b"", b"[" * 100_000, b"{" * 9, b"\xff", *(json.dumps(value).encode() for value in HOSTILE)])
    write(path, {**files, MANIFEST: data})


def damage_bytes(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    write(path, files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    path.write_bytes(damaged(path.read_bytes(), rng))


def replace_file(path: Path, files: dict[str, bytes], rng: random.Random) -> None:
    write(path, files)
    replaced_by_no_file(path, rng)


DAMAGE = (
    *(damage_manifest, damage_manifest, damage_file, add_members, rename_member, compress_otherwise),
    *(replace_manifest, damage_bytes, damage_bytes, replace_file),
)


def without(values: dict, *keys: str) -> dict:
    return {key: value for key, value in values.items() if key not in keys}


def test_an_archive_is_refused_in_a_sentence_or_published_alone(family, tmp_path):
    path = archive_path(family)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    out = tmp_path / "out"
    expected = json.loads((publish(family, out) / MANIFEST).read_text())
    written = {file.name: file.read_bytes() for file in out.iterdir()}

    def use(rng: random.Random) -> str:
        shutil.rmtree(out, ignore_errors=True)
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        rng.choice(DAMAGE)(path, files, rng)
        try:
            publish(family, out)
        except ib.FamilyError as error:
            assert is_sentence(error) and path.name in str(error), error
            assert not list(tmp_path.iterdir())
            return "refused"
        manifest = json.loads((out / MANIFEST).read_text())
        found = {file.name: file.read_bytes() for file in out.iterdir()}
        for entry in (*manifest["graphs"].values(), manifest["check"]):
            data = found.pop(entry["file"])
            assert (len(data), zlib.crc32(data)) == (entry["bytes"], entry["crc32"])
        assert without(found, MANIFEST) == without(written, *files)
        assert without(manifest, *STORED) == without(expected, *STORED)
        return "published"

    found = fuzz(7 * 10**6, use)
    assert found["refused"] > CASES / 3 and found["published"] > 0
