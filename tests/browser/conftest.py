"""Browsers and tabs: what the browser tests share."""

import pytest
from browser_helpers import quiet_server

from tools.screenshots import browser, settle


@pytest.fixture(scope="module")
def chrome():
    pytest.importorskip("playwright", reason="Playwright for Python is not installed")
    with browser() as instance:
        yield instance


@pytest.fixture
def page(chrome, tmp_path, request):
    """The module's ``ADDRESS`` in a fresh tab, on a server of its own."""
    with quiet_server(tmp_path / "log") as address:
        context = chrome.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
        tab = context.new_page()
        tab.goto(f"{address}/{request.module.ADDRESS}")
        settle(tab)
        yield tab
        context.close()
