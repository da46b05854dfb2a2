"""What axe-core finds on the pages: no serious fault."""

import pytest
from browser_helpers import IN_A_BROWSER

from tools.screenshots import settle

pytestmark = IN_A_BROWSER
PAGES = ("", "lessons", "trade-off", "latent", "interpolate", "sample", "inspect", "out-of-distribution", "draw")


@pytest.mark.parametrize(
    ("path", "theme"), [*((path, "light") for path in PAGES), ("lessons", "dark"), ("sample", "dark")]
)
def test_there_is_no_serious_fault(chrome, server, path, theme):
    from axe_playwright_python.sync_playwright import Axe

    context = chrome.new_context(viewport={"width": 1280, "height": 720}, color_scheme=theme)
    tab = context.new_page()
    tab.goto(f"{server}/{path}")
    settle(tab)
    faults = [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for fault in Axe().run(tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    context.close()
    assert faults == []
