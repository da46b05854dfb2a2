"""A small checkpoint that several folders of tests start from."""

from pathlib import Path

import pytest
from checkpoint_helpers import Parts, build_parts, fake_umap

from ibinn_core.evaluation import latent_views


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Its arrays and settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_views, "_umap", fake_umap)
        return build_parts()


@pytest.fixture(scope="module")
def pristine(parts, tmp_path_factory) -> Path:
    """The saved checkpoint, which no test touches."""
    folder = tmp_path_factory.mktemp("pristine") / "good"
    parts.save(folder)
    return folder
