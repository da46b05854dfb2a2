"""The image that a page works on."""

import numpy as np
import pytest
from page_helpers import clean, grids

from app.controls import opening_state
from app.images.dialog import mistake_caption
from app.images.links import to_url
from app.models import asking
from app.panels import corrupt
from app.site.pages import showing
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


def test_an_image_comes_by_a_link_and_the_address_has_a_name_for_it(open_page, no_data, monkeypatch):
    monkeypatch.setattr("app.state._person", lambda: "one browser")
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    page = clean(open_page("explore", tab="walk", models="gamma-1", steps="5", first=f"own-{to_url(pixels)}"))
    name = page.query_params["first"]
    assert name.startswith("yours-") and len(name) < 20
    for shown in (page, clean(open_page("explore", tab="walk", models="gamma-1", steps="5", first=name))):  # a reload
        assert np.abs(grids(shown)["walk"]["images"][0].astype(int) - pixels).max() <= 1
        # A file of the server may have gone before the browser asks for it.
        assert {one.proto.imgs[0].url.partition(",")[0] for one in shown.get("image")} == {"data:image/png;base64"}


TOKENS = ["own-nonsense", "sample-99", "sample--1", "sample-x", "test-zz", "test-0", "test-0123456789abcdef", "banana"]


@pytest.mark.parametrize("token", TOKENS)
def test_a_link_to_an_image_that_is_not_there_says_so(open_page, no_data, token):
    page = clean(open_page("test_image", tab="judge", image=token))
    assert "example image takes its place" in page.info[0].value
    assert "image" not in page.query_params


def test_captions_say_both_classes_and_how_sure_the_model_is():
    texts = [
        mistake_caption(label, share * np.eye(10)[answer], CLASSES)
        for label, answer, share in ((2, 1, 0.9), (5, 3, 0.997))
    ]
    assert [t.replace("\N{NO-BREAK SPACE}", " ") for t in texts] == ["bird → car 90%", "dog → cat 100%"]


@pytest.mark.parametrize("data", ["cifar10", "cifar100", "mnist"])
def test_the_image_that_is_corrupted_begins_typical_and_leaves_the_band(data):
    with showing(data):
        _, answer = asking.ask_all(corrupt.views(opening_state(corrupt.PANEL.state))[0].needs)
    low, high = answer.typical
    offsets = (answer.bits - (low + high) / 2) / ((high - low) / 2)
    assert abs(offsets[0]) < 0.5 and answer.posterior[0].max() > 0.9
    assert offsets.max() > 2 and (~answer.is_typical).sum() > 0.7 * len(offsets)
