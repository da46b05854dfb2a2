"""A server, browsers and tabs: what the browser tests share."""

import os

import pytest
from browser_helpers import shared_server

from tools.screenshots import browser, settle


@pytest.fixture(scope="module")
def chrome():
    pytest.importorskip("playwright", reason="Playwright for Python is not installed")
    with browser() as instance:
        yield instance


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of the app as it is on this machine."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if worker else base) / "server"  # the workers' own folders lie in one of them all
    folder.mkdir(exist_ok=True)
    with shared_server(folder, worker or "alone") as address:
        yield address


@pytest.fixture
def tab(chrome):
    """A fresh tab on which nothing is open yet."""
    context = chrome.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab, server, request):
    """The module's ``ADDRESS`` in that tab."""
    tab.goto(f"{server}/{request.module.ADDRESS}")
    settle(tab)
    return tab
