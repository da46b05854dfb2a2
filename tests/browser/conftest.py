"""A server, browsers and tabs, which the browser tests share."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from bare_page import SIZE, BarePage
from browser_helpers import Tabs, listen, shared_server
from hosting import bare_server

from tools.screenshots import browser, settle


class Kept:
    """State beyond a module: the browser and its tabs, and who closes it."""

    chrome = tabs = bare = None
    closing = ExitStack()


@pytest.fixture(scope="module")
def chrome():
    """The browser, one for all modules that follow one another."""
    pytest.importorskip("playwright", reason="no Playwright: pip install -r requirements-test.txt")
    if Kept.chrome is None:
        Kept.chrome = Kept.closing.enter_context(browser())
        Kept.tabs = Tabs(Kept.chrome)
    return Kept.chrome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Closes the browser before tests of other folders, since Playwright's event loop would disturb theirs."""
    try:
        yield
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            Kept.chrome = Kept.tabs = Kept.bare = None
            Kept.closing.close()


@pytest.fixture
def bare(chrome):
    """The page without Streamlit, as it is when nothing is on it; its console must not complain."""
    if Kept.bare is None:
        host = Kept.closing.enter_context(bare_server())
        Kept.bare = BarePage(chrome.new_context(viewport=SIZE).new_page(), host.address)
    Kept.bare.reset()
    yield Kept.bare
    assert Kept.bare.problems == []


@pytest.fixture(scope="module")
def mover():
    """The library's moves under the digits' model of γ = 1."""
    from moves_helpers import Mover

    from app.models import registry

    return Mover(registry.by_id("mnist-gamma-1"))


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
def new_tab(chrome):
    """``new_tab(width, height, theme, **options)`` is a tab on which nothing is open, as :class:`Tabs` lends it."""
    with ExitStack() as lent:
        yield lambda *place, **options: lent.enter_context(Kept.tabs.lend(*place, **options))


@pytest.fixture
def visit(new_tab, server):
    """``visit(path, width, height, **options)`` is a tab on a page; nothing may have gone wrong on it in the end."""
    tabs = []

    def open_page(path: str, width: int = 1280, height: int = 720, **options):
        tab = new_tab(width, height, **options)
        tabs.append((tab, listen(tab)))
        tab.goto(f"{server}/{path}")
        settle(tab)
        return tab

    yield open_page
    for tab, problems in tabs:
        assert tab.locator('[data-testid="stException"]').count() == 0
        assert problems == []
