"""The figure of the panel Judge shows its arguments."""

import numpy as np
import pytest

from app.figures.bayes import FLOOR, Beside, LikelihoodRow, bayes_figure
from app.palette import ACCENT, CLASS_COLORS
from ibinn_core.data import CIFAR10_CLASSES as CLASSES

PRIOR = np.full((2, 10), 0.1)


def rows_of(given: dict, pick=(0, 1)) -> list[LikelihoodRow]:
    """The rows of models, from their arguments one on another."""
    names = ("headings", "log_likelihoods", "priors", "joints", "posteriors", "bits", "references", "typical")
    return [LikelihoodRow(*(given[name][i] for name in names)) for i in pick]


@pytest.fixture
def drawn():
    """A function that draws two models, with some arguments replaced; returns the figure and the arguments."""

    def run(**changes):
        rng = np.random.default_rng(0)
        log_likelihoods = rng.normal(size=(2, 10)) * 4 + np.array([[8000.0], [-300.0]])
        joints = np.exp(log_likelihoods - log_likelihoods.max(1, keepdims=True)) * PRIOR
        arguments = {
            "headings": ["first", "second"],
            "log_likelihoods": log_likelihoods,
            "priors": PRIOR,
            "joints": joints,
            "posteriors": joints / joints.sum(1, keepdims=True),
            "bits": np.array([4.0, 7.1]),
            "references": [rng.normal(4, 0.5, 1000), rng.normal(7, 0.5, 1000)],
            "typical": [(3.0, 5.0), (6.0, 8.0)],
            "label": 4,
            **changes,
        }
        return bayes_figure(rows_of(arguments), label=arguments["label"], classes=CLASSES), arguments

    return run


def traces(figure, row: int, col: int) -> list:
    axis = figure.get_subplot(row, col).xaxis.plotly_name.replace("axis", "")
    return [t for t in figure.data if t.xaxis == axis]


def axis(figure, row: int, col: int):
    return figure.get_subplot(row, col).xaxis


def test_likelihoods_are_bars_from_the_largest_and_the_axis_says_so(drawn):
    figure, given = drawn()
    for row, absolute in enumerate(given["log_likelihoods"], start=1):
        (bars,) = traces(figure, row, 1)
        assert bars.base == 0 and np.allclose(bars.x, absolute - absolute.max())
        assert "nats below" in axis(figure, row, 1).title.text and 0 in axis(figure, row, 1).tickvals
        assert bars.marker.color == CLASS_COLORS
        assert f"for {CLASSES[absolute.argmax()]}" in axis(figure, row, 1).title.text
        assert f"{abs(absolute.max()):,.1f}" in axis(figure, row, 1).title.text
    assert axis(figure, 1, 1).range == axis(figure, 2, 1).range  # so that models can be compared


def test_a_class_far_behind_does_not_squeeze_the_rest_and_keeps_its_number(drawn):
    log_likelihoods = np.zeros((2, 10))
    log_likelihoods[0, 3] = -400
    figure, _ = drawn(log_likelihoods=log_likelihoods)
    (bars,) = traces(figure, 1, 1)
    assert axis(figure, 1, 1).range[0] >= 1.5 * FLOOR
    assert bars.x[3] == FLOOR and bars.text[3] == "◀ −400.0" and bars.text[0] == "0"


def test_numbers_that_explode_are_written_with_a_power_of_ten(drawn):
    log_likelihoods = np.full((2, 10), -4.3e13)
    log_likelihoods[0, 3] -= 9168229
    figure, _ = drawn(log_likelihoods=log_likelihoods, bits=np.array([977501425024.01, 7.1]))
    (bars,) = traces(figure, 1, 1)
    assert bars.text[3] == "◀ −9.2 · 10⁶" and bars.hovertext[3] == f"log q(x | {CLASSES[3]}) = -4.3 · 10¹³ nats"
    assert bars.textposition[3] == "inside" and bars.textposition[0] == "outside"
    assert "−4.3 · 10¹³" in axis(figure, 1, 1).title.text
    assert "<b>▶ 9.8 · 10¹¹</b>" in {note.text for note in figure.layout.annotations}


