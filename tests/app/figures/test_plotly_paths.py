"""Plotly takes the same path apart once, and to the same."""

import plotly.graph_objects as go
from plotly import basedatatypes

from app.figures.plotly_paths import MOST, remember_paths


def test_plotly_keeps_what_it_finds():
    parse = basedatatypes._str_to_dict_path_full
    figure = go.Figure()
    figure.update_layout(legend_font_size=14)
    before = parse.cache_info()
    figure.update_layout(legend_font_size=15)
    assert figure.layout.legend.font.size == 15
    assert parse.cache_info().misses == before.misses and parse.cache_info().hits > before.hits
    assert parse.cache_info().maxsize == MOST


def test_kept_paths_are_those_of_plotly():
    parse = basedatatypes._str_to_dict_path_full
    for path in ("xaxis.title_font_size", "shapes[1].line.color", "error_x.color", "x", ""):
        assert parse(path) == parse.__wrapped__(path)


def test_a_second_call_and_another_plotly_change_nothing(monkeypatch):
    parse = basedatatypes._str_to_dict_path_full
    remember_paths()
    assert basedatatypes._str_to_dict_path_full is parse
    monkeypatch.delattr(basedatatypes, "_str_to_dict_path_full")
    remember_paths()
    assert not hasattr(basedatatypes, "_str_to_dict_path_full")
