"""Links to a view."""

import pytest

from app.widgets.share import link_of, qr_svg


@pytest.mark.parametrize(
    ("parameters", "link"),
    [
        ({}, "http://hall.local/sample"),
        ({"model": ["gamma-2.5"], "seed": ["3"]}, "http://hall.local/sample?model=gamma-2.5&seed=3"),
        ({"classes": ["frog", "car"]}, "http://hall.local/sample?classes=frog&classes=car"),
        ({"show": ["Morph over γ"]}, "http://hall.local/sample?show=Morph+over+%CE%B3"),
    ],
)
def test_a_link_has_the_parameters_of_the_view_and_no_older_ones(parameters, link):
    assert link_of("http://hall.local/sample", parameters) == link
    assert link_of("http://hall.local/sample?model=gamma-1", parameters) == link


def test_the_picture_is_black_on_white():
    svg = qr_svg("http://hall.local/")
    assert svg.startswith("<svg") and "#fff" in svg and "#000" in svg
