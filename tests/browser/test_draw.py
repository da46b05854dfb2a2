"""What a person does on the page Draw, in a real browser against a real server, with the trained models of MNIST."""

import math

import pytest
from browser_helpers import IN_A_BROWSER, overflow, text_of

import ibinn_core as ib
from tools.screenshots import settle

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.skipif(
        all(c.id != "mnist-gamma-1" for c in ib.checkpoints()),
        reason="the checkpoint mnist-gamma-1 is not on this machine",
    ),
]
ADDRESS = "draw"


def arc(x: float, y: float, rx: float, ry: float, start: int, end: int) -> list[tuple[float, float]]:
    """A part of an ellipse; degrees run clockwise from the right."""
    step = 12 if end > start else -12
    angles = [math.radians(a) for a in range(start, end, step)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


DIGITS = {
    "0": [arc(0.5, 0.5, 0.22, 0.35, -90, 276)],
    "2": [arc(0.5, 0.3, 0.2, 0.2, 180, 400) + [(0.3, 0.85), (0.75, 0.85)]],
    "3": [arc(0.45, 0.3, 0.2, 0.18, -150, 96) + arc(0.45, 0.66, 0.24, 0.18, -90, 156)],
    "4": [[(0.35, 0.1), (0.25, 0.55), (0.75, 0.55)], [(0.65, 0.1), (0.62, 0.9)]],
    "7": [[(0.25, 0.15), (0.75, 0.15), (0.45, 0.9)]],
}
W = [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]


def write(page, strokes) -> None:
    """Moves the mouse as a hand would."""
    box = page.locator("canvas").bounding_box()
    for stroke in strokes:
        for number, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not number:
                page.mouse.down()
            page.wait_for_timeout(10)
        page.mouse.up()
    settle(page)


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def place(page) -> str:
    """Where the point is among the test images."""
    return page.locator("[data-point]").evaluate("point => point.style.transform")


def test_digits_are_read_and_the_point_moves(page):
    assert "Write a digit" in text_of(page) and page.locator("[data-point]").is_hidden()
    places = set()
    for name, strokes in DIGITS.items():
        write(page, strokes)
        assert f"The model takes this for a {name} (" in text_of(page), name
        places.add(place(page))
        press(page, "Clear")
        assert "Write a digit" in text_of(page) and page.locator("[data-point]").is_hidden()
    assert len(places) == len(DIGITS)


def test_strokes_are_taken_back_and_a_link_brings_them_again(page):
    write(page, DIGITS["4"][:1])
    before = page.locator('[data-testid="stMain"] img').first.get_attribute("src")
    write(page, DIGITS["4"][1:])
    assert "The model takes this for a 4 (" in text_of(page)
    again = page.context.new_page()
    again.goto(page.url)
    settle(again)
    assert "The model takes this for a 4 (" in text_of(again) and place(again)
    again.close()
    press(page, "Undo")
    assert page.locator('[data-testid="stMain"] img').first.get_attribute("src") == before
    page.get_by_role("link", name="Start").click()  # the canvas is as it was when one comes back
    settle(page)
    page.get_by_role("link", name="Draw").click()
    page.wait_for_url("**/draw*")
    settle(page)
    assert page.locator('[data-testid="stMain"] img').first.get_attribute("src") == before


def test_what_is_no_digit_is_out_of_the_distribution(page):
    write(page, W)
    text = text_of(page)
    assert "out of distribution" in text and "bits/dim are too many for a" in text
    assert page.locator('[data-testid="stException"]').count() == 0


def test_without_a_pen_by_the_keyboard(page):
    page.get_by_role("combobox", name="Begin with").focus()
    page.keyboard.type("7 (")
    page.keyboard.press("Enter")
    page.wait_for_url("**start=7*")
    settle(page)
    assert "The model takes this for a 7 (" in text_of(page)
    clear = page.get_by_role("button", name="Clear", exact=True)
    clear.focus()
    page.keyboard.press("Enter")
    settle(page)
    assert "Write a digit" in text_of(page) and "start=" not in page.url


def test_all_is_in_sight_and_on_a_phone_the_canvas_comes_first(page):
    write(page, W)
    page.set_viewport_size({"width": 1280, "height": 720})
    settle(page)
    for part in ("canvas", ".panel", ".plane", ".st-key-writer-slider", ".st-key-start"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, part
    page.set_viewport_size({"width": 420, "height": 900})
    settle(page)
    assert overflow(page) <= 1
    verdict = page.locator('[data-testid="stMarkdown"]', has_text="out of distribution").first
    parts = [page.locator("canvas"), verdict, page.locator(".panel"), page.locator(".plane")]
    tops = [part.bounding_box()["y"] for part in (*parts, page.locator(".st-key-writer-slider"))]
    assert tops == sorted(tops)
