"""The server, the browser and the tabs that the browser tests share."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from bare_page import SIZE, BarePage
from browser_helpers import Tabs, listen, shared_server
from hosting import bare_server

from tools.screenshots import browser, settle


class Kept:
    """State that all modules share: the browser and its tabs, and the stack that closes them."""

    chrome = tabs = bare = None
    closing = ExitStack()


@pytest.fixture(scope="module")
def chrome():
    """The browser, which all modules of this folder share."""
    pytest.importorskip("playwright", reason="no Playwright: pip install -r requirements-test.txt")
    if Kept.chrome is None:
        Kept.chrome = Kept.closing.enter_context(browser())
        Kept.tabs = Tabs(Kept.chrome)
    return Kept.chrome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Closes the browser before tests of other folders: Playwright's event loop would disturb their event loops."""
    try:
        yield
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            Kept.chrome = Kept.tabs = Kept.bare = None
            Kept.closing.close()


@pytest.fixture
def bare(chrome):
    """The page without Streamlit, empty. At the end, its console must have no error or warning."""
    if Kept.bare is None:
        host = Kept.closing.enter_context(bare_server())
        Kept.bare = BarePage(chrome.new_context(viewport=SIZE).new_page(), host.address)
    Kept.bare.reset()
    yield Kept.bare
    assert Kept.bare.problems == []


@pytest.fixture(scope="module")
def mover():
    """The library's moves with the model of the digits at γ = 1."""
    from moves_helpers import Mover

    from app.models import registry

    return Mover(registry.by_id("mnist-gamma-1"))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of the app, which has the settings of this machine."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if worker else base) / "server"  # each worker's folder is in a common folder
    folder.mkdir(exist_ok=True)
    with shared_server(folder, worker or "alone") as address:
        yield address


@pytest.fixture
def new_tab(chrome):
    """``new_tab(width, height, theme, **options)`` returns an empty tab: see :meth:`Tabs.lend`."""
    with ExitStack() as lent:
        yield lambda *place, **options: lent.enter_context(Kept.tabs.lend(*place, **options))


@pytest.fixture
def visit(new_tab, server):
    """``visit(path, width, height, **options)`` opens a page in a tab. At the end, no tab may have an error."""
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
