"""The page Move, run as Streamlit runs it."""

import pytest
from page_helpers import clean, given_to, text_of

from app.move_text import Moves, as_json

PAGE = "move"


def captions(page) -> str:
    return " ".join(str(one.value) for one in page.caption)


def test_another_image_is_asked_for_where_a_part_of_it_is_transplanted(open_page, no_data):
    assert "Other image" not in captions(clean(open_page(PAGE, data="mnist")))
    for link in ({"kind": "transplant"}, {"moves": "with:1:0"}, {"moves": "with:1:0", "kind": "style"}):
        assert "Other image" in captions(clean(open_page(PAGE, data="mnist", **link)))


def test_the_two_sets_of_a_direction_come_from_the_link(open_page, no_data):
    page = clean(open_page(PAGE, data="mnist", sets="sample-1.sample-99~sample-7", moves="own direction:1"))
    (code,) = [one.value for one in page.code if "class_span" in one.value]
    assert "having = np.stack([having_0])" in code and "moved += 1 * own" in code
    assert any(button.label == "Choose images" for button in page.button)
    lost = clean(open_page(PAGE, data="mnist", moves="own direction:1"))  # without its sets it is nothing
    assert not lost.code


@pytest.mark.parametrize(
    ("moves", "line"),
    [
        ("with:1:0", "ib.exploration.transplant(z, other, model.class_means)"),
        ("to:3:0.5", "ib.exploration.counterfactual(model, z, 3)"),
        ("to:3:0.5&gammas", '"γ = 0.2": ib.load("mnist-gamma-0.2"),'),
        ("slant:2", 'styles["slant"]'),
        ("around:0.5:shell:1:7", "grid = np.concatenate(rows)"),
        ("around:0.5:average:1:7&class", 'ib.exploration.around(z[0], 0.5, 6, seed=7, path="average", center=mean)[1]'),
    ],
)
def test_the_program_of_what_is_moved_is_offered(open_page, no_data, moves, line):
    moves, _, kind = moves.partition("&")
    page = clean(open_page(PAGE, data="mnist", moves=moves, **({"kind": kind} if kind else {})))
    assert any(line in one.value for one in page.code)
    assert "What to look for" in text_of(page)


def test_what_a_link_says_is_drawn_by_the_server_and_what_the_hand_does_by_the_browser(open_page, no_data):
    page = clean(open_page(PAGE, data="mnist", moves="to:3:0.5"))
    answer = given_to("hands", page)["answer"]
    assert answer["moves"]["target"] == 3 and answer["pixels"]
    told = {**as_json(Moves(3, 0.5)), "here": True}
    page.session_state["hands"] = {"moves": told}
    assert given_to("hands", clean(page.run()))["answer"] is None
