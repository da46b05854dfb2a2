"""Helpers of the browser tests for servers and pages."""

import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from app.vendor import published_modules
from tools.screenshots import chromium, serving, settle

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium"),
]

TIMEOUT = 60_000  # ms; only what is broken takes that long


def listen(tab) -> list[str]:
    """Collects the errors of a tab, but for files of its own that Streamlit looks for in vain."""
    problems: list[str] = []

    def hear(message) -> None:
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            problems.append(f"{message.text} {message.location['url']}")

    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", hear)
    return problems


def swipe(tab, *places: tuple[float, float]) -> None:
    """Draws a line through places of the window with a finger, or taps one.

    The finger is no faster than the screen, and rests before it lifts. So scrolling stops before the next step of a
    test.
    """
    finger = tab.context.new_cdp_session(tab)
    for number, (x, y) in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        tab.evaluate("() => new Promise(requestAnimationFrame)")
    rested = time.time() + 0.2
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [], "timestamp": rested})
    finger.detach()


class Tabs:
    """Tabs that tests use one after another: where the browser has run Streamlit's scripts before, a page opens in less
    than half of the time.
    """

    def __init__(self, chrome) -> None:
        self._chrome = chrome
        self._idle = defaultdict(list)  # by the options of their contexts

    @contextmanager
    def lend(self, width: int = 1280, height: int = 1000, theme: str = "light", **options):
        """An empty tab in a window of this size, in CSS pixels; ``options`` are its context's, like ``has_touch``."""
        idle = self._idle[tuple(sorted(options.items()))]
        tab = idle.pop() if idle else self._chrome.new_context(**options).new_page()
        tab.set_default_timeout(TIMEOUT)
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=theme)
        yield tab
        for other in tab.context.pages:
            if other is not tab:
                other.close()
        origin = "/".join(tab.url.split("/")[:3])
        tab.unroute_all()
        tab.mouse.move(0, 0)
        tab.goto("about:blank")
        if origin.startswith("http"):
            storage = tab.context.new_cdp_session(tab)
            storage.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
            storage.detach()
        idle.append(tab)


@contextmanager
def quiet_server(log: Path, **script: Path):
    """The address of the running app, or of another ``script``: neither may have complained when the tests are over."""
    with serving(log, **script, IBINN_PROCESSES="1") as address:  # as people have it
        yield address
    text = log.read_text()
    assert "Traceback" not in text and "Exception" not in text, text[-3000:]


@contextmanager
def shared_server(folder: Path, name: str):
    """The address of the app. All workers of pytest-xdist share it, and its answers.

    The worker that needs it first starts it, and ends it when no other uses it any more. Each worker uses it while it
    holds the lock of its ``name`` in ``folder``. The lock ends with the worker.
    """
    place, turn, mine = folder / "address", FileLock(folder / "turn"), FileLock(folder / f"{name}.user")
    with ExitStack() as stack:
        with turn:
            mine.acquire()
            if place.exists():
                address = place.read_text()
            else:
                address = stack.enter_context(quiet_server(folder / f"{name}.log"))
                place.write_text(address)
                stack.callback(_wait_until_unused, folder, place, turn)
        stack.callback(mine.release)
        yield address


def _wait_until_unused(folder: Path, place: Path, turn: FileLock) -> None:
    """Afterwards nobody finds the server any more."""
    while True:
        with turn:
            if not any(_is_held(file) for file in folder.glob("*.user")):
                place.unlink()
                return
        time.sleep(0.2)


def _is_held(file: Path) -> bool:
    try:
        with FileLock(file).acquire(timeout=0):
            return False
    except Timeout:
        return True


def arrives(page, url) -> None:
    """Waits until the page has an address, and has settled there."""
    page.wait_for_url(url)
    settle(page)


def text_of(page) -> str:
    """The visible text of a page."""
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ")


def wait_for_model(page, name: str) -> None:
    """Waits until the slider names the page's model ``name``."""
    page.locator("b.what", has_text=name).wait_for(timeout=60_000)


def dot_of(page, selector: str, row: object) -> tuple[float, float]:
    """The position in the window of the dot with this row."""
    where = """([selector, row]) => {
        const plot = document.querySelector(`${selector} .figure-box > div`);
        plot.scrollIntoView({ block: "center" });
        const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
        const trace = plot._fullData.find(({ customdata }) => customdata?.includes(row));
        const at = trace.customdata.indexOf(row), zoom = box.width / plot.offsetWidth;
        const [left, top] = [xaxis._offset + xaxis.d2p(trace.x[at]), yaxis._offset + yaxis.d2p(trace.y[at])];
        return [box.x + zoom * left, box.y + zoom * top];
    }"""
    return tuple(page.evaluate(where, [selector, row]))


#: In JavaScript, the range of each axis of an element of Plotly's.
RANGES = """plot => Object.fromEntries(Object.entries(plot._fullLayout)
    .filter(([name]) => /^[xy]axis\\d*$/.test(name)).map(([name, axis]) => [name, [...axis.range]]))"""


def draw(page, places: Sequence[tuple[float, float]]) -> None:
    """A line through places of the window, with the mouse held down."""
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


#: In JavaScript, the levels of a canvas's pixels, of a copy of it, since Chromium complains where one is read often.
GREY = """canvas => {
    const { width, height } = canvas ?? { width: 0, height: 0 };
    if (!width || !height) return [];
    const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    return Array.from({ length: width * height }, (_, at) => data[4 * at]); }"""
#: Whether two lists of levels are the same, up to a rounding or as much as is said.
NEAR = "(one, other, most = 2) => one.length === other.length && one.every((v, at) => Math.abs(v - other[at]) <= most)"


#: Whether an element is whole within the window, and nothing else lies over its middle.
# (A scroll is of whole pixels, and may leave a part of one outside.)
IS_SEEN = """element => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const inside = left > -1 && right < innerWidth + 1 && top > -1 && bottom < innerHeight + 1;
    return inside && element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}"""


def are_seen(tab, selectors: list[str]) -> None:
    """Waits until the first element of each selector is whole in the window, and nothing lies over its middle."""
    for selector in selectors:
        tab.wait_for_function(IS_SEEN, arg=tab.locator(selector).first.element_handle())


def in_plane(tab, place, key: str = "look-0") -> tuple[float, float]:
    """The position in the window of a place of a plane."""
    found = tab.evaluate(
        f"""async ([key, x, y]) => {{
            const {{ cloudOf }} = await import("/app/static/vendor/{published_modules()}/plane/component.js");
            const {{ plane }} = cloudOf(key), box = plane.canvas.getBoundingClientRect();
            const [left, top] = plane.at(x, y), {{ clientLeft, clientTop }} = plane.canvas;
            return [box.x + clientLeft + left, box.y + clientTop + top]; }}""",
        [key, *map(float, place)],
    )
    return tuple(found)
