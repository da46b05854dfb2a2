"""The likelihoods of an image as bars."""

import numpy as np

from app.figures.bars import likelihood_figure


def test_a_bar_begins_at_the_best_class_and_says_how_far_its_class_lies_behind():
    relative = np.array([-2.0, 0.0, -7.5])
    figure = likelihood_figure(relative, classes=("cat", "dog", "ship"))
    assert list(figure.data[0].text) == ["2.0", "0", "7.5"]
    assert figure.data[0].base is None and np.allclose(figure.data[0].x, relative)
    low, high = figure.layout.xaxis.range
    assert high == 0 and low < min(relative)
