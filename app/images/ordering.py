"""In which order the test set is shown: its own, or by what a model makes of the images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.figures.classes import with_number

PLAIN = "Test-set order"
CONFIDENT, UNSURE, MISTAKES = "Most confident", "Least confident", "Most confident mistakes"
LIKELY, UNLIKELY = "Most likely", "Least likely"
BY_MODEL = (CONFIDENT, UNSURE, MISTAKES, LIKELY, UNLIKELY)
ORDERS = (PLAIN, *BY_MODEL)


@dataclass(frozen=True)
class Arranged:
    """Images of the test set in some order."""

    index: np.ndarray  # where each is in the test set, (M,)
    row: np.ndarray  # where each is in the model's latent file, (M,); -1 where no model was asked


def arrange(
    order: str,
    labels: np.ndarray,
    wanted: int | None = None,
    latent: Mapping[str, np.ndarray] | None = None,
    located: np.ndarray | None = None,
) -> Arranged:
    """The test set with ``labels``, or the ``wanted`` class of it, in one of the `ORDERS`.

    `BY_MODEL` needs the arrays of a model's latent file, and where each row of it is in the test set at hand,
    ``located``: -1 where it is not.
    """
    if order in BY_MODEL:
        if latent is None or located is None:
            raise ValueError(f"The order {order!r} needs the arrays of a model.")
        row = _sorted_rows(order, latent)
        row = row[located[row] >= 0]
        index = located[row]
    else:
        index = np.arange(len(labels))
        row = np.full(len(index), -1)
    keep = np.ones(len(index), bool) if wanted is None else labels[index] == wanted
    return Arranged(index[keep], row[keep])


def _sorted_rows(order: str, latent: Mapping[str, np.ndarray]) -> np.ndarray:
    score = latent["log_prob"] if order in (LIKELY, UNLIKELY) else latent["posterior"].max(axis=1)
    rows = np.argsort(score if order in (UNSURE, UNLIKELY) else -score, kind="stable")
    if order == MISTAKES:
        rows = rows[latent["posterior"].argmax(axis=1)[rows] != latent["labels"][rows]]
    return rows


class Seen(NamedTuple):
    """What a model makes of the N images of its latent file."""

    posterior: np.ndarray  # q(y | x), (N, K)
    bits: np.ndarray  # bits/dim, (N,)


def caption(order: str, label: int, row: int, seen: Seen | None, *, classes: Sequence[str]) -> str:
    """The caption of an image of class ``label``: the class, and the number that ``order`` sorts by.

    ``row`` is the image's in the model's latent file; without ``seen``, no model was asked.
    """
    if order not in BY_MODEL or seen is None:
        return classes[label]
    if order in (LIKELY, UNLIKELY):
        return with_number(classes[label], f"{seen.bits[row]:.2f}")
    posterior = seen.posterior[row]
    predicted = int(posterior.argmax())
    sure = _percent(posterior[predicted])
    if predicted == label:
        return with_number(classes[label], sure)
    return f"{classes[label]} →\N{NO-BREAK SPACE}{with_number(classes[predicted], sure)}"


def _percent(p: float) -> str:
    """Whole percent, but never "100%" for what is only nearly sure."""
    return ">\N{NO-BREAK SPACE}99%" if 0.995 <= p < 1 else f"{p:.0%}"
