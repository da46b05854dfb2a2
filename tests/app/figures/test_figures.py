"""Each figure as Plotly gets it; ``make snapshots`` writes ``figures.json`` anew."""

import base64
import io
import json
import os
import zlib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from app.figures.answers import answers_figure
from app.figures.bars import likelihood_figure, posterior_bars
from app.figures.bayes import Beside, LikelihoodRow, bayes_figure
from app.figures.bits_scale import FAR, MAX_BITS, BitsScale, number_text, scale_for
from app.figures.corruption import corruption_figure
from app.figures.diagrams import reliability_figure, roc_figure
from app.figures.family_curve import CurvePoint, Level, Mark, curve_figure
from app.figures.interpolation import bits_figure, posterior_figure
from app.figures.latent import frame_of
from app.figures.path_view import Departure, Plane, odds_ticks
from app.figures.readings import CorruptedImages, Reading
from app.figures.sent import as_json
from ibinn_core.measures.calibration import reliability
from ibinn_core.measures.scores import predictive_entropy

SNAPSHOTS = Path(__file__).with_name("figures.json")
ANIMALS = ("cat", "dog", "<emu>")
MANY = [f"kind {k}" for k in range(30)]
BAND = (3.5, 5.5)  # bits/dim that are typical


def posteriors(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.ones(shape[-1]), shape[:-1])


def bayes_row(log_likelihood: list[float], bits: float) -> LikelihoodRow:
    found, prior = np.array(log_likelihood), np.full(len(log_likelihood), 1 / len(log_likelihood))
    joint = np.exp(found - found.max()) * prior
    reference = np.linspace(3, 6, 200)
    return LikelihoodRow(f"model at {bits}", found, prior, joint, joint / joint.sum(), bits, reference, BAND)


def bayes() -> go.Figure:
    rows = [bayes_row([8000.0, 7998.5, 7600.0], 4.0), bayes_row([-300.0, -299.0, -301.5], -40.0)]
    others = [Beside("only", np.array([0.2, 0.5, 0.3])), Beside("another", np.array([0.6, 0.3, 0.1]))]
    return bayes_figure(rows, others, label=1, classes=ANIMALS)


def reading(number: int, bits: list[float]) -> Reading:
    found, posterior = np.array(bits), posteriors(len(bits), 3)[:: 1 - 2 * number]
    middle, half = np.mean(BAND), np.ptp(BAND) / 2
    p_values = np.linspace(0.9, 0.001, len(bits))
    color = f"rgb({number}, 20, 30)"
    offset = (found - middle) / half
    return Reading(f"γ = {number}", color, posterior, predictive_entropy(posterior), found, offset, p_values)


def corruption(bits: list[float], *, of_means: bool) -> go.Figure:
    """An image that is corrupted under two models: in the plane of the means, or as it departs."""
    steps, scale = len(bits), scale_for(bits, BAND)
    pixels = np.arange(steps * 48, dtype=np.uint8).reshape(steps, 4, 4, 3)
    labels = [f"{10 * step}°" for step in range(steps)]
    images = CorruptedImages(pixels, np.linspace(0, 0.5, steps), labels, "angle", "it turns")
    cloud = np.column_stack([np.linspace(-4, 4, 40), np.linspace(3, 7, 40)])
    classes, across = np.arange(40) % 3, np.linspace(-3, 3, steps)
    path = np.column_stack([across, scale.place(np.array(bits))])
    view = Departure(cloud, classes, path, BAND, (2, 0), scale)
    if of_means:
        view = Plane(cloud, classes, path, cloud[:3], "1%")
    return corruption_figure(view, images, [reading(0, bits), reading(1, bits[::-1])], 1, classes=ANIMALS)


def mark(id: str | None, error: float, bits: float, symbol: str = "circle", gamma: float = 1.0) -> Mark:
    return Mark(id, id or "paper", f"model {id}", error, bits, "#aa0000", symbol, "a note", gamma)


