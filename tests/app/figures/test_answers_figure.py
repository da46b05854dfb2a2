"""Two models' answers, a square for each pair of answers."""

import numpy as np

from app.figures.answers import MAX_CLASSES, answers_figure, shown_answers


def counts(classes: int) -> np.ndarray:
    """Everybody agrees, but for an image each that two models call 3 and 40, and 40 and 7."""
    answers = 5 * np.eye(classes, dtype=int)
    answers[3, 40] = answers[40, 7] = 1
    return answers


def test_few_classes_all_have_squares():
    figure = answers_figure(np.arange(9).reshape(3, 3), ("p", "q"), ["a", "b", "c"], (2, 1))
    squares = next(t for t in figure.data if t.uid == "squares")
    assert list(squares.customdata) == list(range(9)) and list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y0) == (0.5, 1.5)


def test_of_many_those_have_squares_that_models_disagree_about():
    names = [f"kind {k}" for k in range(100)]
    shown = shown_answers(counts(100))
    assert len(shown) == MAX_CLASSES and {3, 7, 40} <= set(shown) and list(shown) == sorted(shown)
    figure = answers_figure(counts(100), ("p", "q"), names, chosen=(99, 40))
    labels = list(figure.layout.xaxis.ticktext)
    assert len(labels) == MAX_CLASSES and {"kind 3", "kind 7", "kind 40", "kind 99"} <= set(labels)
    squares = next(t for t in figure.data if t.uid == "squares")
    place = list(squares.customdata).index(3 * 100 + 40)  # a click means the classes' own numbers
    assert (labels[squares.x[place]], labels[squares.y[place]]) == ("kind 40", "kind 3")
    assert squares.texttemplate[place] == "1"
    ring = figure.layout.shapes[0]
    assert (labels[round(ring.x0 + 0.5)], labels[round(ring.y0 + 0.5)]) == ("kind 40", "kind 99")
