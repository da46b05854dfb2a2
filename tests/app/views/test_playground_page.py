"""The page Playground, run as Streamlit runs it."""

import pytest
from page_helpers import clean, given_to

from app import state
from app.playground import element
from app.playground.presets import PRESETS

PAGE = "playground"


def test_a_link_reaches_the_element(open_page, no_data):
    page = clean(open_page(PAGE, play="spiral~classes:3~a:ib:10", painted="abcDEF"))
    assert given_to(PAGE, page)["play"] == "spiral~classes:3~a:ib:10" and given_to(PAGE, page)["painted"] == "abcDEF"
    assert len(given_to(PAGE, page)["presets"]) == len(PRESETS) and not given_to(PAGE, page)["is_on_stage"]


def test_its_help_explains_its_own_terms_and_its_link_says_that_it_trains_anew(open_page, no_data):
    page = clean(open_page(PAGE))
    (heading,) = [one for one in page.markdown if one.value.startswith("#### Playground")]
    assert all(f"**{term}**" in heading.help for term in ("γ", "L_X", "L_Y", "IB", "class-NLL", "coupling", "★"))
    assert not {"pixel", "digit"} & set(heading.help.lower().replace(",", " ").split())
    assert any("trains the model again" in one.value for one in page.caption)


@pytest.mark.parametrize("play", ["stars", "moons~classes:99", "<script>"])
def test_what_is_no_link_of_it_opens_the_page_as_it_begins(open_page, no_data, play):
    page = clean(open_page(PAGE, play=play, painted="a"))
    assert given_to(PAGE, page)["play"] == given_to(PAGE, page)["painted"] == ""


def test_what_a_person_chooses_goes_into_the_link(open_page, no_data):
    page = clean(open_page(PAGE, play="spiral"))
    page.session_state["play"], page.session_state["painted"] = "blobs~steps:40", "abc"  # as its callback does
    page = clean(page.run())
    assert page.query_params["play"] in ("blobs~steps:40", ["blobs~steps:40"])
    assert page.query_params["painted"] in ("abc", ["abc"])


@pytest.mark.parametrize(
    ("said", "is_read"),
    [
        ({"play": "", "painted": ""}, True),
        ({"play": "spiral~steps:3", "painted": "abc"}, True),
        ({"play": "stars", "painted": ""}, False),
        ({"play": "moons", "painted": "a"}, False),
        ({"play": 3, "painted": None}, False),
        ("moons", False),
    ],
)
def test_what_the_element_says_is_read_or_refused(monkeypatch, said, is_read):
    monkeypatch.setattr(state.st, "session_state", {element.KEY: {"play": said}})
    found = state.from_component(element.KEY, "play", element.read, None)
    assert (found is not None) == is_read
    assert not is_read or found == (said["play"], said["painted"])
