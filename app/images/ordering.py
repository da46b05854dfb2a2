"""The orders in which the test set is shown: its own, or a model's most confident mistakes first."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.figures.classes import with_number

PLAIN, MISTAKES = "Test-set order", "Most confident mistakes"


def mistakes(latent: Mapping[str, np.ndarray], located: np.ndarray) -> np.ndarray:
    """Rows of a model's latent file whose images it gets wrong, the most confident mistake first, ``(M,)``.

    ``located`` says where each row is in the test set at hand: -1 where it is not, and such rows are left out.
    """
    rows = np.argsort(-latent["posterior"].max(axis=1), kind="stable")
    is_wrong = latent["posterior"].argmax(axis=1) != latent["labels"]
    return rows[is_wrong[rows] & (located[rows] >= 0)]


def mistake_caption(label: int, posterior: np.ndarray, classes: Sequence[str]) -> str:
    """The true class of an image, the class of the highest posterior, ``(K,)``, and how high it is."""
    predicted = int(posterior.argmax())
    answer = with_number(classes[predicted], _percent(posterior[predicted]))
    return f"{classes[label]} →\N{NO-BREAK SPACE}{answer}"


def _percent(p: float) -> str:
    """Whole percent, but never "100%" for what is only nearly sure."""
    return ">\N{NO-BREAK SPACE}99%" if 0.995 <= p < 1 else f"{p:.0%}"
