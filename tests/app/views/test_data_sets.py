"""Each page on other data sets than CIFAR-10: digits in grey, a person's three classes, a hundred classes."""

import re

import numpy as np
from family_helpers import DIGITS, HUNDRED, SHAPES, write_images
from page_helpers import clean, figures, planes, text_of, tiles

import ibinn_core as ib
from app.palette import ACCENT

# Digits


def test_a_digit_turns_and_fades_into_bright_strokes_on_black(open_page, all_families):
    def strip_of(**query: str) -> np.ndarray:
        page = clean(open_page("test_image", tab="corrupt", data="mnist", image="sample-11", **query))
        assert not [w for w in page.number_input if w.key == "seed"]  # no colour has an axis here
        return tiles(figures(page)[0])[::4, ::4].reshape(-1, 28, 28, 3)

    six, turned, faded = ib.data.embedded("mnist")[0][11], strip_of(), strip_of(corruption="Blend")
    assert (turned[0] == six).all() and (faded[0] == six).all() and (turned[-1] == six[::-1, ::-1]).all()
    assert np.median(faded[-1]) < 30 and faded[-1].max() > 80


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
    superclasses = planes(clean(open_page("explore", data="cifar100", color="superclass")))["look-0"]
    assert superclasses["names"] == list(HUNDRED.superclasses) and set(superclasses["groups"]) == set(range(20))
    named = {plane["names"][k] for k in plane["groups"] if k >= 0}
    assert named == {"baby", "boy", "girl", "man", "woman", "bee"}
    assert named <= {plane["names"][k] for k in plane["named"]}
