"""Measures the milliseconds from the use of a control to the new figure, for each page of the app, in Chromium.

    python benchmarks/app_latency.py [--page NAME] [--changes 10] [--data cifar10]

A script uses the real controls. The clock runs from the click, the key or the end of a stroke. Columns are medians:

    first    until a figure changes for the first time. Figures that follow the slider need no answer of the server.
    last     until no figure changes any more. This time and the time until the first change have targets.
    settled  until the script has ended too.
    drawn    how often figures were drawn. Each Plotly figure and each canvas of a plane or of tiles counts separately.

The changes use a page's controls in turn, if possible with values that no cache holds.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from tools.screenshots import browser, serving, settle  # noqa: E402

FIRST, LAST = 100, 250  # target times in ms
PLACES = range(1, 20)


class Case(NamedTuple):
    """A page and the changes to measure."""

    path: str  # in the URL
    axes: dict[str, Sequence]  # values of each control by key; for a list or a row of buttons, indices
    fixed: dict[str, str] = {}  # noqa: RUF012
    begins: tuple[str, ...] = ("pointerdown", "keydown")  # events that start the clock


def cases(data: str) -> dict[str, Case]:
    """Returns all cases by name."""
    ticks = range(len(ib.family(data).members))
    two = ",".join(one.id for one in ib.family(data).members[:2])
    write = Case("test-an-image", {"strokes": PLACES}, {"data": "mnist"}, ("pointerup",))
    return {
        "start": Case("", {"model": ticks, "image": PLACES}),
        "look": Case("explore", {"model": ticks, "view": range(3), "color": range(2)}),
        "side-by-side": Case("explore", {"view": range(3)}, {"models": two}),
        "move": Case("explore", {"model": ticks}, {"tab": "move"}),
        "walk": Case("explore", {"model": ticks, "steps": ("ArrowLeft", "ArrowRight")}, {"tab": "walk"}),
        "sample": Case("explore", {"model": ticks, "seed": PLACES}, {"tab": "sample"}),
        "write": write,
        "judge": Case("test-an-image", {"model": ticks, "image": PLACES}, {"tab": "judge"}),
        "corrupt": Case("test-an-image", {"amplitude": range(5)}, {"tab": "corrupt", "corruption": "Noise"}),
        "calibration": Case("results", {"right": PLACES, "binning": range(2)}, {"tab": "calibration"}),
        "detection": Case("results", {"right": PLACES}, {"tab": "detection"}),
        "disagreement": Case("results", {"right": PLACES}, {"tab": "disagreement"}),
    }


#: Starts at the next event of the given kinds. Returns four numbers: milliseconds until the first drawing of a figure,
#: until the last, and until script and drawing have ended, and the number of drawings.
PROBE = """
([quiet, kinds]) => {
    if (window.drawings === undefined) {
        window.drawings = 0;
        for (const name of ['putImageData', 'clearRect']) {  // canvases of ours
            const draw = CanvasRenderingContext2D.prototype[name];
            CanvasRenderingContext2D.prototype[name] = function (...given) {
                window.drawings += this.canvas.isConnected;
                return draw.apply(this, given);
            };
        }
    }
    for (const plot of document.querySelectorAll('.js-plotly-plot')) {
        if (!plot.heard) plot.on('plotly_afterplot', () => { window.drawings++ });
        plot.heard = true;
    }
    let start = null, first = null, figure = null, last = null, count = 0, before = window.drawings;
    const plots = () => document.querySelectorAll('.js-plotly-plot').length;
    let known = plots();
    const begin = event => { start ??= event.timeStamp; };
    kinds.forEach(kind => document.addEventListener(kind, begin, true));
    const busy = () => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'running'
        || document.querySelector('[data-testid="stSpinner"], [data-testid="stSkeleton"]');
    window.latency = new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => reject(new Error('the control has changed no figure')), 60000);
        const look = () => {
            const now = performance.now(), isDrawn = window.drawings !== before || plots() !== known;
            if (start !== null) {
                count += window.drawings - before;
                if (isDrawn) [first, figure] = [first ?? now, now];
                if (isDrawn || busy()) last = now;
                if (figure !== null && now - last > quiet) {
                    kinds.forEach(kind => document.removeEventListener(kind, begin, true));
                    clearTimeout(giveUp);
                    return resolve([first - start, figure - start, last - start, count]);
                }
            }
            [before, known] = [window.drawings, plots()];
            requestAnimationFrame(() => setTimeout(look));  // after the frame is painted
        };
        look();
    });
}
"""
QUIET = 500  # milliseconds without a change that end a measurement; they are not counted


def prepare(page, key: str, value) -> Callable[[], object]:
    """Prepares a change (opens a list, types a number) up to the last click or key press, which it returns."""
    place = page.locator(f".st-key-{key}")
    if key == "model":
        return page.locator("[data-ticks] button").nth(value).click
    if key == "image":
        page.locator(".st-key-image-change").get_by_role("button", name="Change").first.click()
        thumbnails = page.get_by_role("dialog").locator("button.tile")
        thumbnails.nth(value).wait_for()
        settle(page)
        return thumbnails.nth(value).click
    if key == "strokes":
        return _stroke(page, value)
    if key == "steps":
        place.get_by_role("slider").focus()
        return lambda: page.keyboard.press(value)
    if key == "seed":
        place.locator("input").fill(str(value))
        return lambda: page.keyboard.press("Enter")
    if key in ("right", "amplitude"):
        place.locator("input").click()
        return page.get_by_role("option").nth(value % page.get_by_role("option").count()).click
    return place.get_by_role("radiogroup").locator("button").nth(value).click


def _stroke(page, number: int) -> Callable[[], None]:
    """Draws one stroke, a different stroke for each number, up to the release of the mouse."""
    clear = page.get_by_role("button", name="Clear")
    if clear.is_enabled():
        clear.click()
        settle(page)
    box = page.locator(".pad-canvas").bounding_box()
    for step in range(20):
        angle = step * (0.1 + 0.02 * number)
        x, y = 0.5 + 0.3 * math.sin(angle), 0.5 - (0.2 + 0.01 * number) * math.cos(angle)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not step:
            page.mouse.down()
        page.wait_for_timeout(20)

    def end() -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + (y + 0.05) * box["height"])  # a new position
        page.mouse.up()

    return end


def measure(page, address: str, case: Case, data: str, count: int) -> list[tuple[float, ...]]:
    """Measures each change: first, last and settled time in ms, and the number of drawings."""
    page.goto(f"{address}/{case.path}?{urlencode({'data': data, **case.fixed})}")
    settle(page)
    found = []
    for number in range(count):
        key = list(case.axes)[number % len(case.axes)]
        values = case.axes[key]
        fire = prepare(page, key, values[(number // len(case.axes) + 1) % len(values)])
        page.evaluate(PROBE, [QUIET, case.begins])
        fire()
        found.append(tuple(page.evaluate("() => window.latency")))
        if page.locator('[data-testid="stException"]').count():
            raise SystemExit(f"the app has failed on {page.url}")
        settle(page)
    return found


ROW = "{:<14}" + "{:>9}" * 4 + "  {}"


def main() -> int:
    """Measures, prints the table, and returns 0 if every target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="append", help="only these pages")
    parser.add_argument("--changes", type=int, default=10, help="changes of controls, for the medians")
    parser.add_argument("--data", default="cifar10", help="the data set")
    options = parser.parse_args()
    every = cases(options.data)
    print(f"Medians of {options.changes} changes in ms; targets: first {FIRST}, last {LAST}")
    print(ROW.format("page", "first", "last", "settled", "drawn", ""))
    all_met = True
    with serving() as address, browser() as instance:
        page = instance.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        for name in options.page or every:
            found = measure(page, address, every[name], options.data, options.changes)
            first, last, settled, drawn = (statistics.median(column) for column in zip(*found, strict=True))
            is_met = first <= FIRST and last <= LAST
            all_met &= is_met
            print(
                ROW.format(name, *(f"{n:.0f}" for n in (first, last, settled, drawn)), "" if is_met else "missed"),
                flush=True,
            )
    return int(not all_met)


if __name__ == "__main__":
    sys.exit(main())
