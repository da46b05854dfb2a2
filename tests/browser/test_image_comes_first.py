"""Where the image is on stage and on a phone, and a γ slider of models that cannot be mixed."""

import pytest
from browser_helpers import IN_A_BROWSER, overlap, quiet_server
from grid_helpers import mostly_slow

import ibinn_core as ib
from tools.screenshots import ROOT, settle

pytestmark = IN_A_BROWSER

SLIDER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
import ibinn_core as ib
from app.models.gamma_slider import gamma_slider
from ibinn_core.weight_space import Family

family = Family(ib.family("cifar10").members, None)
gamma = st.session_state.setdefault("given", 1.0)
gamma_slider(family, gamma, "slider", lambda gamma: st.session_state.update(given=gamma), only_ticks=True)
st.text(f"chosen {{gamma:g}}")
"""


def box_of(tab, selector: str) -> dict:
    return tab.locator(selector).first.bounding_box()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), mostly_slow([(853, 480), (1280, 720), (1920, 1080)], (1280, 720)))
@pytest.mark.parametrize("path", mostly_slow(["test-an-image?tab=judge&", "test-an-image?tab=corrupt&"]))
def test_on_stage_the_image_is_in_sight_and_can_be_changed(new_tab, server, path, width, height):
    tab = new_tab(width, height)
    tab.goto(f"{server}/{path}stage=true&image=sample-3")
    settle(tab)
    button = box_of(tab, ".st-key-image-change button")
    assert button["y"] + button["height"] < height
    if "judge" in path:
        assert not overlap(box_of(tab, ".st-key-panel-controls img"), box_of(tab, ".js-plotly-plot"))
    else:
        texts = [text.bounding_box() for text in tab.locator(".js-plotly-plot svg text").all()]
        assert len(texts) > 10 and not any(overlap(button, text) for text in texts if text)
    if width == 1280:
        before = tab.url
        tab.locator(".st-key-image-change button").first.click()
        tab.locator(".st-key-image-grid button").nth(7).click()
        tab.wait_for_function("url => location.href !== url", arg=before)
        assert "stage=true" in tab.url and "image=" in tab.url


@pytest.mark.slow
def test_on_a_phone_image_player_and_controls_stand_beside_the_figure(new_tab, server):
    tab = new_tab(420, 800, has_touch=True)
    tab.goto(f"{server}/test-an-image?tab=judge")
    settle(tab)
    image, bars = box_of(tab, ".st-key-panel-controls img"), box_of(tab, ".st-key-bayes")
    assert 0 <= bars["y"] - image["y"] - image["height"] < 60

    tab.goto(f"{server}/test-an-image?tab=corrupt")
    settle(tab)
    player, figure = box_of(tab, ".st-key-ood-figure .player"), box_of(tab, ".st-key-ood-figure .js-plotly-plot")
    assert 0 <= player["y"] - figure["y"] - figure["height"] < 40

    tab.goto(f"{server}/explore")
    settle(tab)
    plane, view = box_of(tab, ".plane"), box_of(tab, ".st-key-view")
    first = box_of(tab, ".st-key-wide-look-image .tile, [class*=st-key-][class*=look-image] .tile")
    assert plane["y"] < 700 and plane["y"] + plane["height"] < first["y"] and plane["y"] < view["y"]
    tile = tab.locator('[class*="look-neighbors"] .tile').nth(1)
    tile.scroll_into_view_if_needed()
    tile.tap()
    tab.wait_for_url("**point=**")


@pytest.mark.slow
def test_a_slider_of_models_that_do_not_mix_has_their_numbers_and_stops_at_them(new_tab, tmp_path):
    (tmp_path / "main.py").write_text(SLIDER)
    with quiet_server(tmp_path / "log", script=tmp_path / "main.py") as address:
        tab = new_tab(900, 600)
        tab.goto(address)
        tab.get_by_text("chosen 1", exact=True).wait_for(timeout=60_000)
        family = ib.family("cifar10")
        card = next(one.card for one in family.members if one.gamma == 1)
        assert tab.locator("[data-error]").inner_text() == f"{card['error']:.1%}".replace("%", " %")
        slider, ticks = tab.locator("[data-slider]"), tab.locator("[data-ticks] button")
        at = list(family.gammas).index(1)
        places = [ticks.nth(number).bounding_box()["x"] for number in (at, at + 1)]
        box = slider.bounding_box()
        # A third of the way to the next model: the slider goes back to the nearer one.
        slider.click(position={"x": places[0] + (places[1] - places[0]) * 0.3 - box["x"], "y": box["height"] / 2})
        value = "slider => Number(slider.value)"
        trained = slider.evaluate(value)
        slider.press("ArrowRight")
        tab.get_by_text(f"chosen {family.gammas[at + 1]:g}", exact=True).wait_for()
        assert slider.evaluate(value) > trained
        slider.press("ArrowLeft")
        tab.get_by_text("chosen 1", exact=True).wait_for()
        assert slider.evaluate(value) == pytest.approx(trained, abs=1)
