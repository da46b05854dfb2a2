"""The figure of the image that leaves the distribution, its animation, and the drawings it fades into."""

import base64
import io
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from app.figures.bits_scale import scale_for
from app.figures.corruption import (
    BARS,
    MOVING,
    PANELS,
    corruption_figure,
)
from app.figures.path_view import Departure, Plane, odds_ticks
from app.figures.readings import CorruptedImages, Reading
from app.palette import CLASS_COLORS, HALO, NEUTRAL, model_colors
from app.palette import INK as PATH
from ibinn_core.data import CIFAR10_CLASSES as CLASSES
from ibinn_core.measures.scores import predictive_entropy

T, M, N = 7, 3, 300
BAND = (3.5, 5.5)  # of the first model
COLORS = ("rgb(10, 20, 30)", "rgb(40, 50, 60)", "rgb(70, 80, 90)")


def offset(bits: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """How far from a band's middle, in half its width."""
    return (bits - np.mean(band)) / (np.ptp(band) / 2)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def draw_reading(rng, m: int, steps: int = T) -> Reading:
    bits, band = 4 + rng.random(steps) * 3, (BAND[0] + m, BAND[1] + m)
    posterior = rng.dirichlet(np.ones(10), steps)
    likelihood = (bits, offset(bits, band), rng.random(steps))
    return Reading(f"γ = {m}", COLORS[m], posterior, predictive_entropy(posterior), *likelihood)


@pytest.fixture
def scene(rng):
    """A plane, a corrupted and the readings of three models."""
    images = rng.integers(0, 256, (T, 32, 32, 3), dtype=np.uint8)
    strengths = np.linspace(0, 0.3, T)
    corrupted = CorruptedImages(images, strengths, [f"{s:.3g}" for s in strengths], "amplitude", "noise grows on it")
    path = rng.normal(size=(T, 2))
    plane = Plane(rng.normal(size=(N, 2)), rng.integers(0, 10, N), path, rng.normal(size=(10, 2)))
    return plane, corrupted, [draw_reading(rng, m) for m in range(M)]


def on(figure: go.Figure, panel: str) -> list:
    """The traces of a panel."""
    return [t for t in figure.data if (t.yaxis or "y") == f"y{PANELS[panel][0]}"]


def head_of(figure) -> tuple[float, float]:
    """The position of the head in a figure or a frame."""
    head = figure.layout.shapes[0]
    return head.xanchor, head.yanchor


def decoded(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


def shown_in(figure: go.Figure) -> list[int]:
    """The classes that have bars."""
    return [CLASSES.index(name) for name in on(figure, "classes")[0].y]


# --- the figure -----------------------------------------------------------------------------------------


def moving_in(figure) -> tuple:
    """The traces of a figure, or of one of its frames, that move: the last ones but the strip of images."""
    return figure.data[-1 - len(MOVING) : -1]


def test_frames_move_the_head_the_dots_of_all_models_the_posterior_and_the_image(scene):
    plane, corrupted, readings = scene
    figure = corruption_figure(plane, corrupted, readings, shown=1, classes=CLASSES)
    strip = decoded(on(figure, "image")[0].source)[::4, ::4]
    shown = shown_in(figure)
    assert [frame.name for frame in figure.frames] == [str(step) for step in range(T)]
    for step, frame in enumerate(figure.frames):
        likelihoods, bars = moving_in(frame)
        assert head_of(frame) == tuple(plane.path[step])
        assert set(likelihoods.x) == {corrupted.strengths[step]}
        assert sorted(likelihoods.y) == sorted(r.offset[step] for r in readings)
        assert np.allclose(bars.x, readings[1].posterior[step, shown])
        bottom, top = frame.layout.yaxis2.range
        assert (strip[top:bottom] == corrupted.pixels[step]).all()


def test_what_moves_has_its_looks_from_the_start_and_frames_only_move_it(scene):
    figure = corruption_figure(*scene, shown=1, classes=CLASSES)
    likelihoods, bars = moving_in(figure)
    head = figure.layout.shapes[0]
    assert (head.fillcolor, head.line.color) == (PATH, HALO)
    assert tuple(bars.marker.color) == tuple(CLASS_COLORS[k] for k in shown_in(figure))
    assert set(likelihoods.marker.color) == set(COLORS) and likelihoods.marker.color[-1] == COLORS[1]
    moved = {key for frame in figure.frames for trace in frame.data for key in trace.to_plotly_json()}
    assert moved == {"type", "x", "y"}
    for frame in figure.frames:  # Plotly merges a frame's shapes into the figure's, one by one
        assert [set(shape.to_plotly_json()) for shape in frame.layout.shapes] == [{"xanchor", "yanchor"}]


def test_the_head_lies_above_the_small_images_and_the_path_above_the_cloud(scene):
    plane = scene[0]
    figure = corruption_figure(*scene, shown=0, classes=CLASSES)
    assert figure.layout.shapes[0].layer == "above" and head_of(figure) == tuple(plane.path[0])
    # All of it is SVG: Plotly doubles the opacity of a WebGL cloud while frames play, and draws it above everything.
    traces = on(figure, "path")
    assert {t.type for t in traces} == {"scatter"}
    halo, path = traces[-2:]
    assert halo.line.width > path.line.width and (halo.line.color, path.line.color) == (HALO, PATH)
    assert np.allclose(np.stack([path.x, path.y], 1), plane.path)


def test_no_model_and_no_class_has_the_colours_of_the_path():
    others = {color for count in range(1, 13) for color in model_colors(count)} | set(CLASS_COLORS)
    assert not {PATH, HALO} & others


def test_the_plane_says_below_how_much_of_the_way_it_shows(scene):
    plane, *rest = scene
    said = corruption_figure(plane._replace(shown="1%"), *rest, shown=0, classes=CLASSES).layout.xaxis.title.text
    assert said == "plane of the class means<br><b>1%</b> of the image's path lies in it"
    assert (
        corruption_figure(plane, *rest, shown=0, classes=CLASSES).layout.xaxis.title.text == "plane of the class means"
    )


@pytest.mark.parametrize(("steps", "parts"), [(25, 4), (21, 4), (26, 5)])
def test_ticks_stand_at_round_parts_of_the_way(rng, scene, steps, parts):
    strengths = np.linspace(0, 1, steps)
    corrupted = CorruptedImages(
        np.zeros((steps, 32, 32, 3), np.uint8), strengths, [f"{100 * s:.3g}%" for s in strengths], "share", ""
    )
    plane = scene[0]._replace(path=rng.normal(size=(steps, 2)))
    axis = corruption_figure(plane, corrupted, [draw_reading(rng, 0, steps)], 0, classes=CLASSES).layout.xaxis4
    assert list(axis.ticktext) == [f"{100 * i / parts:g}%" for i in range(parts + 1)]
    assert np.allclose(axis.tickvals, np.linspace(0, 1, parts + 1))


def test_a_frame_changes_the_traces_it_means(scene):
    figure = corruption_figure(*scene, shown=0, classes=CLASSES)
    panels = [f"y{PANELS[panel][0]}" for panel in MOVING]
    for frame in figure.frames:
        assert [trace.yaxis for trace in moving_in(figure)] == panels
        # Plotly takes away the panels of which a frame that moves no axis names no trace: all are named.
        assert list(frame.traces) == list(range(len(figure.data)))
        assert [trace.type for trace in figure.data] == [trace.type for trace in frame.data]
        assert sum(len(trace.to_plotly_json()) > 1 for trace in frame.data) == len(moving_in(frame))


def test_there_is_a_frame_for_each_label(scene):
    assert len(corruption_figure(*scene, shown=0, classes=CLASSES).frames) == len(scene[1].labels)


def test_each_model_has_a_curve_in_its_colour_and_the_shown_one_lies_on_top(scene):
    _, corrupted, readings = scene
    figure = corruption_figure(*scene, shown=0, classes=CLASSES)
    lines = {t.name: t for t in on(figure, "likelihood") if t.mode == "lines"}
    assert list(lines)[-1] == readings[0].name
    for reading in readings:
        line = lines[reading.name]
        assert np.allclose(line.y, reading.offset) and np.allclose(line.x, corrupted.strengths)
        assert line.line.color == reading.color
        assert line.line.width == (4 if reading is readings[0] else 2)
    legend = [
        t.name
        for t in sorted(figure.data, key=lambda t: t.legendrank or 1000)
        if t.type == "scatter" and t.showlegend is None and t.name
    ]
    assert legend == [r.name for r in readings]


def test_hover_says_the_numbers(scene):
    _, corrupted, readings = scene
    line = next(t for t in on(corruption_figure(*scene, shown=0, classes=CLASSES), "likelihood") if t.name == "γ = 2")
    reading = readings[2]
    answer = CLASSES[reading.posterior[3].argmax()]
    for words in (
        f"at {corrupted.labels[3]}",
        f"{reading.bits[3]:.2f} bits/dim",
        f"{reading.p_values[3]:.1%}",
        answer,
    ):
        assert words in line.text[3]


def test_the_band_of_all_models_lies_behind_the_curves(scene):
    figure = corruption_figure(*scene, shown=0, classes=CLASSES)
    bands = [s for s in figure.layout.shapes if s.type == "rect"]
    assert {(s.yref, s.y0, s.y1) for s in bands} == {("y4", -1, 1)}
    low, high = figure.layout.yaxis4.range
    assert low < -1 and high > 1


def test_the_cloud_keeps_its_classes(scene):
    plane = scene[0]
    clouds = {t.name: t for t in on(corruption_figure(*scene, shown=0, classes=CLASSES), "path") if t.name in CLASSES}
    for k, name in enumerate(CLASSES):
        assert np.allclose(np.stack([clouds[name].x, clouds[name].y], 1), plane.cloud[plane.labels == k])
        assert clouds[name].marker.color == CLASS_COLORS[k]


def test_the_first_and_the_last_image_are_among_the_small_ones(scene):
    plane, corrupted, _ = scene
    pasted = {
        (i.x, round(i.y - 0.2 * i.sizey, 9)): i
        for i in corruption_figure(*scene, shown=0, classes=CLASSES).layout.images
    }
    for step in (0, T - 1):
        x, y = plane.path[step]
        assert (decoded(pasted[x, round(y, 9)].source)[::2, ::2] == corrupted.pixels[step]).all()


def test_the_classes_that_matter_most_on_the_path_have_bars(scene):
    plane, corrupted, readings = scene
    shown = shown_in(corruption_figure(plane, corrupted, readings, shown=1, classes=CLASSES))
    most = readings[1].posterior.max(0)
    assert len(shown) == BARS and most[shown].min() >= np.delete(most, shown).max()


def test_one_model_and_twelve_fit(rng, scene):
    plane, corrupted, readings = scene
    assert corruption_figure(plane, corrupted, readings[:1], 0, classes=CLASSES).frames
    twelve = [replace(readings[0], name=f"model {m}") for m in range(12)]
    assert len(moving_in(corruption_figure(plane, corrupted, twelve, 11, classes=CLASSES).frames[0])[0].x) == 12


def test_a_model_that_never_moves_is_drawn(scene):
    plane, corrupted, readings = scene
    flat = replace(readings[0], offset=np.zeros(T), entropy=np.zeros(T))
    still = plane._replace(path=np.zeros((T, 2)))
    assert len(corruption_figure(still, corrupted, [flat], 0, classes=CLASSES).layout.images) == 1


# --- the axes of the departure --------------------------------------------------------------------------


@pytest.fixture
def departure(rng, scene) -> Departure:
    _, _, readings = scene
    cloud = np.stack([rng.normal(size=N) * 2, 4 + rng.normal(size=N)], 1)
    path = np.stack([np.linspace(-3, 3, T), readings[0].bits], 1)
    return Departure(cloud, rng.integers(0, 10, N), path, BAND, (6, 3))


def test_the_departure_lies_above_a_band_between_two_classes(scene, departure):
    _, corrupted, readings = scene
    figure = corruption_figure(departure, corrupted, readings, 0, classes=CLASSES)
    (band,) = (s for s in figure.layout.shapes if s.type == "rect" and s.yref == "y")
    assert (band.y0, band.y1) == departure.band and band.layer == "below"
    (even,) = (s for s in figure.layout.shapes if s.type == "line" and s.xref == "x")
    assert even.x0 == even.x1 == 0
    path = on(figure, "path")[-1]
    assert np.allclose(np.stack([path.x, path.y], 1), departure.path)
    assert [head_of(frame) for frame in figure.frames] == [tuple(point) for point in departure.path]
    low, high = (np.array(limit) for limit in zip(figure.layout.xaxis.range, figure.layout.yaxis.range, strict=True))
    assert (departure.path > low).all() and (departure.path < high).all()
    assert low[1] < departure.band[0] and departure.band[1] < high[1]


def test_its_axes_say_what_they_are(scene, departure):
    _, corrupted, readings = scene
    figure = corruption_figure(departure, corrupted, readings, 0, classes=CLASSES)
    assert "bits/dim" in figure.layout.yaxis.title.text and "less likely" in figure.layout.yaxis.title.text
    title = figure.layout.xaxis.title.text
    assert title.index(CLASSES[6]) < title.index(CLASSES[3]) and "posterior odds" in title
    said = {a.text for a in figure.layout.annotations if a.xref == "x domain" and a.yref == "y"}
    assert said == {"▲ too unlikely", "typical"}


def test_its_cloud_has_the_colours_of_the_two_classes_and_the_others_are_grey(scene, departure):
    _, corrupted, readings = scene
    figure = corruption_figure(departure, corrupted, readings, 0, classes=CLASSES)
    clouds = {t.name: t for t in on(figure, "path") if t.mode == "markers"}
    assert set(clouds) == {"other classes", CLASSES[6], CLASSES[3]}
    assert clouds[CLASSES[3]].marker.color == CLASS_COLORS[3] and clouds["other classes"].marker.color == NEUTRAL
    assert sum(len(t.x) for t in clouds.values()) == N
    rows = departure.labels == 6
    assert np.allclose(np.stack([clouds[CLASSES[6]].x, clouds[CLASSES[6]].y], 1), departure.cloud[rows])


def test_both_classes_of_its_axis_have_bars(rng, scene, departure):
    _, corrupted, readings = scene
    least = readings[0].posterior.max(0).argsort()[:2]
    figure = corruption_figure(departure._replace(pair=tuple(least.tolist())), corrupted, readings, 0, classes=CLASSES)
    assert set(least) <= set(shown_in(figure)) and len(shown_in(figure)) == BARS


@pytest.mark.parametrize(("share", "side"), [(0.02, "right"), (0.9, "left")])
def test_the_names_of_its_band_stand_where_the_path_is_not(scene, departure, share, side):
    _, corrupted, readings = scene
    across = np.full(T, np.quantile(departure.cloud[:, 0], share))
    up = departure.band[1] + np.linspace(-1, 1, T)
    figure = corruption_figure(
        departure._replace(path=np.column_stack([across, up])), corrupted, readings, 0, classes=CLASSES
    )
    assert {note.xanchor for note in figure.layout.annotations if note.yref == "y"} == {side}


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-2.4, 1.2, ["100 : 1", "10 : 1", "1 : 1", "1 : 10"]),
        (-4.5, 4.5, ["10⁴ : 1", "100 : 1", "1 : 1", "1 : 100", "1 : 10⁴"]),
        (-0.4, 0.3, ["1 : 1"]),
        (-14, 3, ["10¹⁰ : 1", "10⁵ : 1", "1 : 1"]),
    ],
)
def test_odds_are_written_as_people_read_them(low, high, texts):
    powers, said = odds_ticks(low, high)
    assert said == texts and all(low <= power <= high for power in powers)


