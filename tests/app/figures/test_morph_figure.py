"""Point clouds of several models: side by side, and morphing into one another."""

import numpy as np
import pytest

from app.figures.latent import opacity
from app.figures.morph import (
    TWEENS,
    for_a_room,
    frames_of,
    groups_of,
    morph_figure,
    panels_figure,
)
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


def panels(count: int):
    rng = np.random.default_rng(2)
    cloud = [rng.standard_normal((60, 2)) * (i + 1) for i in range(count)]
    group = [np.where(np.arange(60) < 50, np.arange(60) % 10, -1) for _ in cloud]
    means = [rng.standard_normal((10, 2)) for _ in cloud]
    rows = np.arange(60) + 100
    hover = [[f"{i}" for i in range(60)]] * count
    return cloud, panels_figure(cloud, group, means, [f"M{i}" for i in range(count)], 3, rows, hover, classes=CLASSES)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_panels_hold_every_point_of_every_model_and_return_its_row(count):
    cloud, figure = panels(count)
    drawn = [t for t in figure.data if t.customdata is not None]
    assert len(drawn) == 10 * count
    for index in range(count):
        panel = drawn[10 * index : 10 * index + 10]
        rows = np.concatenate([t.customdata for t in panel])
        assert sorted(rows) == list(range(100, 150))  # those that are filtered out are not there
        for trace in panel:
            assert np.allclose(np.column_stack([trace.x, trace.y]), cloud[index][np.asarray(trace.customdata) - 100])
    assert sum(bool(t.showlegend) for t in drawn) == 10
    axes = [figure.layout[a] for a in figure.layout if a.startswith("xaxis")]
    assert len({tuple(a.range) for a in axes}) == 1  # aligned planes have one scale


def test_a_morph_passes_through_every_model_and_stays_in_the_frame():
    rng = np.random.default_rng(3)
    stages, means = rng.standard_normal((3, 40, 2)).astype(np.float32), rng.standard_normal((3, 10, 2))
    labels = np.arange(40) % 10
    figure, frames = morph_figure(stages, labels, means, ["A", "B", "C"], classes=CLASSES), frames_of(["a", "b", "c"])
    assert len(figure.frames) == 2 * TWEENS + 1 == len(frames.labels)
    for stage, frame in enumerate(figure.frames[::TWEENS]):
        for k in range(10):
            assert np.allclose(np.column_stack([frame.data[k].x, frame.data[k].y]), stages[stage][labels == k])
            assert np.allclose([frame.data[10 + k].x[0], frame.data[10 + k].y[0]], means[stage, k])
        assert [note.text for note in frame.layout.annotations] == ["ABC"[stage]]
    half = figure.frames[TWEENS // 2].data[4]
    assert np.allclose(half.x, stages[:2, labels == 4, 0].mean(0), atol=1e-5)
    assert frames.labels[1] == "a → b" and frames.stops == [(0, "a"), (TWEENS, "b"), (2 * TWEENS, "c")]
    # Streamlit sets a figure's title in bold, but not those of frames.
    assert figure.layout.title.text is None and figure.layout.annotations[0].text == "A"
    assert not figure.layout.sliders  # the player is no part of the picture
    # Plotly draws a cloud of WebGL twice while frames play, which is seen unless its dots are opaque.
    assert {trace.marker.opacity for trace in figure.data} == {1}
    low, high = figure.layout.xaxis.range
    assert low < means[..., 0].min() and high > means[..., 0].max()


def test_in_a_room_the_legend_takes_no_height_and_the_caption_one_line():
    rng = np.random.default_rng(0)
    stages, means = rng.standard_normal((3, 40, 2)).astype(np.float32), rng.standard_normal((3, 10, 2))
    figure = for_a_room(morph_figure(stages, np.arange(40) % 10, means, ["A", "B", "C"], classes=CLASSES))
    legend, (caption,) = figure.layout.legend, figure.layout.annotations
    assert (legend.orientation, legend.xanchor, legend.yanchor) == ("v", "right", "top") and legend.x == legend.y == 1
    assert caption.yanchor == "bottom" and caption.yshift + caption.font.size < figure.layout.margin.t < 40


def test_the_widest_model_of_a_morph_is_not_cut_off():
    points = np.random.default_rng(5).standard_normal((9, 500, 2)).astype(np.float32)
    points[0] *= 5
    figure = morph_figure(points, np.arange(500) % 10, np.zeros((9, 10, 2)), list("ABCDEFGHI"), classes=CLASSES)
    low, high = np.array([figure.layout.xaxis.range, figure.layout.yaxis.range]).T
    assert ((points[0] > low) & (points[0] < high)).all(1).mean() > 0.98


def test_the_chosen_image_is_ringed_in_every_frame_of_a_morph():
    rng = np.random.default_rng(5)
    stages, means = rng.standard_normal((3, 40, 2)).astype(np.float32), rng.standard_normal((3, 10, 2))
    rows = np.arange(40) + 100
    figure = morph_figure(stages, np.arange(40) % 10, means, ["A", "B", "C"], classes=CLASSES, rows=rows, marked=7)
    assert np.allclose([figure.data[-1].x[0], figure.data[-1].y[0]], stages[0, 7])
    for stage, frame in enumerate(figure.frames[::TWEENS]):
        assert len(frame.data) == len(figure.data)
        assert np.allclose([frame.data[-1].x[0], frame.data[-1].y[0]], stages[stage, 7])
    known = np.concatenate([trace.customdata for trace in figure.data if trace.customdata is not None])
    assert sorted(known) == rows.tolist()


def test_without_a_lasso_all_dots_are_alike_and_with_one_elsewhere_all_are_dimmed():
    rows = np.array([4, 8, 9])
    assert opacity(rows, None) == opacity(rows, np.array([], int)) == 0.6
    assert (opacity(rows, np.array([9, 4])) > 0.9).tolist() == [True, False, True]
    assert (opacity(rows, np.array([5])) < 0.2).all()


def test_the_dots_of_a_morph_are_each_in_one_group_and_the_lassoed_ones_on_top():
    labels, lasso = np.arange(40) % 10, np.arange(40) < 5
    for groups in (
        groups_of(labels, classes=CLASSES),
        groups_of(labels, lasso, classes=CLASSES),
        groups_of(labels, np.zeros(40, bool), classes=CLASSES),
    ):
        assert (np.sum([g.members for g in groups], axis=0) == 1).all()
    first, *others = groups_of(labels, lasso, classes=CLASSES)
    assert (first.members == ~lasso).all() and sum(g.members.sum() for g in others) == 5


def test_the_stops_of_the_morph_are_named_by_their_numbers_and_the_first_one_in_full():
    frames = frames_of(["only likelihood", "γ = 0.2", "γ = 1", "only classes"], "γ = 1")
    assert [name for _, name in frames.stops] == ["only likelihood", "0.2", "γ = 1", "only classes"]
    assert frames.first == "γ = 1" and "γ = 0.2" in frames.labels
