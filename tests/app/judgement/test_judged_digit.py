"""The verdict on what a person wrote, and its words."""

import numpy as np
import pytest

from app.answer import CLASS_UNKNOWN, CONFIDENT, OUT, UNCERTAIN, Answer
from app.judgement.class_typicality import ClassTypicality
from app.judgement.judged_digit import JudgedDigit, in_short, verdict_on

CLASSES = tuple("0123456789")
USUAL, RARE, FAR = (
    ClassTypicality(600, 800, 0.5, 0.5),
    ClassTypicality(600, 800, 0, 0.5),
    ClassTypicality(6, 8, 0.5, 0.003),
)


def judged(margin: float, typicality: ClassTypicality, bits: float = 1.2, known: bool = True) -> JudgedDigit:
    """A 4 that is ``margin`` nats likelier than a 9, and nothing else."""
    posterior = np.zeros((1, 10))
    posterior[0, [4, 9]] = 1 / (1 + np.exp(-margin)), 1 / (1 + np.exp(margin))
    answer = Answer("one", CLASSES, posterior, labels_known=known)
    return JudgedDigit(answer, typicality, verdict_on(answer, typicality), bits, (0.9, 1.6))


@pytest.mark.parametrize(
    "margin, typicality, known, verdict",
    [
        (5, USUAL, True, CONFIDENT),
        (0.2, USUAL, True, UNCERTAIN),
        (5, USUAL, False, CLASS_UNKNOWN),
        (5, RARE, True, OUT),
        (0.2, RARE, True, OUT),
        (5, FAR, True, OUT),
        (5, RARE, False, OUT),
    ],
)
def test_the_verdict_is_on_typicality_first(margin, typicality, known, verdict):
    assert judged(margin, typicality, known=known).verdict is verdict


def test_the_most_probable_class_is_named_where_labels_are_known():
    assert in_short(judged(5, USUAL), CLASSES) == "taken for **4** (99%)"
    assert in_short(judged(5, RARE, known=False), CLASSES) == ""
