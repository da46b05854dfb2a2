"""Measures a static site on a phone: seconds to the first picture and to a live model, and how many taps actions need.

    python -m ibinn_explorer site site && python benchmarks/site_phone.py site
    python benchmarks/site_phone.py site --live --no-taps    # first pictures alone

The server sends 4 Mbit/s in total and answers after 80 ms. It compresses text with gzip, as most hosts do. Chromium has
a phone's width, touch and an empty cache. Megabytes are 10^6 bytes. "Network alone" is the download time. The rest is
this machine's computing time; a phone is slower.
"""

import argparse
import gzip
import io
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from PIL import Image  # noqa: E402
from playwright.sync_api import TimeoutError  # noqa: E402

from tools.screenshots import browser  # noqa: E402

TEXT = {".html", ".js", ".mjs", ".css", ".json"}
RATE, LATENCY, CHUNK = 4e6 / 8, 0.08, 16_384  # bytes/s, s, bytes
#: Settings of a phone, without the page's security policy, which would forbid Playwright to wait for an expression.
PHONE: dict[str, Any] = {
    **{"viewport": {"width": 420, "height": 800}, "has_touch": True, "is_mobile": True},
    "bypass_csp": True,
}
PATIENCE = 240_000  # ms
#: The links whose first picture is timed: the page, a lesson that begins with a figure, and each view.
LINKS = (
    *("", "lesson=calibration", "view=playground", "view=test", "view=results"),
    *("view=explore&tab=look", "view=explore&tab=sample", "view=explore&tab=walk"),
)
LIVE = ("view=test&data=mnist", "view=test&data=cifar10")
#: Stores the time when the first non-text element came into view, as ``window.firstPicture`` in ms.
WATCH = """
const look = () => {
  const all = document.querySelectorAll("main :is(canvas, svg, img, .tile, [role=img])");
  const isSeen = [...all].some((one) => {
    const { width, height, top } = one.getBoundingClientRect();
    return width >= 24 && height >= 24 && top < innerHeight && one.checkVisibility({ opacityProperty: true });
  });
  if (isSeen) window.firstPicture = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
#: Checks whether the page shows a model's likelihood of the tested image.
ANSWERED = "() => [...document.querySelectorAll('main [data-bits]')].some((one) => /[0-9]/.test(one.textContent))"
TEST = "#tabs a[href*='view=test']"


class Journey(NamedTuple):
    """An action of a user on the site."""

    title: str
    taps: tuple[str, ...]  # CSS selectors in order
    done: str  # a JavaScript function that checks for the result


JOURNEYS = (
    Journey("write a digit", (TEST,), "() => document.querySelector('main .pad-canvas')?.checkVisibility()"),
    Journey(
        "train the Playground",
        ("#tabs a[href*='view=playground']", "main [data-run]"),
        "() => Number(document.querySelector('main [data-steps]')?.textContent) > 0",
    ),
    Journey("judge a photo", (TEST, "main label:has(input[type=file])"), f"() => window.hasPhoto && ({ANSWERED})()"),
)


class Link:
    """A network connection that all requests share."""

    def __init__(self) -> None:
        self.sent, self._free, self._lock = 0, 0.0, threading.Lock()

    def wait_for(self, size: int) -> None:
        """Returns when ``size`` bytes have been transmitted."""
        with self._lock:
            self.sent += size
            self._free = max(self._free, time.perf_counter()) + size / RATE
            end = self._free
        time.sleep(max(0.0, end - time.perf_counter()))


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}

    def __init__(self, *arguments: Any, link: Link, **options: Any) -> None:
        self.link = link
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        time.sleep(LATENCY)
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            return self.send_error(404)
        data = place.read_bytes()
        self.send_response(200)
        if place.suffix in TEXT:
            data = gzip.compress(data, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(place)))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(ConnectionError):  # the page may have been closed
            for start in range(0, len(data), CHUNK):
                self.link.wait_for(len(data[start : start + CHUNK]))
                self.wfile.write(data[start : start + CHUNK])
        return None

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def phone(chrome: Any, folder: Path) -> Iterator[tuple[Any, str, Link]]:
    """Opens a phone's page with an empty cache; yields it with the site's address and the network."""
    link = Link()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder), link=link)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = chrome.new_context(**PHONE)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page, f"http://127.0.0.1:{server.server_port}/", link
        context.close()
        server.shutdown()


def first_picture(chrome: Any, folder: Path, state: str) -> tuple[float, int]:
    """Measures the seconds and the bytes until the first picture."""
    with phone(chrome, folder) as (page, address, link):
        page.goto(f"{address}#{state}", wait_until="commit")
        page.wait_for_function("window.firstPicture", polling=20)
        return page.evaluate("window.firstPicture") / 1e3, link.sent


def live_model(chrome: Any, folder: Path, state: str) -> tuple[float, int]:
    """Measures the seconds and the bytes until a model answers (for digits, after a stroke)."""
    with phone(chrome, folder) as (page, address, link):
        start = time.perf_counter()
        page.goto(f"{address}#{state}", wait_until="commit")
        if "mnist" in state:
            box = page.locator(".pad-canvas").first.bounding_box()
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=5)
            page.mouse.up()
        page.wait_for_function(ANSWERED, polling=50)
        return time.perf_counter() - start, link.sent


def taps_of(chrome: Any, folder: Path, journey: Journey) -> int | None:
    """Counts the taps of a journey; ``None`` if the site does not offer it."""
    with phone(chrome, folder) as (page, address, _):
        Image.new("RGB", (640, 480), (120, 90, 60)).save(buffer := io.BytesIO(), "PNG")
        photo: Any = {"name": "photo.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
        page.on("filechooser", lambda chooser: (chooser.set_files(photo), page.evaluate("window.hasPhoto = true")))
        page.goto(address)
        for count, selector in enumerate(journey.taps, 1):
            with suppress(TimeoutError):
                page.locator(selector).first.tap(timeout=PATIENCE / 8)
                page.wait_for_function(journey.done, timeout=PATIENCE / (8 if count < len(journey.taps) else 2))
                return count
    return None


def report(title: str, runs: list[tuple[float, int]]) -> None:
    seconds, sent = statistics.median(run[0] for run in runs), max(run[1] for run in runs)
    print(f"{title:<40} {seconds:5.1f} s  {sent / 1e6:6.2f} MB  network alone {sent / RATE:5.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--pictures", nargs="*", default=LINKS, help="views whose first picture is timed")
    parser.add_argument("--live", nargs="*", default=LIVE, help="views whose model is timed")
    parser.add_argument("--no-taps", action="store_true", help="skip the count of taps, which takes a minute")
    options = parser.parse_args()
    size = sum(file.stat().st_size for file in options.site.rglob("*") if file.is_file())
    print(f"whole site {size / 1e6:.1f} MB")
    with browser() as chrome:
        for what, measure, states in (
            ("first picture", first_picture, options.pictures),
            ("live model", live_model, options.live),
        ):
            for state in states:
                runs = [measure(chrome, options.site, state) for _ in range(options.times)]
                report(f"{what} of {state or 'the page'}", runs)
        for journey in () if options.no_taps else JOURNEYS:
            count = taps_of(chrome, options.site, journey)
            print(f"taps to {journey.title:<32} {count or 'not possible'}", flush=True)


if __name__ == "__main__":
    main()
