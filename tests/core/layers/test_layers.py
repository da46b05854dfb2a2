"""Every invertible layer keeps the contract of ibinn_core.layers.base, at random parameters."""

import copy
import math
from functools import partial

import pytest
import torch
from flow_helpers import check_layer, check_log_det, randomise, seeded, smooth_images
from grid_helpers import mostly_slow
from shape_helpers import DIGITS, GRIDS, PAPER, SHAPES, TINY, small_flow

from ibinn_core import layers
from ibinn_core.layers.gaussianization import BINS, TAIL, _borders
from ibinn_core.layers.linear import dct_matrix
from ibinn_core.layers.normal_cdf import _distribution, _quantile
from ibinn_core.models.flow import Flow

# The absolute log-scales differ from the couplings' default, so that none is taken for granted.
CONV = partial(layers.convolutional, width=6)
DOWN = partial(layers.convolutional, width=6, stride=2)
DROP = partial(layers.convolutional, width=6, dropout=0.5)
FC = partial(layers.fully_connected, width=7)
FC_DROP = partial(layers.fully_connected, width=7, dropout=0.5)


def alignment(seed: int, classes: int, dims: int) -> layers.Alignment:
    """One that moves and scales everything, at random."""
    layer, generator = layers.Alignment(classes, dims), seeded(seed)
    layer.fit(
        2 * torch.randn(50, dims, generator=generator) + 1,
        torch.randn(classes, dims, generator=generator),
        torch.randn(classes, generator=generator).log_softmax(0),
    )
    return layer


def drawings(count: int, shape: tuple[int, int, int], generator: torch.Generator) -> torch.Tensor:
    """Dequantised grey levels on a ground that each colour has for itself, which takes 7 of 10 pixels."""
    levels = torch.randint(0, 256, (count, *shape), generator=generator)
    ground = torch.tensor([0, 255, 100])[: shape[0], None, None]
    levels = torch.where(torch.rand(levels.shape, generator=generator) < 0.7, ground, levels)
    # Off the borders of the levels, where the density jumps, and off the far tails, too steep for finite differences.
    return (levels + 0.05 + 0.9 * torch.rand(levels.shape, generator=generator, dtype=torch.float64)) / 256


#: name -> (a new layer for a seed, the shape of its input)
LAYERS = {
    "whitening": (lambda seed: layers.Whitening((2, 8, 8), 4, (0, 2, 1)), (2, 8, 8)),
    "whitening-cosine": (lambda seed: layers.CosineWhitening((3, 6, 6)), (3, 6, 6)),
    "whitening-pixel": (lambda seed: layers.ColourWhitening((3, 5, 4)), (3, 5, 4)),
    "conditional": (lambda seed: layers.ConditionalGaussianization((1, 8, 4)), (1, 8, 4)),
    "conditional-colours": (lambda seed: layers.ConditionalGaussianization((3, 6, 4)), (3, 6, 4)),
    "actnorm-conv": (lambda seed: layers.ActNorm(3), (3, 4, 6)),
    "actnorm-fc": (lambda seed: layers.ActNorm(5), (5,)),
    "coupling-conv": (lambda seed: layers.AffineCoupling(4, CONV, 0.7), (4, 4, 6)),
    "coupling-conv-odd": (lambda seed: layers.AffineCoupling(3, CONV, 1.3), (3, 4, 6)),
    "coupling-conv-dropout": (lambda seed: layers.AffineCoupling(5, DROP, 0.7), (5, 3, 5)),
    "coupling-fc": (lambda seed: layers.AffineCoupling(8, FC, 0.7), (8,)),
    "coupling-fc-odd": (lambda seed: layers.AffineCoupling(7, FC_DROP, 2.0), (7,)),
    "downsampling": (lambda seed: layers.DownsamplingCoupling(4, DOWN, 0.7), (4, 4, 6)),
    "downsampling-odd": (lambda seed: layers.DownsamplingCoupling(3, DOWN, 1.3), (3, 4, 6)),
    "soft-permutation": (lambda seed: layers.SoftPermutation(6, seeded(seed)), (6, 3, 2)),
    "soft-permutation-fc": (lambda seed: layers.SoftPermutation(5, seeded(seed)), (5,)),
    "hard-permutation": (lambda seed: layers.HardPermutation(11, seeded(seed)), (11,)),
    "fixed-scaling": (lambda seed: layers.FixedScaling(0.75), (3, 4, 2)),
    "normalization": (lambda seed: layers.Normalization((0.5, 0.4), (0.25, 0.2)), (2, 4, 3)),
    "squeeze": (lambda seed: layers.Squeeze(), (3, 4, 6)),
    "flatten": (lambda seed: layers.Flatten((3, 2, 5)), (3, 2, 5)),
    "dct": (lambda seed: layers.DCT(4), (3, 4, 4)),
    "alignment": (lambda seed: alignment(seed, 4, 9), (9,)),
    "alignment-two-classes": (lambda seed: alignment(seed, 2, 5), (5,)),
    "alignment-no-other-dimension": (lambda seed: alignment(seed, 4, 4), (4,)),
    "flow-paper": (lambda seed: Flow.from_config(PAPER), PAPER.image_shape),
    "flow-cpu": (lambda seed: Flow.from_config(TINY), TINY.image_shape),
    "flow-grids": (lambda seed: Flow.from_config(GRIDS), GRIDS.image_shape),
    "flow-odd": (lambda seed: Flow.from_config(small_flow(SHAPES["odd"])), SHAPES["odd"]),
    "conditional-flow": (lambda seed: Flow.from_config(DIGITS), DIGITS.image_shape),
}
every_layer = pytest.mark.parametrize("name", LAYERS)
SAME = ("normalization", "squeeze", "flatten", "dct", "fixed-scaling")  # for every seed
PIXELS = "conditional"  # what the names of those begin with that take pixels in [0, 1]


