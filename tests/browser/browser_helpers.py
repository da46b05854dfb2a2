"""What the browser tests say of a server and of a page."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.screenshots import chromium, serving

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@contextmanager
def quiet_server(log: Path):
    """The address of the running app, which must not have complained when the tests are over."""
    with serving(log) as address:
        yield address
    text = log.read_text()
    assert "Traceback" not in text and "Exception" not in text, text[-3000:]


def text_of(page) -> str:
    """What a person reads on a page."""
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ")


def overflow(page) -> int:
    """By how many pixels a page is wider than its window."""
    main = "document.querySelector('[data-testid=\"stMain\"]')"
    return page.evaluate(f"() => {main}.scrollWidth - {main}.clientWidth")


def choose_tick(page, name: str) -> None:
    """Puts the slider at the trained model that people call ``name``."""
    page.locator(f'[data-ticks] button[title^="{name}:"]').click()


def wait_for_model(page, name: str) -> None:
    """Until the slider says that the page shows the model that people call ``name``."""
    page.locator(".what b", has_text=name).wait_for(timeout=60_000)
