"""The programs below the figures: pasted, they make what the page shows."""

import numpy as np
import pytest
from page_helpers import figures


def program_of(page, containing: str) -> dict:
    """What the page's program has made, by name, after it ran on its own."""
    found = [block.value for block in page.code if containing in block.value]
    assert len(found) == 1
    namespace: dict = {}
    exec(compile(found[0], "pasted", "exec"), namespace)
    return namespace


@pytest.mark.parametrize("view", ["Plane of the means", "Principal components", "UMAP"])
def test_a_cloud(open_page, no_data, view):
    page = open_page("latent", view=view, model="gamma-1")  # whose plane it is
    made = program_of(page, "latent = ")
    drawn = [t for t in figures(page)[0].data if t.customdata is not None and len(t.customdata) > 10]
    rows = np.concatenate([t.customdata for t in drawn])
    shown = np.stack([np.concatenate([t.x for t in drawn]), np.concatenate([t.y for t in drawn])], axis=1)
    np.testing.assert_allclose(made["points"][rows], shown, atol=1e-2)
    assert made["points"].shape == (len(made["labels"]), 2) and len(rows) == len(made["labels"])
