"""Properties of every page: each is opened once, then shown dark, narrow, on a phone and on stage."""

import re
from itertools import combinations

import pytest
from browser_helpers import IN_A_BROWSER, overflow
from grid_helpers import mostly_slow
from waiting_helpers import until

from app.lessons.course import LESSONS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
SIDE_BY_SIDE = "explore?models=gamma-0.02,gamma-1,only-ly"
MOVE = "explore?tab=move&data=mnist"
CORRUPT = "test-an-image?tab=corrupt"
#: Those whose figure is as high as the window leaves room for.
WHOLE = ("explore", CORRUPT)
SAMPLES = "explore?tab=sample"
WRITE = "test-an-image?model=mnist-only-ly&strokes=A1kaQIy_jAKmGp7m"  # a model that more is said of
PAGES = (
    "",
    "lessons",
    "playground",
    "results",
    "results?tab=tables",
    "results?tab=disagreement",
    "test-an-image?tab=judge",
    WRITE,
    SAMPLES,
    SIDE_BY_SIDE,
    MOVE,
    "explore?tab=walk&steps=5",  # with more, images are as wide as the window before they are as high
    *WHOLE,
)
DETECTION = "results?tab=detection"
STAGED = (*(path for path in PAGES if path != "lessons"), "?data=cifar100", DETECTION)
#: Whose parts differ from those of the other pages in the dark.
DARK = ("", "lessons", "playground", "results", SAMPLES, WRITE, "results?tab=tables")
STAGE = ".st-key-stage-figure"
PROJECTOR, NARROW, ON_PHONE = (1280, 720), (900, 900), (420, 800)

#: The texts that are seen in figures: what each says, its size, its colour and its box.
TEXTS = """() => [...document.querySelectorAll('.figure :is(.cartesianlayer, .infolayer) text')].map(text => {
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    return {text: text.textContent, size: parseFloat(style.fontSize), fill: style.fill, opacity: style.opacity,
            box: [box.left, box.top, box.right, box.bottom]};
}).filter(one => one.text.trim() && one.box[2] > one.box[0])"""
GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"


def resized(tab, size: tuple[int, int]) -> None:
    tab.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    settle(tab)


@pytest.mark.parametrize("path", mostly_slow(PAGES, "", "lessons"))
def test_a_page_is_whole_in_every_window_and_can_be_read_by_everybody_in_the_dark_too(visit, path):
    tab = visit(path)
    tab.locator(".figure, canvas, .table1, .tiles").first.wait_for()
    assert overflow(tab) <= 1
    if path in WHOLE:
        box = tab.locator(f"{STAGE} :is(.figure-box, .plane)").first.bounding_box()
        assert box["y"] + box["height"] <= 720 and box["height"] >= (520 if path == "explore" else 300)
    assert serious_faults(tab) == []
    if path in DARK:
        tab.emulate_media(color_scheme="dark")
        tab.wait_for_function(f"() => ({GROUND})() === 'rgb(18, 22, 28)'")
        settle(tab)
        assert serious_faults(tab) == []
        assert all(luminance(one["fill"]) > 0.2 for one in tab.evaluate(TEXTS) if one["opacity"] == "1")
    for size in (NARROW, ON_PHONE):
        resized(tab, size)
        assert overflow(tab) <= 1, size
    if path == "explore":
        assert tab.locator(STAGE).bounding_box()["y"] < 0.25 * ON_PHONE[1]  # most of the window is the figure's


def size_of_letters(tab, selector: str) -> list[float]:
    """The sizes of visible text, in CSS pixels of the stage, which is zoomed."""
    size = """all => all.filter(one => one.checkVisibility() && one.textContent.trim())
        .map(one => parseFloat(getComputedStyle(one).fontSize))"""
    return tab.locator(selector).evaluate_all(size)


@pytest.mark.parametrize("path", mostly_slow(STAGED, SAMPLES))
def test_on_stage_the_figure_fills_the_window_and_letters_are_a_rooms(visit, path):
    tab = visit(f"{path}{'&' if '?' in path else '?'}stage=true")
    assert tab.locator("h4").filter(visible=True).count() == 0
    assert tab.get_by_role("link", name="Start").filter(visible=True).count() == 0
    fills_the_stage(tab)
    assert min(size_of_letters(tab, f"{STAGE} .figure :is(g[class$=tick], .annotation) text"), default=24) >= (
        19.9 if path == DETECTION else 23.9
    )
    for size in ((853, 480), (1920, 1080)):  # 1280 pixels at a zoom of 150 %, and a larger projector
        resized(tab, size)
        fills_the_stage(tab)


