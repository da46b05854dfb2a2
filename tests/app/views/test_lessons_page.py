"""The page of the lessons: each lesson in each step, and how a person goes through them."""

import html
import json
import re
from urllib.parse import parse_qsl, urlparse

import pytest
from grid_helpers import mostly_slow
from page_helpers import ROOT, clean, figures
from streamlit.testing.v1 import AppTest

from app.lessons import navigation
from app.lessons.contents import LESSONS
from app.lessons.course import STEPS, Choice, Place

NUMBERS = range(1, len(LESSONS) + 1)
GUESSES = {1: "blurred", 2: "60", 3: "fewer-more", 4: "35", 5: "digit,pagoda", 6: "40", 7: "same"}
FILES = {
    "": "start",
    "results": "results",
    "test-an-image": "test_image",
    "latent": "latent",
    "move": "move",
    "playground": "playground",
}

pytestmark = pytest.mark.usefixtures("no_data")


def text_of(page) -> str:
    """What a person reads, without the sidebar and the glossary."""
    bodies = [e.proto.body for e in page.main.get("html")] + [e.value for e in page.main.markdown]
    return html.unescape(re.sub(r"<[^>]+>", "", "\n".join(bodies)))


def step_of(page) -> tuple[str, str]:
    """The lesson and the step that the URL has."""
    query = {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}
    return query.get("lesson", "1"), query.get("step", STEPS[0])


@pytest.mark.parametrize("step", mostly_slow(STEPS, "reveal"))
@pytest.mark.parametrize("number", NUMBERS)
def test_every_step_opens_from_its_link(open_page, number, step):
    page = clean(open_page("lessons", lesson=str(number), step=step, guess=GUESSES[number]))
    lesson, text = LESSONS[number - 1], text_of(page)
    assert lesson.title in text
    assert not re.search(r"\{\w*\}|\[\w|\*\*<", text.split("Glossary")[0])
    revealed = STEPS.index(step) >= STEPS.index("reveal")
    plain = re.sub(r"\*\*", "", lesson.verdict(GUESSES[number]))
    assert (plain in text.replace("**", "")) == (step == "reveal")
    widgets = (*page.slider, *page.button, *page.get("button_group"))
    assert any((widget.key or "").startswith("guess-") for widget in widgets) != revealed
    assert len(page.get("link_button")) == 1 + (step == "try") * (
        1 + (lesson.playground() is not None)
    )  # and the notes


@pytest.mark.parametrize("number", mostly_slow(NUMBERS, 2))
def test_what_is_revealed_is_saved_for_print_where_it_has_a_chart(open_page, number):
    page = clean(open_page("lessons", lesson=str(number), step="reveal", guess=GUESSES[number]))
    saved = [c for c in page.get("bidi_component") if c.proto.component_name == "export_menu"]
    assert len(saved) == bool(figures(page)) == LESSONS[number - 1].has_chart
    assert all(json.loads(c.proto.json)["title"] == LESSONS[number - 1].title for c in saved)


@pytest.mark.parametrize("number", mostly_slow(NUMBERS))
def test_what_there_is_to_try_opens(open_page, number):
    for link in filter(None, (LESSONS[number - 1].link(), LESSONS[number - 1].playground())):
        opens(open_page, link)


def opens(open_page, link) -> None:
    target = urlparse(link.url)
    page = clean(open_page(FILES[target.path.removeprefix("./")], **dict(parse_qsl(target.query))))
    kept = {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}
    # What is the page's default leaves the URL; the rest stays as the link has it.
    assert kept.items() <= link.query.items()
    assert kept or not link.query or target.path == "./trade-off"
    assert not page.info


@pytest.mark.slow
def test_a_course_by_mouse(open_page):
    page = open_page("lessons")
    for number in NUMBERS:
        assert step_of(page) == (str(number), "question")
        lesson = LESSONS[number - 1]
        if not isinstance(lesson.guess, Choice):
            page.slider(key=f"guess-{number}").set_value(int(GUESSES[number])).run()
        elif lesson.guess.several:
            page.get_by_key(f"guess-{number}").set_value(GUESSES[number].split(",")).run()
        else:
            page.button(key=f"guess-{number}-{GUESSES[number]}").click().run()
        assert step_of(page) == (str(number), "prediction")
        assert page.query_params["guess"] in (GUESSES[number], [GUESSES[number]])
        for step in ("reveal", "try"):
            clean(page.button(key="next").click().run())
            assert step_of(page) == (str(number), step)
        assert page.button(key=f"lesson-{number}").label == f"{number} ✓"
        if number < len(LESSONS):
            page.button(key="next").click().run()
    assert page.button(key="next").disabled
    clean(page.button(key="lesson-2").click().run())
    assert step_of(page) == ("2", "try") and page.query_params["guess"] in (GUESSES[2], [GUESSES[2]])
    clean(page.button(key="forget").click().run())
    assert step_of(page) == ("1", "question")
    assert not any("✓" in button.label for button in page.button)


def test_back_goes_through_the_steps_and_the_lessons(open_page):
    page = open_page("lessons", lesson="2", step="prediction", guess="60")
    page.button(key="back").click().run()
    assert step_of(page) == ("2", "question")
    page.button(key="back").click().run()
    assert step_of(page) == ("1", "try")


