"""Checks every page in windows of several sizes, light and dark, with axe and with own rules, and on stage."""

import re
from itertools import combinations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_helpers import IN_A_BROWSER
from grid_helpers import mostly_slow

from app.lessons.course import LESSONS
from app.playground.presets import PRESETS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
CORRUPT = "test-an-image?tab=corrupt"
WRITE = "test-an-image?model=mnist-only-ly&strokes=A1kaQIy_jAKmGp7m"  # a model about which the page says more
MOVES = ("class&moves=to:3:0.6", "gammas&moves=to:3:0.6", "style&moves=brightness:2", "transplant&moves=with:1:0")
#: Pages with a figure that fills the window on stage.
PAGES = [
    "",
    "playground?play=moons~steps:10",
    f"playground?play={PRESETS[2].play}~steps:10~at:1:1",
    "results",
    "results?data=mnist",
    "results?data=cifar100",
    "results?tab=tables",
    "results?tab=calibration",
    "results?tab=detection",
    "results?tab=disagreement",
    "test-an-image?tab=judge",
    WRITE,
    CORRUPT,
    "explore",
    "explore?models=gamma-0.02,gamma-1,only-ly",
    "explore?tab=sample&tile=frog-3",
    "explore?tab=walk&steps=5",  # with more steps, the width of the window limits the images, not the height
    *(f"explore?tab=move&data={'cifar10' if kind.startswith('style') else 'mnist'}&kind={kind}" for kind in MOVES),
    *(f"lessons?lesson={name}&step=reveal" for name in LESSONS),
]
STAGE = ".st-key-stage-figure"
PROJECTOR, NARROW, PHONE = (1280, 720), (900, 900), (420, 800)

#: A JavaScript function: returns each visible text of the figures with its size, its colour and its box.
TEXTS = """() => [...document.querySelectorAll('.figure :is(.cartesianlayer, .infolayer) text')].map(text => {
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    return {text: text.textContent, size: parseFloat(style.fontSize), fill: style.fill, opacity: style.opacity,
            box: [box.left, box.top, box.right, box.bottom]};
}).filter(one => one.text.trim() && one.box[2] > one.box[0])"""
GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
#: A JavaScript function: returns the elements whose own text is cut off without three dots at the end.
CLIPPED = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter((one) => {
    const style = getComputedStyle(one), said = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    return said && one.checkVisibility() && style.overflowX !== 'visible' && style.overflowX !== 'auto'
        && style.textOverflow !== 'ellipsis' && one.clientWidth > 2 && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 200))"""
#: A JavaScript function: returns the buttons and links that overlap.
COVERED = """() => {
    const all = [...document.querySelectorAll('[data-testid=stMain] :is(button, a, summary)')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
    const seen = (one) => {
        let { left, right, top, bottom } = one.getBoundingClientRect();
        for (let box = one.parentElement; box; box = box.parentElement) {
            if (getComputedStyle(box).overflowX === 'visible') continue;
            const edge = box.getBoundingClientRect();
            [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        }
        return { left, right, top, bottom };
    };
    const boxes = all.map(seen);
    const apart = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) <= 2
        || Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) <= 2;
    const found = [];
    all.forEach((one, m) => all.forEach((other, n) => {
        if (m < n && !one.contains(other) && !apart(boxes[m], boxes[n]))
            found.push(`${one.outerHTML.slice(0, 120)} | ${other.outerHTML.slice(0, 120)}`);
    }));
    return found;
}"""


#: A JavaScript function: tells whether the page fits without scrolling, with only a margin below the figure.
IS_FULL = """([width, height]) => {
    const main = document.querySelector('[data-testid=stMain]'), stage = document.querySelector('.st-key-stage-figure');
    const box = stage.getBoundingClientRect();
    // The width of the window may limit tiles, and planes beside one another, before its height does.
    const least = stage.querySelectorAll('.plane').length > 1 ? 0.75 : 0.83;
    return main.scrollHeight - main.clientHeight <= 1
        && least * height < box.bottom && box.bottom <= height + 1 && box.width > 0.9 * width;
}"""


def resized(tab, size: tuple[int, int]) -> None:
    tab.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    settle(tab)


def luminance(color: str) -> float:
    """Returns the relative luminance of a CSS colour, as defined in the WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Returns the contrast of two CSS colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def unreadable(tab) -> list:
    """Returns the texts of figures that are too small, too pale or covered by another text."""
    texts, ground = tab.evaluate(TEXTS), tab.evaluate(GROUND)
    found = [t for t in texts if t["size"] < 11 or (t["opacity"] == "1" and contrast(t["fill"], ground) < 4)]
    for a, b in combinations(texts, 2):
        (left, top, right, bottom), (x, y, x1, y1) = a["box"], b["box"]
        # The box of a line of text is higher than its letters; the box of a vertical line is wider.
        along, across = (5, 2) if bottom - top > right - left and y1 - y > x1 - x else (2, 5)
        if min(right, x1) - max(left, x) > along and min(bottom, y1) - max(top, y) > across:
            found.append((a, b))
    return found


def serious_faults(tab) -> list[str]:
    """Returns the serious faults that axe-core finds; it tests whether people who cannot see the page can use it."""
    return [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for fault in Axe().run(tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
        if 'data-testid="stToast"' not in node["html"]  # Streamlit shows this when a busy machine lets it wait
    ]


@pytest.mark.parametrize("path", mostly_slow(PAGES))
def test_a_page_is_whole_in_every_window_and_can_be_read_by_everybody_in_the_dark_too(visit, path):
    tab = visit(path)
    tab.locator(".figure, canvas, .table1, .tiles").first.wait_for()
    faults = []
    for theme in ("light", "dark"):
        tab.emulate_media(color_scheme=theme)
        ground = "rgb(18, 22, 28)" if theme == "dark" else "rgb(255, 255, 255)"
        tab.wait_for_function(f"ground => ({GROUND})() === ground", arg=ground)
        settle(tab)
        faults += [(theme, fault) for fault in (*serious_faults(tab), *unreadable(tab))]
    for size in (PROJECTOR, NARROW, PHONE):
        resized(tab, size)
        faults += [(size, fault) for fault in (*tab.evaluate(CLIPPED), *tab.evaluate(COVERED))]
        assert tab.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth - main.clientWidth") <= 1, size
    assert not faults, "\n".join(map(str, faults))


@pytest.mark.parametrize("path", mostly_slow(["?data=cifar100", *PAGES], "explore?tab=walk&steps=5"))
def test_on_stage_the_figure_fills_the_window_and_letters_are_a_rooms(visit, path):
    tab = visit(f"{path}{'&' if '?' in path else '?'}stage=true")
    assert tab.get_by_role("link", name="Start").filter(visible=True).count() == 0
    letters = """all => all.filter(one => one.checkVisibility() && one.textContent.trim())
        .map(one => parseFloat(getComputedStyle(one).fontSize))"""
    texts = f"{STAGE} .figure :is(g[class$=tick], .annotation) text, .lesson-text p:not(.caption)"
    assert min(tab.locator(texts).evaluate_all(letters), default=24) >= 19.9
    for size in ((1280, 720), (853, 480), (1920, 1080)):  # a projector, the same at a zoom of 150 %, a larger one
        resized(tab, size)
        tab.wait_for_function(IS_FULL, arg=size)  # the pictures of the Playground appear later than its element
