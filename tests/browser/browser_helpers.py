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

TIMEOUT = 60_000  # ms; only broken code takes this long


def listen(tab) -> list[str]:
    """Collects the errors of a tab, except those about files of Streamlit that its server does not have."""
    problems: list[str] = []

    def hear(message) -> None:
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            problems.append(f"{message.text} {message.location['url']}")

    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", hear)
    return problems


def swipe(tab, *places: tuple[float, float]) -> None:
    """Draws a line through points of the window with a finger, or taps a single point.

    The finger moves once per frame, and rests before it lifts. So scrolling stops before the next step of a test.
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
    """Tabs that tests use in turn. A tab that has run Streamlit's scripts opens a page in less than half the time."""

    def __init__(self, chrome) -> None:
        self._chrome = chrome
        self._idle = defaultdict(list)  # unused tabs, by the options of their contexts

    @contextmanager
    def lend(self, width: int = 1280, height: int = 1000, theme: str = "light", **options):
        """Lends an empty tab. Its size is in CSS pixels; ``options`` are its context's, such as ``has_touch``."""
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
    """Serves the app, or another ``script``, and yields its address. At the end, its log must have no exception."""
    with serving(log, **script, IBINN_PROCESSES="1") as address:  # with processes, as for users
        yield address
    text = log.read_text()
    assert "Traceback" not in text and "Exception" not in text, text[-3000:]


@contextmanager
def shared_server(folder: Path, name: str):
    """Yields the address of a server of the app. All workers of pytest-xdist share the server and its answers.

    The first worker that needs the server starts it, and ends it when no other worker uses it any more. A worker uses
    the server as long as it holds the lock of its ``name`` in ``folder``. The lock ends with the worker.
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
    """Waits until no worker uses the server, then deletes its address."""
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
    """Waits until the page has this address and has settled."""
    page.wait_for_url(url)
    settle(page)


def text_of(page) -> str:
    """Returns the visible text of a page."""
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ")


def wait_for_model(page, name: str) -> None:
    """Waits until the slider shows ``name`` as the page's model."""
    page.locator("b.what", has_text=name).wait_for(timeout=60_000)


def dot_of(page, selector: str, row: object) -> tuple[float, float]:
    """Returns the position in the window of the dot with this row."""
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


#: A JavaScript function: returns the range of each axis of an element that Plotly draws.
RANGES = """plot => Object.fromEntries(Object.entries(plot._fullLayout)
    .filter(([name]) => /^[xy]axis\\d*$/.test(name)).map(([name, axis]) => [name, [...axis.range]]))"""


def draw(page, places: Sequence[tuple[float, float]]) -> None:
    """Draws a line through points of the window, with the mouse button held down."""
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


#: A JavaScript function: returns the levels of a canvas's pixels. It reads a copy: Chromium warns of repeated reading.
GREY = """canvas => {
    const { width, height } = canvas ?? { width: 0, height: 0 };
    if (!width || !height) return [];
    const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    return Array.from({ length: width * height }, (_, at) => data[4 * at]); }"""
#: A JavaScript function: tells whether two lists of levels are equal, up to rounding or ``most`` levels.
NEAR = "(one, other, most = 2) => one.length === other.length && one.every((v, at) => Math.abs(v - other[at]) <= most)"


#: A JavaScript function: tells whether an element is completely in the window, and nothing else covers its centre.
# (Pages scroll by whole pixels, so a fraction of a pixel may lie outside.)
IS_SEEN = """element => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const inside = left > -1 && right < innerWidth + 1 && top > -1 && bottom < innerHeight + 1;
    return inside && element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}"""


def are_seen(tab, selectors: list[str]) -> None:
    """Waits until the first element of each selector is completely in the window, and nothing covers its centre."""
    for selector in selectors:
        tab.wait_for_function(IS_SEEN, arg=tab.locator(selector).first.element_handle())


def in_plane(tab, place, key: str = "look-0") -> tuple[float, float]:
    """Returns the position in the window of a point of a plane."""
    found = tab.evaluate(
        f"""async ([key, x, y]) => {{
            const {{ cloudOf }} = await import("/app/static/vendor/{published_modules()}/plane/component.js");
            const {{ plane }} = cloudOf(key), box = plane.canvas.getBoundingClientRect();
            const [left, top] = plane.at(x, y), {{ clientLeft, clientTop }} = plane.canvas;
            return [box.x + clientLeft + left, box.y + clientTop + top]; }}""",
        [key, *map(float, place)],
    )
    return tuple(found)