def data(name: str, count: int, dtype=torch.float64, seed: int = 5) -> torch.Tensor:
    shape = LAYERS[name][1]
    if name.startswith(("whitening", "flow")):
        return smooth_images(count, shape, seeded(seed)).to(dtype)
    if name.startswith(PIXELS):
        return drawings(count, shape, seeded(seed)).to(dtype)
    return torch.randn(count, *shape, generator=seeded(seed), dtype=torch.float64).to(dtype)


def build(name: str, dtype=torch.float64, seed: int = 1) -> layers.InvertibleLayer:
    """The layer, fitted where it can be, at random parameters, in evaluation mode."""
    layer = LAYERS[name][0](seed).to(dtype)
    if hasattr(layer, "fitted"):
        x = data(name, 300, dtype)
        layer.fit(x if name.startswith(PIXELS) else 3 + 2 * x)
    return randomise(layer, seeded(seed + 100)).eval()


# A flow has only layers that are tried by themselves.
@pytest.mark.parametrize("name", mostly_slow(LAYERS, *(name for name in LAYERS if not name.startswith("flow-"))))
def test_it_keeps_the_contract(name):
    layer, x = build(name), data(name, 3)
    y, _ = layer(x)
    assert name == "flatten" or y.shape != x.shape or not torch.equal(y, x)
    check_layer(layer, x)


