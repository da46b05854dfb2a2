"""Move on a flow of another library, which has no model for the browser: the server computes what a hand has done."""

import os

import pytest
from browser_helpers import IN_A_BROWSER, listen
from own_flow_helpers import EXAMPLES, made_examples

from tools.screenshots import serving

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]
SHARES = "all => all.map(b => Number(b.style.getPropertyValue('--share')))"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """The app on the checkpoint of zuko's example, with the file that builds its flow."""
    made = made_examples(tmp_path_factory)
    environment = {
        "IBINN_FLOWS": str(EXAMPLES / "zuko_flow.py"),
        "IBINN_CHECKPOINTS": str(made / "checkpoints"),
        "IBINN_DATA": str(made),
    }
    with serving(**{**os.environ, **environment}) as address:
        yield address


def test_a_class_is_taken_and_the_server_draws_the_image(own_server, new_tab, usual):
    tab = new_tab(1280, 900)
    problems = listen(tab)
    tab.goto(f"{own_server}/move?model=small-digits-zuko")
    note = tab.locator("[data-note]")
    note.filter(has_text="The server computes, when you let go").wait_for(timeout=120_000)
    buttons = tab.locator(".move-classes button")
    shares = buttons.evaluate_all(SHARES)
    other = (max(range(10), key=shares.__getitem__) + 3) % 10
    drawn = "() => document.querySelector('[data-picture]').toDataURL()"
    before = tab.evaluate(drawn)
    buttons.nth(other).click()
    tab.wait_for_url(f"**moves=to*{other}*", timeout=120_000)
    now_on_top = """other => { const shares = [...document.querySelectorAll(".move-classes button")]
        .map(b => Number(b.style.getPropertyValue("--share")));
        return shares.indexOf(Math.max(...shares)) === other; }"""
    tab.wait_for_function(now_on_top, arg=other, timeout=120_000)
    tab.wait_for_function(f"before => ({drawn})() !== before", arg=before, timeout=120_000)
    # The two other flows are refused, as nobody has named their files: quietly, above the page.
    assert tab.get_by_text("name it in IBINN_FLOWS").count() == 2
    assert [line for line in problems if line not in usual] == []
