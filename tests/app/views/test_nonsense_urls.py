"""Nonsense in the URL: every page opens as it does without it, whatever the parameter."""

import ast
from pathlib import Path

import pytest
from grid_helpers import mostly_slow
from page_helpers import ROOT, clean, text_of
from url_helpers import PARAMETERS, parameters_of

#: What no parameter takes.
NONSENSE = ["inf", "nan", "9" * 5000, "None", "![](http://a.b/c)"]
#: Functions of ours that read the URL, and which of their arguments names the parameter.
TAKEN = {
    "take_from_url": 0,
    "pick_seed": 0,
    "pick_image": 0,
    "choose_classes": 3,
    "choice": 2,
    "amount": 3,
    "choose_one": 2,
}


def named_in(path: Path) -> set[str]:
    """Parameters that a module names: keys that Streamlit binds, and what the functions of ours take."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        function = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if "bind" in keywords and isinstance(keywords["key"], ast.Constant):
            found.add(keywords["key"].value)
        elif function in TAKEN:
            found |= {arg.value for arg in node.args[TAKEN[function] :][:1] if isinstance(arg, ast.Constant)}
    return found


def test_all_parameters_are_tried():
    named = set().union(*(named_in(path) for path in (ROOT / "app").rglob("*.py")))
    known = {name for page in PARAMETERS for name in parameters_of(page)}
    assert {"seed", "steps", "models", "tile", "classes", "angle", "noise"} <= named
    assert named <= known, "tests/app/url_helpers.py does not know them"


@pytest.mark.parametrize("values", mostly_slow([NONSENSE[1:2], NONSENSE]), ids=["one", "all"])
@pytest.mark.parametrize("name", PARAMETERS)
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
@pytest.mark.parametrize(("name", "key"), [("sample", "seed"), ("ood", "ood-seed")])
def test_a_seed_that_is_none_is_zero(open_page, no_data, name, key, value):
    page = clean(open_page(name, **{key: value, "models": "gamma-1", "beside": "", "classes": "cat"}))
    assert page.number_input(key=key).value == 0 and key not in page.query_params


@pytest.mark.parametrize(("name", "key"), [("sample", "seed"), ("ood", "ood-seed")])
def test_a_seed_reopens_from_the_url_and_stays_there(open_page, no_data, name, key):
    page = clean(open_page(name, **{key: "17", "models": "gamma-1"}))
    assert page.number_input(key=key).value == 17 and page.query_params[key] in ("17", ["17"])
    page.number_input(key=key).set_value(3).run()
    assert clean(page).query_params[key] in ("3", ["3"])
    page.number_input(key=key).set_value(0).run()
    assert key not in clean(page).query_params


@pytest.mark.parametrize("value", mostly_slow(["", "0", "7", "9" * 5000, "-1", "1e3", "inf", "²"], "7", "²"))
def test_a_lesson_that_is_none_is_the_first(open_page, no_data, value):
    page = clean(open_page("lessons", lesson=value, guess="9" * 5000, step="reveal"))
    assert any(m.value.startswith("#### 1 ·") for m in page.markdown)


@pytest.mark.parametrize("guess", mostly_slow(["9" * 5000, "0" * 5000 + "5", "²", "-1", "nan", "<script>"]))
@pytest.mark.parametrize("lesson", ["1", "2", "3", "4", "5", "6"])
def test_a_guess_that_is_none_is_no_guess_or_the_largest(open_page, no_data, lesson, guess):
    clean(open_page("lessons", lesson=lesson, guess=guess, step="reveal", gamma=guess))
