"""The verdict on what a person wrote."""

from collections.abc import Sequence
from typing import NamedTuple

from app.answer import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN, Verdict
from app.judgement.class_typicality import ClassTypicality
from app.judgement.verdict import LikelihoodJudgement


class JudgedDigit(NamedTuple):
    """An image that may be a digit."""

    judgement: LikelihoodJudgement  # by Bayes' rule
    typicality: ClassTypicality  # among the test images that are taken for the same class
    verdict: Verdict  # on both
    bits: float  # bits/dim
    typical: tuple[float, float]  # lowest and highest bits/dim of what is typical for these test images
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
    return CONFIDENT if judgement.posterior.max() >= CONFIDENT_FROM else UNCERTAIN


def in_short(judged: JudgedDigit, classes: Sequence[str]) -> str:
    """The most probable class and its probability, in Markdown; nothing for a model that was trained without labels."""
    share = judged.judgement.posterior[judged.top]
    return f"taken for **{classes[judged.top]}** ({share:.0%})" if judged.labels_known else ""
