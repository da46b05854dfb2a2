"""The lessons in a real browser: one by mouse, one by keyboard, and what a reload keeps."""

import json
from collections.abc import Iterator

import pytest
from browser_helpers import IN_A_BROWSER, overflow, text_of

from tools.screenshots import settle

pytestmark = IN_A_BROWSER


@pytest.fixture
def tab(new_tab) -> Iterator:
    """A window that shows nothing yet; JavaScript must not have complained in the end."""
    complaints = []
    page = new_tab(1280, 720)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert not complaints


def opened(tab, server: str, query: str = "") -> None:
    tab.goto(f"{server}/lessons?{query}")
    tab.locator("ol.steps").wait_for(timeout=120_000)


def is_at(tab, step: str, lesson: int | None = None) -> None:
    """Waits until the page shows a step, and the script that drew it has ended."""
    from playwright.sync_api import expect

    expect(tab.locator("ol.steps [aria-current]", has_text=step)).to_have_count(1, timeout=120_000)
    if lesson is not None:
        tab.get_by_role("heading", name=f"{lesson} ·").wait_for(timeout=120_000)
    tab.locator("span[data-listens=true]").wait_for(timeout=120_000, state="attached")
    tab.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=120_000)


def button(tab, name: str):
    return tab.get_by_role("button", name=name, exact=True)


def is_in_window(tab, selector: str) -> bool:
    """Whether every element that matches lies within the window."""
    inside = "e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.top >= 0 && b.bottom <= innerHeight }"
    found = tab.locator(selector)
    found.first.wait_for(timeout=120_000)
    return all(one.evaluate(inside) for one in found.all())


def test_a_lesson_by_mouse_and_a_reload_keeps_it(tab, server):
    opened(tab, server)
    is_at(tab, "Question", 1)
    assert is_in_window(tab, ".picture-row img") and is_in_window(tab, '[class*="st-key-guess-1"] button')
    button(tab, "B: the same, a little blurred").click()
    is_at(tab, "Prediction")
    button(tab, "Reveal").click()
    is_at(tab, "Reveal")
    tab.get_by_text("A good guess, but no.").wait_for()
    button(tab, "Try it").click()
    is_at(tab, "Try it")
    link = tab.get_by_role("link", name="The same image on the page Start")
    assert "model=only-ly" in link.get_attribute("href")
    button(tab, "1 ✓").wait_for()
    button(tab, "Next lesson").click()
    is_at(tab, "Question", 2)

    tab.reload()
    is_at(tab, "Question", 2)
    button(tab, "1 ✓").wait_for()  # from the browser's memory: the program has forgotten this session
    button(tab, "1 ✓").click()
    is_at(tab, "Try it", 1)
    assert "guess=blurred" in tab.url
    kept = json.loads(tab.evaluate("localStorage.getItem('ibinn-lessons')"))
    assert kept["finished"] == [1] and kept["places"]["1"]["guess"] == "blurred"


def test_the_course_goes_on_where_it_was_left(tab, server):
    opened(tab, server, "lesson=4&step=prediction&guess=35")
    is_at(tab, "Prediction", 4)
    opened(tab, server)
    is_at(tab, "Prediction", 4)
    tab.wait_for_url("**lesson=4**")
    assert "guess=35" in tab.url


def test_a_lesson_by_keyboard_as_a_clicker_does(tab, server):
    opened(tab, server, "lesson=2")
    is_at(tab, "Question", 2)
    tab.keyboard.press("PageDown")
    is_at(tab, "Prediction")
    tab.get_by_role("slider").focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url("**guess=51**")
    tab.keyboard.press("PageDown")  # with the focus on the slider
    is_at(tab, "Reveal")
    assert "guess=51" in tab.url
    tab.get_by_text("You said 51").wait_for()
    tab.keyboard.press("PageDown")
    is_at(tab, "Try it")
    tab.keyboard.press("PageDown")
    is_at(tab, "Question", 3)
    tab.keyboard.press("PageUp")
    is_at(tab, "Try it", 2)


