"""Seconds from a control to the new figure, for each page of the app.

    python benchmarks/app_latency.py [--page NAME] [--changes 10] [--no-browser]

On the server, the page runs under Streamlit's AppTest. The columns, all of them medians:

    server      from the control to the last figure or picture, which is what the limit is held against
    worst       the slowest of these, not a median
    limit       500 ms for a page that runs a model, 200 ms for one that runs none, 300 ms after a stroke on the page
                Draw; "holds" or "BROKEN"
    model       what of the whole run is encoding, decoding and the mixture
    figure      what of it is `app.figures`, and Plotly's serialisation in `app.widgets.figure`
    streamlit   what of it is the rest: Streamlit, and the page's own code
    after       what of it comes when all figures stand
    kB          the figures' JSON, before the compression on the wire

In the browser, Chromium clicks the real control, and the clock runs from the click, the key or the end of a stroke
until a figure has changed for the first time ("first": what follows a slider does so before the program answers), until
no figure is drawn any more ("browser") and until the script has run, too ("settled"). "wire" is what the browser
has over the server: the wire, Plotly's drawing, and the 200 ms that a Streamlit slider waits for more keys. Each change
is to values that the caches have not seen, as far as there are such. Models are loaded before.

The status is 1 unless the median time on the server is within the limit on every page.
"""

import argparse
import functools
import importlib
import inspect
import itertools
import math
import pkgutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from app.images.handwriting import to_text  # noqa: E402
from app.panels import look  # noqa: E402
from tools.screenshots import browser, chromium, serving, settle  # noqa: E402

WITHOUT_MODEL, WITH_MODEL, STROKE = 0.2, 0.5, 0.3  # seconds on the server
PARTS = ("server", "total", "model", "figure", "kB")
SEEDS = range(1000)
#: Strokes: on the server these are set, in the browser each is another one.
STROKES = [to_text([[(0.3, 0.1), (0.3 + 0.04 * number, 0.9)]]) for number in range(14)]


class Case(NamedTuple):
    """A page and what is changed on it."""

    path: str  # in the URL
    limit: float  # seconds on the server
    axes: dict[str, list]  # the values of each control that is changed, by key; the first changes in each step
    # Other controls, by key
    fixed: dict[str, str] = {}  # noqa: RUF012
    begins: tuple[str, ...] = ("pointerdown", "keydown")  # kinds of the event from which on the browser's clock runs


def has_digits() -> bool:
    """Whether a model is here that a person can write digits for."""
    return any(c.dataset.name == "mnist" and c.has_likelihood for c in ib.checkpoints())


def generative() -> list:
    """The models that every page can show."""
    return [c for c in ib.checkpoints() if c.has_likelihood and c.dataset.name == "cifar10"]


def cases() -> dict[str, Case]:
    """All of them, by name, with the models that are here."""
    ids = [c.id for c in generative()]
    ticks = [c.id for c in ib.family("cifar10").members]
    samples = [f"sample-{i}" for i in range(20)]
    views = ("means", "pca", "lda", "umap")
    some = [ids[:4], ids[:3] if len(ids) > 3 else ids[:-1]] if len(ids) > 1 else [ids]
    one = {"model": ticks, "color": ["class", "mistakes"], "view": list(views)}
    several = {"view": list(views), "models": some}
    walk = {"model": ticks, "steps": list(range(5, 16))}
    pair = {"right": ids, "binning": ["All classes", "Top label"]}
    # Without the table's curves, the page asks the models about twenty images.
    trade_off = WITHOUT_MODEL if (ROOT / "docs" / "curves.json").exists() else WITH_MODEL
    return {
        "start": Case("", WITH_MODEL, {"model": ticks, "image": samples}),
        "trade-off": Case("results", trade_off, pair, fixed={"tab": "calibration"}),
        "look": Case("explore", WITHOUT_MODEL, one),
        "side-by-side": Case("explore", WITHOUT_MODEL, several),
        "interpolate": Case("explore", WITH_MODEL, walk, fixed={"tab": "walk"}),
        "sample": Case("explore", WITH_MODEL, {"model": ticks, "seed": list(SEEDS)}, fixed={"tab": "sample"}),
        "judge": Case("test-an-image", WITH_MODEL, {"image": samples}, fixed={"tab": "judge"}),
        "corrupt": Case("test-an-image", WITH_MODEL, {"seed": list(SEEDS)}, fixed={"tab": "corrupt"}),
        **(
            {"write": Case("test-an-image", STROKE, {"strokes": STROKES}, begins=("pointerup",))}
            if has_digits()
            else {}
        ),
    }


