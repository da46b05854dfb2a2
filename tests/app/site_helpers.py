"""The static site of a small family; it takes seconds, so all tests share one."""

from pathlib import Path

import pytest
from shared_helpers import shared_folder

import ibinn_core as ib
from app.desk import Desk
from app.models import asking
from app.site.kept import Kept
from app.site.pages import write_site

SITE = "site"


def shared_site(checkpoints: Path, factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of the family in ``checkpoints``; nobody may change it."""

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IBINN_CHECKPOINTS", str(checkpoints))
            patch.setattr(asking, "DESK", Desk(workers=0))  # other processes may know other models
            write_site([ib.family("cifar10")], folder / SITE, lambda text: None, Kept(folder / "kept"))

    return shared_folder(factory, "small-site", build) / SITE
