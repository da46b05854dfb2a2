"""The page Draw, run as Streamlit runs it, on small models of digits that were never trained."""

import json

import numpy as np
import pytest
from page_helpers import clean, figures, shown_figures, text_of
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.images.handwriting import digit, from_text, to_text, written_on
from ibinn_core.checkpoint import default_folder

SEVEN = to_text([[(0.2, 0.1), (0.8, 0.1), (0.4, 0.9)]])


def sent(page: AppTest) -> dict[str, dict]:
    """What each of the page's own components was given, by its name."""
    return {c.proto.component_name: json.loads(c.proto.json) for c in page.get("bidi_component")}


def posterior_on(page: AppTest) -> np.ndarray:
    numbers = figures(page)[list(shown_figures(page)).index("written")]
    return np.asarray(numbers.data[1].x)


def in_url(page: AppTest, name: str) -> str:
    value = page.query_params[name]  # a list, as far as the page has not set it
    return value[0] if isinstance(value, list) else value


def posterior_by_library(model: str, pixels: np.ndarray) -> np.ndarray:
    return ib.load(model).posterior(ib.dequantize(ib.to_unit(pixels[None]))).numpy()[0]


def test_opens_with_an_empty_canvas_whichever_data_set_is_chosen(open_page, all_families):
    for query in ({}, {"data": "mnist"}, {"data": "my-shapes"}):
        page = clean(open_page("draw", **query))
        assert "Write a digit" in text_of(page) and not posterior_on(page).any()
        assert page.session_state["writer"] == "mnist-gamma-1"


@pytest.mark.parametrize("model", ["mnist-only-lx", "mnist-gamma-1"])
def test_what_a_link_holds_is_written_and_judged(open_page, all_families, model):
    page = clean(open_page("draw", strokes=SEVEN, writer=model))
    expected = posterior_by_library(model, digit(from_text(SEVEN)))
    np.testing.assert_allclose(posterior_on(page), expected, atol=1e-4)
    assert in_url(page, "strokes") == SEVEN
    named = f"**{expected.argmax()}** ({expected.max():.0%})" in text_of(page)
    assert named is (model == "mnist-gamma-1")
    assert ("was trained without labels" in text_of(page)) is not named


def test_a_test_image_to_begin_with_needs_no_pen(open_page, all_families):
    page = clean(open_page("draw"))
    clean(page.get_by_key("start").set_value("4").run())
    images, labels = ib.data.embedded("mnist")
    four = images[int(np.flatnonzero(labels == 4)[0])]
    np.testing.assert_allclose(posterior_on(page), posterior_by_library("mnist-gamma-1", four), atol=1e-4)
    assert in_url(page, "start") == "4" and "strokes" not in page.query_params
    again = clean(open_page("draw", start="4", strokes=SEVEN))  # and somebody has written on it
    both = written_on(four, from_text(SEVEN))
    np.testing.assert_allclose(posterior_on(again), posterior_by_library("mnist-gamma-1", both), atol=1e-4)
    clean(page.get_by_key("start").set_value("empty").run())
    assert not posterior_on(page).any() and "start" not in page.query_params


@pytest.mark.parametrize("query", [{"strokes": "nonsense!"}, {"start": "42"}, {"writer": "gamma-1"}])
def test_a_link_that_names_nothing_opens_the_empty_canvas(open_page, all_families, query):
    page = clean(open_page("draw", **query))
    assert not posterior_on(page).any() and page.get_by_key("start").value == "empty"


def test_a_drawing_that_is_too_long_for_a_link_stays_in_the_session(open_page, all_families):
    lines = [[(i / 50 + j % 2 / 50, j / 60) for j in range(60)] for i in range(49)]
    page = clean(open_page("draw", strokes=to_text(lines)))
    assert posterior_on(page).any() and "strokes" not in page.query_params
    clean(page.run())
    assert posterior_on(page).any()


def test_the_cloud_is_sent_once_and_little_with_each_stroke(open_page, all_families):
    page = clean(open_page("draw", strokes=SEVEN))
    given = sent(page)
    assert set(given) == {"drawing_canvas", "export_menu", "figure", "gamma_slider", "stage_button", "written_here"}
    assert set(shown_figures(page)) == {"written", "moving-point"}
    with_strokes = [one.proto for one in page.get("bidi_component") if one.proto.component_name != "written_here"]
    assert sum(len(one.json) for one in with_strokes) < 25_000  # not a point of the cloud in it
    plane = figures(page)[list(shown_figures(page)).index("moving-point")]
    assert len(plane.layout.annotations) == 10 and all(
        0 <= share[0] <= 1 for share in (plane.data[1].x, plane.data[1].y)
    )
    cloud = [html.proto.body for html in page.get("html") if "--latent-cloud" in html.proto.body]
    assert len(cloud) == 1 and "data:image/png;base64," in cloud[0]


def test_without_models_of_digits_it_says_how_to_train_one(open_page, show_checkpoints, tmp_path):
    (tmp_path / "gamma-1").symlink_to(default_folder() / "gamma-1")
    show_checkpoints(tmp_path)
    page = clean(open_page("draw"))
    (said,) = (info.value for info in page.info)
    assert "python -m ibinn_core train --data mnist" in said and said.endswith(".")
    assert "put an empty entry into `IBINN_CHECKPOINTS`" in said
    assert not page.get("bidi_component")