@pytest.mark.parametrize("classes", [3, 10, 100])
def test_the_ticks_of_the_prior_are_told_apart_however_many_classes_there_are(classes):
    log_likelihoods, prior = np.linspace(-3, 0, classes), np.full(classes, 1 / classes)
    joint = np.exp(log_likelihoods) * prior
    reference = np.random.default_rng(0).normal(4, 0.5, 100)
    row = LikelihoodRow("one", log_likelihoods, prior, joint, joint / joint.sum(), 4.0, reference, (3.0, 5.0))
    axis = bayes_figure([row], label=0, classes=[f"kind {k}" for k in range(classes)]).layout.xaxis2
    assert axis.tickformat == ".2~r"  # significant digits, as Python's "g" has them
    assert len({f"{tick:.2g}" for tick in axis.tickvals}) == 3


def test_the_product_stands_before_its_prior_and_the_posterior_is_it_divided_by_its_sum(drawn):
    figure, given = drawn()
    for row in (1, 2):
        behind, joint = traces(figure, row, 2)
        posterior, _ = traces(figure, row, 3)
        assert np.allclose(behind.x, PRIOR[row - 1])
        assert np.allclose(joint.x, given["joints"][row - 1])
        assert np.allclose(np.asarray(joint.x) / np.sum(joint.x), posterior.x)
        assert f"{np.sum(joint.x):.3f}" in axis(figure, row, 2).title.text
    assert figure.layout.barmode == "overlay"


def test_the_strip_holds_the_reference_the_band_and_the_image(drawn):
    figure, given = drawn()
    for row in (1, 2):
        histogram, needle = traces(figure, row, 4)
        assert np.sum(histogram.y) == 1000
        assert tuple(needle.x) == (given["bits"][row - 1],) * 2 and needle.line.color == ACCENT
    bands = [(s.x0, s.x1) for s in figure.layout.shapes]
    assert bands == given["typical"]


@pytest.mark.parametrize(("bits", "arrow"), [(90.0, "▶"), (-40.0, "◀"), (np.inf, "▶")])
def test_an_image_far_away_stands_at_the_edge_with_an_arrow_and_no_wrong_tick(drawn, bits, arrow):
    figure, given = drawn(bits=np.array([bits, 7.0]))
    needle = traces(figure, 1, 4)[1]
    low, high = axis(figure, 1, 4).range
    assert low < needle.x[0] < high and high - low < 12
    texts = [a.text for a in figure.layout.annotations]
    assert sum(arrow in text for text in texts) == 1
    reference = given["references"][0]
    assert all(reference.min() <= tick <= reference.max() for tick in axis(figure, 1, 4).tickvals)


def test_the_true_class_is_starred_and_a_heading_stands_over_each_row(drawn):
    figure, _ = drawn()
    names = figure.get_subplot(1, 1).yaxis.ticktext
    assert names[4] == "★ <b>deer</b>" and names[3] == "cat"
    assert {"first", "second"} <= {a.text for a in figure.layout.annotations}
    unknown, _ = drawn(label=None)
    assert list(unknown.get_subplot(2, 1).yaxis.ticktext) == list(CLASSES)


@pytest.mark.parametrize("count", [1, 12])
def test_any_number_of_models_fits(drawn, count):
    _, given = drawn()
    figure = bayes_figure(rows_of(given, [0] * count), classes=CLASSES)
    heights = [np.ptp(figure.get_subplot(row + 1, 1).yaxis.domain) * figure.layout.height for row in range(count)]
    assert min(heights) > 180


def test_a_model_without_a_likelihood_is_marked_on_the_posteriors_of_each_row(drawn):
    _, given = drawn()
    shares = np.linspace(0, 0.2, 10)
    figure = bayes_figure(rows_of(given), [Beside("only", shares), Beside("another", shares[::-1])], classes=CLASSES)
    for row in (1, 2):
        _, numbers, *marks = traces(figure, row, 3)
        assert min(numbers.x) > 1  # where no mark is
        assert [list(one.x) for one in marks] == [list(shares), list(shares[::-1])]
        assert len({one.marker.symbol for one in marks}) == 2
    assert sum("only" in note.text and "another" in note.text for note in figure.layout.annotations) == 2
