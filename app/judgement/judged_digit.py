"""The verdict on what a person wrote."""

from collections.abc import Sequence
from typing import NamedTuple

from app.answer import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN, Answer, Verdict
from app.judgement.class_typicality import ClassTypicality


class JudgedDigit(NamedTuple):
    """An image that may be a digit."""

    answer: Answer  # of one image
    typicality: ClassTypicality  # among the test images that are taken for the same class
    verdict: Verdict  # on both
    bits: float  # bits/dim
    typical: tuple[float, float]  # lowest and highest bits/dim of what is typical for these test images

    @property
    def top(self) -> int:
        """The most probable class."""
        return int(self.answer.posterior.argmax())


def verdict_on(answer: Answer, typicality: ClassTypicality) -> Verdict:
    """Out of the distribution, or if not, how sure the model is; without known labels its posterior means nothing."""
    if not typicality.is_typical:
        return OUT
    if not answer.labels_known:
        return CLASS_UNKNOWN
    return CONFIDENT if answer.posterior.max() >= CONFIDENT_FROM else UNCERTAIN


def in_short(judged: JudgedDigit, classes: Sequence[str]) -> str:
    """The most probable class and its probability, in Markdown; nothing for a model that was trained without labels."""
    share = judged.answer.posterior.max()
    return f"taken for **{classes[judged.top]}** ({share:.0%})" if judged.answer.labels_known else ""
