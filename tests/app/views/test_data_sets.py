"""Pages on a person's three classes, with and without the folder of images, and the pad, which needs digits."""

import re

import pytest
from family_helpers import DIGITS, SHAPES, write_images
from page_helpers import clean, given_to, planes, text_of

from app.images import pictures
from app.models import registry
from ibinn_core.checkpoint import folders


@pytest.mark.parametrize(
    ("folder_of", "page", "tab", "said"),
    [
        (None, "test_image", "judge", "No image of My shapes is on this machine, so a model drew this image."),
        (SHAPES, "explore", "walk", "From: disc 1"),
        (DIGITS, "explore", "look", "has other classes than the models of My shapes know"),
    ],
    ids=["none", "its own", "another's"],
)
def test_a_persons_images_are_shown_or_a_sentence_says_why_not(
    open_page, all_families, tmp_path, folder_of, page, tab, said
):
    if folder_of is not None:
        write_images(tmp_path / "my-shapes", folder_of, 25 if folder_of is SHAPES else 5)
        pictures.forget()
    text = text_of(clean(open_page(page, tab=tab, data="my-shapes")))
    assert said in text
    assert folder_of is not None or not re.search("[✓✗]", text)  # nobody knows its class
    assert folder_of is not SHAPES or "a model drew" not in text


def test_an_empty_pad_is_first_whichever_data_set_is_chosen_and_that_stays_chosen(open_page, all_families):
    for query in ({}, {"data": "mnist"}, {"data": "my-shapes"}):
        page = clean(open_page("test_image", **query))
        assert given_to("pad", page)["strokes"] == [] and planes(page)["plane"]["star"] is None
        assert page.session_state["model"] == "mnist-gamma-1"
        clean(page.segmented_control(key="tab").set_value("judge").run())
        assert registry.by_id(page.session_state["model"]).dataset.name == query.get("data", "cifar10")


def test_without_models_of_digits_there_is_no_pad(open_page, show_checkpoints, tmp_path):
    (tmp_path / "gamma-1").symlink_to(folders()[0] / "gamma-1")
    show_checkpoints(tmp_path)
    page = clean(open_page("test_image"))
    assert page.segmented_control(key="tab").options == ["Judge", "Corrupt"]
    assert not [one for one in page.get("bidi_component") if one.proto.component_name == "pad"]
