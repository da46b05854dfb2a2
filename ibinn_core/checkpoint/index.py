"""The index: the checkpoints that can be had by name, each file with its size and SHA-256.

It lies in :file:`index.json` beside this module and so comes with every copy of the library: what a server or a folder
gives is compared with it, and need not be trusted. ``python tools/index.py`` writes it from the folder of checkpoints.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .names import CONFIG, FILES, MANIFEST
from .validation import objective_of

PATH = Path(__file__).resolve().parent / "index.json"
INDEX_FORMAT = 1
#: What lies beside the checkpoints of a family: behind the name of its data set, a dot and one of these.
BESIDE = ("browser.zip", "curve.json", "curve.npz")


class File(NamedTuple):
    """One file, by what it must be."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "File":
        """What the file at ``path`` is."""
        data = path.read_bytes()
        return cls(len(data), hashlib.sha256(data).hexdigest())


class Entry(NamedTuple):
    """A checkpoint, or what lies beside a family: files below a folder of checkpoints."""

    data: str  # the name of its data set
    objective: str  # of its training; empty for what lies beside
    files: dict[str, File]  # by their names

    @property
    def bytes(self) -> int:
        """How much there is to fetch."""
        return sum(file.bytes for file in self.files.values())


class Index(NamedTuple):
    """All that can be had by name."""

    checkpoints: dict[str, Entry]  # by their ids
    beside: dict[str, Entry]  # by the names of the data sets

    @property
    def data_sets(self) -> list[str]:
        """The names of the data sets whose models these are."""
        return sorted({entry.data for entry in self.checkpoints.values()})

    def of_data(self, name: str, objective: str | None = None) -> list[str]:
        """The ids of the checkpoints of a data set, all or those of an objective."""
        found = [id for id, entry in self.checkpoints.items() if entry.data == name]
        return [id for id in found if objective in (None, self.checkpoints[id].objective)]


@cache
def index() -> Index:
    """The one that came with this library.

    Example:
        >>> from ibinn_core.checkpoint.index import index
        >>> sorted(index().checkpoints["gamma-1"].files)[:3]
        ['card.json', 'config.json', 'history.csv']
    """
    return parsed(PATH.read_text("utf-8"))


def parsed(text: str) -> Index:
    """The index that a file holds."""
    stored = json.loads(text)
    return Index(*({name: _entry(one) for name, one in stored[part].items()} for part in Index._fields))


def _entry(stored: dict) -> Entry:
    return Entry(stored["data"], stored["objective"], {name: File(**one) for name, one in stored["files"].items()})


def text_of(one: Index) -> str:
    """What the file of an index holds; :func:`parsed` gives it back."""
    parts = {
        part: {
            name: entry._asdict() | {"files": {file: found._asdict() for file, found in entry.files.items()}}
            for name, entry in getattr(one, part).items()
        }
        for part in Index._fields
    }
    return json.dumps({"format": INDEX_FORMAT, **parts}, indent=1) + "\n"


def index_of(folder: Path) -> Index:
    """The index of the checkpoints in ``folder``, and of what lies beside them.

    Raises:
        ValueError: if a checkpoint has no manifest.
    """
    found: dict[str, Entry] = {}
    for place in sorted(path.parent for path in folder.glob(f"*/{CONFIG}")):
        if not (place / MANIFEST).is_file():
            raise ValueError(f"{place} has no {MANIFEST}: run `python -m ibinn_core manifest {place}` first")
        config = json.loads((place / CONFIG).read_text("utf-8"))
        objective, _ = objective_of(place, config)
        names = [name for name in (*FILES, MANIFEST) if (place / name).is_file()]
        found[place.name] = Entry(config["data"]["name"], objective, {name: File.of(place / name) for name in names})
    beside: dict[str, Entry] = {}
    for data in sorted({entry.data for entry in found.values()}):
        names = [f"{data}.{end}" for end in BESIDE if (folder / f"{data}.{end}").is_file()]
        beside[data] = Entry(data, "", {name: File.of(folder / name) for name in names})
    return Index(found, beside)