@every_layer
def test_float32_is_kept_and_agrees_with_float64(name):
    layer, x = build(name, torch.float32), data(name, 4, torch.float32)
    y, log_det = layer(x)
    assert {values.dtype for values in (y, log_det, *layer.inverse_and_log_det(y))} == {torch.float32}
    exact_y, exact_log_det = copy.deepcopy(layer).double()(x.double())
    torch.testing.assert_close(y.double(), exact_y, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(log_det.double(), exact_log_det, rtol=1e-5, atol=1e-4)


@every_layer
def test_a_fresh_layer_takes_over_a_saved_one(name):
    saved, x = build(name), data(name, 3)
    fresh = LAYERS[name][0](2).double().eval()
    assert not torch.equal(fresh(x)[0], saved(x)[0]) or name in SAME
    fresh.load_state_dict({key: value.clone() for key, value in saved.state_dict().items()})
    assert getattr(fresh, "fitted", True)
    (y, log_det), (fresh_y, fresh_log_det) = saved(x), fresh(x)
    assert torch.equal(y, fresh_y) and torch.equal(log_det, fresh_log_det)
    assert torch.equal(saved.inverse(y), fresh.inverse(y))


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: layers.InvertibleLayer()(torch.zeros(1)), TypeError, "InvertibleLayer does not define forward"),
        (lambda: layers.InvertibleLayer().inverse(torch.zeros(1)), TypeError, "does not define inverse_and_log_det"),
        (lambda: layers.ConditionalGaussianization((1, 6, 5)), ValueError, "even sides, not 6 x 5"),
        (lambda: layers.Whitening((3, 12, 8), 8), ValueError, "blocks of 8 pixels"),
        (lambda: layers.AffineCoupling(1, CONV), ValueError, "two channels"),
        (lambda: layers.DownsamplingCoupling(1, DOWN), ValueError, "two channels"),
        (lambda: layers.FixedScaling(0.0), ValueError, "positive"),
        (lambda: layers.Alignment(1, 5), ValueError, "needs 2 to 6 classes"),
    ],
)
def test_what_makes_no_layer_is_refused(make, error, text):
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize("name", ["soft-permutation", "whitening", "whitening-cosine", "whitening-pixel", "dct"])
def test_matrices_rounded_to_half_precision_are_inverted_exactly(name):
    state = build(name, torch.float32).state_dict()
    fresh = LAYERS[name][0](2)
    fresh.load_state_dict({key: v.half() if v.is_floating_point() else v for key, v in state.items()})
    x = data(name, 4, torch.float32)
    assert (fresh.inverse(fresh(x)[0]) - x).abs().max() < 1e-5
    check_log_det(fresh.double(), x[:2].double())


@pytest.mark.parametrize("value", [0.0, 1.0, math.nan, math.inf])
def test_a_matrix_without_inverse_is_refused(value):
    singular = torch.full((3, 3), value)
    with pytest.raises(ValueError, match="is singular"):
        layers.FixedMatrix(torch.eye(3)).load_state_dict({"matrix": singular})
    with pytest.raises(ValueError, match="is singular"):
        layers.FixedMatrix(torch.eye(3).repeat(2, 1, 1)).set(torch.stack([torch.eye(3), singular]))


def blocks_of(x: torch.Tensor, block: int, shift: int) -> torch.Tensor:
    """Blocks of the grid that starts ``shift`` pixels down and to the right, one a row."""
    tiles = x.roll((-shift, -shift), (2, 3)).unfold(2, block, block).unfold(3, block, block)
    return tiles.permute(0, 2, 3, 1, 4, 5).flatten(0, 2).flatten(1)


def test_whitening_whitens_the_last_grid_and_centres_it():
    layer, x = layers.Whitening((2, 8, 8), 4, (0, 2, 1)).double(), smooth_images(500, (2, 8, 8), seeded(4)).double()
    layer.fit(x)
    y, _ = layer(x)
    last = blocks_of(y, 4, 1)
    assert last.mean(0).abs().max() < 1e-9
    torch.testing.assert_close(last.T.cov(correction=0), torch.eye(32).double(), rtol=0, atol=1e-6)
    # The pixels were far from white, and the other grids are not white to the same digits.
    eye = torch.eye(32).double()
    assert (blocks_of(x, 4, 1).T.cov(correction=0) - eye).abs().max() > 0.5
    assert (blocks_of(y, 4, 0).T.cov(correction=0) - eye).abs().max() > 1e-3


def test_whitening_is_symmetric_and_bounded_along_unused_directions():
    x = smooth_images(300, (1, 4, 4), seeded(4)).double()
    x[:, :, :2, :2] = x[:, :, :1, :1]  # each block's upper left corner is flat: singular
    layer = layers.Whitening((1, 4, 4), 4, (0,)).double()
    layer.fit(x)
    matrix = layer.matrices[0].matrix
    assert torch.allclose(matrix, matrix.T, rtol=0, atol=1e-9 * matrix.abs().max().item())
    spread = torch.linalg.eigvalsh(matrix)
    assert spread[-1] / spread[0] == pytest.approx(1e3, rel=1e-6)
    assert (layer.inverse(layer(x)[0]) - x).abs().max() < 1e-9


