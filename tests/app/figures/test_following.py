"""What of a figure follows γ: found from the figures of all places."""

import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.following import Following, as_data, differences


def bars(values, text="same", top=1.0, note="n"):
    figure = go.Figure(go.Bar(uid="bars", x=np.asarray(values), text=text, hovertext=str(values)))
    figure.add_annotation(text=note, x=0, y=0)
    return figure.update_yaxes(range=[0, top])


def test_numbers_move_other_values_step_and_what_stays_is_not_sent():
    common, each = differences([[bars([1, 2], "a"), bars([3, 4], "b"), bars([5, 6], "b")]])
    np.testing.assert_array_equal(common.moving["bars"]["x"], [[1, 2], [3, 4], [5, 6]])
    assert common.stepped == {"bars": {"text": ["a", "b", "b"]}} and common.fixed == {}
    assert each == [Following({}, {}, {})]


def test_what_belongs_to_one_choice_is_apart_from_what_all_have():
    choices = [
        [bars([1], top=2, note="cat"), bars([2], top=3, note="cat")],
        [bars([7], top=2, note="dog"), bars([8], top=3, note="dog")],
    ]
    common, (cat, dog) = differences(choices)
    np.testing.assert_array_equal(common.moving["layout"]["yaxis.range"], [[0, 2], [0, 3]])
    np.testing.assert_array_equal(dog.moving["bars"]["x"], [[7], [8]])
    assert cat.fixed == {"annotations-0": {"text": "cat"}} and dog.fixed == {"annotations-0": {"text": "dog"}}
    assert choices[1][1].layout.annotations[0].name == "annotations-0"


def test_arrays_of_other_lengths_or_with_holes_step():
    common, _ = differences([[bars([1.0, np.nan]), bars([1.0, 2.0])], [bars([1.0]), bars([1.0, 2.0])]])
    assert common == Following({}, {}, {})
    _, (first, second) = differences([[bars([1.0, np.nan]), bars([1.0, 2.0])], [bars([1.0]), bars([1.0, 2.0])]])
    assert not first.moving and not second.moving
    assert [len(values) for values in second.stepped["bars"]["x"]] == [1, 2]


def test_figures_with_other_parts_are_refused():
    with pytest.raises(ValueError, match="same parts"):
        differences([[bars([1]), go.Figure()]])


def test_numbers_travel_in_sixteen_bits():
    values = np.array([[0.5, -2.0], [1.0, 2.0]])
    data = as_data(Following({"dots": {"x": values}, "picture": {"y": values[:, 0]}}, {}))
    track, one = data["moving"]["dots"]["x"], data["moving"]["picture"]["y"]
    whole = np.frombuffer(base64.b64decode(track["values"]["bdata"]), "<i2")
    np.testing.assert_allclose(whole.reshape(2, 2) * track["scale"], values, atol=1e-4)
    assert data["places"] == 2 and one["single"] and "single" not in track
