"""Downloads third-party code from the npm registry: python tools/vendor.py [app] [flow] [lint] [docs]

vendor.json beside this file lists packages, versions and hashes. It also gives the target of a package's files: a
folder, whose name ends in "/", or the name of a single file. Existing files are not downloaded again. Without a
name, the command downloads "app" and "flow". "app" also copies Plotly from the Python package.

    NPM_REGISTRY  the registry to use, such as a mirror
    NPM_TARBALLS  a folder of tarballs with the names of "npm pack", which is searched first
"""

import base64
import fnmatch
import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.vendor import ensure_plotly  # noqa: E402
from ibinn_core.data.downloads import copy_address  # noqa: E402
from ibinn_core.files import write_bytes, write_json  # noqa: E402

REGISTRY = "https://registry.npmjs.org"
STAMP = ".fetched.json"  # in each folder: its packages' entries in vendor.json, and the names of their files
TRIES, MAX_BYTES, MAX_SECONDS = 2, 128 * 2**20, 600  # limits of a tarball's download


class FetchError(Exception):
    """A package is not available; the message says why."""


def label(package: dict) -> str:
    return f"{package['name']} {package['version']}"


def tarball_name(package: dict) -> str:
    """Returns the file name that ``npm pack`` would use."""
    return f"{package['name'].removeprefix('@').replace('/', '-')}-{package['version']}.tgz"


def address(package: dict) -> str:
    registry = os.environ.get("NPM_REGISTRY") or REGISTRY
    last = package["name"].rpartition("/")[2]
    return f"{registry.rstrip('/')}/{package['name']}/-/{last}-{package['version']}.tgz"


def downloaded(url: str) -> bytes:
    problem: Exception | None = None
    for _ in range(TRIES):
        data = io.BytesIO()
        try:
            copy_address(url, data, MAX_BYTES, MAX_SECONDS)
            return data.getvalue()
        except (OSError, ValueError) as error:
            problem = error
    raise FetchError(f"{url} cannot be read ({problem})") from problem


def tarball(package: dict) -> bytes:
    """Reads a package's tarball and checks its hash."""
    offline = os.environ.get("NPM_TARBALLS")
    place = Path(offline) / tarball_name(package) if offline else None
    is_local = place is not None and place.is_file()
    source = str(place) if is_local else address(package)
    data = place.read_bytes() if is_local else downloaded(source)
    algorithm, _, expected = package["integrity"].partition("-")
    if base64.b64encode(hashlib.new(algorithm, data).digest()).decode() != expected:
        raise FetchError(f"{source} is not the file that vendor.json names, as its {algorithm} differs")
    return data


def members(package: dict, data: bytes) -> dict[str, bytes]:
    """Returns the wanted files by target path in the folder; only the last part of a file's own path is kept."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        files = {one.name.partition("/")[2]: one for one in tar if one.isreg()}  # the top folder may have any name
        for pattern, target in package["files"].items():
            names = fnmatch.filter(files, pattern)
            if not names:
                raise FetchError(f"its tarball has no {pattern}")
            for name in names:
                content = tar.extractfile(files[name])
                assert content is not None
                found[target + PurePosixPath(name).name if target.endswith("/") else target] = content.read()
    return found


def stamp_of(folder: Path) -> dict:
    try:
        return json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def is_there(package: dict, folder: Path) -> bool:
    entry = stamp_of(folder).get(package["name"], {})
    return entry.get("package") == package and all((folder / name).is_file() for name in entry["written"])


def fetch(package: dict, folder: Path) -> None:
    files = members(package, tarball(package))
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / name, content)
    stamp = {**stamp_of(folder), package["name"]: {"package": package, "written": sorted(files)}}
    write_json(folder / STAMP, stamp)


def bring(group: dict, folder: Path) -> str:
    """Downloads missing files; returns an error in a sentence, or nothing."""
    missing = [package for package in group["packages"] if not is_there(package, folder)]
    for number, package in enumerate(missing):
        try:
            fetch(package, folder)
        except (FetchError, OSError, tarfile.TarError, EOFError) as error:
            lacking = ", ".join(map(label, missing[number:]))
            return (
                f"{group['folder']} lacks {lacking}, without which {group['purpose']}: {error}; "
                "try again online, or set NPM_REGISTRY to a mirror of the npm registry "
                "or NPM_TARBALLS to a folder of tarballs."
            )
    return ""


def main() -> None:
    groups = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    names = sys.argv[1:] or ["app", "flow"]
    if unknown := set(names) - set(groups):
        sys.exit(f"There is no group {', '.join(sorted(unknown))}: there are {', '.join(groups)}.")
    problems = [bring(groups[name], ROOT / groups[name]["folder"]) for name in names]
    if "app" in names:
        ensure_plotly()
    if any(problems):
        sys.exit("\n".join(filter(None, problems)))


if __name__ == "__main__":
    main()
