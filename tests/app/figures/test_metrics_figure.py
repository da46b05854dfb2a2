"""The figures of the Trade-off page: what they draw, they draw from their arguments."""

import math

import numpy as np
import pytest

from app.figures.metrics import Axis, Line, legend_of, panel_figure
from app.table1.measures import paper_lines
from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.columns import BY_KEY, EVERY

NAN = math.nan
ERROR, BITS, AUC = BY_KEY["error"], BY_KEY["bits_per_dim"], BY_KEY["detection.noise"]


def line(family: str, gammas: list[float], **values: list[float]) -> Line:
    """A line of ours; values by the part of a measure's key before the point."""
    given = {m.key: values.get(m.key.split(".")[0], [NAN] * len(gammas)) for m in EVERY}
    names = [f"{family} {gamma:g}" for gamma in gammas]
    return Line(family, family, names, names, gammas, given, {m.key: [""] * len(gammas) for m in EVERY})


@pytest.fixture
def lines() -> list[Line]:
    ib = line("ib", [0.0, 0.02, 1, 40, math.inf], error=[90, 46, 31, 21, 20], bits_per_dim=[3.8, 3.9, 4.3, 7, 250.0])
    return [ib, line("vib", [0.2, 1], error=[30, 25]), line("resnet", [NAN], error=[12]), *paper_lines()]


def dots(figure) -> dict[str, tuple[float, float]]:
    (marks,) = [t for t in figure.data if t.customdata is not None]
    return {id: (x, y) for id, x, y in zip(marks.customdata, marks.x, marks.y, strict=True)}


def test_a_dot_stands_at_its_gamma_and_value_and_carries_its_id(lines):
    found = dots(panel_figure(ERROR, lines, None, {}))
    assert len(found) == 8
    for id, (gamma, value) in {"ib 0.02": (0.02, 46), "ib 1": (1, 31), "ib 40": (40, 21), "vib 0.2": (0.2, 30)}.items():
        assert found[id] == pytest.approx((math.log10(gamma), value))
    assert found["ib 0"][0] < found["ib 0.02"][0] and found["ib inf"][0] > found["ib 40"][0]
    assert found["resnet nan"][0] > found["ib inf"][0]
    # The others have no likelihood.
    assert set(dots(panel_figure(BITS, lines, None, {}))) == {i for i in found if i.startswith("ib")}


def test_the_legend_names_the_families_that_are_drawn(lines):
    def named(*measures):
        return [name for name, _, _ in legend_of(measures, lines)]

    others = ["class-NLL (paper)", "class-NLL, fixed μ (paper)", "VIB", "ResNet", "i-RevNet (paper)"]
    assert named(ERROR) == ["IB-INN", *others]  # the order of Table 1
    assert named(BITS) == ["IB-INN", "class-NLL (paper)", "class-NLL, fixed μ (paper)"]
    assert all(symbol.endswith("-open") == ("(paper)" in name) for name, _, symbol in legend_of([ERROR], lines))


def test_the_line_through_gamma_leaves_out_the_limits_and_a_model_without_gamma_goes_across(lines):
    paths = [t for t in panel_figure(ERROR, lines, None, {}).data if t.mode == "lines"]
    assert [len(t.x) for t in paths] == [3, 2, 2]
    assert np.allclose(paths[0].x, np.log10([0.02, 1, 40])) and np.allclose(paths[0].y, [46, 31, 21])
    assert list(paths[2].y) == [12, 12] and paths[2].x[1] - paths[2].x[0] > np.ptp(paths[0].x) + 1
    assert len({t.line.dash for t in paths}) == 3  # not told apart by colour alone


def test_the_axis_is_visibly_broken_before_both_limits_and_what_has_no_gamma(lines):
    axis = Axis([0.02, 1, 40, 0.0, math.inf, NAN])
    for measure in (ERROR, AUC):
        figure = panel_figure(measure, [*lines, line("ib", [1.0], detection=[60])], None, {})
        signs = [s.x0 for s in figure.layout.shapes if s.xref == "x"]
        assert signs == axis.breaks and all(a not in axis.ticks()[0] for a in signs)
    places = [axis.position(gamma) for gamma in (0, 0.02, 1, 40, math.inf, NAN)]
    for before, sign, after in zip([0, 3, 4], axis.breaks, [1, 4, 5], strict=True):
        assert places[before] < sign < places[after]


