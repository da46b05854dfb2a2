"""The order in which the test set is shown."""

import numpy as np
import pytest

import ibinn_core as ib
from app.images.ordering import (
    BY_MODEL,
    CONFIDENT,
    MISTAKES,
    ORDERS,
    PLAIN,
    UNLIKELY,
    Seen,
    arrange,
    caption,
)
from ibinn_core.data import CIFAR10_CLASSES as CLASSES


@pytest.fixture
def latent():
    posterior = np.full((4, 10), 0.01)
    posterior[range(4), [0, 1, 2, 3]] = [0.5, 0.9, 0.8, 0.997]
    return {"posterior": posterior, "labels": np.array([0, 2, 3, 3], np.uint8), "log_prob": np.array([3.0, 1, 4, 2])}


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("Most confident", [3, 1, 2, 0]),
        ("Least confident", [0, 2, 1, 3]),
        ("Most confident mistakes", [1, 2]),
        ("Most likely", [2, 0, 3, 1]),
        ("Least likely", [1, 3, 0, 2]),
    ],
)
def test_orders_by_model(latent, order, rows):
    labels, located = np.array([9, 3, 3, 2, 0]), np.array([4, 3, 2, 1])
    arranged = arrange(order, labels, None, latent, located)
    assert arranged.row.tolist() == rows
    assert arranged.index.tolist() == located[rows].tolist()
    threes = arrange(order, labels, 3, latent, located)
    assert threes.row.tolist() == [row for row in rows if row in (2, 3)]


def test_images_that_are_not_here_are_left_out(latent):
    arranged = arrange(MISTAKES, np.array([2]), None, latent, np.array([-1, 0, -1, -1]))
    assert arranged.index.tolist() == [0] and arranged.row.tolist() == [1]


def test_orders_without_a_model():
    labels = np.array([1, 0, 1])
    assert arrange(PLAIN, labels).index.tolist() == [0, 1, 2]
    assert arrange(PLAIN, labels, 1).index.tolist() == [0, 2]
    assert set(BY_MODEL) | {PLAIN} == set(ORDERS)


def test_captions(latent):
    seen = Seen(latent["posterior"], np.asarray(ib.bits_per_dim(latent["log_prob"], 3072, "uniform")))
    texts = [caption(CONFIDENT, label, row, seen, classes=CLASSES) for row, label in enumerate(latent["labels"])]
    assert [t.replace("\N{NO-BREAK SPACE}", " ") for t in texts] == [
        "airplane 50%", "bird → car 90%", "cat → bird 80%", "cat > 99%",
    ]  # fmt: skip
    assert caption(PLAIN, 4, -1, None, classes=CLASSES) == "deer"
    bits = ib.bits_per_dim(4.0, 3072, "uniform")
    assert caption(UNLIKELY, 3, 2, seen, classes=CLASSES) == f"cat {bits:.2f}"
