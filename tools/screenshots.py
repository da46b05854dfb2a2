"""Screenshots of every page, light and dark, wide and narrow: python tools/screenshots.py FOLDER

Starts the app on a free port, opens each page in headless Chromium, waits until it has settled, and
writes PAGE-THEME-WIDTH.png into FOLDER.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "start": "",
    "lessons": "lessons",
    "tradeoff": "trade-off",
    "table1": "table-1",
    "latent": "latent",
    "interpolate": "interpolate",
    "sample": "sample",
    "inspect": "inspect",
    "ood": "out-of-distribution",
    "draw": "draw",
}
THEMES = ("light", "dark")
WIDTHS = (1440, 900)


@contextmanager
def serving(log: Path | None = None, script: Path = ROOT / "app" / "main.py", **environment: str):
    """The address of the running app (or another script); it is stopped afterwards.

    Arguments:
        log: where its output goes; nowhere unless given.
        script: which it serves.
        environment: variables that it has beside those of this process.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    with open(log or os.devnull, "w") as output:
        variables = {**os.environ, **environment}
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd="/", env=variables)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(url: str, server: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with status {server.returncode} before it answered")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"the app did not answer at {url} within {seconds:.0f} s")


def chromium() -> str | None:
    """Where Chromium is, or ``None``."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser():
    """A headless Chromium under Playwright."""
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=[*quiet, "--disable-sync"])
        try:
            yield instance
        finally:
            instance.close()


#: Whether the app runs no script, has its fonts and all figures that are not hidden, and nothing fades or moves.
IS_DRAWN = """frames => {
    const app = document.querySelector('[data-testid="stApp"]');
    const hasRun = app?.dataset.testConnectionState === 'CONNECTED'
        && ['notRunning', 'compilationError'].includes(app.dataset.testScriptState)
        && app.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]')
        && !document.querySelector('[data-testid="stSpinner"], [data-testid="stSkeleton"], [data-stale="true"]');
    const isDrawn = (figure) => figure.dataset.state === 'drawn' || !figure.checkVisibility();
    const moves = (one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime < Infinity;
    const isAllDrawn = hasRun && [...document.querySelectorAll('[data-figure]')].every(isDrawn)
        && !document.getAnimations().some(moves);
    window.drawnFrames = isAllDrawn ? (window.drawnFrames ?? 0) + 1 : 0;
    return window.drawnFrames > frames && document.fonts.status === 'loaded';
}"""
FRAMES = 3  # of the browser in a row for which that holds: what comes next is on its way then


def settle(page, seconds: float = 120) -> None:
    """Waits until the app runs no script and shows its figures; a click before has reached it."""
    page.evaluate("() => { window.drawnFrames = -1; }")
    page.wait_for_function(IS_DRAWN, arg=FRAMES, timeout=seconds * 1000)


def main() -> None:
    """Takes all screenshots, or those of the pages named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", choices=PAGES, action="append", help="only these pages")
    parser.add_argument("--query", default="", help="query string of the URL, e.g. 'model=gamma-1'")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with serving() as address, browser() as instance:
        for theme in THEMES:
            for width in WIDTHS:
                context = instance.new_context(viewport={"width": width, "height": 1000}, color_scheme=theme)
                page = context.new_page()
                for name in options.page or PAGES:
                    page.goto(f"{address}/{PAGES[name]}?{options.query}")
                    settle(page)
                    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
                    page.set_viewport_size({"width": width, "height": max(1000, height + 20)})
                    settle(page)
                    page.screenshot(path=options.folder / f"{name}-{theme}-{width}.png")
                    page.set_viewport_size({"width": width, "height": 1000})
                context.close()


if __name__ == "__main__":
    main()
