"""What models make of corrupted images: measured, in words and as files."""

import csv
import io

import numpy as np
import pytest
from page_helpers import GENERATIVE

import ibinn_core as ib
from app.corruption import corrupted_images, export, measure
from app.corruption.departure import departure_of, percent
from app.corruption.explanation import headline
from app.corruption.measure import offset
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.widgets.export_menu import csv_bytes
from ibinn_core.data import CIFAR10_CLASSES as CLASSES
from ibinn_core.measures.scores import predictive_entropy


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def reading(offsets, posterior, name="γ = 1") -> LikelihoodReading:
    band, offsets, posterior = (3.0, 5.0), np.asarray(offsets, float), np.asarray(posterior, float)
    of_likelihood = (np.zeros((len(offsets), 5)), 4 + offsets, band, offsets, np.zeros(len(offsets)))
    return LikelihoodReading(name, "rgb(1, 2, 3)", posterior, predictive_entropy(posterior), *of_likelihood)


def answer(posterior, name="ResNet") -> Reading:
    """A reading of a model without a likelihood."""
    return Reading(name, "#010203", np.asarray(posterior), predictive_entropy(posterior))


def rows(*tops: float) -> np.ndarray:
    """Posteriors whose first class has these probabilities; the others share the rest."""
    return np.array([[top, *[(1 - top) / 9] * 9] for top in tops])


LABELS = ["0°", "10°", "20°", "30°"]


SURE, UNSURE = 0.99, 0.3


@pytest.mark.parametrize(
    ("offsets", "tops", "expected"),
    [
        ([0, 0.5, 1, -1], [SURE] * 4, "every step is typical; its posterior is sure at 4 of 4 steps"),
        (
            [0, 2, 2, 2],
            [SURE, SURE, UNSURE, UNSURE],
            "3 of 4 steps are out of distribution, the first at 10°; its posterior is sure at 1 of these 3",
        ),
    ],
)
def test_the_headline_is_true(offsets, tops, expected):
    assert headline(reading(offsets, rows(*tops)), LABELS) == expected


def test_offset():
    assert np.array_equal(offset(np.array([3.0, 4.0, 5.0, 7.0]), (3.0, 5.0)), [-1, 0, 1, 3])


def test_the_share_in_view_is_that_of_the_farthest_step():
    latents = np.array([[0, 0, 0], [0, 0, 1], [3, 4, 0], [0, 0, 0]], float)
    assert measure.share_in_view(latents, latents[:, :1]) == pytest.approx(3 / 5)
    assert measure.share_in_view(latents, latents) == pytest.approx(1)
    assert measure.share_in_view(np.zeros((3, 3)), np.zeros((3, 2))) == 0


@pytest.mark.parametrize(("share", "words"), [(0, "0%"), (0.001, "less than 1%"), (0.0051, "1%"), (0.5, "50%")])
def test_a_small_share_is_not_called_none(share, words):
    assert percent(share) == words


def test_a_reading_agrees_with_the_core(no_data):
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    images = ib.data.load("sample")[0]
    found = measure.read_with_likelihood(checkpoint, "rgb(0, 0, 0)", images)
    model, x = ib.load("gamma-1"), ib.dequantize(ib.to_unit(images))
    log_prob = model.log_prob(x).detach().numpy().astype(float)
    reference = checkpoint.latent["reference"].astype(float)
    assert np.allclose(found.p_values, ib.exploration.typicality_p_value(log_prob, reference), atol=2e-3)
    threshold = ib.exploration.typicality_threshold(reference)
    assert np.allclose(np.abs(found.offset), ib.exploration.typicality(log_prob, reference) / threshold, atol=1e-3)
    assert (np.sign(found.offset) == np.sign(reference.mean() - log_prob)).all()
    assert np.allclose(found.posterior, model.posterior(x).detach().numpy(), atol=1e-5)


def test_tables_hold_every_model_and_step():
    images, lines = np.zeros((4, 32, 32, 3), np.uint8), ("axis = (1.0, 0.0, 0.0)", "images = turned(image, axis)")
    corrupted = CorruptedImages(images, np.arange(4.0), LABELS, "angle", "it turns", lines)
    readings = [reading([0, 1, 2, 3], rows(0.9, 0.8, 0.7, 0.6), name) for name in ("a", "b")]
    models = GENERATIVE[:2]
    table = export.table(models, readings, [], corrupted, pair=(2, 0))
    assert table["model"] == [models[0].id] * 4 + [models[1].id] * 4
    assert table["gamma"][::4] == [c.gamma for c in models] and table["data_set"] == ["cifar10"] * 8
    assert table["angle"] == [0, 1, 2, 3] * 2
    assert table["q(airplane)"][1] == 0.8 and len({len(column) for column in table.values()}) == 1
    assert set(table["image"]) == {f"{ib.data.pixel_hash(images)[0]:016x}"} and set(table["made_by"]) == {
        "; ".join(lines)
    }


def test_a_model_without_a_likelihood_has_its_posterior_only():
    corrupted = CorruptedImages(np.zeros((4, 32, 32, 3), np.uint8), np.arange(4.0), LABELS, "angle", "it turns")
    other = answer(rows(0.99, 0.9, 0.2, 0.15))
    assert headline(other, LABELS) == "no likelihood; its posterior is sure at 2 of 4 steps"
    able = reading([0, 1, 2, 3], rows(0.9, 0.8, 0.7, 0.6))
    models = [GENERATIVE[0], next(c for c in ib.checkpoints() if c.id == "resnet")]
    table = export.table(models, [able], [other], corrupted, pair=(0, 1))
    assert table["bits_per_dim"][4:] == table["typicality_p_value"][4:] == [""] * 4
    assert table["bits_per_dim"][:4] == [4, 5, 6, 7] and table["q(airplane)"][4] == 0.99


@pytest.mark.slow
def test_the_exports_are_what_they_say(no_data, pixels):
    corrupted = corrupted_images.noise(pixels, 0.1, 0)
    found = measure.read_with_likelihood(GENERATIVE[0], "rgb(0, 0, 0)", corrupted.images)
    view = departure_of(GENERATIVE[0], found)
    table = csv_bytes(export.table(GENERATIVE[:1], [found], [], corrupted, pair=view.pair)).decode()
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == 26 and float(lines[25]["bits_per_dim"]) == pytest.approx(found.bits[25])
    assert sum(float(lines[0][f"q({name})"]) for name in CLASSES) == pytest.approx(1, abs=1e-5)
    first, second = (CLASSES[k] for k in view.pair)
    drawn = [[float(line[f"log10 q({second})/q({first})"]), float(line["bits_per_dim"])] for line in lines]
    assert np.allclose(drawn, view.path)