MARKS = [mark("a", 0.9, 3.8, gamma=0.0), mark("b", 0.3, 4.0), mark("m", 0.15, 4.6), mark("n", 0.7, 3.8, "diamond")]
PAPER = [mark(None, 0.0, 5.5, "circle-open"), mark(None, 0.09, 17.9, "circle-open")]
PLACES = [CurvePoint(m.error, m.bits, m.title, m.id == "m") for m in MARKS[:3]]
LEVELS = [Level("r", "ResNet", "<ResNet>", 0.083, "#aa0000", "triangle-up", "dash")]
LEVELS += [Level(f"v{i}", "VIB", f"VIB {i}", 0.08 + 0.2 * i, "#aa0000", "square", "dot") for i in range(2)]


def curve(selected: str | None) -> go.Figure:
    return curve_figure(PLACES, [*MARKS, *PAPER], LEVELS, selected)


def roc(reason: str = "") -> go.Figure:
    grid = np.linspace(0, 1, 5)
    curves = {} if reason else {"noise": grid**0.5, "cifar100": grid, "mine": grid**2}
    return roc_figure("a", grid, curves, {"noise": 0.667}, {"noise": "uniform noise"}, reason)


def answers_of_many() -> go.Figure:
    """Two of the classes are disagreed about; one that is chosen is not."""
    counts = 5 * np.eye(len(MANY), dtype=int)
    counts[3, 20] = counts[20, 7] = 1
    return answers_figure(counts, ("p", "q"), MANY, chosen=(29, 20))


TIMES = np.linspace(0, 1, 4)
FIGURES = {
    "Bayes": bayes,
    "Bayes, exploding bits": lambda: bayes_figure(
        [bayes_row([-4.3e13, -4.3e13 - 9168229, -4.3e13], 977501425024.01)], classes=ANIMALS
    ),
    "Bayes, many classes": lambda: bayes_figure(
        [bayes_row(np.linspace(-3, 0, len(MANY)).tolist(), np.inf)], label=0, classes=MANY
    ),
    "corruption, plane": lambda: corruption([4.0, 5.0, 7.0], of_means=True),
    "corruption, departure": lambda: corruption([4.0, 5.0, 7.0], of_means=False),
    "corruption, exploding bits": lambda: corruption([4.5, 5, 30, 1e7, np.inf], of_means=False),
    "corruption, no move": lambda: corruption([4.5] * 3, of_means=True),
    "curve": lambda: curve(None),
    "curve, chosen line": lambda: curve("v1"),
    "curve, chosen mixture": lambda: curve("m"),
    "reliability": lambda: reliability_figure("a model", reliability(posteriors(500, 4), np.arange(500) % 4)),
    "ROC": roc,
    "ROC, no likelihood": lambda: roc("it has no likelihood"),
    "answers": lambda: answers_figure(np.arange(9).reshape(3, 3), ("p", "q"), ANIMALS, (2, 1)),
    "answers, many classes": answers_of_many,
    "posterior bars": lambda: posterior_bars(posteriors(3), 2, classes=ANIMALS),
    "posterior bars, many classes": lambda: posterior_bars(posteriors(30), 2, classes=MANY),
    "posterior bars, digits": lambda: posterior_bars(posteriors(10), 3, classes=tuple("0123456789")),
    "likelihoods": lambda: likelihood_figure(np.array([-2.0, 0.0, -7.5]), classes=ANIMALS),
    "posterior areas": lambda: posterior_figure(TIMES, posteriors(2, 4, 3), ["γ = 1", "γ = 2"], classes=ANIMALS),
    "posterior areas, many classes": lambda: posterior_figure(TIMES, posteriors(1, 4, 30), ["a"], classes=MANY),
    "bits": lambda: bits_figure(TIMES, posteriors(2, 4), ["a", "b"], ["red", "blue"], [4.0, 4.1]),
}


def unpacked(value: object) -> object:
    """A figure's JSON with its arrays as lists, and with a checksum of the pixels in the place of an image."""
    if isinstance(value, dict) and "bdata" in value:
        value = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).tolist()
    if isinstance(value, dict):
        return {key: unpacked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unpacked(one) for one in value]
    if isinstance(value, str) and value.startswith("data:image/png"):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(value.partition(",")[2]))))
        return [*pixels.shape, zlib.crc32(pixels.tobytes())]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def leaves(value: object) -> tuple[list[float], object]:
    """All numbers in a figure, and the figure with a zero for each."""
    numbers: list[float] = []

    def keep(text: str) -> int:
        numbers.append(float(text))
        return 0

    return numbers, json.loads(json.dumps(value), parse_float=keep, parse_int=keep)


