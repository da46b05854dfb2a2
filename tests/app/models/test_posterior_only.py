"""Classifiers without a likelihood, where another model's posterior is shown."""

from page_helpers import clean

import ibinn_core as ib
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


def line(page) -> str:
    return next((m.value for m in page.markdown if m.value.startswith("Without a likelihood: ")), "")


def answer(id: str, number: int) -> str:
    images, _ = ib.data.load("sample")
    posterior = ib.load(id).posterior(ib.dequantize(ib.to_unit(images[number : number + 1])))[0]
    return f"says {CLASSES[int(posterior.argmax())]} {float(posterior.max()):.0%}"


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
