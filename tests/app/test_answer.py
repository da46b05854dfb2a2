"""A model's answers on images: Bayes' rule, the typicality test and the verdict, in cases worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

import ibinn_core as ib
from app.answer import CLASS_UNKNOWN, CONFIDENT, OUT, UNCERTAIN, Answer
from app.inference import models
from app.inference.computations import evaluate, judged
from app.models import registry
from ibinn_core.data.images import rows_of

CLASSES = ("cat", "dog", "emu")
PRIOR = np.array([0.5, 0.25, 0.25])
REFERENCE = np.random.default_rng(0).normal(0, 1, 1000)


def answer_to(log_likelihood, gamma: float = 1.0) -> Answer:
    """To images with these log q(x | y), (N, 3), by a model with a known reference."""
    rows = np.asarray(log_likelihood, float)
    model = SimpleNamespace(
        id="one", classes=CLASSES, latent={"reference": REFERENCE}, dataset=SimpleNamespace(dims=12), noise="uniform",
        gamma=gamma,
    )  # fmt: skip
    return judged(model, np.zeros((len(rows), 12)), rows, PRIOR)


def test_bayes_rule_on_numbers_that_can_be_done_by_hand():
    answer = answer_to(np.log([[6.0, 2.0, 1.0]]))
    assert answer.joint(0) == pytest.approx([1 / 2, 1 / 12, 1 / 24])
    assert answer.posterior[0] == pytest.approx([0.8, 2 / 15, 1 / 15])
    assert answer.log_prob == pytest.approx(np.log(3.75))
    assert answer.bits == pytest.approx(ib.bits_per_dim(np.log(3.75), 12, "uniform"))
    assert answer.entropy == pytest.approx(-(answer.posterior * np.log(answer.posterior)).sum())
    assert answer.top(0, 2) == "cat 80%, dog 13%" and answer.recognised(0) == 1 and answer.recognised(1) == 0


def test_large_likelihoods_neither_overflow_nor_lose_their_differences():
    answer = answer_to([[9000.0, 9000 + np.log(2), -9000.0]])
    assert answer.posterior[0] == pytest.approx([0.5, 0.5, 0]) and np.isfinite(answer.entropy).all()


def test_not_a_number_is_out_of_the_distribution_and_without_labels_the_class_is_unknown():
    answer = answer_to([[np.nan] * 3, [0, -0.5, -0.5]])
    assert [answer.verdict(row) for row in (0, 1)] == [OUT, UNCERTAIN]
    assert list(answer.table()["verdict"]) == ["out of distribution", "uncertain"]
    answer = answer_to([[0, -9, -9], [90, 0, 0]], gamma=0)
    assert [answer.verdict(row) for row in (0, 1)] == [CLASS_UNKNOWN, OUT]


def test_the_band_the_p_value_and_the_verdict_agree_on_every_side():
    log_prob = np.linspace(-4, 4, 801)
    answer = answer_to(np.stack([log_prob, log_prob - 50, log_prob - 50], 1) - np.log(PRIOR[0]))
    low, high = answer.typical
    assert list(answer.is_typical) == [low <= bits <= high for bits in answer.bits]
    assert [answer.verdict(row) is OUT for row in range(801)] == list(1 - answer.p_value >= 0.95)
    assert answer.verdict(0) is OUT and answer.verdict(400) is CONFIDENT and answer.verdict(800) is OUT


def test_a_model_without_a_likelihood_is_confident_or_uncertain():
    answer = Answer("one", CLASSES, np.array([[0.9, 0.05, 0.05], [0.7, 0.2, 0.1], [0.69, 0.3, 0.01]]))
    assert [answer.verdict(row) for row in range(3)] == [CONFIDENT, CONFIDENT, UNCERTAIN]
    assert list(answer.table()) == ["model", "image", *(f"posterior_{name}" for name in CLASSES), "verdict"]


@pytest.mark.parametrize(("id", "dataset"), [("gamma-1", "cifar10"), ("mnist-gamma-1", "mnist")])
def test_an_image_is_measured_as_those_were_that_say_what_is_typical(id, dataset):
    """Pixels at the centre of their interval are too likely: photographs would be off by a tenth of a deviation."""
    images = ib.data.embedded(dataset)[0]
    checkpoint = registry.by_id(id)
    latent = checkpoint.latent
    rows = rows_of(latent["hashes"], ib.data.pixel_hash(images))
    images, stored = images[rows >= 0], latent["log_prob"][rows[rows >= 0]].astype(float)
    found = evaluate(id, images).log_prob
    off = abs(np.mean(found - stored))
    assert off < 0.05 * latent["log_prob"].astype(float).std()
    if dataset == "cifar10":  # the network of digits weighs all of a pixel's interval alike
        assert np.mean(models.current().load(id).log_prob(ib.to_unit(images)).numpy() - stored) > 5 * off