@pytest.mark.parametrize("number", [1, 3, 5])
def test_the_answer_waits_for_a_prediction(open_page, number):
    page = open_page("lessons", lesson=str(number))
    assert page.button(key="next").label == "Reveal" and page.button(key="next").disabled
    page = open_page("lessons", lesson=str(number), step="prediction", guess=GUESSES[number])
    assert not page.button(key="next").disabled


def test_a_slider_predicts_where_it_stands(open_page):
    page = open_page("lessons", lesson="4")
    start = page.slider(key="guess-4").value
    page.button(key="next").click().run()
    assert step_of(page) == ("4", "reveal") and f"You said {start}" in text_of(page)


def test_the_reveal_of_gamma_shows_another_model_than_the_question(open_page):
    before, after = (text_of(open_page("lessons", lesson="3", step=step)) for step in ("question", "reveal"))
    shown = [re.search(r"(?:The model at|The nearest measured model:) γ = (\S+)", text)[1] for text in (before, after)]
    assert shown[0] != shown[1]


def test_the_course_ends_with_what_to_keep_of_it(open_page):
    assert "That was the course" not in text_of(open_page("lessons", lesson="5", step="try"))
    page = clean(open_page("lessons", lesson="7", step="try"))
    text = text_of(page)
    assert "That was the course" in text
    assert all(lesson.point.split("[")[0] in text for lesson in LESSONS)
    assert any(button.label.startswith("Draw") for button in page.button)


def test_the_lecturers_notes_stand_alone_with_their_timings(open_page):
    page = clean(open_page("lessons", lesson="3", notes="true"))
    total = sum(lesson.seconds for lesson in LESSONS)
    text = text_of(page)
    assert f"{total // 60}:{total % 60:02d}" in text and "50 s." in text and "one vote each" in text
    assert LESSONS[2].question[:20] not in text and not figures(page)
    clean(page.button(key="next").click().run())
    assert step_of(page) == ("3", "prediction") and page.query_params["notes"] in ("true", ["true"])


def test_a_lesson_leads_to_its_notes_and_shows_none(open_page):
    page = clean(open_page("lessons", lesson="3", step="reveal"))
    assert "./lessons?notes=true&lesson=3&step=reveal" in [link.proto.url for link in page.get("link_button")]
    assert "one vote each" not in text_of(page)


@pytest.mark.parametrize("number", mostly_slow((2, 5)))
def test_on_stage_a_lesson_asks_waits_for_the_guess_and_answers(open_page, number):
    lesson = LESSONS[number - 1]

    def at(step: str):
        page = open_page("lessons", lesson=str(number), step=step, guess=GUESSES[number])
        page.session_state["stage"] = True  # which app/main.py takes from the URL
        page.run()
        widgets = (*page.slider, *page.button, *page.get("button_group"))
        return clean(page), any((widget.key or "").startswith("guess-") for widget in widgets)

    def says(page, text: str) -> bool:
        return re.sub(r"\*\*", "", text) in text_of(page)

    for step, asks, answers in (("question", False, False), ("prediction", True, False), ("reveal", False, True)):
        page, is_asked = at(step)
        assert is_asked == asks and says(page, lesson.verdict(GUESSES[number])) == answers
    page, _ = at("try")
    assert page.button(key="try").label == lesson.link().label and not page.get("link_button")  # in the same window
    assert (ROOT / "app" / lesson.link().file).is_file()


def test_what_a_room_tries_has_its_controls_and_the_way_back_leads_to_the_stage():
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    page.query_params.update(lesson="2", step="try", stage="true")
    clean(page.switch_page("views/lessons.py").run().button(key="try").click().run())
    assert not page.session_state["stage"]
    # Where Streamlit has switched to another page by itself, the test has to follow.
    clean(page.switch_page(LESSONS[1].link().file).run().button(key="back-to-lesson").click().run())
    assert page.session_state["stage"]


@pytest.mark.parametrize("query", [{"lesson": "9"}, {"lesson": "x", "step": "y"}, {"lesson": "2", "step": "y"}])
def test_a_link_to_no_lesson_or_step_says_so(open_page, query):
    (said,) = clean(open_page("lessons", **query)).info
    assert "a lesson or a step that does not exist" in said.value


@pytest.mark.parametrize("query", [{"lesson": "2"}, {"lesson": "2", "guess": "many"}, {}])
def test_a_link_to_a_lesson_says_nothing(open_page, query):
    assert not clean(open_page("lessons", **query)).info


def test_without_models_the_page_says_so(open_page, show_checkpoints, tmp_path):
    show_checkpoints(tmp_path)
    for number in NUMBERS:
        page = clean(open_page("lessons", lesson=str(number)))
        assert len(page.info) == 1 and page.info[0].value.startswith("This lesson needs ")


def test_the_glossary_is_at_the_end(open_page):
    page = open_page("lessons")
    assert page.expander[-1].label == "Glossary"


def test_a_clicker_stays_at_the_end_of_the_course_on_stage(monkeypatch):
    end, gone, kept = Place(len(LESSONS), STEPS[-1]), [], {}
    monkeypatch.setattr(navigation, "place_in_url", lambda: end)
    monkeypatch.setattr(navigation, "is_on_stage", lambda: True)
    monkeypatch.setattr(navigation.browser, "turned", lambda key: 1)
    monkeypatch.setattr(navigation, "go", gone.append)
    monkeypatch.setattr(navigation.state, "put", lambda value, given: kept.update({value.name: given}))
    monkeypatch.setattr(navigation.state, "get", lambda value: value.default)
    navigation.turn_by_key()
    assert gone == [end] and "stage-turn" not in kept