def test_ticks_name_the_limits_and_keep_clear_of_one_another():
    for gammas in ([1.0], [0.02, 50.12], [0.02, 1, 35.65], [0.3, 2.0], []):
        places, names = Axis([*gammas, 0, math.inf]).ticks()
        assert names[0] == "0" and names[-2:] == ["∞", "no γ"]
        assert (np.diff(places) > 0).all() and np.diff(places).min() > 0.5
        assert not gammas or {f"{min(gammas):.4g}", f"{max(gammas):.4g}"} <= set(names)


def test_a_value_off_the_scale_stands_at_the_edge_and_says_so(lines):
    figure = panel_figure(BITS, lines, None, {})
    (marks,) = [t for t in figure.data if t.customdata is not None]
    far = list(marks.customdata).index("ib inf")
    assert marks.y[far] == BITS.cap and marks.text[far] == "↑ 250" and marks.marker.symbol[far] == "circle"
    assert "250.00 (off the scale)" in marks.hovertext[far] and figure.layout.yaxis.range[1] < 20


def test_the_papers_numbers_are_open_faint_and_not_to_be_clicked(lines):
    for measure, key, shift in ((ERROR, "error", 0), (BITS, "bits_per_dim", paper.BITS_CORRECTION)):
        figure = panel_figure(measure, lines, None, {})
        (marks,) = [t for t in figure.data if t.mode == "markers+text" and t.customdata is None]
        printed = [row[key] + shift for row in paper.TABLES["cifar10"].rows.values() if row[key] is not None]
        assert sorted(marks.y) == pytest.approx(sorted(min(value, BITS.cap) if shift else value for value in printed))
        assert marks.marker.opacity < 1 and all(symbol.endswith("-open") for symbol in marks.marker.symbol)
        assert all(text.startswith("<b>the paper's ") for text in marks.hovertext)
    assert any("printed as 5.25" in text for text in marks.hovertext)
    assert any("only L<sub>Y</sub>" in text for text in marks.hovertext) and "L_" not in "".join(marks.hovertext)


def test_the_chosen_model_is_ringed_wherever_it_has_a_value(lines):
    found = [panel_figure(measure, lines, "vib 1", {}) for measure in (ERROR, BITS)]
    rings = [[t for t in f.data if t.marker.symbol == "circle-open" and t.marker.size > 15] for f in found]
    assert [[(t.x[0], t.y[0]) for t in some] for some in rings] == [[(0.0, 25)], []]


def test_chance_is_a_line_across(lines):
    figure = panel_figure(AUC, [line("ib", [1.0, 2.0], detection=[60, 70])], None, {})
    assert [s.y0 for s in figure.layout.shapes if s.yref == "y"] == [50]
    assert figure.layout.yaxis.range[0] < 50 < 70 < figure.layout.yaxis.range[1]


def test_what_lies_decades_apart_is_drawn_on_a_logarithmic_axis_with_all_of_it_inside():
    axis = panel_figure(ERROR, [line("ib", [0.2, 1], error=[68.7, 6.5])], None, {}).layout.yaxis
    low, high = (10**end for end in axis.range)
    assert axis.type == "log" and low < 6.5 and high > 68.7
    assert list(axis.ticktext) == ["10", "20", "50"] and list(axis.tickvals) == [10, 20, 50]
    # Over two decades there is no room for the names of all three.
    wide = panel_figure(ERROR, [line("ib", [0.2, 1], error=[86.9, 0.4])], None, {}).layout.yaxis
    assert list(wide.ticktext) == ["1", "10", "100"]
    # A zero has no place on one.
    assert panel_figure(ERROR, [line("ib", [0.2, 1], error=[68.7, 0])], None, {}).layout.yaxis.type != "log"
