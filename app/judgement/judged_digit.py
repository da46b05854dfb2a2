"""The verdict on what a person wrote, in two sentences with the numbers that it rests on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.figures.bits_scale import number_text
from app.judgement.class_typicality import ClassTypicality
from app.judgement.verdict import CLASS_UNKNOWN, CONFIDENT, OUT, UNCERTAIN, LikelihoodJudgement, Verdict
from ibinn_core.exploration import TYPICAL

SURE = 0.7  # from which probability of a class on a model counts as sure


class JudgedDigit(NamedTuple):
    """An image that may be a digit."""

    judgement: LikelihoodJudgement  # by Bayes' rule
    typicality: ClassTypicality  # among the test images that are taken for the same class
    verdict: Verdict  # on both
    bits: float  # bits/dim
    typical: tuple[float, float]  # lowest and highest bits/dim of what is typical for these test images
    alike: int  # how many they are
    labels_known: bool = True  # whether the model was trained with labels; if not, its posterior means nothing

    @property
    def top(self) -> int:
        """The most probable class."""
        return int(self.judgement.posterior.argmax())


def verdict_on(judgement: LikelihoodJudgement, typicality: ClassTypicality, labels_known: bool) -> Verdict:
    """Out of the distribution, or if not, how sure the model is; without known labels its posterior means nothing."""
    if not typicality.is_typical:
        return OUT
    if not labels_known:
        return CLASS_UNKNOWN
    return CONFIDENT if judgement.posterior.max() >= SURE else UNCERTAIN


def sentences(judged: JudgedDigit, classes: Sequence[str]) -> str:
    """The verdict in two sentences, in Markdown."""
    odd = "" if judged.typicality.is_typical else _what_is_odd(judged, classes[judged.top])
    return f"{_choice(judged, classes)} {odd or _what_is_typical(judged, classes[judged.top])}"


def in_short(judged: JudgedDigit, classes: Sequence[str]) -> str:
    """The most probable class and its probability, in Markdown; nothing if the model was told no labels."""
    share = judged.judgement.posterior[judged.top]
    return f"taken for **{classes[judged.top]}** ({share:.0%})" if judged.labels_known else ""


def _choice(judged: JudgedDigit, classes: Sequence[str]) -> str:
    """What the posterior says, and what it does not."""
    if not judged.labels_known:
        return "Trained without labels, the model has no names for what it knows."
    posterior = judged.judgement.posterior
    top, second = (f"**{classes[k]}** ({posterior[k]:.0%})" for k in np.argsort(posterior)[-1:-3:-1])
    if judged.typicality.is_typical:
        return f"The model takes this for a {top}" + (f" or a {second}." if judged.verdict is UNCERTAIN else ".")
    if posterior.max() >= SURE:
        comparison = f"The model is sure of a {top}, but Bayes' rule only compares the ten digits"
    else:
        comparison = f"The model gives {top} and {second}, since Bayes' rule can only compare the ten digits"
    return f"{comparison}: dividing by the sum hides how large it was."


def _what_is_typical(judged: JudgedDigit, name: str) -> str:
    low, high = judged.typical
    start, others = "But this is", "that fall to the same Gaussian"
    if judged.labels_known:
        start, others = "It is also", f"taken for a {name}"
    return (
        f"{start} typical: it has {number_text(judged.bits)} bits/dim, and {TYPICAL:.0%} of the test images {others} "
        f"have {low:.2f} to {high:.2f}."
    )


def _what_is_odd(judged: JudgedDigit, name: str) -> str:
    """Why the image is out of the distribution."""
    typicality, count = judged.typicality, judged.alike
    if not typicality.likelihood_is_typical:
        low, high = judged.typical
        side = "few" if judged.bits < low else "many"
        rare = _rare(typicality.as_far_in_likelihood, count, ("has", "have"), "a likelihood so far from their mean")
        return f"{number_text(judged.bits)} bits/dim are too {side} for a {name} ({low:.2f} to {high:.2f}): {rare}."
    rare = _rare(typicality.as_far_in_latents, count, ("lies", "lie"), "so far from their centre in latent space")
    return f"{number_text(judged.bits)} bits/dim is usual for a {name}, but {rare}."


def _rare(share: float, count: int, verbs: tuple[str, str], what: str) -> str:
    """How many of the test images that are taken for the same class are like that."""
    number = round(share * count)
    return f"{number or 'none'} of the {count:,} test images taken for one {verbs[number > 1]} {what}"