def digits(count: int, generator: torch.Generator) -> torch.Tensor:
    """Dequantised bright strokes ``(count, 1, 4, 4)``, more frequent from one pixel to the next."""
    chance = torch.linspace(0, 0.8, 16).view(4, 4) * (torch.arange(16) > 3).view(4, 4)
    ink = torch.rand(count, 1, 4, 4, generator=generator) < chance
    levels = torch.where(ink, torch.randint(100, 256, ink.shape, generator=generator), 0)
    return (levels + torch.rand(ink.shape, generator=generator, dtype=torch.float64)) / 256


@torch.no_grad()
def test_every_pixel_becomes_standard_normal():
    layer = layers.ConditionalGaussianization((1, 4, 4)).double().eval()
    layer.fit(digits(8_000, seeded(1)))
    y, _ = layer(digits(8_000, seeded(2)))
    assert layer.level.tolist() == [0]
    assert y.mean(0).abs().max() < 0.04 and (y.std(0) - 1).abs().max() < 0.04
    assert ((y**4).mean(0) - 3).abs().max() < 0.45  # no tails: the rarest ink lies a few deviations out
    assert y.abs().max() < 6


# In float32 a rare shade between others has little room.
@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-3), (torch.float64, 1e-9)])
def test_every_level_comes_back(dtype, tolerance):
    layer = layers.ConditionalGaussianization((1, 4, 4)).to(dtype).eval()
    layer.fit(digits(500, seeded(1)).to(dtype))
    x = ((torch.arange(256).to(dtype) + 0.5) / 256)[:, None, None, None].expand(-1, 1, 4, 4)
    assert (layer.inverse(layer(x)[0]) - x).abs().max() <= tolerance


@pytest.mark.parametrize("level, often, first", [(100, 200, 1), (100, 50, BINS - 2), (0, 9, 0), (255, 9, BINS - 1)])
def test_the_background_has_a_bin_and_each_side_of_it_at_least_one(level, often, first):
    counts = torch.ones(256).double()
    counts[often] = 1e6
    borders = _borders(counts, level)
    assert borders[[0, level, level + 1, 256]].tolist() == pytest.approx([0, first, first + 1, BINS])
    assert (borders.diff() > 0).all()


def test_outside_of_the_unit_interval_counts_as_its_border():
    layer = layers.ConditionalGaussianization((1, 4, 4)).double().eval()
    layer.fit(digits(500, seeded(1)))
    (low, low_det), (high, high_det) = (layer(torch.full((1, 1, 4, 4), value).double()) for value in (-0.5, 1.5))
    assert low.max() < -6 and high.min() > 6
    assert low_det.isfinite().all() and high_det.isfinite().all()
    far = layer.inverse(torch.tensor([-60.0, 60.0]).double()[:, None, None, None].expand(-1, 1, 4, 4))
    assert far[0].max() < 1e-9 and far[1].min() > 1 - 1e-9


def test_quantile_and_distribution_for_export_are_scipys_also_in_the_tails():
    from scipy.special import ndtr, ndtri

    p = torch.cat([torch.logspace(math.log10(TAIL), -0.31, 5000), torch.linspace(0.4, 0.5, 500)]).double()
    p = torch.cat([p, torch.tensor([TAIL, 0.5]).double()])
    exact = torch.from_numpy(ndtri(p.numpy()))
    torch.testing.assert_close(_quantile(p), exact, rtol=0, atol=5e-13)
    slope = torch.autograd.functional.jacobian(lambda v: _quantile(v).sum(), p[:-1])
    torch.testing.assert_close(slope, math.sqrt(2 * math.pi) * (exact[:-1].square() / 2).exp(), rtol=1e-9, atol=0)
    y = torch.linspace(-37, 9, 5001, dtype=torch.float64)
    torch.testing.assert_close(_distribution(y), torch.from_numpy(ndtr(y.numpy())), rtol=1e-12, atol=0)


