"""The figure of the trade-off shows its arguments."""

import numpy as np
import pytest

from app.figures.family_curve import FLOOR, CurvePoint, Level, Mark, bits_axis, curve_figure
from app.palette import ACCENT

RED = "#aa0000"


def mark(id: str | None, error: float, bits: float, name: str | None = None, symbol: str = "circle") -> Mark:
    return Mark(id, id or "paper" if name is None else name, f"model {id}", error, bits, RED, symbol)


MARKS = [mark("a", 0.9, 3.8), mark("b", 0.3, 4.0), mark("c", 0.1, 5.5), mark("n", 0.7, 3.8, symbol="diamond")]
PAPER = [mark(None, 0.1, 5.9, "paper", "circle-open"), mark(None, 0.09, 17.9, "far", "circle-open")]
PLACES = [CurvePoint(m.error, m.bits, m.title, False) for m in MARKS[:3]]
PLACES.insert(2, CurvePoint(0.15, 4.6, "mixed", True))
LEVELS = [Level("r", "ResNet", "ResNet", 0.083, RED, "triangle-up", "dash")]
LEVELS += [Level(f"v{i}", "VIB", f"VIB {i}", 0.080 + i / 1000, RED, "square", "dot") for i in range(2)]


def traces(figure, mode: str) -> list:
    return [t for t in figure.data if t.mode == mode]


def drawn(figure) -> dict[str, tuple[float, float]]:
    """The position of each mark that can be clicked, or of the start of its line."""
    found = {}
    for t in figure.data:
        for id, x, y in zip(*(t.customdata, t.x, t.y) if t.customdata is not None else ((), (), ()), strict=True):
            found.setdefault(id, (x, y))
    return found


def test_marks_stand_at_their_numbers_and_carry_their_ids():
    found = drawn(curve_figure(PLACES, MARKS, LEVELS, None))
    assert {id: found[id] for id in "abcn"} == {m.id: (m.bits, m.error) for m in MARKS}
    assert {id: y for id, (_, y) in found.items() if id[0] in "rv"} == {level.id: level.error for level in LEVELS}


def test_the_line_runs_through_all_places_and_mixtures_are_small_dots_that_are_not_clicked():
    figure = curve_figure(PLACES, MARKS, [], None)
    (path,) = traces(figure, "lines")
    assert np.allclose(path.x, [p.bits for p in PLACES]) and np.allclose(path.y, [p.error for p in PLACES])
    assert path.hoverinfo == "skip"  # or it would take the clicks on the marks
    (mixed,) = [t for t in traces(figure, "markers") if "mixed" in str(t.hovertemplate)]
    assert (list(mixed.x), list(mixed.y)) == ([4.6], [0.15]) and mixed.customdata is None
    assert mixed.marker.size < min(t.marker.size for t in figure.data if t.customdata)


@pytest.mark.parametrize("id", ["b", "n", "v1"])
def test_the_chosen_model_is_ringed_whatever_it_is(id):
    figure = curve_figure(PLACES, MARKS, LEVELS, id)
    rings = [t for t in figure.data if t.marker.color == ACCENT]
    assert [(t.x[0], t.y[0]) for t in rings] == [drawn(figure)[id]]
    assert not [t for t in curve_figure(PLACES, MARKS, LEVELS, "z").data if t.marker.color == ACCENT]


def test_what_is_far_off_stands_at_the_edge_with_its_number_and_the_rest_to_scale():
    figure = curve_figure(PLACES, [*MARKS, *PAPER], LEVELS, None)
    scale = bits_axis([m.bits for m in (*MARKS, *PAPER)])
    assert scale.high == 5.9 < scale.edge < scale.ends[1] < 17.9
    (printed,) = [t for t in figure.data if "off the scale" in str(t.hovertemplate)]
    assert list(printed.x) == [5.9, scale.edge] and "17.90" in printed.text[1] and "17.90" in printed.hovertemplate[1]


def test_a_scale_holds_what_is_spread_evenly_and_one_model_alone():
    assert bits_axis([1.2, 1.3, 1.7, 2.1]).high == 2.1
    alone = bits_axis([4.0])
    assert alone.ends[0] < alone.shown(4.0) == 4 < alone.ends[1]


def test_lines_that_lie_together_share_a_name_and_their_marks_stand_side_by_side():
    figure = curve_figure(PLACES, MARKS, LEVELS, None)
    assert [a.text for a in figure.layout.annotations] == ["▲ ResNet, ■ VIB: no likelihood"]
    begins = [drawn(figure)[level.id][0] for level in LEVELS]
    assert len(set(begins)) == 3
    apart = curve_figure(PLACES, MARKS, [*LEVELS, LEVELS[0]._replace(id="w", family="weak", error=0.5)], None)
    assert [a.text for a in apart.layout.annotations] == ["▲ weak: no likelihood", "▲ ResNet, ■ VIB: no likelihood"]


def test_each_axis_says_which_direction_is_good():
    layout = curve_figure(PLACES, MARKS, LEVELS, None).layout
    assert "lower is better" in layout.xaxis.title.text and "lower is better" in layout.title.text
    assert "←" in layout.xaxis.title.text and "↓" in layout.title.text


def test_models_of_the_curve_and_the_chosen_one_have_their_names():
    for chosen, named in ((None, "abc"), ("n", "abcn")):
        figure = curve_figure(PLACES, [*MARKS, *PAPER[:1]], LEVELS, chosen)
        written = [text.strip("\u2002") for t in figure.data for text in t.text or ()]
        assert [name for name in written if name] == [
            name if name != chosen else "<b>\u2002n\u2002</b>" for name in named
        ]


def test_an_error_of_zero_has_a_place():
    found = drawn(curve_figure([], [mark("a", 0.0, 4.0), mark("b", 0.5, 5.0)], [], None))
    assert found["a"] == (4.0, FLOOR)
