"""What holds for every page as it opens. Each is opened once, and all tests look at it there."""

from typing import NamedTuple

import pytest
from browser_helpers import IN_A_BROWSER, INTERRUPTED, listen, overflow

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
#: Those with one figure that is the page.
FIGURES = ("sample", "interpolate", "latent", "out-of-distribution", "latent?data=mnist", "sample?data=mnist")
PAGES = ("", "lessons", "trade-off", "inspect", "draw", *FIGURES)
PROJECTOR = (1280, 720)


class Opened(NamedTuple):
    """A page in a tab, and what its console has complained of."""

    path: str
    tab: object
    problems: list[str]


@pytest.fixture(scope="module", params=PAGES)
def opened(request, tabs, server):
    with tabs.lend(*PROJECTOR) as tab:
        problems = listen(tab)
        tab.goto(f"{server}/{request.param}")
        settle(tab)
        yield Opened(request.param, tab, problems)


def at(opened: Opened, width: int, height: int):
    """The tab in a window of this size."""
    if opened.tab.viewport_size != {"width": width, "height": height}:
        opened.tab.set_viewport_size({"width": width, "height": height})
        settle(opened.tab)
    return opened.tab


def test_it_opens_and_nothing_goes_wrong(opened, usual):
    assert opened.tab.locator('[data-testid="stException"]').count() == 0
    assert opened.path == "lessons" or opened.tab.locator(".js-plotly-plot, canvas").count() >= 1
    assert set(opened.problems) - usual - {INTERRUPTED} == set()


def test_it_fits_a_projector_and_its_figure_is_whole_there(opened):
    tab = at(opened, *PROJECTOR)
    assert overflow(tab) <= 1
    if opened.path in FIGURES:
        box = tab.locator(".st-key-stage-figure .js-plotly-plot").first.bounding_box()
        assert box["y"] + box["height"] <= 720
        assert box["height"] >= 300


def test_axe_finds_no_serious_fault(opened):
    assert serious_faults(at(opened, *PROJECTOR)) == []


def test_nothing_overflows_sideways_in_a_narrow_window(opened):
    assert overflow(at(opened, 900, 900)) <= 1


def test_nothing_overflows_sideways_on_a_phone(opened):
    assert overflow(at(opened, 420, 800)) <= 1


@pytest.mark.parametrize("path", ["lessons", "sample"])
def test_axe_finds_no_serious_fault_in_the_dark(new_tab, server, path):
    tab = new_tab(*PROJECTOR, "dark")
    tab.goto(f"{server}/{path}")
    settle(tab)
    assert serious_faults(tab) == []


def serious_faults(tab) -> list[str]:
    """By axe-core, which looks at what a page means to people who do not see it."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for fault in Axe().run(tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