def states(axes: dict[str, list]) -> list[dict]:
    """All combinations in such an order that one control changes from each to the next."""
    found: list[tuple] = [()]
    for values in axes.values():
        found = [(*s, value) for i, value in enumerate(values) for s in (found[::-1] if i % 2 else found)]
    return [dict(zip(axes, state, strict=True)) for state in found]


def changes(case: Case) -> Iterator[tuple[str, object]]:
    """Key and new value, without end: where all combinations were seen, back again."""
    every = states(case.axes)
    around = every + every[-2:0:-1]
    for before, after in itertools.pairwise(itertools.cycle(around)):
        key = next((k for k in after if after[k] != before[k]), None)
        if key is None:
            raise SystemExit("there is nothing to change: one model is not enough")
        yield key, after[key]


def query(case: Case) -> dict[str, str]:
    """The query string of what the changes begin with."""
    begin = {**case.fixed, **states(case.axes)[0]}
    return {key: ",".join(value) if isinstance(value, list) else str(value) for key, value in begin.items()}


def everyone() -> dict[str, str]:
    """The query string of a page that loads every model."""
    return {"models": ",".join(c.id for c in generative()), "steps": "5"}


# On the server ----------------------------------------------------------------------------------------


class Clock:
    """Adds up the seconds spent in functions, by part; a call within one of the same part does not count twice."""

    def __init__(self):
        self.spent: Counter = Counter()
        self._inside: set[str] = set()
        self._began = 0.0  # when the last run did

    def mark(self, owner, name: str, part: str) -> None:
        """Has the end of the last call of a function end a part that began with the run."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def marked(*args, **kwargs):
            result = function(*args, **kwargs)
            self.spent[part] = time.perf_counter() - self._began
            return result

        setattr(owner, name, marked)

    def wrap(self, owner, name: str, part: str) -> None:
        """Has a function of a class or module count for a part."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def counted(*args, **kwargs):
            if part in self._inside:
                return function(*args, **kwargs)
            self._inside.add(part)
            start = time.perf_counter()
            self._began = start if part == "total" else self._began
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[part] += time.perf_counter() - start
                self._inside.remove(part)

        setattr(owner, name, counted)


def instrument() -> Clock:
    """A clock on model, figures and runs; the app's own modules must not have been imported yet."""
    import streamlit as st
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    import app.figures
    from ibinn_core.models.classifier import GenerativeClassifier
    from ibinn_core.models.mixture import LatentMixture

    clock = Clock()
    clock.wrap(ScriptRunner, "_run_script", "total")
    clock.mark(st, "image", "server")
    for name in ("forward", "evaluate", "encode", "decode", "sample", "log_prob", "posterior"):
        clock.wrap(GenerativeClassifier, name, "model")
    for name in ("log_base", "log_marginal", "log_posterior", "log_prob", "scores"):
        clock.wrap(LatentMixture, name, "model")
    for found in pkgutil.iter_modules(app.figures.__path__, "app.figures."):
        module = importlib.import_module(found.name)
        for name, function in list(vars(module).items()):
            if inspect.isfunction(function) and function.__module__ == found.name and name[0] != "_":
                clock.wrap(module, name, "figure")
    # After the figures, which they import.
    from app.widgets import figure

    clock.wrap(figure, "specification", "figure")
    clock.mark(figure, "show_figure", "server")
    return clock


def keep_compiled() -> None:
    """Has AppTest compile each script once, as the server does, and not in each run."""
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.testing.v1 import app_test

    cache = ScriptCache()
    app_test.ScriptCache = lambda: cache


def open_on_server(path: str, parameters: dict[str, str]):
    """The app, opened on one of its pages as by a link."""
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    page._page_hash = calc_hash(path) if path else ""  # switch_page() would know only file names before the first run
    page.query_params.update(parameters)
    return checked(page.run())


def checked(page):
    """The page, if it shows no exception."""
    if page.exception:
        raise SystemExit(f"the app has failed: {page.exception[0].message or page.exception[0].stack_trace[-1:]}")
    return page


def drawn(page) -> list[str]:
    """What its own components are given, of which one draws the figures."""
    return [component.proto.json for component in page.get("bidi_component")]


