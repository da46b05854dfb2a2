"""The panel on which a person writes a digit, run as Streamlit runs it."""

import numpy as np
import pytest
from page_helpers import clean, figures, given_to, planes, shown_figures, text_of
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.images.handwriting import digit, from_text, to_text
from app.latent_space import clouds
from app.models import registry
from ibinn_core.checkpoint import folders

SEVEN = to_text([[(0.2, 0.1), (0.8, 0.1), (0.4, 0.9)]])


def posterior_on(page: AppTest) -> np.ndarray:
    bayes = figures(page)[list(shown_figures(page)).index("bayes")]
    return np.asarray(next(one.x for one in bayes.data if one.uid == "posterior-0"))


def star_on(page: AppTest) -> list[float] | None:
    return planes(page)["plane"]["star"]


def test_an_empty_pad_is_first_whichever_data_set_is_chosen_and_that_stays_chosen(open_page, all_families):
    for query in ({}, {"data": "mnist"}, {"data": "my-shapes"}):
        page = clean(open_page("test_image", **query))
        assert given_to("pad", page)["strokes"] == [] and not posterior_on(page).any() and star_on(page) is None
        assert page.session_state["model"] == "mnist-gamma-1"
        clean(page.segmented_control(key="tab").set_value("judge").run())
        assert registry.by_id(page.session_state["model"]).dataset.name == query.get("data", "cifar10")


@pytest.mark.parametrize("model", ["mnist-only-lx", "mnist-gamma-1"])
def test_what_a_link_holds_is_on_the_pad_and_judged(open_page, all_families, model):
    page = clean(open_page("test_image", strokes=SEVEN, model=model))
    pixels = digit(from_text(SEVEN))
    found = ib.load(model)(ib.dequantize(ib.to_unit(pixels[None])))[0].detach().numpy()
    expected = ib.load(model).posterior(ib.dequantize(ib.to_unit(pixels[None]))).numpy()[0]
    np.testing.assert_allclose(posterior_on(page), expected, atol=1e-4)
    checkpoint = registry.by_id(model)
    place = clouds.place(checkpoint, "means", found)[0]
    np.testing.assert_allclose(star_on(page), place, atol=1e-3)
    assert [len(stroke) for stroke in given_to("pad", page)["strokes"]] == [3]
    assert page.query_params["strokes"] in (SEVEN, [SEVEN])
    assert ("was trained without labels" in text_of(page)) is (model == "mnist-only-lx")


def test_without_models_of_digits_there_is_no_pad(open_page, show_checkpoints, tmp_path):
    (tmp_path / "gamma-1").symlink_to(folders()[0] / "gamma-1")
    show_checkpoints(tmp_path)
    page = clean(open_page("test_image"))
    assert page.segmented_control(key="tab").options == ["Judge", "Corrupt"]
    assert not [one for one in page.get("bidi_component") if one.proto.component_name == "pad"]
