"""The numbers that a browser computes beside a flow: they are Python's."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from node import ScriptError

import ibinn_core as ib
from app.figures.bits_scale import number_text
from app.images.handwriting import digit
from app.inference.computations import as_pictures
from ibinn_core.data import DATASETS
from ibinn_core.models.mixture import LatentMixture
from ibinn_core.weight_space import plain_gamma

WAYS = Path(__file__).parents[1] / "core" / "exploration" / "ways.json"


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def flat(values) -> list[float]:
    return np.asarray(values, np.float64).ravel().tolist()


@pytest.mark.parametrize("count, seed", [(16, 0), (17, 5), (100, 5), (3072, 2**32 - 1), (1000, 123_456_789)])
def test_noise_is_torchs(node, count, seed):
    found = node.run("return (await load('flow/noise.js')).normal(...arg);", [count, seed])
    np.testing.assert_allclose(found, torch.randn(count, generator=seeded(seed)), atol=2e-6)


@pytest.mark.parametrize("count, seed", [(1, 0), (784, 0), (3072, 0), (234, 7)])
def test_a_permutation_is_torchs(node, count, seed):
    found = node.run("return (await load('flow/noise.js')).permutation(...arg);", [count, seed])
    assert found == torch.randperm(count, generator=seeded(seed)).tolist()


@pytest.mark.parametrize("classes, dims, spread", [(2, 3, 1.0), (10, 40, 3.0), (3, 2, 30.0)])
def test_the_mixture_is_the_librarys(node, classes, dims, spread):
    mixture = LatentMixture(classes, dims=dims).double().requires_grad_(False)
    mixture.means = torch.nn.Parameter(spread * torch.randn(classes, dims, generator=seeded(1)).double(), False)
    mixture.phi.copy_(torch.randn(classes, generator=seeded(2)))
    z = spread * torch.randn(5, dims, generator=seeded(3)).double()
    found = node.run(
        """const { Mixture, largest } = await load("flow/mixture.js");
        const mixture = new Mixture(arg.means, arg.phi), scores = mixture.scores(arg.z);
        const { logWeights } = mixture, posterior = mixture.posterior(scores);
        return { logWeights, posterior, perClass: mixture.logProb(arg.z, scores),
            marginal: mixture.logMarginal(arg.z, scores), largest: largest(posterior.slice(0, arg.phi.length)) };""",
        {"means": flat(mixture.means), "phi": flat(mixture.phi), "z": flat(z)},
    )
    np.testing.assert_allclose(found["logWeights"], mixture.log_weights, rtol=1e-12)
    np.testing.assert_allclose(found["perClass"], flat(mixture.log_prob(z)), rtol=1e-12)
    np.testing.assert_allclose(found["marginal"], mixture.log_marginal(z), rtol=1e-12)
    wanted = mixture.log_posterior(z).exp()
    np.testing.assert_allclose(found["posterior"], flat(wanted), rtol=1e-9, atol=1e-300)
    assert found["largest"] == int(wanted[0].argmax())


def test_an_alignment_without_an_inverse_is_refused(node):
    flat_means = {"means": [0, 0, 1, 0, 2, 0], "location": [0, 0], "log_scale": [0, 0], "matrix": [1, 0, 0, 1]}
    script = "const { Alignment } = await load('flow/alignment.js'); new Alignment(...arg);"
    with pytest.raises(ScriptError, match="span too few dimensions"):
        node.run(script, [{**flat_means, "offset": [0, 0]}, 3])
    singular = {"means": [0, 0, 1, 0, 0, 1], "location": [0, 0], "log_scale": [0, 0], "matrix": [1, 1, 1, 1]}
    with pytest.raises(ScriptError, match="no inverse"):
        node.run(script, [{**singular, "offset": [0, 0]}, 3])


def test_gamma_lies_where_python_says(node):
    family = ib.family("mnist")
    positions = np.linspace(0, len(family.gammas) - 1, 23).tolist()
    script = """const { bracketOf, gammaOf } = await load("slider/gamma_slider.js");
        const [trained, asked] = arg.map((all) => all.map((gamma) => ({ gamma: gammaOf(gamma) })));
        return asked.map(({ gamma }) => bracketOf(trained, gamma)).map(({ low, share }) => low + share);"""
    gammas = [list(map(plain_gamma, all)) for all in (family.gammas, map(family.gamma_at, positions))]
    np.testing.assert_allclose(node.run(script, gammas), positions, atol=1e-9)


@pytest.mark.parametrize("path", ["linear", "spherical"])
def test_it_walks_as_python_does(node, path):
    one, other = torch.randn(2, 40, generator=seeded(1))
    script = """const { Model } = await load("flow/model.js");
        const walk = (from, to, steps) => Model.prototype.interpolate(from, to, steps, arg.path);
        return [walk(arg.one, arg.other, 7), walk([0, 0], [0, 0], 3)];"""
    found, still = node.run(script, {"one": flat(one), "other": flat(other), "path": path})
    np.testing.assert_allclose(found, flat(ib.exploration.interpolate(one, other, 7, path)), atol=1e-5)
    assert not any(still)


def test_it_finds_where_a_class_is_on_top_as_python_does(node):
    ways = json.loads(WAYS.read_text("utf-8"))
    script = """const { onTop } = await load("moves/space.js");
        return arg.map(({ scores, slopes, target }) => Object.values(onTop(scores, slopes, target)));"""
    for way, (alpha, until) in zip(ways, node.run(script, ways), strict=True):
        wanted = ("Infinity", "NaN") if way["alpha"] == "never" else (way["alpha"], way["until"] or "Infinity")
        assert (alpha, until) == wanted, way["what"]


def test_of_many_means_those_of_the_most_probable_classes_have_names(node):
    script = """const { namedOf } = await load("moves/move.js");
        return arg.map((count) => namedOf(Float64Array.from({ length: count }, (_, k) => (37 * k) % count)));"""
    few, many = node.run(script, [20, 100])
    assert few == list(range(20))
    assert many == sorted(range(100), key=lambda k: -(37 * k % 100))[:10]


@pytest.mark.parametrize(
    ("share", "said"), [(0.5, "50 % of the way to the flip"), (1, "at the flip"), (1.6, "60 % past the flip")]
)
def test_the_slider_says_how_far_it_is_in_words(node, share, said):
    assert node.run("const { howFar } = await load('moves/words.js'); return howFar(arg);", share) == said


def test_a_drawing_becomes_the_librarys_image_pixel_for_pixel(node):
    generator = np.random.default_rng(0)
    drawings = [[[[0.5, 0.5]]], [[[0.0, 0.0], [1.0, 1.0]]], [[[0.2, 0.3], [0.2, 0.3]]], []]
    for _ in range(20):
        steps = [
            generator.normal(0, generator.choice([0.01, 0.1]), (generator.integers(1, 40), 2))
            for _ in range(generator.integers(1, 4))
        ]
        walks = [generator.random(2) + step.cumsum(0) for step in steps]
        drawings.append([np.round(walk.clip(0, 1), 3).tolist() for walk in walks])
    script = "const { digit } = await load('flow/digit.js'); return arg.map((strokes) => digit(strokes));"
    for strokes, found in zip(drawings, node.run(script, drawings), strict=True):
        np.testing.assert_array_equal(found, digit(strokes).ravel())


def test_numbers_are_written_as_python_writes_them(node):
    numbers = [0.0, -1.234, 99.996, 999_999.0, 1e6, -3.2e7, 1.5e13, 2e300]
    found = node.run(
        "const { numberText } = await load('live/evaluated.js'); return arg.map((n) => numberText(n));", numbers
    )
    assert found == [number_text(number) for number in numbers]


@pytest.mark.parametrize("data", ["mnist", "cifar10"])
@pytest.mark.parametrize("noise", ["uniform", 0.01])
def test_bits_per_dim_are_the_librarys(node, data, noise):
    shape = DATASETS[data].image_shape
    script = "const { bitsPerDim } = await load('live/evaluated.js'); return bitsPerDim(...arg);"
    found = node.run(script, [-1234.5, {"shape": shape, "noise": noise}])
    wanted = ib.bits_per_dim(torch.tensor([-1234.5]).double(), math.prod(shape), noise)
    assert found == pytest.approx(float(wanted[0]), rel=1e-9)


def test_a_picture_far_beyond_white_is_scaled_as_in_python(node):
    x = torch.rand(7, 3, 8, 8, generator=seeded())
    x *= torch.tensor([1, 1.05, 3, -4, 30, 1, 1]).reshape(-1, 1, 1, 1)
    x[5, 0, 0, :3] = torch.tensor([math.nan, math.inf, -math.inf])
    x[6, :, :4] += 1.2  # half of the values are too bright
    found = node.run(
        """globalThis.ImageData ??= class {
          constructor(width, height) { this.data = new Uint8ClampedArray(4 * width * height); }
        };
        const { pictureOf } = await load("live/range.js");
        const found = arg.map((x) => pictureOf(Float32Array.from(x, (value) => value ?? NaN), [3, 8, 8]));
        return { pixels: found.map(({ image }) => [...image.data]), marks: found.map(({ mark }) => mark) };""",
        [[value if math.isfinite(value) else None for value in flat(one)] for one in x],
    )
    wanted = as_pictures(x)
    assert found["marks"] == wanted.marks and len(set(wanted.marks)) > 3
    pixels = np.reshape(found["pixels"], (7, 8, 8, 4))[..., :3]
    assert np.abs(pixels - wanted.shown.astype(int)).max() <= 1


def test_a_name_is_at_its_own_dot_or_has_a_line_from_it(node):
    dots = np.array([[100, 100], [101, 100], [112, 108], [92, 110], [250, 40], [900, 40]])
    script = "const { placesOfNames } = await load('plane/plane.js'); return placesOfNames(...arg);"
    star = {"x": 250, "y": 22, "width": 20, "height": 20}  # above the fifth dot
    *found, outside = node.run(script, [dots.tolist(), [40] * 6, 14, 300, [star]])
    assert abs(found[4]["x"] - 250) >= 30 or abs(found[4]["y"] - 22) >= 17
    assert outside is None and [bool(one["leader"]) for one in found] == [True, True, False, False, False]
    boxes = np.array([[one["x"], one["y"]] for one in found])
    apart = np.abs(boxes[:, None] - boxes) >= [40, 14]
    assert (apart.any(-1) | np.eye(5, dtype=bool)).all()
    away = np.linalg.norm(np.maximum(np.abs(boxes[:, None] - dots) - [20, 7], 0), axis=-1)
    assert all(
        np.hypot(*(one["leader"][0] - dot)) < 8 if one["leader"] else at == near
        for one, dot, at, near in zip(found, dots, away.argmin(1), range(5), strict=False)
    )
