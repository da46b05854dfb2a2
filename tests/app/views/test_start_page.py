"""The start page: one image's way through the network, and the map of the family."""

import numpy as np
import pytest
from page_helpers import GENERATIVE, clean, figures

import ibinn_core as ib
from app.figures.tradeoff import place_names, tradeoff_figure
from app.models.classes import CLASSES
from app.palette import ACCENT
from ibinn_core.images import to_url


def star(page) -> tuple[float, float]:
    mark = next(t for f in figures(page) for t in f.data if t.marker.symbol == "star")
    return float(mark.x[0]), float(mark.y[0])


def bars(page) -> np.ndarray:
    return np.asarray(next(t for f in figures(page) for t in f.data if t.type == "bar").x, float)


@pytest.mark.parametrize("number", range(len(GENERATIVE)))
def test_place_and_posterior_are_what_the_network_says(open_page, no_data, number):
    checkpoint = GENERATIVE[number]
    page = clean(open_page("start", model=checkpoint.id, image="sample-3"))
    images, labels = ib.data.load("sample", "test")
    latent = checkpoint.latent
    row = np.flatnonzero(latent["hashes"] == ib.data.pixel_hash(images[3:4])[0])[0]
    assert np.allclose(star(page), latent["means_coordinates"][row, :2], atol=1e-5)
    assert np.allclose(bars(page), latent["posterior"][row], atol=1e-6)
    # The latent file was measured at dequantised pixels; at the pixel centres the network says nearly the same,
    # unless nobody ever told it what the classes are.
    model = ib.load(checkpoint.id)
    exact = model.posterior(ib.to_unit(images[3:4]))[0].numpy()
    assert np.abs(bars(page) - exact).max() < (0.5 if checkpoint.gamma == 0 else 0.15)
    assert any(f"<b>{CLASSES[labels[3]]}</b>" in str(t.y) for f in figures(page) for t in f.data if t.type == "bar")


def test_an_image_of_ones_own_goes_through_the_network(open_page, no_data):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    page = clean(open_page("start", image=f"own-{to_url(pixels)}"))
    model = ib.load("gamma-1")
    assert np.allclose(bars(page), model.posterior(ib.to_unit(pixels[None]))[0].numpy(), atol=1e-4)
    assert any("Nothing is lost" in c.value for c in page.caption)


def test_a_click_on_the_map_chooses_the_model_once(open_page, no_data):
    page = open_page("start")
    other = GENERATIVE[0].id
    page.session_state["map"] = {"selection": {"points": [{"customdata": other}]}}
    clean(page.run())
    assert page.query_params["model"] in (other, [other]) and page.session_state["model"] == other


def test_the_map_shows_every_model_and_rings_the_chosen_one():
    error, bits = np.array([0.4, 0.3, 0.2, 0.9]), np.array([3.9, 4.3, 200.0, 4.0])
    figure = tradeoff_figure(
        list("abcd"), ["A", "B", "C", "D"], error, bits, ["#111111"] * 4, [True, True, True, False], 1
    )
    dots = figure.data[-1]
    assert list(dots.customdata) == list("abcd") and np.allclose(dots.y, error)
    assert np.allclose(dots.x, [3.9, 4.3, 14, 4.0]) and "off the scale" in dots.hovertemplate[2]
    assert list(dots.marker.symbol) == ["circle"] * 3 + ["square"]
    ring = next(t for t in figure.data if t.marker.symbol == "circle-open")
    assert (ring.x[0], ring.y[0]) == (4.3, 0.3) and ring.marker.color == ACCENT
    line = figure.data[0]
    assert np.allclose(line.y, error[:3])  # what is not of the family is not on its line


def test_names_that_would_cover_one_another_are_left_to_hovering():
    names = [f"model {i}" for i in range(10)]
    crowd = np.array([[100 + 20 * (i % 3), 100 + 20 * (i // 3)] for i in range(9)] + [[400, 100]])
    sides = place_names(names, crowd, 5)
    assert sides[4] is None  # its neighbours stand on all sides
    assert sides[5] and sides[9] == "top center"  # the chosen one, and one with room
    falling = np.arange(3)[:, None] * np.array([60.0, -60.0])
    assert place_names(["a", "b", "c"], falling, 0)[1] == "top center"
    assert place_names(["γ = 0.02"] * 3, falling, 0, range(3))[1] == "top right"  # clear of the line
    assert place_names(names, crowd, 4)[4] is not None  # a chosen one always has its name
    line = place_names(names, np.arange(10)[:, None] * np.array([200.0, 0]), 0)
    assert line == ["top center"] * 10


def test_the_map_names_the_chosen_model_in_bold_and_all_where_there_is_room():
    figure = tradeoff_figure(
        list("ab"), ["A", "B"], np.array([0.4, 0.1]), np.array([3.9, 8.0]), ["#111111"] * 2, [True, True], 1
    )
    assert [text.strip() for text in figure.data[-1].text] == ["A", "<b>B</b>"]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert 10**low < 0.1 and 0.4 < 10**high