def on_server(clock: Clock, case: Case, count: int) -> dict[str, list[float]]:
    """Seconds of each change by part, and the kilobytes of its figures."""
    page = open_on_server(case.path, query(case))
    times: dict[str, list[float]] = {part: [] for part in PARTS}
    for key, value in changes(case):
        if key == "image":
            page.query_params[key] = value
        elif key in ("model", "strokes"):
            page.session_state[key] = value
        else:
            page.get_by_key(key).set_value(value)
        before = drawn(page)
        clock.spent.clear()
        checked(page.run())
        after = drawn(page)
        if after == before:
            raise SystemExit(f"{key} = {value} has changed no figure of /{case.path}")
        clock.spent["kB"] = sum(map(len, after)) / 1000
        for part in PARTS:
            times[part].append(clock.spent[part])
        if len(times["total"]) == count:
            return times


# In the browser ---------------------------------------------------------------------------------------

#: Starts at the next event of some kinds. Seconds to the first and the last frame in which a figure was drawn, and to
#: the last one in which the script ran or a figure was drawn.
PROBE = """
([quiet, kinds]) => {
    let start = null, last = null, first = null, figure = null, changed = false, before = '', plots = [];
    if (window.drawings === undefined) {
        window.drawings = 0;
        for (const name of ['putImageData', 'clearRect']) {  // canvases of ours
            const draw = CanvasRenderingContext2D.prototype[name];
            CanvasRenderingContext2D.prototype[name] = function (...given) {
                window.drawings++;
                return draw.apply(this, given);
            };
        }
    }
    const begin = event => { start ??= event.timeStamp };
    const listen = () => kinds.forEach(kind => document.addEventListener(kind, begin, true));
    const deaf = () => kinds.forEach(kind => document.removeEventListener(kind, begin, true));
    const busy = () => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'running'
        || document.querySelector('[data-testid="stSpinner"], [data-testid="stSkeleton"]');
    const redrawn = () => {
        const drawings = window.drawings, old = plots;
        plots = [...document.querySelectorAll('.js-plotly-plot')].map(plot => {
            if (!plot.heard && plot.on) {
                plot.heard = true;
                plot.on('plotly_afterplot', () => { window.drawings++ });
            }
            return plot._fullData;
        });
        const other = drawings !== before || plots.length !== old.length || plots.some((data, i) => data !== old[i]);
        before = drawings;
        return other;
    };
    window.latency = new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => reject(new Error('the control has changed no figure')), 120000);
        const look = () => {
            const now = performance.now(), other = redrawn();
            if (start !== null) {
                changed ||= other;
                if (other) figure = now;
                first ??= figure;
                if (other || busy() || last === null) last = now;
                if (changed && now - last > quiet) {
                    deaf();
                    clearTimeout(giveUp);
                    return resolve([first, figure, last].map(time => (time - start) / 1000));
                }
            }
            requestAnimationFrame(() => setTimeout(look));  // after the frame is painted
        };
        listen();
        look();
    });
}
"""
QUIET = 500  # milliseconds without a change, not counted


def prepare(page, key: str, value) -> Callable[[], None]:
    """Makes everything ready for a change (opens a list, types a number); the rest is the one click or key."""
    names = {c.id: _name_of(c) for c in ib.checkpoints()} | look.VIEWS | look.COLORS
    place = page.locator(f".st-key-{key}")
    if key != "models" and page.locator('[data-testid="stPopoverBody"]:visible').count():
        page.keyboard.press("Escape")  # the drawer of the change before lies over other controls
        page.wait_for_timeout(300)
    if key == "image":
        return _thumbnail(page, int(value.split("-")[1]))
    if key == "model":
        return page.locator(f'[data-ticks] button[title^="{names[value]}:"]').click
    if key == "strokes":
        return _stroke(page, STROKES.index(value))
    if key == "steps":
        thumb = place.get_by_role("slider")
        thumb.focus()
        higher = value > thumb.evaluate("thumb => Number(thumb.getAttribute('aria-valuenow') ?? thumb.value)")
        return lambda: page.keyboard.press("ArrowRight" if higher else "ArrowLeft")
    if key == "seed":
        place.locator("input").fill(str(value))
        return lambda: page.keyboard.press("Enter")
    if key == "right":
        name = names.get(value, value)
        place.locator("input").click()
        place.locator("input").fill(name)  # a long list draws only the options in view
        return page.get_by_role("option", name=name, exact=True).click
    if key == "models":
        if not place.is_visible():
            page.get_by_role("button", name="Models").click()
        pressed = 'button[aria-checked="true"], button[aria-pressed="true"], button[kind="pillsActive"]'
        chosen = set(place.locator(pressed).all_inner_texts())
        value = next(iter(chosen ^ {names[i] for i in value}))
    return place.get_by_text(names.get(value, value), exact=True).click


