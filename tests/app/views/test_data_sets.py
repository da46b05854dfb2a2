"""Each page on other data sets than CIFAR-10: digits in grey, a person's three classes, a hundred classes."""

import re

import numpy as np
import pytest
from family_helpers import DIGITS, HUNDRED, SHAPES, write_images
from grid_helpers import mostly_slow
from page_helpers import clean, figures, grids, planes, text_of, tiles
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.palette import ACCENT

PAGES = ("start", "results", "explore", "test_image")


@pytest.mark.parametrize("data", mostly_slow(["mnist", "my-shapes", "cifar100"]))
@pytest.mark.parametrize("name", mostly_slow(PAGES, "start", "explore"))
def test_opens_on_each_data_set(open_page, all_families, name, data):
    page = clean(open_page(name, data=data))
    assert figures(page)
    assert any("What to look for" in m.value for m in page.markdown)


@pytest.mark.parametrize("name", mostly_slow(PAGES, "explore", "test_image"))
def test_names_of_another_data_set_in_the_url_are_passed_over(open_page, all_families, name):
    wrong = {"model": "gamma-1", "models": "gamma-1,only-ly", "beside": "resnet", "image": "test-0123456789abcdef"}
    wrong |= {"shown": "gamma-1", "left": "gamma-1", "tile": "frog-3", "point": "ffffffffffffffff", "first": "own-AAAA"}
    page = clean(open_page(name, data="mnist", classes="frog", drawn="cat", corruption="RGB rotation", **wrong))
    assert figures(page)


@pytest.mark.parametrize("asked", ["mnits", "", "MNIST"])
def test_a_data_set_that_is_not_there_opens_cifar10(open_page, all_families, asked):
    assert clean(open_page("explore", data=asked)).session_state["model"] == "gamma-1"


# Digits


def test_models_of_digits_go_by_the_names_of_every_family(open_page, all_families):
    page = clean(open_page("explore", data="mnist"))
    assert page.session_state["model"] == "mnist-gamma-1"
    assert clean(open_page("explore", data="mnist")).pills(key="models").options == [
        "only likelihood",
        "γ = 0.02",
        "γ = 1",
    ]


def test_a_walk_of_digits_begins_and_ends_with_them(open_page, all_families):
    page = clean(open_page("explore", tab="walk", data="mnist", first="sample-3", second="sample-11", steps="5"))
    images, _ = ib.data.embedded("mnist")
    shown = grids(page)["walk"]["images"].astype(int)
    assert np.abs(shown[0] - images[3]).max() <= 1 and np.abs(shown[4] - images[11]).max() <= 1


