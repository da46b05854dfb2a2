"""The page Move, run as Streamlit runs it."""

from pathlib import Path

import pytest
from page_helpers import clean, text_of

PAGE = "move"


def captions(page) -> str:
    return " ".join(str(one.value) for one in page.caption)


def test_another_image_is_asked_for_where_a_part_of_it_is_transplanted(open_page, no_data):
    assert "Other image" not in captions(clean(open_page(PAGE, data="mnist")))
    for link in ({"kind": "transplant"}, {"moves": "with:1:0"}, {"moves": "with:1:0", "kind": "style"}):
        assert "Other image" in captions(clean(open_page(PAGE, data="mnist", **link)))


@pytest.mark.parametrize(
    ("moves", "line"),
    [
        ("with:1:0", "ib.exploration.transplant(z, other, model.class_means)"),
        ("to:3:0.5", "ib.exploration.counterfactual(model, z, 3)"),
        ("to:3:0.5&gammas", '"γ = 0.2": ib.load("mnist-gamma-0.2"),'),
        ("slant:2", 'styles["slant"]'),
    ],
)
def test_the_program_of_what_is_moved_is_offered(open_page, no_data, moves, line):
    moves, _, kind = moves.partition("&")
    page = clean(open_page(PAGE, data="mnist", moves=moves, **({"kind": kind} if kind else {})))
    assert any(line in one.value for one in page.code)
    assert "What to look for" in text_of(page)


def test_a_model_that_no_browser_runs_is_said_in_one_sentence(open_page, no_data, monkeypatch):
    monkeypatch.setattr("app.models.in_browser.archive_path", lambda _: Path("nothing"))
    page = clean(open_page(PAGE, data="mnist"))
    assert [one.value for one in page.info] == [
        "This model does not run in a browser, which this page needs: choose another model."
    ]
    assert "hands-mnist" not in [one.key for one in page.get("bidi_component")]
