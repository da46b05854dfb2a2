"""The verdict on what a person wrote, and its two sentences."""

import numpy as np
import pytest

from app.judgement.class_typicality import ClassTypicality
from app.judgement.judged_digit import JudgedDigit, sentences, verdict_on
from app.judgement.verdict import CLASS_UNKNOWN, CONFIDENT, OUT, UNCERTAIN, judge

CLASSES = tuple("0123456789")
REFERENCE = np.linspace(600, 800, 101)
USUAL, RARE, FAR = (
    ClassTypicality(600, 800, 0.5, 0.5),
    ClassTypicality(600, 800, 0, 0.5),
    ClassTypicality(6, 8, 0.5, 0.003),
)


def judged(margin: float, typicality: ClassTypicality, bits: float = 1.2, known: bool = True) -> JudgedDigit:
    """A 4 that is ``margin`` nats likelier than a 9, and everything else much less likely."""
    log_likelihood = np.full(10, 650.0)
    log_likelihood[[4, 9]] = 700, 700 - margin
    judgement = judge(log_likelihood, np.full(10, 0.1), REFERENCE)
    verdict = verdict_on(judgement, typicality, known)
    return JudgedDigit(judgement, typicality, verdict, bits, (0.9, 1.6), 980, known)


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


def test_what_is_typical_has_its_class_and_its_band():
    assert sentences(judged(5, USUAL), CLASSES) == (
        "The model takes this for a **4** (99%). It is also typical: it has 1.20 bits/dim, and 95% of the test "
        "images taken for a 4 have 0.90 to 1.60."
    )
    assert "The model takes this for a **4** (55%) or a **9** (45%). " in sentences(judged(0.2, USUAL), CLASSES)


@pytest.mark.parametrize("bits, side", [(2.2, "many"), (0.3, "few")])
def test_a_posterior_that_is_sure_of_what_is_no_digit(bits, side):
    text = sentences(judged(5, RARE, bits), CLASSES)
    assert text.startswith("The model is sure of a **4** (99%), but Bayes' rule only compares the ten digits: ")
    assert f" {bits:.2f} bits/dim are too {side} for a 4 (0.90 to 1.60): none of the 980 test images " in text
    assert text.endswith("taken for one has a likelihood so far from their mean.")


def test_a_place_that_is_odd_while_the_likelihood_is_not():
    text = sentences(judged(0.2, FAR), CLASSES)
    assert text.startswith("The model gives **4** (55%) and **9** (45%), since ")
    assert text.endswith(
        "1.20 bits/dim is usual for a 4, but 3 of the 980 test images taken for one lie so far from "
        "their centre in latent space."
    )
    one = ClassTypicality(600, 800, 0.5, 1 / 980)
    assert "but 1 of the 980 test images taken for one lies so far" in sentences(judged(5, one), CLASSES)


def test_a_model_without_labels_names_nothing():
    typical = sentences(judged(5, USUAL, known=False), CLASSES)
    assert typical.startswith("Trained without labels, ") and "But this is typical: it has 1.20 bits/dim" in typical
    odd = sentences(judged(5, RARE, 2.2, known=False), CLASSES)
    assert odd.startswith("Trained without labels, ") and "2.20 bits/dim are too many" in odd and "**" not in odd