def test_a_six_is_turned_until_it_is_a_nine(open_page, all_families):
    page = clean(open_page("test_image", tab="corrupt", data="mnist", image="sample-11"))
    assert page.segmented_control(key="corruption").options == ["Rotation", "Noise", "Blend", "Attack"]
    strip = tiles(figures(page)[0])[::4, ::4].reshape(-1, 28, 28, 3)
    images, labels = ib.data.embedded("mnist")
    six = images[11]
    assert labels[11] == 6 and (strip[0] == six).all() and (strip[-1] == six[::-1, ::-1]).all()
    assert (strip[len(strip) // 2] == np.rot90(six)).all()
    assert not [w for w in page.number_input if w.key == "seed"]  # no colour has an axis here


@pytest.mark.parametrize("query", [{"corruption": "Noise"}, {"corruption": "Blend"}])
def test_other_ways_to_corrupt_a_digit(open_page, all_families, query):
    page = clean(open_page("test_image", tab="corrupt", data="mnist", image="sample-11", **query))
    strip = tiles(figures(page)[0])[::4, ::4].reshape(-1, 28, 28, 3)
    assert (strip[0] == ib.data.embedded("mnist")[0][11]).all()
    if query["corruption"] == "Blend":
        assert np.median(strip[-1]) < 30 and strip[-1].max() > 80  # a drawing as bright strokes on black


def test_the_trade_off_of_digits_has_no_number_of_the_paper(open_page, all_families):
    page = clean(open_page("results", data="mnist", paper="true"))
    assert "as in the paper" not in text_of(page) and "Open: the paper" not in text_of(page)
    assert not [
        t for t in figures(page)[0].data if "-open" in str(t.marker.symbol) and t.marker.color != ACCENT and t.x
    ]
    page = clean(open_page("results", data="mnist", tab="detection"))
    roc = next(f for f in figures(page) if "false positive rate" in str(f.layout.xaxis.title.text))
    names = " ".join(str(t.name) for t in roc.data)
    assert all(name in names for name in ("Fashion-MNIST", "rotation by 180°", "negatives"))
    assert "true positive rate" in roc.layout.yaxis.title.text


def test_the_tables_of_digits_are_a_sentence(open_page, all_families):
    assert "and none of MNIST" in text_of(clean(open_page("results", tab="tables", data="mnist")))


def test_words_come_from_the_data_set(open_page, all_families):
    latent = text_of(clean(open_page("explore", data="mnist")))
    assert "python -m ibinn_core data mnist" in latent and "CIFAR-10" not in latent


def test_the_picker_offers_digits_and_to_fetch_them(all_families):
    def script():
        from app.images import dialog, pictures

        dialog.browse("image", pictures.sample(0))

    page = AppTest.from_function(script, default_timeout=300)
    page.query_params["data"] = "mnist"
    clean(page.run())
    assert len(grids(page)["image-grid"]["images"]) == 20
    page.segmented_control(key="image-source").set_value("Test set").run()
    assert page.button(key="fetch").label == "Fetch MNIST (12 MB)"
    page.segmented_control(key="image-source").set_value("Image file").run()
    assert "28 × 28 pixels that the models take" in clean(page).file_uploader[0].help


def test_an_uploaded_picture_becomes_a_digit_in_grey(all_families):
    from page_helpers import png

    def script():
        import streamlit as st

        from app.images import dialog, pictures

        chosen = dialog.browse("image", pictures.sample(0))
        if chosen is not None:
            st.text(chosen.token)

    page = AppTest.from_function(script, default_timeout=300)
    page.query_params["data"] = "mnist"
    page.run()
    page.segmented_control(key="image-source").set_value("Image file").run()
    colourful = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    page.file_uploader[0].set_value(("mine.png", png(colourful), "image/png")).run()
    from app.images.links import from_url

    assert from_url(clean(page).text[0].value.removeprefix("own-"), (28, 28, 1)).shape == (28, 28, 1)


# A person's folder


def test_without_the_folder_a_model_draws_the_images(open_page, all_families):
    page = clean(open_page("test_image", tab="judge", data="my-shapes"))
    text = text_of(page)
    assert "No image of My shapes is on this machine, so a model drew this one." in text
    assert not re.search("[✓✗]", text)  # nobody knows its class


def test_with_the_folder_its_own_images_are_shown(open_page, all_families, tmp_path):
    from app.images import pictures

    write_images(tmp_path / "my-shapes", SHAPES)
    pictures.forget()
    page = clean(open_page("explore", tab="walk", data="my-shapes"))
    assert "a model drew" not in text_of(page) and any("From: disc 1" in c.value for c in page.caption)


def test_a_folder_of_other_classes_is_named_and_not_shown(open_page, all_families, tmp_path):
    from app.images import pictures

    write_images(tmp_path / "my-shapes", DIGITS, 5)
    pictures.forget()
    page = clean(open_page("explore", data="my-shapes"))
    assert "has other classes than the models of My shapes know" in text_of(page)


# A hundred classes


def test_of_a_hundred_classes_ten_are_coloured_and_superclasses_offered(open_page, all_families):
    page = clean(open_page("explore", data="cifar100"))
    drawn = page.multiselect(key="drawn")
    assert len(drawn.value) == 10 and set(HUNDRED.superclasses) <= set(drawn.options)
    assert len(set(planes(page)["look-0"]["groups"]) - {-1}) == 10
    drawn.set_value(["people", "bee"]).run()
    plane = planes(clean(page))["look-0"]
    named = {plane["names"][k] for k in plane["groups"] if k >= 0}
    assert named == {"baby", "boy", "girl", "man", "woman", "bee"}
    assert named <= {plane["names"][k] for k in plane["named"]}


def test_twenty_superclasses_are_colours_of_all_images(open_page, all_families):
    plane = planes(clean(open_page("explore", data="cifar100", color="superclass")))["look-0"]
    assert plane["names"] == list(HUNDRED.superclasses) and set(plane["groups"]) == set(range(20))
    assert len(set(plane["colors"])) == 20


def test_how_much_the_plane_shows_of_a_hundred_means_is_said(open_page, all_families):
    text = text_of(clean(open_page("explore", data="cifar100")))
    model = next(c for c in ib.checkpoints() if c.id == "cifar100-gamma-1")
    means = model.latent["class_means"].astype(float)
    variances = np.linalg.svd(means - means.mean(0), compute_uv=False) ** 2
    share = variances[:2].sum() / variances.sum()
    assert f"The plane holds {share:.0%} of the variance of the 100 means" in text


@pytest.mark.parametrize("data", ["mnist", "cifar10"])
def test_where_there_are_no_superclasses_no_colour_means_one(open_page, all_families, data):
    page = clean(open_page("explore", data=data, color="superclass"))
    assert page.segmented_control(key="color").value == "class"


def test_of_a_hundred_classes_bars_show_the_most_probable(open_page, all_families):
    page = clean(open_page("start", data="cifar100"))
    bars = next(t for f in figures(page) for t in f.data if t.type == "bar")
    assert len(bars.y) == 10 and list(bars.x) == sorted(bars.x, reverse=True)
    assert "Of the 100 classes the ten most probable are shown." in text_of(
        open_page("test_image", tab="judge", data="cifar100")
    )