def covariances(x: torch.Tensor) -> torch.Tensor:
    """Of the colours at every place of ``x`` (N, C, H, W), shape ``(H, W, C, C)``."""
    centred = (x - x.mean(0)).permute(2, 3, 1, 0)
    return centred @ centred.mT / len(x)


@pytest.mark.parametrize("shape", [(3, 6, 6), (1, 7, 5), (4, 3, 8)])
def test_the_cosine_domain_is_white_at_every_frequency(shape):
    layer, x = layers.CosineWhitening(shape).double(), 2 + 3 * smooth_images(400, shape, seeded(4)).double()
    layer.fit(x)
    y, log_det = layer(x)
    rows, columns = dct_matrix(shape[1]), dct_matrix(shape[2])
    frequencies = rows @ y @ columns.T
    eye = torch.eye(shape[0]).double()
    assert frequencies.mean(0).abs().max() < 1e-6
    torch.testing.assert_close(covariances(frequencies), eye.expand(*shape[1:], -1, -1), rtol=0, atol=1e-5)
    # By Parseval, white frequencies are pixels of variance 1; the log-det is the covariances' own.
    assert y.var(0, correction=0).mean().item() == pytest.approx(1, abs=1e-6)
    exact = -torch.linalg.slogdet(covariances(rows @ x @ columns.T)).logabsdet.sum() / 2
    assert log_det[0].item() == pytest.approx(exact.item(), abs=1e-3)


def test_a_pixel_that_never_changes_stays_finite_and_comes_back():
    x = smooth_images(300, (3, 4, 4), seeded(4)).double()
    x[:, :, 0, 0] = 0.5  # no variance at all
    x[:, 1, 1, 1] = x[:, 0, 1, 1]  # two colours that are one: singular
    layer = layers.ColourWhitening((3, 4, 4)).double()
    layer.fit(x)
    y, log_det = layer(x)
    assert y.isfinite().all() and log_det.isfinite().all()
    assert (layer.inverse(y) - x).abs().max() < 1e-6


def test_actnorm_survives_a_constant_channel():
    x = torch.randn(20, 2, 3, 3, generator=seeded(1), dtype=torch.float64)
    x[:, 1] = 0.25
    layer = layers.ActNorm(2).double()
    layer.fit(x)
    y, log_det = layer(x)
    assert torch.isfinite(log_det).all() and (layer.inverse(y) - x).abs().max() < 1e-9


@pytest.mark.parametrize("name", ["coupling-conv-odd", "coupling-fc-odd", "downsampling-odd"])
def test_coupling_passes_the_smaller_half_and_clamps_the_scale(name):
    layer, x = build(name), 10 * data(name, 4)
    kept = x[:, : x.shape[1] // 2]
    if name.startswith("downsampling"):
        kept = layers.Squeeze()(kept)[0]
    y, log_det = layer(x)
    assert torch.equal(y[:, : kept.shape[1]], kept)
    log_scale, _ = layer.coefficients(x[:, : x.shape[1] // 2])
    assert log_scale[0].numel() == y[0].numel() - kept[0].numel()
    assert 0.5 * layer.clamp < log_scale.abs().max() <= layer.clamp
    torch.testing.assert_close(log_scale.flatten(1).sum(1), log_det)


@pytest.mark.parametrize("name", ["coupling-conv", "coupling-fc"])
def test_coupling_starts_as_the_identity(name):
    x = data(name, 3, torch.float32)
    y, log_det = LAYERS[name][0](1).eval()(x)
    assert torch.equal(y, x) and not log_det.any()


@pytest.mark.parametrize("size", [1, 2, 4, 7])
def test_dct_is_scipys(size):
    from scipy.fft import dctn

    x = torch.randn(2, 3, size, size, generator=seeded(1))
    expected = dctn(x.double().numpy(), type=2, norm="ortho", axes=(2, 3))
    torch.testing.assert_close(layers.DCT(size)(x)[0], torch.from_numpy(expected).float(), rtol=1e-5, atol=1e-5)
