"""Takes screenshots of the app's pages, light and dark, wide and narrow: python tools/screenshots.py FOLDER

It starts the app on a free port, opens each page in headless Chromium, waits until the page is complete, and writes
PAGE-THEME-WIDTH.png into FOLDER.
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
    "playground": "playground",
    "results": "results",
    "tables": "results?tab=tables",
    "look": "explore",
    "move": "explore?tab=move",
    "walk": "explore?tab=walk",
    "sample": "explore?tab=sample",
    "write": "test-an-image",
    "judge": "test-an-image?tab=judge",
    "corrupt": "test-an-image?tab=corrupt",
}
THEMES = ("light", "dark")
WIDTHS = (1440, 900)


@contextmanager
def serving(log: Path | None = None, script: Path = ROOT / "app" / "main.py", **environment: str):
    """Serves the app (or another script) in this context; yields its address.

    Arguments:
        log: file for its output; ``None`` discards it.
        script: the script that is served.
        environment: additional environment variables.
    """
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address", "127.0.0.1"]
    with answering(command, log, "/", {**os.environ, **environment}) as address:
        yield address


@contextmanager
def answering(command: list[str], log: Path | None, folder: str | Path, environment: dict[str, str]):
    """Starts a command that serves the app; yields its address once it answers.

    Arguments:
        command: the command, to which Streamlit's options are added.
        log: file for its output; ``None`` discards it.
        folder: working directory of the command.
        environment: all environment variables of the command.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*command, "--server.port", str(port), "--server.headless", "true"]
    with open(log or os.devnull, "w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:  # the computer may be busy
                server.kill()
                server.wait()


def _wait_for(url: str, server: subprocess.Popen, seconds: float = 300) -> None:
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
    """Returns the path of Chromium, or ``None``."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser():
    """Starts a headless Chromium under Playwright."""
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=[*quiet, "--disable-sync"])
        try:
            yield instance
        finally:
            instance.close()


#: Lists the app's unfinished work: scripts, fonts, visible figures, and animations.
BUSY = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const { testConnectionState: connection, testScriptState: script } = app?.dataset ?? {};
    const waits = '[data-testid="stSpinner"], [data-testid="stSkeleton"], [data-stale="true"]';
    const moves = (one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime < Infinity;
    const nameOf = (element) => element?.cloneNode().outerHTML.slice(0, 200) ?? '';
    return [
        connection !== 'CONNECTED' && `connection ${connection}`,
        !['notRunning', 'compilationError'].includes(script) && `script ${script}`,
        !app?.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]') && 'an empty page',
        document.fonts.status !== 'loaded' && 'fonts',
        ...[...document.querySelectorAll(waits)].map(nameOf),
        ...[...document.querySelectorAll('[data-figure]')]
            .filter((figure) => figure.dataset.state !== 'drawn' && figure.checkVisibility()).map(nameOf),
        ...[...document.querySelectorAll('[data-move], [data-playground]')]
            .filter(({ dataset }) => [undefined, 'waiting'].includes(dataset.state)).map(nameOf),
        ...document.getAnimations().filter(moves).map((one) => `motion of ${nameOf(one.effect.target)}`),
    ].filter(Boolean);
}"""
#: Checks that there was no unfinished work in more than the given number of successive frames.
IS_DRAWN = f"""frames => {{
    window.drawnFrames = ({BUSY})().length ? 0 : (window.drawnFrames ?? 0) + 1;
    return window.drawnFrames > frames;
}}"""
FRAMES = 3


def settle(page, seconds: float = 120) -> None:
    """Waits until the app runs no script and shows its figures, also after a click."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

    page.evaluate("() => { window.drawnFrames = -1; }")
    try:
        page.wait_for_function(IS_DRAWN, arg=FRAMES, timeout=seconds * 1000)
    except PlaywrightTimeoutError as error:
        busy = "; ".join(page.evaluate(BUSY)) or "nothing now, but it was never idle for a few frames in a row"
        raise TimeoutError(f"{page.url} is busy with {busy}") from error


def main() -> None:
    """Takes the screenshots of all pages in ``PAGES``, or of the given pages."""
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
