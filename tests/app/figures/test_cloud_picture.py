"""The picture of the test images in a plane, and the figure that lies on it."""

import numpy as np

from app.figures.cloud_picture import cloud_picture, frame, plane_figure, within
from app.palette import CLASS_COLORS


def test_the_frame_is_a_square_that_holds_the_means_and_nearly_all_points():
    points = np.random.default_rng(0).normal(size=(5000, 2)) * (1, 3)
    points[0] = 1000, 1000  # one far away must not shrink the rest
    means = np.array([[-20.0, 0.0], [4.0, 1.0]])
    corner, side = frame(points, means)
    places, spots = within(points, corner, side), within(means, corner, side)
    assert side < 30 and (spots > 0).all() and (spots < 1).all()
    assert ((places > 0) & (places < 1)).all(1).mean() > 0.99


def test_up_is_up():
    places = within(np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([0.0, 0.0]), 2.0)
    np.testing.assert_allclose(places, [[0, 1], [0.5, 0]])


def test_a_dot_has_the_colour_of_its_class_where_it_belongs():
    picture = cloud_picture(np.array([[0.25, 0.75], [0.9, 0.1]]), np.array([2, 5]), 100)
    assert picture.shape == (100, 100, 4) and picture.dtype == np.uint8
    for (x, y), k in (((25, 75), 2), ((90, 10), 5)):
        color = [int(CLASS_COLORS[k][i : i + 2], 16) for i in (1, 3, 5)]
        np.testing.assert_allclose(picture[y, x, :3], color, atol=2)
        assert picture[y, x, 3] > 100
    assert (picture[..., 3] > 0).sum() < 100  # two dots, and nothing else


def test_the_star_is_held_within_the_border():
    centres, corner = np.array([[0.2, 0.3], [0.7, 0.6]]), np.array([-1.0, 0.0])
    figure = plane_figure(corner, 2.0, centres, np.array([[0.5, 2.4]]), classes="ab")
    way, star = figure.data
    assert [note.text for note in figure.layout.annotations] == ["<b>a</b>", "<b>b</b>"]
    assert list(figure.layout.xaxis.range) == [-1, 1] and list(figure.layout.yaxis.range) == [0, 2]
    assert list(star.x) == [0.5] and 1.8 < star.y[0] < 2 and not way.x
    assert len(plane_figure(corner, 2.0, centres, np.zeros((0, 2)), classes="ab").data[1].x) == 0
