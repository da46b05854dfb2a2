"""Bayes' rule in its steps, and the verdict."""

import numpy as np
import pytest

from app.judgement.verdict import (
    CLASS_UNKNOWN,
    CONFIDENT,
    OUT,
    UNCERTAIN,
    Judgement,
    judge,
    judge_posterior,
    verdicts,
    verdicts_of_posterior,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_bayes_rule_on_numbers_that_can_be_done_by_hand(rng):
    reference = rng.normal(0, 1, 1000)
    judgement = judge(np.log([6.0, 2.0, 1.0]), np.array([0.5, 0.25, 0.25]), reference)
    assert judgement.joint == pytest.approx([1 / 2, 1 / 12, 1 / 24])
    assert judgement.posterior == pytest.approx([0.8, 2 / 15, 1 / 15])
    assert judgement.log_prob == pytest.approx(np.log(3.75))
    assert judgement.entropy == pytest.approx(-(judgement.posterior * np.log(judgement.posterior)).sum())


def test_large_likelihoods_neither_overflow_nor_lose_their_differences(rng):
    judgement = judge(np.array([9000.0, 8999.0, -9000.0]), np.full(3, 1 / 3), rng.normal(9000, 1, 100))
    assert judgement.posterior == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0])
    assert np.isfinite(judgement.entropy)


def test_the_share_and_the_verdict_agree_on_every_side_of_the_band(rng):
    reference = rng.normal(100, 20, 1000)
    for log_prob in np.linspace(0, 200, 801):
        judgement = judge(np.array([log_prob, log_prob - 50]), np.array([0.5, 0.5]), reference)
        (verdict,) = verdicts(np.array([judgement.typicality]), judgement.posterior[:1], reference)
        assert (verdict is OUT) == (judgement.share >= 0.95)


def test_typicality_goes_before_confidence(rng):
    reference = rng.normal(0, 1, 1000)
    typicality, top = np.array([0.1, 0.1, 9.0, 0.1, np.nan]), np.array([0.9, 0.5, 1.0, 0.7, 1.0])
    assert list(verdicts(typicality, top, reference)) == [CONFIDENT, UNCERTAIN, OUT, CONFIDENT, OUT]
    assert list(verdicts(typicality, top, reference, labels_known=False)) == [
        CLASS_UNKNOWN,
        CLASS_UNKNOWN,
        OUT,
        CLASS_UNKNOWN,
        OUT,
    ]


def test_no_two_verdicts_share_a_word_an_icon_or_a_sign():
    every = (CONFIDENT, UNCERTAIN, OUT, CLASS_UNKNOWN)
    for part in ("word", "icon", "sign", "color"):
        assert len({getattr(v, part) for v in every}) == 4


def test_its_verdict_is_confident_or_uncertain():
    top = np.array([0.9, 0.7, 0.69, 0.1])
    assert list(verdicts_of_posterior(top)) == [CONFIDENT, CONFIDENT, UNCERTAIN, UNCERTAIN]
    judgement = judge_posterior(np.array([0.5, 0.5, 0.0]))
    assert judgement.entropy == pytest.approx(np.log(2)) and type(judgement) is Judgement
