"""What the browser is told of a figure's layout on a phone and elsewhere."""

import plotly.graph_objects as go
import pytest

from app.figures.layout import OnPhone
from app.widgets import phone_layout


@pytest.fixture
def told(monkeypatch):
    """A function that lays out a figure, and returns what the browser is told."""

    def run(figure: go.Figure, layout: dict) -> dict:
        data = {}
        monkeypatch.setattr(phone_layout, "own_component", lambda *_, **__: lambda **given: data.update(given["data"]))
        phone_layout.lay_out_on_phones("chart", figure, OnPhone(300, layout))
        return data

    return run


def test_what_is_different_on_a_phone_is_told_with_what_it_is_elsewhere(told):
    figure = go.Figure(layout={"xaxis": {"domain": [0, 0.5]}, "annotations": [{"text": "a", "yshift": 4}]})
    layout = {"xaxis.domain": [0, 1], "xaxis.visible": False, "annotations[0].yshift": 8, "shapes": [{"x0": 1}]}
    data = told(figure, layout)
    assert data["narrow"] == layout
    wide = {"xaxis.domain": [0, 0.5], "xaxis.visible": None, "annotations[0].yshift": 4, "shapes": []}
    assert data["wide"] == wide


def test_what_a_figure_does_not_have_is_left_out(told):
    data = told(go.Figure(), {"xaxis7.domain": [0, 1], "annotations[0].yshift": 8, "annotations": []})
    assert data["narrow"] == data["wide"] == {"annotations": []}


def test_the_ranges_of_axes_of_one_scale_are_told(told):
    axes = {"xaxis": {"range": [0, 2]}, "yaxis": {"range": [3, 4], "scaleanchor": "x"}}
    axes |= {"xaxis2": {"range": [0, 1]}, "yaxis2": {"range": [0, 1], "scaleanchor": "x2", "constrain": "domain"}}
    assert told(go.Figure(layout=axes), {})["ranges"] == {"yaxis": [3, 4], "xaxis": [0, 2]}


def test_where_the_margins_are_given_plotly_makes_no_room_itself(told):
    figure = go.Figure(layout={"xaxis": {"range": [0, 2]}, "yaxis3": {"automargin": True}, "margin": {"l": 8}})
    data = told(figure, {"margin.l": 40})
    assert data["narrow"] == {"margin.l": 40, "xaxis.automargin": False, "yaxis3.automargin": False}
    assert data["wide"] == {"margin.l": 8, "xaxis.automargin": None, "yaxis3.automargin": True}
    assert told(figure, {"margin.t": 40})["narrow"] == {"margin.t": 40}
