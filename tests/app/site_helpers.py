"""The static site of a small family; it takes seconds, so all tests share one."""

import pickle
from pathlib import Path

import pytest
from shared_helpers import shared_folder

import ibinn_core as ib
from app.site.kept import Kept
from app.site.measure import Seen, measure
from app.site.pages import write_site

SITE, SEEN = "site", "seen.pickle"


def shared_site(checkpoints: Path, factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of the family in ``checkpoints``; nobody may change it."""

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IBINN_CHECKPOINTS", str(checkpoints))
            patch.setenv("IBINN_PROCESSES", "0")
            family = ib.family("cifar10")
            kept = Kept(folder / "kept")
            seen = measure(family, lambda text: None, kept)
            patch.setattr("app.site.pages.measure", lambda *given: seen)
            write_site([family], folder / SITE, lambda text: None, kept)
        (folder / SEEN).write_bytes(pickle.dumps(seen))

    return shared_folder(factory, "small-site", build) / SITE


def seen_for(site: Path) -> Seen:
    """What the models made of images for it."""
    return pickle.loads((site.parent / SEEN).read_bytes())
