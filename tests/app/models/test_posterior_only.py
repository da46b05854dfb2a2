"""Classifiers without a likelihood, where another model's posterior is shown."""

import numpy as np
from page_helpers import clean, figures

import ibinn_core as ib
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


def line(page) -> str:
    return next((c.value for c in page.caption if c.value.startswith("Without a likelihood: ")), "")


def answer(id: str, number: int) -> str:
    images, _ = ib.data.load("sample")
    posterior = ib.load(id).posterior(ib.dequantize(ib.to_unit(images[number : number + 1])))[0]
    return f"says {CLASSES[int(posterior.argmax())]} ({float(posterior.max()):.0%})"


def test_start_tells_what_a_resnet_says_of_the_image(open_page, with_baselines):
    page = clean(open_page("start", image="sample-3"))
    assert line(page) == f"Without a likelihood: ResNet {answer('resnet', 3)}."


def test_who_stands_beside_is_chosen_once_for_all_pages(open_page, with_baselines):
    page = open_page("start", image="sample-3")
    page.session_state["beside"] = ["vib-1", "i-revnet"]
    clean(page.run())
    assert f"VIB, γ = 1 {answer('vib-1', 3)}; i-RevNet {answer('i-revnet', 3)}." in line(page)
    page.session_state["beside"] = []
    assert line(clean(page.run())) == ""


def test_on_the_walk_they_judge_the_first_models_images(open_page, with_baselines):
    page = clean(open_page("interpolate", models="gamma-0.02,gamma-1", beside="resnet", steps="5"))
    figure = figures(page)[1]
    titles = [a.title.text for a in figure.select_yaxes()]
    assert titles[:2] == ["γ = 0.02", "γ = 1"] and titles[-1] == "ResNet,<br>images of γ = 0.02"
    (row,) = [t for t in figure.data if t.stackgroup == str(len(titles)) and t.name == CLASSES[0]]
    images, _ = ib.data.load("sample")
    ends = ib.load("resnet").posterior(ib.dequantize(ib.to_unit(images[[7, 0]]))).numpy()[:, 0]
    assert np.allclose(np.asarray(row.y)[[0, -1]], ends, atol=1e-4)  # the ends of the walk are the images themselves
    without = clean(open_page("interpolate", models="gamma-0.02,gamma-1", beside="", steps="5"))
    assert len(list(figures(without)[1].select_yaxes())) == len(titles) - 1
