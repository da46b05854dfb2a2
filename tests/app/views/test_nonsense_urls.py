"""Invalid parameters in the URL: every page opens as it does without them."""

import pytest
from grid_helpers import mostly_slow
from page_helpers import clean, text_of
from url_helpers import PARAMETERS, parameters_of

from app import state
from app.lessons.course import LESSONS

SEEDED = [("explore", "sample")]  # panels with a seed
#: What no parameter takes.
NONSENSE = ["inf", "nan", "9" * 5000, "None", "![](http://a.b/c)"]


def test_all_parameters_are_tried():
    named = {value.name for value in state.VALUES if value.place != "session"}
    known = {name for page in PARAMETERS for name in parameters_of(page)}
    elsewhere = {"stage"}  # of the whole app
    assert named - elsewhere <= known, "tests/app/url_helpers.py does not know them"


@pytest.mark.parametrize("values", mostly_slow([NONSENSE[1:2], NONSENSE]), ids=["one", "all"])
@pytest.mark.parametrize("name", mostly_slow(PARAMETERS, "explore", "test_image"))
def test_a_page_opens_as_it_does_without(open_page, no_data, name, values):
    plain = text_of(clean(open_page(name)))
    parameters = [one for one in parameters_of(name) if one != "notes"]  # whose value means nothing
    for value in values:
        assert text_of(clean(open_page(name, **dict.fromkeys(parameters, value)))) == plain, value[:20]


@pytest.mark.parametrize(
    "value",
    mostly_slow(
        ["inf", "-inf", "1e309", "nan", "-1", "1e3", "0x10", "10000", "9" * 400, "", "٣", "1 "], "nan", "10000"
    ),
)
@pytest.mark.parametrize(("name", "tab"), SEEDED)
def test_a_seed_that_is_none_is_zero(open_page, no_data, name, tab, value):
    page = clean(open_page(name, tab=tab, seed=value, models="gamma-1", beside="", classes="cat"))
    assert page.number_input(key="seed").value == 0 and "seed" not in page.query_params


@pytest.mark.parametrize(("name", "tab"), mostly_slow(SEEDED))
def test_a_seed_reopens_from_the_url_and_stays_there(open_page, no_data, name, tab):
    page = clean(open_page(name, tab=tab, seed="17", models="gamma-1"))
    assert page.number_input(key="seed").value == 17 and page.query_params["seed"] in ("17", ["17"])
    page.number_input(key="seed").set_value(3).run()
    assert clean(page).query_params["seed"] in ("3", ["3"])
    page.number_input(key="seed").set_value(0).run()
    assert "seed" not in clean(page).query_params


@pytest.mark.parametrize("value", mostly_slow(["", "0", "8", "9" * 5000, "-1", "1e3", "inf", "²"], "8", "²"))
def test_a_lesson_that_is_none_is_the_first(open_page, no_data, value):
    page = clean(open_page("lessons", lesson=value, guess="9" * 5000, step="reveal"))
    assert any(m.value.startswith("#### 1 ·") for m in page.markdown)


@pytest.mark.parametrize("guess", mostly_slow(["9" * 5000, "0" * 5000 + "5", "²", "-1", "nan", "<script>"]))
@pytest.mark.parametrize("lesson", mostly_slow(list(LESSONS)))
def test_a_guess_that_is_none_is_no_guess_or_the_largest(open_page, no_data, lesson, guess):
    clean(open_page("lessons", lesson=lesson, guess=guess, step="reveal", gamma=guess))
