"""Uncommitted files that this server sends to browsers, in :file:`static/vendor`.

These are third-party files, a copy of our modules, and files with models and pictures.
"""

import filecmp
import functools
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from ibinn_core.files import new_folder, write_bytes

FOLDER = Path(__file__).resolve().parent / "static" / "vendor"
UNUSED = 30 * 24 * 3600  # seconds
LOCK = ".lock"  # several servers may start with the same folder
#: Folders of our JavaScript modules.
MODULES = tuple(
    FOLDER.parent / name for name in ("figure", "flow", "live", "moves", "plane", "playground", "slider", "tiles")
)
#: Folders whose addresses this process has sent to browsers.
_in_use: set[Path] = set()


def ensure_plotly(folder: Path = FOLDER) -> None:
    """Copies :file:`plotly.min.js` from the installed package plotly, unless ``folder`` has the same file.

    Raises:
        OSError: the file cannot be written.
    """
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None, "requirements.txt names plotly"
    source = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    target = folder / source.name
    if target.is_file() and filecmp.cmp(source, target):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / LOCK):
        write_bytes(target, source.read_bytes())
    shutil.copystat(source, target)  # the next call compares the times


def published_modules(folder: Path = FOLDER) -> str:
    """Copies our modules into a subfolder named by a hash of their contents; returns its path within ``folder``.

    Browsers keep modules for days without asking. An update therefore needs new addresses.
    """
    name, texts = _modules()

    def write(target: Path) -> None:
        with new_folder(target) as partial:
            for file, text in texts.items():
                (partial / file).parent.mkdir(exist_ok=True)
                (partial / file).write_bytes(text.encode())

    publish_folder(folder / name, write)
    return name


@functools.cache
def _modules() -> tuple[str, dict[str, str]]:
    """Returns the folder's name and the text of each module, as this process first read them."""
    files = [file for modules in MODULES for file in sorted(modules.glob("*.js"))]
    texts = {f"{file.parent.name}/{file.name}": file.read_text("utf-8") for file in files}
    texts = {name: text.replace('"../vendor/', '"../../../') for name, text in texts.items()}
    return "modules/" + hashlib.sha256("\0".join((*texts, *texts.values())).encode()).hexdigest()[:12], texts


def publish_folder(target: Path, write: Callable[[Path], object]) -> None:
    """Writes a folder with ``write(target)``, completely or not at all, unless it exists.

    After writing, removes its sibling folders that no server has used for 30 days, such as those of earlier models.
    Each call also marks all folders of this process as used: every page makes such calls.

    Raises:
        OSError: the folder cannot be written; also what ``write`` raises.
    """
    _in_use.add(target)
    for folder in tuple(_in_use):
        with suppress(OSError):  # the folder may not exist yet, or may belong to others
            os.utime(folder)
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / LOCK):
        if not target.is_dir():
            write(target)
        for folder in target.parent.iterdir():
            if folder not in _in_use and folder.is_dir() and time.time() - folder.stat().st_mtime > UNUSED:
                shutil.rmtree(folder, ignore_errors=True)
