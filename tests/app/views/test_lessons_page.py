"""The page of the lessons: each lesson in each step, and the way through them."""

import html
import re
from urllib.parse import parse_qsl, urlparse

import pytest
from grid_helpers import mostly_slow
from page_helpers import ROOT, clean, figures, grids
from streamlit.testing.v1 import AppTest

from app.lessons.course import END, LESSONS, STEPS
from app.state import name_of

NAMES = list(LESSONS)

pytestmark = pytest.mark.usefixtures("no_data")


def guess_of(lesson) -> str:
    """A prediction."""
    return str(lesson.guess.low) if lesson.guess else ",".join([*lesson.options][: 1 + lesson.several])


def text_of(page) -> str:
    """The visible text, without the glossary."""
    bodies = [e.proto.body for e in page.main.get("html")] + [e.value for e in page.main.markdown]
    return html.unescape(re.sub(r"<[^>]+>", "", "\n".join(bodies))).split("Glossary")[0]


@pytest.mark.parametrize("step", mostly_slow(STEPS, "reveal"))
@pytest.mark.parametrize("name", NAMES)
def test_every_step_opens_from_its_link(open_page, exported, name, step):
    lesson = LESSONS[name]
    page = clean(open_page("lessons", lesson=name, step=step, guess=guess_of(lesson)))
    text = text_of(page)
    assert lesson.title in text and not re.search(r"\{\w*\}|\[\w|\*\*<", text) and "one vote each" not in text
    asks = any((widget.key or "").startswith("guess-") for widget in (*page.slider, *page.get("button_group")))
    assert asks == (step == "question") and (figures(page) or grids(page))
    assert len(page.get("link_button")) == 1 + (step == "try") * (1 + bool(lesson.preset))  # and the notes
    assert len(exported) == (step != "question")
    for one in exported.values():
        python = one["python"] or ""  # none if the program would print nothing
        assert one["title"] == lesson.title and "array(" not in python
        compile(python, "the same in Python", "exec")
        assert one["csv"] is None or len(one["csv"]().splitlines()) > 1


@pytest.mark.parametrize("name", mostly_slow(NAMES))
def test_what_there_is_to_try_opens(open_page, name):
    for link in LESSONS[name].links(LESSONS[name].found().values):
        query = dict(parse_qsl(urlparse(link.url).query))
        assert query.pop("lesson") == name
        page = clean(open_page(link.file.removeprefix("views/").removesuffix(".py"), **query))
        kept = {key: value[0] if isinstance(value, list) else value for key, value in page.query_params.items()}
        named = {key: name_of(value) for key, value in query.items()}  # the URL names the image that the link holds
        assert kept.items() <= named.items()  # what is the page's default leaves the URL; the rest stays
        assert (kept or not query) and not page.info


@pytest.mark.parametrize("name", ["there-and-back", "unknown", "calibration"])
def test_the_answer_waits_for_a_prediction_but_a_slider_may_stay_where_it_is(open_page, name):
    waits = open_page("lessons", lesson=name).button(key="next").disabled
    assert waits == (LESSONS[name].guess is None)
    page = open_page("lessons", lesson=name, guess=guess_of(LESSONS[name]))
    assert not page.button(key="next").disabled


def test_the_course_ends_with_what_to_keep_of_it(open_page):
    page = clean(open_page("lessons", lesson=NAMES[-1], step=END))
    text = text_of(page)
    assert all(lesson.point.split("[")[0] in text for lesson in LESSONS.values())
    assert any(button.label.startswith("Results") for button in page.button)


def test_the_lecturers_notes_stand_alone_with_their_timings(open_page):
    page = clean(open_page("lessons", lesson="gamma", notes="true"))
    total = sum(lesson.seconds for lesson in LESSONS.values())
    text = text_of(page)
    assert f"{total // 60}:{total % 60:02d}" in text and "80 s." in text and "one vote each" in text
    assert LESSONS["gamma"].question[:20] not in text and not figures(page)
    clean(page.button(key="next").click().run())
    query = {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}
    assert query == {"lesson": "gamma", "step": "reveal", "notes": "true"}


def test_what_a_room_tries_has_its_controls_and_the_way_back_leads_to_the_stage():
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    page.query_params.update(lesson="2", step="try", stage="true")  # as links were before lessons had names
    clean(page.switch_page("views/lessons.py").run().button(key="try-0").click().run())
    assert not page.session_state["stage"]
    # Where Streamlit has switched to another page by itself, the test has to follow.
    clean(page.switch_page("views/test_image.py").run().button(key="back-to-lesson").click().run())
    assert page.session_state["stage"]


@pytest.mark.parametrize(
    ("number", "name", "step"), [("6", "class-nll", "reveal"), ("7", "style", "try"), ("1", NAMES[0], "prediction")]
)
def test_a_link_by_number_leads_to_the_same_lesson(number, name, step):
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    page.query_params.update(lesson=number, step=step)
    text = text_of(clean(page.switch_page("views/lessons.py").run()))
    assert LESSONS[name].title in text and not page.info


@pytest.mark.parametrize(
    ("query", "is_known"),
    [({"lesson": "9"}, False), ({"lesson": "bayes", "step": "y"}, False), ({"lesson": "bayes", "guess": "²"}, True)],
)
def test_a_link_to_no_lesson_or_step_says_so(open_page, query, is_known):
    said = [info.value for info in clean(open_page("lessons", **query)).info]
    assert is_known == (not said) and all("a lesson or a step that does not exist" in one for one in said)


def test_without_models_the_page_says_so(open_page, show_checkpoints, tmp_path):
    show_checkpoints(tmp_path)
    for name in NAMES:
        page = clean(open_page("lessons", lesson=name))
        assert len(page.info) == 1 and page.info[0].value.startswith("This lesson needs ")
