"""Bayes' rule in its steps, and what it makes of an image: confident, uncertain, out of distribution (Fig. 2).

Arrays in, numbers out: nothing here knows of models, files or the page.
"""

from dataclasses import dataclass

import numpy as np

import ibinn_core as ib
from app.answer import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN
from ibinn_core.measures.scores import predictive_entropy


@dataclass(frozen=True)
class Judgement:
    """One image under any model."""

    posterior: np.ndarray  # q(y | x), (K,)
    entropy: float  # of the posterior, in nats


@dataclass(frozen=True)
class LikelihoodJudgement(Judgement):
    """One image under a model with a likelihood: the steps of Bayes' rule, and how typical the likelihood is."""

    log_likelihood: np.ndarray  # log q(x | y) in nats, (K,)
    prior: np.ndarray  # q(y), (K,)
    # q(x | y) q(y) in units of the largest likelihood, (K,); the posterior is joint divided by its sum
    joint: np.ndarray
    log_prob: float  # log q(x) in nats, the logarithm of that sum, in units of 1 again
    typicality: float  # how far that is from the mean of the reference, in nats
    share: float  # of the reference, how much is more typical, from 0 to 1


def judge(log_likelihood: np.ndarray, prior: np.ndarray, reference: np.ndarray) -> LikelihoodJudgement:
    """Bayes' rule on one image, log q(x | y) ``(K,)`` and q(y) ``(K,)``, and how typical its likelihood is.

    ``reference`` is log q(x) of held-out training images, ``(M,)``, all in nats.
    """
    largest = log_likelihood.max()
    joint = np.exp(log_likelihood - largest) * prior
    posterior = joint / joint.sum()
    log_prob = float(largest + np.log(joint.sum()))
    typicality = float(ib.exploration.typicality(np.array([log_prob]), reference)[0])
    share = 1 - float(ib.exploration.typicality_p_value(np.array([log_prob]), reference)[0])
    return LikelihoodJudgement(
        posterior, _entropy(posterior), log_likelihood, prior, joint, log_prob, typicality, share
    )


def judge_posterior(posterior: np.ndarray) -> Judgement:
    """The judgement on one image, by its posterior ``(K,)``, under a model without a likelihood."""
    return Judgement(posterior, _entropy(posterior))


def _entropy(posterior: np.ndarray) -> float:
    return float(predictive_entropy(posterior[None])[0])


def verdicts(
    typicality: np.ndarray,
    top: np.ndarray,
    reference: np.ndarray,
    labels_known: bool = True,
) -> np.ndarray:
    """A :class:`Verdict` for each image, ``(N,)`` objects, from two numbers: typicality, else the top posterior.

    ``typicality`` is the distance of log q(x) from the mean of the ``reference``, log q(x) of held-out training images.
    Where a model was trained without labels, its posterior means nothing.
    """
    # Written so that NaN counts as outside.
    inside = typicality <= ib.exploration.typicality_threshold(reference)
    result = np.empty(len(typicality), dtype=object)
    for i, (typical, known) in enumerate(zip(inside, verdicts_of_posterior(top), strict=True)):
        result[i] = OUT if not typical else known if labels_known else CLASS_UNKNOWN
    return result


def verdicts_of_posterior(top: np.ndarray) -> np.ndarray:
    """The verdicts of a model without a likelihood, ``(N,)`` objects: none of them is *out of distribution*."""
    result = np.empty(len(top), dtype=object)
    for i, probability in enumerate(top):
        result[i] = CONFIDENT if probability >= CONFIDENT_FROM else UNCERTAIN
    return result
