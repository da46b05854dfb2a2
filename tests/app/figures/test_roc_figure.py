"""ROC curves."""

import numpy as np

from app.figures.diagrams import roc_figure


def test_roc_curves_begin_at_zero_and_a_model_without_a_likelihood_says_why_it_has_none():
    grid = np.linspace(0, 1, 11)
    curves = [{"noise": grid**0.5, "cifar100": grid}, {}]
    reason = "ResNet has no likelihood"
    named = {"noise": "uniform noise"}
    figure = roc_figure("a", grid, curves[0], {"noise": 0.667}, named, "")
    drawn = [t for t in figure.data if t.name]
    assert [t.name for t in drawn] == ["uniform noise 67 %", "cifar100"] and len({t.line.dash for t in drawn}) == 2
    assert (drawn[0].x[0], drawn[0].y[0]) == (0, 0) and np.allclose(drawn[0].y[1:], grid**0.5)
    assert "66.7 %" in drawn[0].hovertemplate and "area" not in drawn[1].hovertemplate
    assert figure.layout.legend.title.text.startswith("a: ") and not figure.layout.title.text
    empty = roc_figure("b", grid, curves[1], {}, named, reason)
    assert [a.text for a in empty.layout.annotations] == [reason] and empty.layout.title.text == "b"
    assert not [t for t in empty.data if t.name]
