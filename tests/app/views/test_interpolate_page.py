"""Interpolate: which paths are shown, and what is said of them."""

import numpy as np
from page_helpers import clean, figures

import ibinn_core as ib
from app.walks.paths import ALIKE, are_alike

ENDS = {"from": "sample-3", "to": "sample-5", "steps": "5"}


def rows(page) -> list[str]:
    return list(figures(page)[0].layout.yaxis.ticktext)


def test_photographs_open_on_both_paths(open_page, no_data):
    page = clean(open_page("interpolate", model="gamma-1", **ENDS))
    assert rows(page) == ["great circle", "straight line", "pixel cross-fade"]


def test_digits_open_on_one_path(open_page, no_data):
    page = clean(open_page("interpolate", data="mnist", model="mnist-gamma-1", **ENDS))
    assert rows(page) == ["great circle", "pixel cross-fade"]
    page.segmented_control(key="path").set_value("Both").run()
    assert rows(clean(page)) == ["great circle", "straight line", "pixel cross-fade"]
    page.segmented_control(key="path").set_value("Straight line").run()
    assert rows(clean(page)) == ["straight line", "pixel cross-fade"]


def test_how_near_the_paths_pass_is_computed_from_the_latents(open_page, no_data):
    from app.images.pictures import sample
    from app.models import registry

    open_page("interpolate", **ENDS)
    alike = are_alike(registry.by_id("gamma-1"), sample(3), sample(5))
    model = ib.load("gamma-1")
    x = ib.dequantize(ib.to_unit(np.stack([sample(3).pixels, sample(5).pixels])), model.noise)
    z = model.encode(x).double().detach().numpy()
    middle = [np.linalg.norm(ib.exploration.interpolate(*z, 3, path)[1]) for path in ("linear", "spherical")]
    # The circle keeps the direction of the sum of the latents, and so does the line.
    assert alike == (middle[0] / middle[1] >= ALIKE)