def write_snapshots(kept: dict[str, list]) -> None:
    """A line for each trace, layout and frame."""
    lines = ["{"]
    for name in (name for name in FIGURES if name in kept):
        parts = [f"  {json.dumps(part, ensure_ascii=False)}" for part in kept[name]]
        lines += [f"{json.dumps(name)}: [", ",\n".join(parts), "],"]
    SNAPSHOTS.write_text("\n".join(lines).removesuffix(",") + "\n}\n", "utf-8")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_it_was(name):
    figure = json.loads(as_json(FIGURES[name]()))
    found = unpacked([*figure["data"], figure["layout"], *figure.get("frames", [])])
    kept = json.loads(SNAPSHOTS.read_text("utf-8"))
    if os.environ.get("SNAPSHOTS") == "write":
        kept[name] = found
        write_snapshots(kept)
    (numbers, texts), wanted = leaves(found), leaves(kept[name])
    assert texts == wanted[1] and numbers == pytest.approx(wanted[0], rel=1e-4, abs=1e-6)


def test_every_snapshot_is_of_a_figure():
    assert json.loads(SNAPSHOTS.read_text("utf-8")).keys() == FIGURES.keys()


def test_a_far_outlier_does_not_shrink_the_cloud():
    points = np.concatenate([np.random.default_rng(0).normal(size=(5000, 2)), [[1000.0, 0.0]]])
    low, high = frame_of(points, np.full((1, 2), -5.0))
    assert (high < 10).all() and (low == -5).all()


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-2.4, 1.2, ["100 : 1", "10 : 1", "1 : 1", "1 : 10"]),
        (-4.5, 4.5, ["10⁴ : 1", "100 : 1", "1 : 1", "1 : 100", "1 : 10⁴"]),
        (-31, 3, ["≥ 10³⁰ : 1", "10²⁰ : 1", "10¹⁰ : 1", "1 : 1"]),
    ],
)
def test_odds_are_written_as_people_read_them(low, high, texts):
    assert odds_ticks(low, high)[1] == texts


@pytest.mark.parametrize(("steps", "parts"), [(25, 4), (21, 4), (26, 5)])
def test_ticks_stand_at_round_parts_of_the_way(steps, parts):
    axis = corruption([4.5] * steps, of_means=True).layout.xaxis4
    assert np.allclose(axis.tickvals, np.linspace(0, 0.5, parts + 1)) and axis.ticktext[-1] == f"{10 * (steps - 1)}°"


WIDE = (4.5, 7.5)


def test_a_scale_is_logarithmic_only_where_something_is_very_far_away():
    middle, half = 6, 1.5
    assert not scale_for([middle + FAR * half, middle - FAR * half], WIDE).is_log
    assert scale_for([middle, middle + 1.01 * FAR * half], WIDE).is_log
    assert scale_for([middle - 1.01 * FAR * half], WIDE).is_log and scale_for([np.inf]).is_log
    assert BitsScale(WIDE).place([5, 1e13]).tolist() == [5, 1e13]


def test_the_band_stays_as_it_is_and_a_decade_outside_takes_half_of_it():
    scale = BitsScale(WIDE, is_log=True)
    assert np.allclose(scale.place([4.5, 5, 6, 7.5]), [4.5, 5, 6, 7.5])
    assert np.allclose(scale.place([6 + 1.5e1, 6 + 1.5e13, 6 - 1.5e2]), [6 + 1.5 * 2, 6 + 1.5 * 14, 6 - 1.5 * 3])
    values = np.concatenate([-np.logspace(20, -2), np.logspace(-2, 20)])
    assert (np.diff(scale.place(values)) > 0).all()  # who is farther is drawn farther
    assert np.isfinite(scale.place([np.inf, -np.inf])).all()
    assert scale.place(np.inf) == scale.place(MAX_BITS) > scale.place(3e38)


def test_bits_are_written_as_people_read_them():
    assert [number_text(b) for b in (3, -0.126, 99999.5)] == ["3.00", "-0.13", "99999.50"]
    assert [number_text(b) for b in (1.5e13, -2e6, np.inf)] == ["1.5 · 10¹³", "-2.0 · 10⁶", "inf"]
