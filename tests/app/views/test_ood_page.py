"""The page on which an image leaves the distribution, and what it says about it."""

import numpy as np
import pytest
from grid_helpers import mostly_slow
from page_helpers import GENERATIVE, alts, clean, figures, tiles

import ibinn_core as ib
from app.images.opening import opening
from app.latent_space import clouds
from ibinn_core.data import CIFAR10_CLASSES as CLASSES

CORRUPTIONS = {
    "rotation": {},
    "noise": {"corruption": "Noise", "ood-seed": "4"},
    "another image": {"corruption": "Blend", "other": "sample-5"},
}


@pytest.fixture
def strip_of(open_page):
    """The images of a page opened with a query, ``(T, 32, 32, 3)``."""

    def run(**query) -> np.ndarray:
        figure = figures(clean(open_page("ood", **query)))[0]
        strip = tiles(figure)[::4, ::4].reshape(-1, 32, 32, 3)
        assert len(strip) == len(figure.frames)
        return strip

    return run


@pytest.mark.parametrize("name", mostly_slow(CORRUPTIONS))
def test_a_link_opens_each_corruption_and_begins_with_the_image(strip_of, no_data, name):
    images, _ = ib.data.load("sample")
    strip = strip_of(image="sample-2", **CORRUPTIONS[name])
    assert np.array_equal(strip[0], images[2]) and not np.array_equal(strip[len(strip) // 2], images[2])
    if name == "another image":
        assert np.array_equal(strip[-1], images[5])


@pytest.mark.slow
def test_strength_and_seed_change_the_images(strip_of, no_data):
    noise = strip_of(corruption="Noise")
    assert not np.array_equal(noise, strip_of(**{"corruption": "Noise", "ood-seed": "1"}))
    strong = strip_of(corruption="Noise", amplitude="0.2")
    assert np.array_equal(strong[10], noise[20])  # the same pattern, twice as fast
    assert not np.array_equal(strip_of(), strip_of(angle="90°"))


def test_the_sliders_model_is_the_one_whose_path_is_drawn(open_page, no_data):
    page = open_page("ood", models="only-ly", model="gamma-0.02")
    assert "under" not in page.query_params
    drawn = [t for t in figures(page)[0].data if t.type == "scatter" and t.mode == "lines" and t.name]
    assert [t.name for t in drawn if t.line.width == 4][:1] == ["γ = 0.02"]
    page.session_state["model"] = "gamma-1"
    clean(page.run())
    assert "model" not in page.query_params  # the default
    page.session_state["model"] = "gamma-35.65"
    assert clean(page.run()).query_params["model"] in ("gamma-35.65", ["gamma-35.65"])


@pytest.mark.parametrize(
    "query",
    mostly_slow([{"corruption": "Frost"}, {"model": "gamma-banana"}, {"ood-seed": "-3"}, {"angle": "1000°"}]),
)
def test_nonsense_in_the_url_opens_the_page_all_the_same(open_page, no_data, query):
    assert figures(clean(open_page("ood", **query)))


@pytest.mark.slow
def test_every_model_can_be_looked_at(open_page, no_data):
    for checkpoint in GENERATIVE:
        page = clean(open_page("ood", model=checkpoint.id, axes="Plane of the means"))
        text = " ".join(m.value for m in page.markdown)
        assert f"**{100 * checkpoint.card['error']:.1f} %**" in text
        (figure,) = figures(page)
        dots = [t for t in figure.data if t.name in CLASSES]
        stored = clouds.cloud(checkpoint, "means").points
        drawn = np.concatenate([np.stack([t.x, t.y], 1) for t in dots])
        assert len(drawn) == 2500 and np.isin(drawn[:50, 0].astype(np.float32), stored[:, 0]).all()


def test_how_little_the_plane_shows_is_said_once_at_the_plane(open_page, no_data):
    page = clean(open_page("ood", axes="Plane of the means"))
    assert "of the image's path lies in it" in figures(page)[0].layout.xaxis.title.text
    assert not any("of the image's path lies in it" in m.value for m in page.markdown)


def test_a_verdict_for_each_chosen_model(open_page, no_data):
    page = clean(open_page("ood", models="gamma-0.02,gamma-35.65", beside=""))
    verdicts = next(m.value for m in page.markdown if "■" in m.value)
    assert verdicts.count("■") == 2 and "**γ = 0.02**: " in verdicts and "**γ = 35.65**: " in verdicts
    names = {t.name for t in figures(page)[0].data if t.type == "scatter" and t.mode == "lines" and t.name}
    assert names == {"γ = 0.02", "γ = 35.65"}


def test_the_figure_has_words_for_those_who_cannot_see_it(open_page, no_data):
    (said,) = alts(open_page("ood", corruption="Noise"))
    assert "noise grows on it" in said and "out of distribution" in said


def test_the_page_opens_on_the_departure(open_page, no_data):
    page = clean(open_page("ood"))
    (figure,) = figures(page)
    assert "bits/dim" in figure.layout.yaxis.title.text and "axes" not in page.query_params
    number = opening("corrupted")
    images, _ = ib.data.load("sample")
    assert np.array_equal(tiles(figure)[::4, ::4].reshape(-1, 32, 32, 3)[0], images[number])


def test_it_does_so_for_whoever_comes_from_a_page_that_opens_on_another_image(open_page, no_data):
    page = open_page("start")
    assert "image" not in page.session_state
    page.query_params["image"] = "sample-3"
    assert page.run().session_state["image"] == "sample-3"  # which was chosen, and stays on every page


def test_the_plane_is_one_choice_away_and_comes_back(open_page, no_data):
    page = open_page("ood")
    page.segmented_control(key="axes").set_value("Plane of the means").run()
    assert "plane of the class means" in figures(clean(page))[0].layout.xaxis.title.text
    page.segmented_control(key="axes").set_value("Departure").run()
    assert "posterior odds" in figures(clean(page))[0].layout.xaxis.title.text


# --- attacks -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_attack_changes_the_class_within_its_radius_and_is_noticed(open_page, no_data):
    query = {"corruption": "Attack", "model": "mnist-gamma-1", "data": "mnist", "levels": "32/256", "beside": ""}
    page = clean(open_page("ood", **query))
    (figure,) = figures(page)
    strip = tiles(figure)[::4, ::4].reshape(-1, 28, 28, 3)[..., 0]
    assert len(strip) == len(figure.frames) == 9
    farthest = np.abs(strip.astype(int) - strip[0]).max((1, 2))
    assert (farthest <= np.arange(0, 33, 4)).all() and (farthest[1:] > 0).all()
    answers = ib.load("mnist-gamma-1").predict(ib.dequantize(ib.to_unit(strip[..., None]))).numpy()
    assert answers[-1] != answers[0]
    assert any("The attack" in m.value and "γ = 1" in m.value for m in page.markdown)
    assert "an attack changes it more and more" in alts(page)[0] and "out of distribution" in alts(page)[0]
    assert page.segmented_control(key="attack").value == "Plain"


@pytest.mark.slow
def test_the_adaptive_attack_stays_in_the_band_that_the_plain_one_leaves(open_page, no_data):
    outside = {}
    for kind in ("Plain", "Adaptive"):
        page = clean(open_page("ood", corruption="Attack", attack=kind, model="gamma-1", beside="", image="sample-3"))
        assert ("attack" in page.query_params) == (kind == "Adaptive")
        (said,) = alts(page)
        outside[kind] = int(said.split(" of 9 steps are out of distribution")[0].split()[-1]) if "out of" in said else 0
    assert outside["Adaptive"] < outside["Plain"]


@pytest.mark.slow
def test_a_model_without_a_likelihood_is_shown_what_was_made_for_another(open_page, with_baselines):
    page = clean(open_page("ood", corruption="Attack", beside="resnet", image="sample-3"))
    assert "**ResNet**: no likelihood" in next(m.value for m in page.markdown if "■" in m.value)


@pytest.mark.slow
@pytest.mark.parametrize("query", [{"attack": "?"}, {"levels": "1000/256"}])
def test_nonsense_about_attacks_opens_the_page_all_the_same(open_page, no_data, query):
    assert figures(clean(open_page("ood", corruption="Attack", **query)))


# --- beside models without a likelihood -----------------------------------------------------------------


@pytest.mark.slow
def test_a_resnet_beside_the_models_is_judged_too(open_page, with_baselines):
    page = clean(open_page("ood", models="gamma-0.02,gamma-1", beside="resnet,vib-1", image="sample-3"))
    verdicts = next(m.value for m in page.markdown if "■" in m.value)
    assert "**ResNet**: no likelihood" in verdicts and verdicts.count("■") == 4


@pytest.mark.slow
def test_what_stands_beside_can_be_sent_away(open_page, with_baselines):
    page = clean(open_page("ood", models="gamma-1"))
    assert page.pills(key="beside").value == ["resnet"]
    page.pills(key="beside").set_value([]).run()
    assert "ResNet" not in next(m.value for m in clean(page).markdown if "■" in m.value)