def test_a_term_explains_itself_by_keyboard_and_by_mouse(tab, server):
    opened(tab, server, "lesson=2")
    is_at(tab, "Question", 2)
    term = tab.get_by_role("button", name="nats: what does it mean?")
    meaning = tab.locator(".meaning", has_text="natural logarithm")
    assert not meaning.is_visible()
    term.focus()
    tab.keyboard.press("Enter")
    meaning.wait_for()
    box, window = meaning.bounding_box(), tab.viewport_size
    assert box["x"] >= 0 and box["y"] >= 0
    assert box["x"] + box["width"] <= window["width"] and box["y"] + box["height"] <= window["height"]
    tab.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    term.click()
    meaning.wait_for()


def test_the_slider_of_gamma_moves_the_picture(tab, server):
    opened(tab, server, "lesson=3&step=reveal")
    is_at(tab, "Reveal", 3)
    tab.get_by_text("The model at γ = 35.65").wait_for()
    slider = tab.locator("input[type=range]")
    box = slider.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.get_by_text("The model at γ = 1", exact=True).wait_for(timeout=120_000)  # while it is held
    tab.mouse.up()
    slider.focus()
    tab.keyboard.press("End")
    tab.get_by_text("The model at γ = ∞").wait_for(timeout=120_000)
    assert "gamma=inf" in tab.url
    is_at(tab, "Reveal", 3)
    tab.reload()
    tab.get_by_text("The model at γ = ∞").wait_for(timeout=120_000)


@pytest.mark.parametrize("lesson", range(1, 7))
def test_nothing_but_the_glossary_needs_scrolling(tab, server, lesson):
    opened(tab, server, f"lesson={lesson}&step=reveal")
    is_at(tab, "Reveal", lesson)
    figures = ".picture-row img, .js-plotly-plot .main-svg:first-child, .lesson-text:not(:has(.caption))"
    assert is_in_window(tab, f'[data-testid="stMain"] :is({figures})')
    tab.set_viewport_size({"width": 420, "height": 800})
    tab.wait_for_timeout(500)
    assert overflow(tab) == 0
    assert "Traceback" not in text_of(tab)


def test_on_stage_a_clicker_goes_through_a_lesson_and_the_notes_follow_in_their_window(tab, server):
    opened(tab, server, "lesson=1")
    is_at(tab, "Question", 1)
    with tab.expect_popup() as opening:
        tab.get_by_role("link", name="For lecturers").click()
    notes = opening.value
    current = notes.locator(".notes [aria-current]")
    current.filter(has_text="Question").wait_for(timeout=120_000)
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true**")
    is_at(tab, "Question", 1)
    assert tab.get_by_text("Show of hands").count() == 0
    assert not button(tab, "A: exactly the same picture").is_visible()
    tab.keyboard.press("PageDown")
    is_at(tab, "Prediction")
    assert button(tab, "A: exactly the same picture").is_visible()
    current.filter(has_text="Prediction").wait_for(timeout=120_000)
    tab.keyboard.press("n")
    tab.wait_for_url("**/trade-off?*stage=true**")
    settle(tab)
    tab.keyboard.press("Shift+N")
    tab.wait_for_url(lambda url: "/lessons?" in url and "step=prediction" in url and "stage=true" in url)
    is_at(tab, "Prediction")
    notes.keyboard.press("PageDown")  # the clicker reaches the window that is in front
    is_at(tab, "Reveal")
    current.filter(has_text="Reveal").wait_for(timeout=120_000)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    is_at(tab, "Question", 2)
    notes.get_by_role("heading", name="Notes on 2 ·").wait_for(timeout=120_000)


@pytest.mark.parametrize("lesson", range(1, 7))
def test_on_stage_a_lesson_fits_on_a_projector_in_letters_for_a_room(tab, server, lesson):
    opened(tab, server, f"lesson={lesson}&step=reveal&stage=true")
    is_at(tab, "Reveal", lesson)
    assert is_in_window(tab, ".picture-row img, .js-plotly-plot .main-svg:first-child, .lesson-text")
    box = tab.locator('[class*="st-key-lesson-picture"]').bounding_box()
    assert box["height"] > 350  # of 720
    size = "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))"
    assert min(tab.locator(".lesson-text p:not(.caption)").evaluate_all(size)) >= 24
    assert min(tab.locator(".js-plotly-plot text:visible").evaluate_all(size), default=24) >= 24