def fills_the_stage(tab) -> None:
    """Nothing needs scrolling, and there is no more than a margin below the figure."""
    width, height = tab.viewport_size["width"], tab.viewport_size["height"]
    main = "const main = document.querySelector('[data-testid=stMain]');"
    assert tab.evaluate(f"() => {{ {main} return main.scrollHeight - main.clientHeight }}") <= 0

    def is_full() -> bool:
        box = tab.locator(STAGE).bounding_box()
        # Tiles, and planes beside one another, may be as wide as the window before they are as high.
        least = 0.75 if tab.locator(f"{STAGE} .plane").count() > 1 else 0.83
        return least * height < box["y"] + box["height"] <= height and box["width"] > 0.9 * width

    until(is_full)  # the playground's pictures come after its element
    player = tab.locator(f"{STAGE} .player")
    if player.count():
        below = player.bounding_box()
        assert below["y"] + below["height"] <= height


@pytest.mark.slow
@pytest.mark.parametrize("data", ["cifar10", "cifar100", "mnist"])
def test_every_panel_of_the_results_can_be_read(visit, data):
    for tab_name in ("trade-off", "tables", "calibration", "detection", "disagreement"):
        tab = visit(f"results?data={data}&tab={tab_name}")
        boxes = [one.bounding_box() for one in tab.locator(".figure-box:visible").all()]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= 720 for box in boxes), tab_name
        assert overflow(tab) <= 1
        if tab_name == "tables":  # in which is no figure
            continue
        check_texts(tab)
        tab.emulate_media(color_scheme="dark")
        tab.wait_for_function(f"() => ({GROUND})() === 'rgb(18, 22, 28)'")
        settle(tab)
        check_texts(tab)
        tab.emulate_media(color_scheme="light")
        resized(tab, ON_PHONE)
        assert overflow(tab) <= 1, tab_name


def test_a_click_beside_the_figure_draws_no_frame_across_the_stage(visit):
    tab = visit("?stage=true")
    width, height = tab.viewport_size["width"], tab.viewport_size["height"]
    tab.mouse.click(width / 2, height - 8)
    tab.keyboard.press("Shift")  # from here on the browser shows the focus
    main = tab.locator("[data-testid=stMain]")
    assert main.evaluate("main => main === document.activeElement && main.matches(':focus-visible')")
    assert main.evaluate("main => getComputedStyle(main, '::before').content") == "none"


@pytest.mark.parametrize("lesson", mostly_slow(LESSONS.values(), LESSONS["gamma"]), ids=lambda one: one.name)
def test_a_lesson_needs_no_scrolling_and_fits_the_stage(visit, lesson):
    tab = visit(f"lessons?lesson={lesson.name}&step=reveal")
    tab.get_by_role("heading", name=f"{lesson.number} ·").wait_for()
    settle(tab)
    assert is_in_window(tab, '[data-testid="stMain"] :is(.tile, .tiles-caption, .figure-box, .lesson-text)')
    tab.keyboard.press("f")
    tab.wait_for_url("**stage=true**")
    settle(tab)
    assert is_in_window(tab, ".tile, .tiles-caption, .figure-box, .lesson-text")
    assert tab.locator(".st-key-stage-figure").bounding_box()["height"] > 280
    letters = size_of_letters(tab, ".lesson-text p:not(.caption)") + size_of_letters(tab, ".figure svg text")
    assert min(letters) >= 23.9
    tab.keyboard.press("f")
    tab.wait_for_url(lambda url: "stage" not in url)
    resized(tab, ON_PHONE)
    assert overflow(tab) <= 1


def is_in_window(tab, selector: str) -> bool:
    """Whether every element that matches lies within the window."""
    inside = "e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.top >= 0 && b.bottom <= innerHeight }"
    found = tab.locator(selector)
    return found.count() > 0 and all(one.evaluate(inside) for one in found.all())


def luminance(color: str) -> float:
    """The relative luminance of a CSS colour, as the WCAG define it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def check_texts(tab) -> None:
    """No text of a figure is small, pale or covered by another."""
    texts, ground = tab.evaluate(TEXTS), tab.evaluate(GROUND)
    assert texts
    for one in texts:
        assert one["size"] >= 14 and one["opacity"] == "1" and contrast(one["fill"], ground) >= 4.5, one
    for a, b in combinations(texts, 2):
        (left, top, right, bottom), (x, y, x1, y1) = a["box"], b["box"]
        # A line is higher than its letters, and an upright one wider.
        along, across = (5, 2) if bottom - top > right - left and y1 - y > x1 - x else (2, 5)
        assert min(right, x1) - max(left, x) <= along or min(bottom, y1) - max(top, y) <= across, (a, b)


def serious_faults(tab) -> list[str]:
    """Checked by axe-core, which tests accessibility for people who do not see the page."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for fault in Axe().run(tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
        if 'data-testid="stToast"' not in node["html"]  # Streamlit's own, when a busy machine keeps it waiting
    ]
