"""The app of an installed wheel, on a machine without the clone, without a data set and without CIFAR-10's models."""

import pytest
from browser_helpers import IN_A_BROWSER
from flow_page import needs_runtime
from shared_helpers import shared_folder
from wheel_helpers import build_wheel, opened

from tools.screenshots import settle

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The address at which the installed command serves the app."""
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