def test_exploding_bits_have_logarithmic_axes_that_keep_the_band_in_sight(scene, departure):
    _, corrupted, readings = scene
    bits = np.array([4.5, 5, 30, 1e4, 1e7, 1.5e13, np.inf])
    far = replace(readings[0], bits=bits, offset=offset(bits, BAND))
    scale = scale_for(bits, BAND)
    path = np.stack([departure.path[:, 0], scale.place(bits)], 1)
    view = departure._replace(path=path, scale=scale)
    figure = corruption_figure(view, corrupted, [far, *readings[1:]], 0, classes=CLASSES)
    for number in ("", "4"):
        axis = figure.layout[f"yaxis{number}"]
        band = BAND if not number else (-1, 1)
        assert np.isfinite(axis.range).all() and "log" in axis.title.text
        assert (band[1] - band[0]) / (axis.range[1] - axis.range[0]) > 0.03
        assert all(len(text) < 6 for text in axis.ticktext)
    curve = next(t for t in on(figure, "likelihood") if t.name == far.name)
    assert np.isfinite(curve.y).all() and (np.diff(curve.y) > 0).all()
    assert "1.5 · 10¹³ bits/dim" in curve.text[5]
    assert [head_of(frame) for frame in figure.frames] == [tuple(point) for point in path]
