"""Taking an image along: clicked samples, clicked test images, and the menu that opens other pages."""

import pytest

import ibinn_core as ib
from app.images import pictures
from app.widgets.open_on_page import TARGETS


@pytest.mark.parametrize("label", TARGETS)
def test_the_menu_of_a_test_image_opens_every_page_on_it(open_page, no_data, label, monkeypatch):
    import streamlit as st

    went = []
    monkeypatch.setattr(st, "switch_page", lambda page, query_params=None: went.append((page, query_params)))
    page = open_page("explore", model="gamma-1")
    next(b for b in page.button if b.label == label).click().run()
    ((target, query),) = went
    assert target == TARGETS[label][0] and query[TARGETS[label][1].name].startswith("sample-")


def test_a_test_image_is_named_by_its_sample_where_there_is_no_test_set(no_data):
    images, _ = ib.data.load("sample", "test")
    assert pictures.token_of(ib.data.pixel_hash(images[4:5])[0]) == "sample-4"
