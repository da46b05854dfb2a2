"""Interpolate: which paths are shown, and what is said of them."""

from page_helpers import clean, figures

ENDS = {"from": "sample-3", "to": "sample-5", "steps": "5"}


def rows(page) -> list[str]:
    return list(figures(page)[0].layout.yaxis.ticktext)


def test_the_page_shows_both_paths_and_the_cross_fade(open_page, no_data):
    page = clean(open_page("interpolate", model="gamma-1", **ENDS))
    assert rows(page) == ["great circle", "straight line", "pixel cross-fade"]
