"""The image that a page works on."""

import numpy as np
import pytest
from page_helpers import clean, grids
from streamlit.testing.v1 import AppTest

from app.images.links import to_url


def test_the_button_opens_the_dialog_over_the_page(open_page, no_data):
    page = clean(open_page("explore", tab="walk", models="gamma-1", steps="5"))
    keys = lambda: [control.key for control in page.segmented_control]  # noqa: E731
    assert "first-source" not in keys()
    page.button(key="first-change").click().run()
    assert "first-source" in keys() and grids(clean(page))


def test_an_image_comes_by_a_link_and_the_address_has_a_name_for_it(open_page, no_data, monkeypatch):
    monkeypatch.setattr("app.state._person", lambda: "one browser")
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    page = clean(open_page("explore", tab="walk", models="gamma-1", steps="5", first=f"own-{to_url(pixels)}"))
    name = page.query_params["first"]
    assert name.startswith("yours-") and len(name) < 20
    for shown in (page, clean(open_page("explore", tab="walk", models="gamma-1", steps="5", first=name))):  # a reload
        assert np.abs(grids(shown)["walk"]["images"][0].astype(int) - pixels).max() <= 1


TOKENS = ["own-nonsense", "sample-99", "sample--1", "sample-x", "test-zz", "test-0", "test-0123456789abcdef", "banana"]


@pytest.mark.parametrize("token", TOKENS)
def test_a_link_to_an_image_that_is_not_there_says_so(no_data, token):
    def script():
        import streamlit as st

        from app import state
        from app.images.image_input import pick_image

        st.text(pick_image(state.IMAGE, "Image", 7).token)

    page = AppTest.from_function(script, default_timeout=300)
    page.query_params["image"] = token
    clean(page.run())
    assert "example image takes its place" in page.info[0].value
    assert page.text[0].value == "sample-7"
