"""The app with a stranger's models, whose texts must not become links, and the app installed from a wheel."""

import pytest
from browser_helpers import IN_A_BROWSER, quiet_server, text_of
from flow_page import needs_runtime
from shared_helpers import shared_folder
from wheel_helpers import build_wheel, opened

from tests.app.hostile_helpers import HOST, build_hostile
from tools.screenshots import PAGES, settle

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]

MORE = {"mistakes": "explore?add=true&color=mistakes", "blend": "test-an-image?tab=corrupt&corruption=Blend"}
#: A JavaScript function: returns all attributes that link to the stranger's server or would fetch something from it.
LEADING = f"""() => [...document.querySelectorAll('*')].flatMap(node => [...node.attributes]
    .filter(one => ['href', 'src', 'xlink:href', 'style', 'srcset'].includes(one.name) && one.value.includes('{HOST}'))
    .map(one => one.value))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers")
    with pytest.MonkeyPatch.context() as patch:
        build_hostile(folder / "checkpoints", patch)
        patch.setenv("IBINN_CHECKPOINTS", str(folder / "checkpoints"))
        patch.setenv("IBINN_DATA", str(folder / "none"))
        with quiet_server(folder / "log") as running:
            yield running


@pytest.mark.parametrize("data", ["cifar10", "my-shapes"])
def test_no_page_leads_to_the_stranger(new_tab, address, data):
    page, asked = new_tab(1280, 720), []
    page.on("request", lambda request: asked.append(request.url))
    for name, path in (PAGES | MORE).items():
        if name == "lessons":  # lessons need models that are missing here, and show no text of the stranger's models
            continue
        page.goto(f"{address}/{path}{'&' if '?' in path else '?'}data={data}")
        settle(page)
        assert page.evaluate(LEADING) == [], name
        assert HOST in text_of(page).replace("\u2060", ""), name
    assert not [url for url in asked if HOST in url.partition("?")[0]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The address where the installed command serves the app."""
    built = shared_folder(tmp_path_factory, "wheel", build_wheel)
    with opened(built, tmp_path_factory.mktemp("home")) as address:
        yield address


@needs_runtime
def test_the_browser_computes_with_the_models_of_the_wheel(new_tab, installed):
    tab = new_tab()
    tab.goto(f"{installed}/explore?tab=move")
    settle(tab)
    shares = (
        "() => [...document.querySelectorAll('.move-classes button')].map(b => b.style.getPropertyValue('--share'))"
    )
    tab.wait_for_function(f"() => ({shares})().some(share => Number(share) > 0.5)")
    assert len(tab.evaluate(shares)) == 10