def _thumbnail(page, index: int) -> Callable[[], None]:
    page.locator(".st-key-image-change").get_by_role("button", name="Change").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Samples", exact=True).click()
    thumbnails = dialog.locator('[role="radiogroup"] [role="radio"]:has(img)')
    thumbnails.nth(19).wait_for()
    settle(page)
    return thumbnails.nth(index).click


def _stroke(page, number: int) -> Callable[[], None]:
    """Writes one stroke, another for each number, up to where the mouse is let go."""
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
        page.mouse.move(box["x"] + x * box["width"], box["y"] + (y + 0.05) * box["height"])  # not sent before
        page.mouse.up()

    return end


def _name_of(checkpoint) -> str:
    from app.models.names import name_of

    return name_of(checkpoint)


def in_browser(page, address: str, case: Case, count: int) -> list[tuple[float, ...]]:
    """Seconds of each change: to the first figure, to the last, and until all is settled."""
    page.goto(f"{address}/{case.path}?{urlencode(query(case))}")
    settle(page)
    times: list[tuple[float, ...]] = []
    for key, value in changes(case):
        fire = prepare(page, key, value)
        page.evaluate(PROBE, [QUIET, case.begins])
        fire()
        seconds = page.evaluate("() => window.latency")
        if page.locator('[data-testid="stException"]').count():
            raise SystemExit(f"the app has failed on {page.url}")
        times.append(tuple(seconds))
        if len(times) == count:
            return times


# Both -------------------------------------------------------------------------------------------------

HEADINGS = ("page", "server", "worst", "limit", "", "model", "figure", "streamlit", "after", "kB")
OUTSIDE = ("first", "browser", "wire", "settled")
ROW = "{:<14}" + "{:>8}" * 3 + "  {:<7}" + "{:>8}" * 2 + "{:>11}" + "{:>8}" * 2 + "{:>9}" * 4


def row(name: str, case: Case, server: dict[str, list[float]], seen: list[tuple[float, ...]] | None) -> str:
    """A line of the table: milliseconds."""
    rest = [t - m - f for t, m, f in zip(server["total"], server["model"], server["figure"], strict=True)]
    after = [t - s for t, s in zip(server["total"], server["server"], strict=True)]
    to_figure = statistics.median(server["server"])
    times = (to_figure, max(server["server"]), case.limit)
    parts = (statistics.median(values) for values in (server["model"], server["figure"], rest, after))
    outside = ["-"] * len(OUTSIDE)
    if seen:
        first, figure, settled = (statistics.median(column) for column in zip(*seen, strict=True))
        outside = [f"{1000 * t:.0f}" for t in (first, figure, figure - to_figure, settled)]
    verdict = "holds" if to_figure <= case.limit else "BROKEN"
    size = f"{statistics.median(server['kB']):.0f}"
    numbers = [f"{1000 * t:.0f}" for t in times], [f"{1000 * t:.0f}" for t in parts]
    return ROW.format(name, *numbers[0], verdict, *numbers[1], size, *outside)


def main() -> int:
    """Measures, prints the table, and says whether every limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = cases()
    parser.add_argument("--page", choices=every, action="append", help="only these pages")
    parser.add_argument("--changes", type=int, default=10, help="of the control; the median is reported")
    parser.add_argument("--no-browser", action="store_true", help="measure on the server only")
    options = parser.parse_args()
    chosen = {name: every[name] for name in options.page or every}
    clock = instrument()
    keep_compiled()
    open_on_server("explore", everyone())
    server = {name: on_server(clock, case, options.changes) for name, case in chosen.items()}
    seen: dict[str, list[tuple[float, ...]]] = {}
    if not options.no_browser and chromium():
        with serving() as address, browser() as instance:
            page = instance.new_context(viewport={"width": 1440, "height": 1000}).new_page()
            page.goto(f"{address}/explore?{urlencode(everyone())}")
            settle(page)
            seen = {name: in_browser(page, address, case, options.changes) for name, case in chosen.items()}
    data = "with the data set" if ib.data.available("cifar10") else "without a data set"
    print(f"Medians of {options.changes} changes in ms, {len(ib.checkpoints())} models, {data}")
    print(ROW.format(*HEADINGS, *OUTSIDE))
    for name, case in chosen.items():
        print(row(name, case, server[name], seen.get(name)))
    return int(any(statistics.median(server[name]["server"]) > case.limit for name, case in chosen.items()))


if __name__ == "__main__":
    sys.exit(main())
