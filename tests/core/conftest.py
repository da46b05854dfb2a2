"""A small checkpoint and the command line, which several folders of tests use."""

from pathlib import Path

import pytest
import torch
from checkpoint_helpers import Parts, build_parts, fake_umap

from ibinn_core import __main__
from ibinn_core.evaluation import latent_views


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu_and_without_umap():
    """Even with a GPU, and without a compilation of many seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.accelerator, "is_available", lambda: False)
        patch.setattr(latent_views, "_umap", fake_umap)
        yield


@pytest.fixture
def ibinn(capfd):
    """Runs one command; returns its exit status, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        return __main__.main(list(arguments)), *capfd.readouterr()

    return run


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Its arrays and settings."""
    return build_parts()


@pytest.fixture(scope="module")
def pristine(parts, tmp_path_factory) -> Path:
    """The saved checkpoint, which no test touches."""
    folder = tmp_path_factory.mktemp("pristine") / "good"
    parts.save(folder)
    return folder
