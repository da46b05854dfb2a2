"""The page Playground, run as Streamlit runs it."""

import pytest
from page_helpers import clean, given_to

from app import state
from app.playground import element

PAGE = "playground"


def test_a_link_reaches_the_element(open_page, no_data):
    page = clean(open_page(PAGE, play="spiral~classes:3~a:ib:10", painted="abcDEF"))
    assert given_to(PAGE, page)["play"] == "spiral~classes:3~a:ib:10" and given_to(PAGE, page)["painted"] == "abcDEF"


def test_what_a_person_chooses_goes_into_the_link(open_page, no_data):
    page = clean(open_page(PAGE, play="spiral"))
    page.session_state["play"], page.session_state["painted"] = "blobs~steps:40", "abc"  # as its callback does
    page = clean(page.run())
    assert page.query_params["play"] in ("blobs~steps:40", ["blobs~steps:40"])
    assert page.query_params["painted"] in ("abc", ["abc"])


@pytest.mark.parametrize(
    ("said", "is_read"),
    [
        ({"play": "spiral~steps:3", "painted": "abc"}, True),
        ({"play": "stars", "painted": ""}, False),
        ({"play": "moons", "painted": "a"}, False),
        ("moons", False),
    ],
)
def test_what_the_element_says_is_read_or_refused(monkeypatch, said, is_read):
    monkeypatch.setattr(state.st, "session_state", {element.KEY: {"play": said}})
    found = state.from_component(element.KEY, "play", element.read, None)
    assert (found is not None) == is_read
    assert not is_read or found == (said["play"], said["painted"])
