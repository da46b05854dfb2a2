"""The page Latent space: one model, several side by side, and the morph."""

import numpy as np
import pytest
from page_helpers import GENERATIVE, clean, figures, pick

import ibinn_core as ib
from app.figures.morph import FRAMES, TWEENS
from ibinn_core.exploration import project


@pytest.mark.parametrize(
    "query",
    [
        {"show": "Side by side"},
        {"show": "Morph over γ"},
    ],
)
def test_several_models_without_a_data_set(open_page, no_data, query):
    page = clean(open_page("latent", **query))
    (figure,) = figures(page)
    count = len(GENERATIVE)
    if query["show"] == "Side by side":
        assert sum(t.customdata is not None for t in figure.data) == 10 * min(count, 4)
    else:
        ways = len(ib.family("cifar10").curve) - 1  # from place to place of the measured curve
        assert len(figure.frames) == ways * min(TWEENS, -(-FRAMES // ways)) + 1


def test_the_morph_of_another_view_goes_from_trained_model_to_trained_model(open_page, no_data):
    page = clean(open_page("latent", show="Morph over γ", view="Linear discriminants"))
    (figure,) = figures(page)
    ways = len(ib.family("cifar10").members) - 1
    assert len(figure.frames) == ways * min(TWEENS, -(-FRAMES // ways)) + 1
    assert "first discriminant" in figure.layout.xaxis.title.text


def test_a_class_filter_leaves_the_others_out(open_page, no_data):
    page = clean(open_page("latent", model="gamma-1", drawn=["car", "ship"]))
    labels = GENERATIVE[0].latent["labels"]
    drawn = sum(len(t.customdata) for f in figures(page) for t in f.data if t.customdata is not None)
    assert drawn == np.isin(labels, [1, 8]).sum()


def test_ones_own_image_is_a_star_where_the_network_puts_it(open_page, no_data):
    page = clean(open_page("latent", model="gamma-1", add="true", mine="sample-5"))
    images, _ = ib.data.load("sample", "test")
    z = ib.load("gamma-1").encode(ib.dequantize(ib.to_unit(images[5:6]))).numpy()
    latent = next(c for c in ib.checkpoints() if c.id == "gamma-1").latent
    exact = project(z, (latent["means_origin"], latent["means_directions"]))[0, :2]
    mark = next(t for f in figures(page) for t in f.data if t.marker.symbol == "star")
    assert np.allclose([mark.x[0], mark.y[0]], exact, atol=1e-3)


def test_a_lasso_is_summed_up(open_page, no_data):
    page = open_page("latent", model="gamma-1")
    pick(page, "cloud-figure", *range(40))
    clean(page.run())
    assert any("40 test images" in m.value for m in page.markdown)


def test_of_too_many_models_the_slider_s_and_the_latest_choices_stand_side_by_side(open_page, no_data):
    query = {"show": "Side by side", "model": "gamma-1", "models": "only-lx,gamma-0.2,gamma-1,gamma-35.65"}
    page = open_page("latent", **query)

    def titles(page):
        return [note.text.partition("</b>")[0].removeprefix("<b>") for note in figures(page)[0].layout.annotations]

    assert titles(page) == ["only likelihood", "γ = 0.2", "γ = 1", "γ = 35.65"] and not page.info
    page.get_by_key("models").set_value([*page.session_state["models"], "only-ly"])
    clean(page.run())
    assert titles(page) == ["γ = 0.2", "γ = 1", "γ = 35.65", "only classes"]
    assert "the slider's" in page.info[0].value


def test_the_image_that_is_looked_at_is_ringed_in_every_panel(open_page, no_data):
    query = {"show": "Side by side", "models": "gamma-1,only-ly"}
    without = figures(open_page("latent", **query))[0].data
    drawn = [row for t in without if t.customdata is not None for row in t.customdata]
    hashes = next(c for c in GENERATIVE if c.id == "gamma-1").latent["hashes"]
    point = np.setdiff1d(np.arange(len(hashes)), drawn)[0]  # one that chance leaves out
    page = clean(open_page("latent", **query, point=f"{hashes[point]:016x}"))
    rings = [t for t in figures(page)[0].data if t.customdata is None and t.mode == "markers" and len(t.x) == 1]
    assert [t.xaxis for t in rings] == ["x", "x2"]
